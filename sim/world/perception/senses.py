"""
What the driver perceives: own state as it is, the rest as far as sight and direction of looking go.

What depends only on where the car is and where it wants to go is looked up once, not every tick.
"""

from typing import TYPE_CHECKING, Final

from guiderail.maps.network import Conflict, Link, LinkId, RoadNetwork, Turn
from guiderail.sim.contract.draw import Stream, below, draw, happens
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command, Light, Perception, Siren
from guiderail.sim.world.traffic.actors import Follower, Leader, Oncoming
from guiderail.sim.world.traffic.conflict_zone import LINGER_MS

if TYPE_CHECKING:
    from guiderail.sim.world.traffic.signals import Plan
    from guiderail.sim.world.world import World

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
CLOSURE_SIGHT_MM: Final = 60_000
"""From here on a closed road is seen to be closed, and who comes out of a one-way street."""
MINOR: Final = (
    Conflict.RIGHT_FROM_MINOR,
    Conflict.THROUGH_FROM_MINOR,
    Conflict.LEFT_FROM_MINOR,
)
_NOBODY: Final = (NOTHING, 0)
_NO_WALKER: Final = (NOTHING, NOTHING)
_SILENCE: Final[tuple[tuple[Siren, ...], int, int]] = ((), NOTHING, -1)


