"""
What the driver perceives: own state as it is, the rest as far as sight and direction of looking go.

What depends only on where the car is and where it wants to go is looked up once, not every tick.
"""

from collections.abc import Sequence
from typing import Final

from guiderail.maps.network import Conflict, LinkId, Turn
from guiderail.sim.contract.draw import Stream, below, draw, happens
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command, Light, Perception, Siren
from guiderail.sim.world.approach import CLOSURE_SIGHT_MM, Approach
from guiderail.sim.world.background.signals import SignalPlan
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.hazards.all import the
from guiderail.sim.world.hazards.emergency_vehicles import EmergencyVehicles
from guiderail.sim.world.hazards.hazard import Hazard
from guiderail.sim.world.hazards.pedestrians import Pedestrians
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.actors import Follower, Leader, Oncoming
from guiderail.sim.world.traffic.conflict_zone import LINGER_MS
from guiderail.sim.world.traffic.neighbors import Neighbors, Traffic

PRIORITY_SIGHT_MS: Final = 10_000
"""How far ahead of its arrival a vehicle with priority is seen at most."""
LIT_SIGHT_MM: Final = 50_000
"""Sight from which that holds: in fog and darkness lights are seen twice as far (assumption)."""
CORNER_VIEW_MM: Final = (30_000, 60_000)
"""What a hidden corner shows of the road with priority from afar (assumption)."""
CORNER_OPENS_MM: Final = 9_000
"""From so close to its end, or to the line before it, everything is seen (SUMO: 4.5 m)."""
WALKER_HIDDEN_MM: Final = 20_000
"""Behind a hidden corner people are seen from here on."""
MINOR: Final = (
    Conflict.RIGHT_FROM_MINOR,
    Conflict.THROUGH_FROM_MINOR,
    Conflict.LEFT_FROM_MINOR,
)
_NOBODY: Final = (NOTHING, 0)
_NO_WALKER: Final = (NOTHING, NOTHING)
_SILENCE: Final[tuple[tuple[Siren, ...], tuple[int, int]]] = ((), (NOTHING, -1))


