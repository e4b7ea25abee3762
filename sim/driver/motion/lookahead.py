"""
What the road ahead demands of the car: a short list of places and the speed allowed there.

Made once per link and route, looked up every tick. Distances count from the start of the current
link. Whatever the driver cannot see yet (a light behind the next junction, a gap in a stream) is
taken to demand a stop, so that a safe continuation exists at every tick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from guiderail.maps.network import (
    KEEPS_LANE_CDEG,
    Conflict,
    Control,
    Link,
    LinkId,
    RoadNetwork,
    Turn,
)
from guiderail.sim.contract.lattice import NOTHING

LINE_MARGIN_MM: Final = 1_000
"""The car stops this far before a line, so that a late tick does not matter."""
CAR_LENGTH_MM: Final = 4_500
CLEAR_AFTER_NODE_MM: Final = 8_000 + CAR_LENGTH_MM
"""A conflict zone reaches 8 m beyond the node; the car's own length comes on top."""
YIELD_POINT_MM: Final = 4_000
"""Without a line a yielding car waits this far before the node."""
SHORTEST_STAY_MM: Final = CAR_LENGTH_MM + LINE_MARGIN_MM
"""A link shorter than this to its waiting place is no place to wait."""
EARLY_MM: Final = 800
"""The speed for a turn is reached this far before the node."""
HORIZON_MM: Final = 300_000
"""
Road beyond the current link that is looked at: two lane changes of 5 s and the search for their
gaps (3 s each) take 222 m at 50 km/h, and a car that learns its lane later misses
the turn lap after lap.
"""
ROADS_KEPT: Final = 64
"""A guide that says the same at every occasion asks for the same few routes again."""


@dataclass(frozen=True, kw_only=True)
class RoadAhead:
    """Demands of the planned road [mm from the start of this link]; NOTHING for none."""

    link: Link
    turn: Turn | None
    """Turn planned at the end of this link; None on the goal's link or where no road is planned."""
    limits: tuple[tuple[int, int], ...]
    """(place, speed allowed there [mm/s])."""
    stop_mm: int
    """First place beyond this link at which the car must be able to stop until it knows more."""
    light_mm: int
    """Stop line of a light at the end of this link."""
    next_light_mm: int
    """Stop line of a light at the end of the next link."""
    sign_mm: int
    """Stop line of a stop sign at the end of this link."""
    yield_mm: int
    """Where to wait for a gap, if the planned turn must yield."""
    clear_mm: int
    """Road beyond the node until the car has left its conflict zone."""
    goal_mm: int
    """The goal, if the route ends on this link."""
    must_turn: bool
    """Whether the planned turn is made whatever it takes."""
    wanted_lanes: tuple[int, int]
    """First and last lane of this link from which the planned turns are best made."""
    continuing_lanes: tuple[int, int]
    """Lanes that the planned turn keeps; one outside of them ends, and joins its neighbor."""
    lanes_end_mm: int
    """Where the last of the links ends that are one road with this one: room for lane changes."""
    exit_lanes: tuple[int, int]
    """First and last lane wanted on the next link."""
    crossings: tuple[tuple[int, int, int], ...] = ()
    """(node, place to wait before it, where it is) of every junction on the way."""

    @cached_property
    def is_stranded(self) -> bool:
        """No road is planned and this is not the goal: slow down, stop, hazards on."""
        return self.turn is None and self.goal_mm == NOTHING

    def allows_turn_from(self, lane: int) -> bool:
        """Whether the planned turn can be made from a lane."""
        return self.turn is None or self.turn.first_lane <= lane <= self.turn.last_lane

    def lane_ends(self, lane: int) -> bool:
        """Whether a lane leads into the planned turn but not beyond: it has to let others pass."""
        first, last = self.continuing_lanes
        return self.turn is not None and not first <= lane <= last


