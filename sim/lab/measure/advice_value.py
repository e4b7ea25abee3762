"""
What advice was worth, and so what refusing it cost: the price of a guard.

A car that refuses everything is safe, too. So each proposal is priced on the true map, with what is
truly closed at that moment, by the trees that the car plans with: the time of the way that the car
had planned less that of the way that was advised. Advice is *right* if it saves time, or loses none
and leads round a closed road ahead.

An estimate: free-flow times, no lights, no traffic, and a car that plans a closed road is taken to
learn of it where that road begins. Each refusal stands for itself: advice that is put off, said
again and taken counts as refused once. What it cost in truth, a trip driven again would tell.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import UNREACHABLE, DetourFinder, RouteOracle
from guiderail.sim.contract.messages import Proposal, Reason
from guiderail.sim.contract.trace import Heard, Passing, Rerouted, Trace
from guiderail.sim.driver.arms import gazetteer_of
from guiderail.sim.driver.guard.resolve import resolve
from guiderail.sim.driver.obeying import asked_route
from guiderail.sim.driver.planner import Planner
from guiderail.sim.driver.route import Route, branch_index

UNHURRIED_THINKING_MS: Final = 2_000
CALM_BRAKING_MM_S2: Final = 2_000
UNHURRIED_LANE_CHANGE_MS: Final = 8_000
"""A lane change and the search for its gap, unhurried."""
UNHURRIED_LANE_CHANGE_LEAST_MM: Final = 30_000
MARGIN_MM: Final = 10_000
"""
With road to think for 2 s, to change lanes and to brake by 2 m/s^2 to a standstill 10 m before its
turn, advice surely can be followed. Numbers of this module's own, all on the far side of the
guard's: what is refused in spite of them is refused needlessly.
"""


class AdviceValue(NamedTuple):
    """Value of one proposal to the car that heard it."""

    saves_ms: int | None
    """Planned time that its way saves; None where it means no way that is legal and open."""
    is_right: bool
    has_room: bool
    """Whether there was surely road enough to follow it."""


USELESS: Final = AdviceValue(None, is_right=False, has_room=False)


def advice_values(
    trace: Trace, network: RoadNetwork, routes: RouteOracle, goal_name: str
) -> tuple[AdviceValue | None, ...]:
    """
    Price everything that was heard in a trip.

    Parameters
    ----------
    trace
        The trip.
    network
        The true map.
    routes
        Its trees.
    goal_name
        What the goal is called.

    Returns
    -------
    tuple
        As long as what was heard; None for words without a proposal.
    """
    pricing = _Pricing(trace, network, routes, goal_name)
    return tuple(
        None if one.advice.proposal is None else pricing.value(one, one.advice.proposal, plan)
        for one, plan in _heard_on(trace)
    )


def _heard_on(trace: Trace) -> Iterator[tuple[Heard, Route]]:
    """Everything that was heard, each with the route that was planned just then."""
    plan: Route = (trace.start_link,)
    for event in trace.events:
        if isinstance(event, Rerouted):
            plan = event.route
        elif isinstance(event, Passing) and event.to_link in plan[1:2]:
            plan = plan[1:]
        elif isinstance(event, Heard):
            yield event, plan


class _Pricing:
    """What the pricing of one trip rests on."""

    def __init__(
        self, trace: Trace, network: RoadNetwork, routes: RouteOracle, goal_name: str
    ) -> None:
        self._trace = trace
        self._network = network
        self._finder = DetourFinder(routes)
        # It only answers what a way would be; nobody drives by it.
        self._planner = Planner(
            network, routes, trace.start_link, trace.goal_link, goal_name=goal_name
        )

    def value(self, heard: Heard, proposal: Proposal, plan: Route) -> AdviceValue:
        if heard.link != plan[0]:  # the car has just left its plan and has no other yet
            return USELESS
        planner, closed = self._planner, self._closed_at(heard.time_ms)
        planner.suppose(plan, closed)
        meaning = resolve(proposal, planner, gazetteer_of(self._network))
        advised = None if isinstance(meaning, Reason) else asked_route(meaning, planner)
        if advised is None or not self._is_passable(advised, closed):
            return USELESS
        kept_ms, advised_ms = self._kept_ms(plan, closed), planner.remaining_ms(advised)
        if max(kept_ms, advised_ms) >= UNREACHABLE:
            return USELESS
        is_blocked = not closed.isdisjoint(plan[1:])
        is_right = kept_ms - advised_ms >= (0 if is_blocked else 1)
        return AdviceValue(kept_ms - advised_ms, is_right, self._has_room(heard, plan, advised))

    def _closed_at(self, time_ms: int) -> frozenset[LinkId]:
        trace = self._trace
        now = (link for link, begin, end in trace.closed_between if begin <= time_ms < end)
        return trace.closed.union(now)

    def _is_passable(self, route: Route, closed: frozenset[LinkId]) -> bool:
        turns = [self._network.turn(*step) for step in pairwise(route)]
        return closed.isdisjoint(route[1:]) and all(
            turn is not None and turn.ban is None for turn in turns
        )

    def _kept_ms(self, plan: Route, closed: frozenset[LinkId]) -> int:
        """Time of the plan; as far as the first closed road, then the best way from there."""
        ends = (k for k, link in enumerate(plan) if k and link in closed)
        kept = plan[: next(ends, len(plan))]
        turns = [self._network.turn(*step) for step in pairwise(kept)]
        driven_ms = sum(UNREACHABLE if turn is None else turn.cost_ms for turn in turns)
        ways = self._finder.ways(self._trace.goal_link, closed)
        return driven_ms + (0 if kept == plan else ways.cost_ms(kept[-1]))

    def _has_room(self, heard: Heard, plan: Route, advised: Route) -> bool:
        branch = branch_index(plan, advised)
        if branch is None:
            return True
        turn = self._network.turn(advised[branch], advised[branch + 1])
        if turn is None:
            return False
        between = sum(self._network.link(link).length_mm for link in plan[1 : branch + 1])
        lane = min(self._lane_at(heard.time_ms), self._network.link(turn.from_link).lanes - 1)
        changes = turn.lanes_from(lane)
        speed = heard.speed_mm_s
        lanes_mm = changes * max(
            speed * UNHURRIED_LANE_CHANGE_MS // 1_000, UNHURRIED_LANE_CHANGE_LEAST_MM
        )
        stop_mm = speed * UNHURRIED_THINKING_MS // 1_000 + speed * speed // (2 * CALM_BRAKING_MM_S2)
        return heard.distance_to_node_mm + between >= lanes_mm + stop_mm + MARGIN_MM

    def _lane_at(self, time_ms: int) -> int:
        return int(self._trace.column("target_lane")[self._trace.row_at(time_ms)])