class Senses:
    """The driver's eyes in one trip."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._sight_mm = world.trip.conditions.sight_mm
        self._friction = world.trip.assumed_friction_permille
        self._looking_from: tuple[LinkId, LinkId] = (LinkId(-1), LinkId(-1))
        self._yields_at: Turn | None = None
        self._next_plan: Plan | None = None
        self._next_line_mm = 0
        self._next_is_against = False
        self._corner_view_ms = NOTHING
        self.closed: frozenset[LinkId] = frozenset()
        """Links seen to be closed so far."""

    def perceive(self, command: Command) -> Perception:
        """What the driver perceives now, looking where it said it would."""
        world = self._world
        link, s_mm = world.link, world.s_mm
        left_mm = link.length_mm - s_mm
        if self._looking_from != (link.id, command.next_link):
            self._look_ahead(command.next_link)
        if world.closed_ahead:
            self._notice_closures(s_mm)
        neighbors = world.neighbors
        leader, follower = neighbors.leader, neighbors.follower
        lead, lag, oncoming = _NOBODY, _NOBODY, _NOBODY
        if command.look or world.target_lane != world.lane:
            lead, lag = self._side(command.look)
        if self._next_is_against or neighbors.oncoming:
            oncoming = self._oncoming(command.next_link, left_mm)
        # A plain tuple made into one: the constructor of a named tuple costs a call more per tick.
        return tuple.__new__(
            Perception,
            (
                world.time_ms,
                link.id,
                s_mm,
                world.lane,
                world.target_lane,
                world.speed_mm_s,
                world.accel_mm_s2,
                self._light() if world.plan else Light.NONE,
                *(self._in_sight(leader) if leader else _NOBODY),
                *(self._in_sight(follower) if follower else _NOBODY),
                *lead,
                *lag,
                *oncoming,
                self._priority(left_mm) if self._yields_at else (),
                world.barrier_mm,
                self.closed,
                self._friction,
                self._next_light(left_mm) if self._next_plan else Light.NONE,
                self._sight_mm,
                self._corner_ms(left_mm) if self._corner_view_ms < NOTHING else NOTHING,
                *(self._walker() if world.pavement.people else _NO_WALKER),
                *_heard(world),
            ),
        )

    def _in_sight(self, actor: Leader | Follower | Oncoming | None) -> tuple[int, int]:
        if actor is None or actor.gap_mm > self._sight_mm:
            return _NOBODY
        return actor.gap_mm, actor.speed_mm_s

    def _notice_closures(self, s_mm: int) -> None:
        """See the barred roads within sight, beyond the next junctions as well."""
        for place_mm, closed in self._world.closed_ahead:
            if place_mm - s_mm <= CLOSURE_SIGHT_MM and closed not in self.closed:
                self.closed |= {closed}

    def _look_ahead(self, next_link: LinkId) -> None:
        """Take note of what rules at the end of this link and of the next."""
        world = self._world
        self._looking_from = (world.link.id, next_link)
        turn = world.turn_to(next_link)
        self._yields_at = self._next_plan = None
        self._corner_view_ms = NOTHING
        self._next_is_against = False
        if turn is None:
            return
        target = world.network.link(next_link)
        self._yields_at = None if turn.conflict is Conflict.NONE else turn
        self._corner_view_ms = self._corner_view(turn)
        self._next_plan = world.signals.plan(next_link)
        self._next_line_mm = target.stop_line_mm
        self._next_is_against = target.against_oneway and not world.link.against_oneway

    def _side(self, look: int) -> tuple[tuple[int, int], tuple[int, int]]:
        world = self._world
        if world.target_lane != world.lane:
            neighbors = world.neighbors
            return self._in_sight(neighbors.side_lead), self._in_sight(neighbors.side_lag)
        lane = world.lane + look
        if not 0 <= lane < world.link.lanes or world.link.against_oneway:
            return _NOBODY, _NOBODY
        lead, lag = world.neighbors.beside(world.link.id, lane, world.s_mm, world.time_ms)
        return self._in_sight(lead), self._in_sight(lag)

    def _oncoming(self, next_link: LinkId, left_mm: int) -> tuple[int, int]:
        """Whoever comes head-on, on this link or out of the one-way street ahead."""
        world = self._world
        if not self._next_is_against or left_mm > CLOSURE_SIGHT_MM:
            return self._in_sight(world.neighbors.oncoming)
        ahead = world.neighbors.meet_oncoming(next_link, 0, world.time_ms)
        return _NOBODY if ahead is None else (ahead.gap_mm + left_mm, ahead.speed_mm_s)

    def _light(self) -> Light:
        world = self._world
        if world.plan is None:
            return Light.NONE
        road_mm = world.link.stop_line_mm - world.s_mm
        is_in_sight = 0 <= road_mm <= self._sight_mm
        return world.plan.light(world.time_ms) if is_in_sight else Light.NONE

    def _next_light(self, left_mm: int) -> Light:
        if self._next_plan is None or left_mm + self._next_line_mm > self._sight_mm:
            return Light.NONE
        return self._next_plan.light(self._world.time_ms)

    def _corner_view(self, turn: Turn) -> int:
        """How far ahead of its arrival traffic with priority comes into view; NOTHING if freely."""
        world = self._world
        is_minor = turn.conflict in MINOR and world.plan is None
        word = draw(world.trip.seed, Stream.CORNER_SIGHT, turn.from_link, 0)
        if not is_minor or not happens(word, world.trip.conditions.hidden_permille * 1_000):
            return NOTHING
        least, most = CORNER_VIEW_MM
        word = draw(world.trip.seed, Stream.CORNER_SIGHT, turn.from_link, 1)
        view_mm = least + below(word, most - least)
        return view_mm * 1_000 // world.streams.major_link(turn).speed_mm_s

    def _corner_ms(self, left_mm: int) -> int:
        link = self._world.link
        line_mm = left_mm - (link.length_mm - link.stop_line_mm)
        return NOTHING if min(left_mm, line_mm) <= CORNER_OPENS_MM else self._corner_view_ms

    def _walker(self) -> tuple[int, int]:
        """Road to a crossing, and time until somebody seen there is in the way."""
        world = self._world
        road_mm = world.pavement.road_mm()
        hidden = self._corner_view_ms < NOTHING
        sight_mm = min(self._sight_mm, WALKER_HIDDEN_MM) if hidden else self._sight_mm
        earliest_ms = world.pavement.earliest_ms()
        is_seen = 0 <= road_mm <= sight_mm and earliest_ms < NOTHING
        return (road_mm, earliest_ms) if is_seen else _NO_WALKER

    def _priority(self, left_mm: int) -> tuple[int, ...]:
        """Times until visible vehicles with priority arrive; one still in the zone counts."""
        if self._yields_at is None or left_mm > self._sight_mm:
            return ()
        now = self._world.time_ms
        sight_ms = min(self._sight_mm * PRIORITY_SIGHT_MS // LIT_SIGHT_MM, PRIORITY_SIGHT_MS)
        sight_ms = min(sight_ms, self._corner_ms(left_mm))
        arrivals = self._world.streams.priority_arrivals(
            self._yields_at, now - LINGER_MS, now + sight_ms
        )
        return tuple(at - now for at in arrivals)


def _heard(world: "World") -> tuple[tuple[Siren, ...], int, int]:
    sirens = world.sirens
    return (sirens.heard, *sirens.gap_and_lane()) if sirens else _SILENCE


def closed_ahead(
    network: RoadNetwork, link: Link, closed: frozenset[LinkId]
) -> tuple[tuple[int, LinkId], ...]:
    """Closed links in sight beyond the end of a link, each with its distance [mm]."""
    found: dict[LinkId, int] = {}
    turns = (*network.turns_from(link.id), *network.illegal_turns_from(link.id)) if closed else ()
    reached = sorted((link.length_mm, turn.to_link) for turn in turns)
    horizon_mm = link.length_mm + CLOSURE_SIGHT_MM
    while reached:
        place_mm, ahead = reached.pop(0)
        if ahead in closed:
            found[ahead] = min(place_mm, found.get(ahead, place_mm))
            continue
        beyond_mm = place_mm + network.link(ahead).length_mm
        if beyond_mm < horizon_mm:
            reached += [(beyond_mm, turn.to_link) for turn in network.turns_from(ahead)]
    return tuple((place_mm, barred) for barred, place_mm in sorted(found.items()))
