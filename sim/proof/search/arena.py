"""
The world of the search: one car, one junction, and an environment that may do its worst.

Every choice of the environment is a branch: when a light leaves green and when it comes back, when
a vehicle with priority comes, whether the lane beside is free. It knows nothing of driver, guard or
world and has formulas of its own on purpose; a test compares its motion with the world's.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from guiderail.maps.network import Conflict, Control, Link, LinkId, RoadNetwork, Turn
from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Command, Light, Perception

GRIP: Final = 7_800
THROTTLE: Final = 2_600
BUILD_UP: Final = 1_200
"""Change of acceleration in one tick that pedals and brakes allow [mm/s^2]."""
FIRST_BITE: Final = 600
"""Brakes that did not hold yet get no harder than this in their first tick [mm/s^2]."""
LANE_CHANGE_TICKS: Final = 50
CREEPING: Final = 1_000
RIVAL_SEEN_TICKS: Final = 80
"""A vehicle with priority is seen so long before it reaches the zone."""
RIVAL_STAYS_TICKS: Final = 8
"""It needs so long to leave the zone."""
RIVAL_NEAR_MM: Final = 18_000
"""Vehicles with priority come once the car is this close to its node; before, they matter not."""
RIVAL_GRID_MM: Final = 3_000
"""While the car moves, one may come each time that it has covered this; at a standstill, always."""
LIGHT_GRID_MM: Final = 3_000
"""The same for a green light that ends."""
ZONE_MM: Final = 12_500
"""Road beyond the node until the car has left the zone."""
SIGHT_MM: Final = 100_000
SLOW_NEAR_SIGN_MM: Final = 4_000
"""A stop counts this close to the line."""
NO_RIVAL: Final = 1_000


class State(NamedTuple):
    """Everything about the car and what is around it."""

    link: LinkId
    s_mm: int
    lane: int
    target_lane: int
    lateral: int
    """Ticks of a lane change so far."""
    speed: int
    accel: int
    light: int
    """Light of this link: -1 none, 0 green, k > 0 yellow for k more ticks, NO_RIVAL red."""
    rival: int
    """Ticks until a vehicle with priority reaches the zone, negative once there; NO_RIVAL none."""
    zone_mm: int
    """Road left in the zone of the node that was passed; 0 outside."""
    has_stopped: bool
    """Whether the car stood at the stop line of this link."""
    is_beside_free: bool
    """Whether the lane beside is free, while the car looks there."""


class Step(NamedTuple):
    """One tick as the specification sees it."""

    before: State
    command: Command
    after: State
    turn: Turn | None
    """Turn made in this tick."""
    ran_off: bool
    """Whether the link ended and no road was there."""


class Arena:
    """The rules of the environment on one map."""

    grip = GRIP
    """Hardest acceleration of the road [mm/s^2]."""

    def __init__(
        self, network: RoadNetwork, *, yellow_ticks: int | None = None, is_calm: bool = False
    ) -> None:
        """``is_calm``: lights stay green, nobody comes, and the lane beside is free."""
        self.network = network
        self._is_calm = is_calm
        self._yellow = yellow_ticks

    def yellow_ticks(self, link: Link) -> int:
        """ITE: 1 s plus v / (2 * 3.05 m/s^2), at least 3 s."""
        if self._yellow is not None:
            return self._yellow
        return max(30, -(-(1_000 + link.speed_mm_s * 1_000 // 6_100) // TICK_MS))

    def start(self, link: LinkId, s_mm: int, speed: int, lane: int = 0) -> State:
        """Car that comes along, everything in its favor."""
        is_lit = self.network.link(link).control is Control.SIGNAL
        light = 0 if is_lit else -1
        values = (link, s_mm, lane, lane, 0, speed, 0, light, NO_RIVAL, 0)
        return State(*values, has_stopped=False, is_beside_free=True)

    def perceive(self, state: State, command: Command) -> Perception:
        """What a driver sees who looks where the command says."""
        link, side = self._links[state.link], _BESIDE[state.is_beside_free]
        looks = command.look or state.target_lane != state.lane
        turn = self._turns[state.link].get(command.next_link)
        sees_rival = turn is not None and turn.conflict is not Conflict.NONE
        road = link.stop_line_mm - state.s_mm
        return Perception(
            time_ms=600_000,
            link=state.link,
            s_mm=state.s_mm,
            lane=state.lane,
            target_lane=state.target_lane,
            speed_mm_s=state.speed,
            accel_mm_s2=state.accel,
            light=_shown(state.light) if 0 <= road <= SIGHT_MM else Light.NONE,
            leader_gap_mm=NOTHING,
            leader_speed_mm_s=0,
            follower_gap_mm=NOTHING,
            follower_speed_mm_s=0,
            side_lead_gap_mm=side if looks else NOTHING,
            side_lead_speed_mm_s=0,
            side_lag_gap_mm=side if looks else NOTHING,
            side_lag_speed_mm_s=state.speed if looks else 0,
            oncoming_gap_mm=NOTHING,
            oncoming_speed_mm_s=0,
            priority_ms=(state.rival * TICK_MS,) if sees_rival and state.rival != NO_RIVAL else (),
            barrier_mm=NOTHING,
            closed=frozenset(),
            friction_permille=800,
        )

    def moves(self, state: State, command: Command) -> Iterator[Step]:
        """Every way in which one tick may pass."""
        moved, turn, ran_off = self._drive(state, command)
        if self._is_calm:
            yield Step(state, command, moved, turn, ran_off)
            return
        for light in self._lights(state, moved):
            for rival in self._rivals(state, moved):
                for beside in self._beside(moved, command):
                    after = moved._replace(light=light, rival=rival, is_beside_free=beside)
                    yield Step(state, command, after, turn, ran_off)

    # -- the car ----------------------------------------------------------------------------------

    def _drive(self, state: State, command: Command) -> tuple[State, Turn | None, bool]:
        accel = _granted(command.accel_mm_s2, state.accel, self.grip)
        speed = state.speed + accel // 10
        if speed < 0:
            accel, speed = -10 * state.speed, 0
        covered = (state.speed + speed) // 20
        lane, target, lateral = self._lanes(state, command, speed)
        link, s_mm = self._links[state.link], state.s_mm + covered
        zone = max(0, state.zone_mm - covered)
        if s_mm <= link.length_mm:
            at_line = 0 <= link.stop_line_mm - s_mm <= SLOW_NEAR_SIGN_MM
            has_stopped = state.has_stopped or (at_line and speed == 0)
            is_lit = link.control is Control.SIGNAL
            light = state.light if is_lit and s_mm <= link.stop_line_mm else -1
            values = (state.link, s_mm, lane, target, lateral, speed, accel, light, state.rival)
            return State(*values, zone, has_stopped, state.is_beside_free), None, False
        turn = self._turns[state.link].get(command.next_link)
        if turn is None:
            return state._replace(s_mm=link.length_mm, speed=speed, accel=accel), None, True
        rest, onto = s_mm - link.length_mm, self._links[turn.to_link]
        first, last = self.network.exit_lanes(turn, lane)
        lane = max(first, min(command.exit_lane, last))
        if turn.conflict is not Conflict.NONE:
            zone = max(0, ZONE_MM - rest)
        light = 0 if onto.control is Control.SIGNAL else -1
        # Whoever had priority at a node left behind matters while the car is in its zone.
        rival = state.rival if zone else NO_RIVAL
        values = (turn.to_link, rest, lane, lane, 0, speed, accel, light, rival)
        after = State(*values, zone, has_stopped=False, is_beside_free=True)
        return after, turn, False

    def _lanes(self, state: State, command: Command, speed: int) -> tuple[int, int, int]:
        lane, target, lateral = state.lane, state.target_lane, state.lateral
        wanted = lane + command.lane_step
        if command.lane_step and target == lane and 0 <= wanted < self._links[state.link].lanes:
            target, lateral = wanted, 0
        if target != lane:
            lateral += speed >= CREEPING
            if lateral >= LANE_CHANGE_TICKS:
                lane, lateral = target, 0
        return lane, target, lateral

    # -- the environment's choices ----------------------------------------------------------------

    def _lights(self, before: State, state: State) -> tuple[int, ...]:
        light = state.light
        if light < 0:
            return (light,)
        if light == 0 and before.s_mm // LIGHT_GRID_MM == state.s_mm // LIGHT_GRID_MM:
            return (0,)
        if light == 0:
            return 0, self.yellow_ticks(self._links[state.link])
        if light == NO_RIVAL:
            # Red ends while somebody waits; before, it may as well go on.
            return (NO_RIVAL, 0) if state.speed == 0 else (NO_RIVAL,)
        return (light - 1 or NO_RIVAL,)

    def _rivals(self, before: State, state: State) -> tuple[int, ...]:
        if state.rival != NO_RIVAL:
            next_one = state.rival - 1
            return (next_one if next_one >= -RIVAL_STAYS_TICKS else NO_RIVAL,)
        left = self._links[state.link].length_mm - state.s_mm
        # At a light, whoever has priority over the car has green together with it.
        is_near = left <= RIVAL_NEAR_MM and state.link in self._yielding and state.light <= 0
        is_time = before.s_mm // RIVAL_GRID_MM != state.s_mm // RIVAL_GRID_MM or state.speed == 0
        return (NO_RIVAL, RIVAL_SEEN_TICKS) if is_near and is_time else (NO_RIVAL,)

    def _beside(self, state: State, command: Command) -> tuple[bool, ...]:
        if not command.look or state.target_lane != state.lane:
            return (True,)
        return True, False

    @cached_property
    def _links(self) -> tuple[Link, ...]:
        return self.network.all_links

    @cached_property
    def _turns(self) -> list[dict[LinkId, Turn]]:
        network = self.network
        return [
            {turn.to_link: turn for turn in network.ways_out(i)}
            for i in (link.id for link in network.all_links)
        ]

    @cached_property
    def _yielding(self) -> frozenset[LinkId]:
        """Links at whose end some turn must let others pass."""
        return frozenset(
            LinkId(i)
            for i, turns in enumerate(self._turns)
            if any(turn.conflict is not Conflict.NONE for turn in turns.values())
        )


_BESIDE: Final = {True: NOTHING, False: 1_000}


def _shown(light: int) -> Light:
    if light < 0:
        return Light.NONE
    if light == 0:
        return Light.GREEN
    return Light.RED if light == NO_RIVAL else Light.YELLOW


def _granted(asked: int, last: int, grip: int) -> int:
    """What the car makes of a wish, rounded toward gentler on the lattice."""
    wanted = max(-grip, min(asked, THROTTLE, grip))
    least = max(last - BUILD_UP, -FIRST_BITE) if last >= 0 else last - BUILD_UP
    wanted = max(least, min(wanted, last + BUILD_UP))
    return wanted - wanted % 200 if wanted >= 0 else wanted + -wanted % 200