class Senses:
    """The driver's eyes in one trip."""

    def __init__(
        self, setting: Setting, ego: Ego, neighbors: Neighbors, hazards: Sequence[Hazard]
    ) -> None:
        self._setting = setting
        self._ego = ego
        self._neighbors = neighbors
        self._traffic = Traffic(setting, neighbors)
        self._pedestrians = the(Pedestrians, hazards)
        self._emergency = the(EmergencyVehicles, hazards)
        known = (EmergencyVehicles, Pedestrians)
        self._others = tuple(one for one in hazards if not isinstance(one, known))
        """Hazards without words of their own in a perception: what they put in the way is seen."""
        self._sight_mm = setting.trip.conditions.sight_mm
        self._friction = setting.trip.assumed_friction_permille
        self._looking_from: tuple[LinkId, LinkId] = (LinkId(-1), LinkId(-1))
        self._yields_at: Turn | None = None
        self._next_plan: SignalPlan | None = None
        self._next_line_mm = 0
        self._next_is_against = False
        self._corner_view_ms = NOTHING
        self.closed: frozenset[LinkId] = frozenset()
        """Links seen to be closed so far."""

    def perceive(self, approach: Approach, command: Command, time_ms: int) -> Perception:
        """What the driver perceives now, looking where it said it would; the world stays as is."""
        ego, near = self._ego, self._neighbors
        left_mm = ego.link.length_mm - ego.s_mm
        if self._looking_from != (ego.link.id, command.next_link):
            self._look_ahead(approach, command.next_link)
        if approach.closed_ahead:
            self._notice_closures(approach)
        lead, lag, oncoming = _NOBODY, _NOBODY, _NOBODY
        if command.look or ego.target_lane != ego.lane:
            lead, lag = self._side(command.look, time_ms)
        if self._next_is_against or near.oncoming:
            oncoming = self._oncoming(command.next_link, left_mm, time_ms)
        leader = self._in_sight(near.leader) if near.leader else _NOBODY
        follower = self._in_sight(near.follower) if near.follower else _NOBODY
        on_foot = self._pedestrians
        walker = _NO_WALKER
        if on_foot and on_foot.state.crosswalk:
            walker = self._walker(on_foot, time_ms)
        sirens, (siren_gap_mm, siren_lane) = self._heard() if self._emergency else _SILENCE
        # One by one: a constructor with thirty names takes ten times as long, in every tick.
        seen = Perception.__new__(Perception)
        seen.time_ms = time_ms
        seen.link = ego.link.id
        seen.s_mm = ego.s_mm
        seen.lane = ego.lane
        seen.target_lane = ego.target_lane
        seen.speed_mm_s = ego.speed_mm_s
        seen.accel_mm_s2 = ego.accel_mm_s2
        seen.light = self._light(approach.plan, time_ms) if approach.plan else Light.NONE
        seen.leader_gap_mm = leader[0]
        seen.leader_speed_mm_s = leader[1]
        seen.follower_gap_mm = follower[0]
        seen.follower_speed_mm_s = follower[1]
        seen.side_lead_gap_mm = lead[0]
        seen.side_lead_speed_mm_s = lead[1]
        seen.side_lag_gap_mm = lag[0]
        seen.side_lag_speed_mm_s = lag[1]
        seen.oncoming_gap_mm = oncoming[0]
        seen.oncoming_speed_mm_s = oncoming[1]
        seen.priority_ms = self._priority(left_mm, time_ms) if self._yields_at else ()
        seen.barrier_mm = self._barrier_mm() if self._others else ego.barrier_mm
        seen.closed = self.closed
        seen.friction_permille = self._friction
        seen.next_light = self._next_light(left_mm, time_ms) if self._next_plan else Light.NONE
        seen.sight_mm = self._sight_mm
        seen.corner_ms = self._corner_ms(left_mm) if self._corner_view_ms < NOTHING else NOTHING
        seen.walker_mm = walker[0]
        seen.walker_ms = walker[1]
        seen.sirens = sirens
        seen.siren_gap_mm = siren_gap_mm
        seen.siren_lane = siren_lane
        return seen

    def _barrier_mm(self) -> int:
        """Road to what bars the way: a barrier, or a hazard within sight."""
        ahead_mm = min(one.ahead_mm() for one in self._others)
        return min(self._ego.barrier_mm, ahead_mm if ahead_mm <= self._sight_mm else NOTHING)

    def _heard(self) -> tuple[tuple[Siren, ...], tuple[int, int]]:
        if self._emergency is None:
            return _SILENCE
        state = self._emergency.state
        return state.heard, state.gap_and_lane()

    def _in_sight(self, actor: Leader | Follower | Oncoming | None) -> tuple[int, int]:
        if actor is None or actor.gap_mm > self._sight_mm:
            return _NOBODY
        return actor.gap_mm, actor.speed_mm_s

    def _notice_closures(self, approach: Approach) -> None:
        """See the barred roads within sight, beyond the next junctions as well."""
        for place_mm, closed in approach.closed_ahead:
            if place_mm - self._ego.s_mm <= CLOSURE_SIGHT_MM and closed not in self.closed:
                self.closed |= {closed}

    def _look_ahead(self, approach: Approach, next_link: LinkId) -> None:
        """Take note of what rules at the end of this link and of the next."""
        link, setting = self._ego.link, self._setting
        self._looking_from = (link.id, next_link)
        turn = approach.turns.get(next_link)
        self._yields_at = self._next_plan = None
        self._corner_view_ms = NOTHING
        self._next_is_against = False
        if turn is None:
            return
        target = setting.network.link(next_link)
        self._yields_at = None if turn.conflict is Conflict.NONE else turn
        self._corner_view_ms = self._corner_view(turn, approach)
        self._next_plan = setting.signals.plan(next_link)
        self._next_line_mm = target.stop_line_mm
        self._next_is_against = target.against_oneway and not link.against_oneway

    def _side(self, look: int, time_ms: int) -> tuple[tuple[int, int], tuple[int, int]]:
        ego, near = self._ego, self._neighbors
        if ego.target_lane != ego.lane:
            return self._in_sight(near.side_lead), self._in_sight(near.side_lag)
        lane = ego.lane + look
        if not 0 <= lane < ego.link.lanes or ego.link.against_oneway:
            return _NOBODY, _NOBODY
        lead, lag = self._traffic.beside(ego.link.id, lane, ego.s_mm, time_ms)
        return self._in_sight(lead), self._in_sight(lag)

    def _oncoming(self, next_link: LinkId, left_mm: int, time_ms: int) -> tuple[int, int]:
        """Whoever comes head-on, on this link or out of the one-way street ahead."""
        if not self._next_is_against or left_mm > CLOSURE_SIGHT_MM:
            return self._in_sight(self._neighbors.oncoming)
        ahead = self._traffic.meet_oncoming(next_link, 0, time_ms)
        return _NOBODY if ahead is None else (ahead.gap_mm + left_mm, ahead.speed_mm_s)

    def _light(self, plan: SignalPlan, time_ms: int) -> Light:
        road_mm = self._ego.link.stop_line_mm - self._ego.s_mm
        is_in_sight = 0 <= road_mm <= self._sight_mm
        return plan.light(time_ms) if is_in_sight else Light.NONE

    def _next_light(self, left_mm: int, time_ms: int) -> Light:
        plan = self._next_plan
        if plan is None or left_mm + self._next_line_mm > self._sight_mm:
            return Light.NONE
        return plan.light(time_ms)

    def _corner_view(self, turn: Turn, approach: Approach) -> int:
        """How far ahead of its arrival traffic with priority comes into view; NOTHING if freely."""
        setting, seed = self._setting, self._setting.trip.seed
        is_minor = turn.conflict in MINOR and approach.plan is None
        word = draw(seed, Stream.CORNER_SIGHT, turn.from_link, 0)
        if not is_minor or not happens(word, setting.trip.conditions.hidden_permille * 1_000):
            return NOTHING
        least_mm, most_mm = CORNER_VIEW_MM
        word = draw(seed, Stream.CORNER_SIGHT, turn.from_link, 1)
        view_mm = least_mm + below(word, most_mm - least_mm)
        return view_mm * 1_000 // setting.flow.major_link(turn).speed_mm_s

    def _corner_ms(self, left_mm: int) -> int:
        link = self._ego.link
        line_mm = left_mm - (link.length_mm - link.stop_line_mm)
        return NOTHING if min(left_mm, line_mm) <= CORNER_OPENS_MM else self._corner_view_ms

    def _walker(self, pedestrians: Pedestrians, time_ms: int) -> tuple[int, int]:
        """Road to a crossing, and time until somebody seen there is in the way."""
        road_mm = pedestrians.road_mm()
        is_hidden = self._corner_view_ms < NOTHING
        sight_mm = min(self._sight_mm, WALKER_HIDDEN_MM) if is_hidden else self._sight_mm
        earliest_ms = pedestrians.earliest_ms(time_ms)
        is_seen = 0 <= road_mm <= sight_mm and earliest_ms < NOTHING
        return (road_mm, earliest_ms) if is_seen else _NO_WALKER

    def _priority(self, left_mm: int, time_ms: int) -> tuple[int, ...]:
        """Times until visible vehicles with priority arrive; one still in the zone counts."""
        if self._yields_at is None or left_mm > self._sight_mm:
            return ()
        sight_ms = min(self._sight_mm * PRIORITY_SIGHT_MS // LIT_SIGHT_MM, PRIORITY_SIGHT_MS)
        sight_ms = min(sight_ms, self._corner_ms(left_mm))
        arrivals = self._setting.flow.priority_arrivals(
            self._yields_at, time_ms - LINGER_MS, time_ms + sight_ms
        )
        return tuple(at - time_ms for at in arrivals)