def continuing_lanes(network: RoadNetwork, turn: Turn) -> tuple[int, int]:
    """
    Lanes of a turn that find one of their own beyond it.

    The last ones end where the road narrows, the outer ones of a turn to the left.
    """
    surplus = max(0, turn.last_lane - turn.first_lane + 1 - network.link(turn.to_link).lanes)
    if turn.angle_cdeg <= -KEEPS_LANE_CDEG:
        return turn.first_lane + surplus, turn.last_lane
    return turn.first_lane, turn.last_lane - surplus


def yield_point_mm(link: Link) -> int:
    """Where a car waits for a gap at the end of a link, from its start [mm]."""
    if link.control in (Control.STOP, Control.GIVE_WAY):
        return link.stop_line_mm - LINE_MARGIN_MM
    return link.length_mm - min(YIELD_POINT_MM, link.length_mm // 3)


def clear_mm(link: Link) -> int:
    """
    Road on a link after which a car has left the conflict zone at its start [mm].

    8 m and the car's own length; on a short link, such as a crossing of a dual road in two stages,
    as far as the next place to wait.
    """
    return min(CLEAR_AFTER_NODE_MM, max(SHORTEST_STAY_MM, waiting_mm(link)))


def waiting_mm(link: Link) -> int:
    """Where a car waits at the end of a link, from its start: at the line if there is one [mm]."""
    is_lit = link.control is Control.SIGNAL
    return link.stop_line_mm - LINE_MARGIN_MM if is_lit else yield_point_mm(link)


class Lookahead:
    """Looks along routes and tells what they demand."""

    def __init__(
        self,
        network: RoadNetwork,
        goal: LinkId,
        goal_mm: int,
        turn_speed_mm_s: Callable[[int], int],
    ) -> None:
        self._network = network
        self._goal = goal
        self._goal_mm = goal_mm
        self._turn_speed_mm_s = turn_speed_mm_s
        """Speed for a radius [mm] -> [mm/s]."""
        self._seen = lru_cache(maxsize=ROADS_KEPT)(self._look)

    def look(self, route: tuple[LinkId, ...], lane: int, *, must_turn: bool = False) -> RoadAhead:
        """Look along a route from its first link, on which the car is in ``lane``."""
        return self._seen(route, lane, must_turn)

    def _look(self, route: tuple[LinkId, ...], lane: int, must_turn: bool) -> RoadAhead:  # noqa: FBT001
        link = self._network.link(route[0])
        steps = self._steps(route)
        wanted = self._wanted_lanes(steps)
        turn = steps[0].turn
        limits, stop, next_light = self._demands(steps, wanted, lane)
        must_yield = turn is not None and turn.conflict is not Conflict.NONE
        is_last = len(route) == 1 and route[0] == self._goal
        return RoadAhead(
            link=link,
            turn=turn,
            limits=limits,
            stop_mm=stop,
            light_mm=link.stop_line_mm if link.control is Control.SIGNAL else NOTHING,
            next_light_mm=next_light,
            sign_mm=link.stop_line_mm if link.control is Control.STOP else NOTHING,
            yield_mm=yield_point_mm(link) if must_yield else NOTHING,
            clear_mm=clear_mm(steps[1].link) if len(steps) > 1 else CLEAR_AFTER_NODE_MM,
            goal_mm=self._goal_mm if is_last else NOTHING,
            must_turn=must_turn,
            wanted_lanes=wanted[0],
            continuing_lanes=wanted[0] if turn is None else continuing_lanes(self._network, turn),
            lanes_end_mm=self._lanes_end_mm(steps),
            exit_lanes=wanted[1] if len(wanted) > 1 else (0, 0),
            crossings=crossings_of(steps),
        )

    def _steps(self, route: tuple[LinkId, ...]) -> list["Step"]:
        """Links of the route up to the horizon, each with its start and the turn at its end."""
        steps: list[Step] = []
        start = 0
        for i, this in enumerate(route):
            link = self._network.link(this)
            turn = self._network.turn(this, route[i + 1]) if i + 1 < len(route) else None
            steps.append(Step(link, start, turn))
            start += link.length_mm
            if start > HORIZON_MM + steps[0].link.length_mm:
                break
        return steps

    def _lanes_end_mm(self, steps: list["Step"]) -> int:
        for link, start, turn in steps:
            if turn is None or not self._network.goes_on(turn):
                return start + link.length_mm
        return steps[-1].start

    def _wanted_lanes(self, steps: list["Step"]) -> list[tuple[int, int]]:
        """Lanes on each link from which the turn ahead, and the turns after it, can be made."""
        wanted: list[tuple[int, int]] = []
        after: tuple[int, int] | None = None
        for link, _, turn in reversed(steps):
            lanes = (0, link.lanes - 1) if turn is None else continuing_lanes(self._network, turn)
            if turn is not None and after is not None:
                lanes = self._leading_to(turn, lanes, after) or lanes
            wanted.append(lanes)
            after = lanes
        return wanted[::-1]

    def _leading_to(
        self, turn: Turn, lanes: tuple[int, int], after: tuple[int, int]
    ) -> tuple[int, int] | None:
        """Those lanes from which the turn can end in one of the lanes wanted after it."""
        leading = []
        for lane in range(lanes[0], lanes[1] + 1):
            first, last = self._network.exit_lanes(turn, lane)
            if first <= after[1] and last >= after[0]:
                leading.append(lane)
        return (leading[0], leading[-1]) if leading else None

    def _demands(
        self, steps: list["Step"], wanted: list[tuple[int, int]], lane: int
    ) -> tuple[tuple[tuple[int, int], ...], int, int]:
        """Walk the route: speeds, places to be able to stop at, light of the next link."""
        limits: list[tuple[int, int]] = []
        stops: list[int] = []
        next_light = NOTHING
        for i, step in enumerate(steps):
            link, start, turn = step
            if i > 0:
                stops.extend(start + place for place in self._stops_on(link, turn, lane))
                if link.control is Control.SIGNAL and i == 1:
                    next_light = start + link.stop_line_mm
                elif link.control is Control.SIGNAL:
                    stops.append(start + link.stop_line_mm - LINE_MARGIN_MM)
            if turn is None or i + 1 == len(steps):
                break
            target = steps[i + 1].link
            # A little before the node: a tick may end just beyond it.
            place = start + link.length_mm - min(EARLY_MM, link.length_mm // 4)
            limits.append((place, min(self._turn_speed_mm_s(turn.radius_mm), target.speed_mm_s)))
            lane = nearest_lane(self._network.exit_lanes(turn, lane), wanted[i + 1])
        return tuple(limits), min(stops, default=NOTHING), next_light

    def _stops_on(self, link: Link, turn: Turn | None, lane: int) -> list[int]:
        """Where a later link may demand a stop, lights apart."""
        if turn is None:
            is_goal = link.id == self._goal
            return [self._goal_mm if is_goal else link.length_mm - LINE_MARGIN_MM]
        stops = []
        if turn.conflict is not Conflict.NONE:
            stops.append(yield_point_mm(link))
        if not turn.first_lane <= lane <= turn.last_lane:
            stops.append(link.length_mm - YIELD_POINT_MM)
        if link.control is Control.STOP:
            stops.append(link.stop_line_mm - LINE_MARGIN_MM)
        return stops


class Step(NamedTuple):
    """One link of a route ahead."""

    link: Link
    start: int
    """Where it begins, from the start of the current link [mm]."""
    turn: Turn | None


def crossings_of(steps: list[Step]) -> tuple[tuple[int, int, int], ...]:
    """Ends of the links of a route, each with the last place before it where a car can wait."""
    found: list[tuple[int, int, int]] = []
    place = 0
    for i, (link, start, turn) in enumerate(steps):
        if turn is None:
            break
        if i == 0 or waiting_mm(link) >= SHORTEST_STAY_MM:
            place = start + waiting_mm(link)
        found.append((link.to_node, place, start + link.length_mm))
    return tuple(found)


def nearest_lane(allowed: tuple[int, int], wanted: tuple[int, int]) -> int:
    """Lane among the allowed ones that is, or is nearest to, a wanted one."""
    return max(allowed[0], min(allowed[1], max(wanted[0], min(wanted[1], allowed[0]))))
