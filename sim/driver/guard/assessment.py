"""
One proposal in one situation: what it means, where it leads, whether the car can still take it.

Worked out once, on demand, and without changing anything; the rules only look.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import LinkId, Turn
from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import LANE_CHANGE_MS, Ask, Perception, Proposal, Reason
from guiderail.sim.driver.guard.budget import BudgetAccount
from guiderail.sim.driver.guard.resolve import Meaning, resolve
from guiderail.sim.driver.motion.envelope import (
    REACTION_MS,
    admission_braking_mm_s2,
    comfort_braking_mm_s2,
    rear_gap_is_enough,
    slow_distance_mm,
    turn_speed_mm_s,
)
from guiderail.sim.driver.planner import Planner
from guiderail.sim.driver.route import Route, branch_index

CanDrive = Callable[[Route, Perception], bool]
"""Whether the car can join a route from where it is, all demands of the road ahead considered."""

GAP_SEARCH_MS: Final = 3_000
"""Time planned for finding a gap, for each lane."""
LANE_CHANGE_LEAST_MM: Final = 20_000
"""Road that one lane change takes however slow the car is (a decision of this project)."""
MARGIN_MM: Final = 3_000
"""Road left over before the node (a decision of this project)."""
LATEST_BRANCH: Final = 8
"""How many links ahead the new route may leave the old one at the latest, where that is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardContext:
    """What every decision of one guard rests on."""

    gazetteer: Gazetteer
    """Which names exist."""
    can_drive: CanDrive
    """The controller's own word on a route."""


class Assessment:
    """
    One proposal in one situation; what follows from it is worked out once, on demand.

    Parameters
    ----------
    proposal
        What was said; any object, until the rules have seen it.
    seen
        What the driver perceives.
    planner
        The route; never changed here.
    account
        What is left of the budget; never changed here.
    context
        Names, and the controller's word.
    """

    def __init__(
        self,
        proposal: Proposal,
        seen: Perception,
        planner: Planner,
        account: BudgetAccount,
        context: GuardContext,
    ) -> None:
        """Take note of everything, work out nothing."""
        self.proposal = proposal
        self.seen = seen
        self.planner = planner
        self.account = account
        self._context = context
        if seen.link != planner.link:
            raise KernelError(f"the car is on link {seen.link}, the planner on {planner.link}")

    @cached_property
    def resolved(self) -> Meaning | Reason:
        """What the proposal means, or why it means nothing."""
        return resolve(self.proposal, self.planner, self._context.gazetteer)

    @property
    def meaning(self) -> Meaning:
        """What the proposal means; an error if nothing, so that a guard fails closed."""
        if isinstance(self.resolved, Reason):
            raise KernelError("a rule asked for the meaning of a proposal that has none")
        return self.resolved

    @cached_property
    def entered(self) -> frozenset[LinkId]:
        """Links of which one is to be entered; empty for a wish to keep off or to cancel."""
        return self.meaning.entered

    @cached_property
    def candidate(self) -> "CandidateRoute | None":
        """
        Route that the proposal leads to; None if there is none.

        A turn is asked for at one place. Everything else leaves the old route as soon as the car
        can: if every place is too late, the first stands for all.
        """
        routes = (route for route in self._routes() if route is not None)
        can_drive = self._context.can_drive
        candidates = (CandidateRoute(self.planner, self.seen, route, can_drive) for route in routes)
        first = next(candidates, None)
        if first is None or first.is_makeable:
            return first
        return next((one for one in candidates if one.is_makeable), first)

    @property
    def changes_wishes(self) -> bool:
        """Whether something new is to be held, even if the route stays as it is."""
        meaning = self.meaning
        return meaning.ask is Ask.AVOID and not meaning.links <= self.planner.avoided

    @property
    def changes_anything(self) -> bool:
        """Whether accepting would change the route or what is held."""
        return self.changes_wishes or (self.candidate is not None and self.candidate.is_new)

    @cached_property
    def extra_ms(self) -> int:
        """Predicted extra time against the route as it is [ms]."""
        if self.candidate is None:
            raise KernelError("a rule asked for the price of a proposal without a route")
        return self.planner.remaining_ms(self.candidate.route) - self.planner.remaining_ms()

    def _routes(self) -> Iterator[Route | None]:
        turn = self.meaning.turn
        if turn is not None:
            yield self.planner.route_with_turn(turn)
        elif self._asks_for_what_is_planned():
            yield self.planner.route
        else:
            yield from self._branching()

    def _branching(self) -> Iterator[Route | None]:
        """Routes that leave the old one at the end of this link, of the next, and so on."""
        meaning, planner = self.meaning, self.planner
        for keep in range(min(LATEST_BRANCH, max(1, len(planner.route) - 1))):
            if meaning.ask is Ask.CANCEL:
                yield planner.best_route(keep)
            elif meaning.ask is not Ask.AVOID:
                yield planner.route_via(meaning.links, keep)
            elif meaning.links.isdisjoint(planner.route[1 : keep + 1]):
                yield planner.route_avoiding(meaning.links, keep)

    def _asks_for_what_is_planned(self) -> bool:
        meaning, planner = self.meaning, self.planner
        if meaning.ask is Ask.CANCEL:
            return not planner.holds_wishes
        if meaning.ask is Ask.AVOID:
            return meaning.links.isdisjoint(planner.route[1:])
        is_here = planner.link in meaning.links and meaning.offset_mm >= self.seen.s_mm
        is_on_road = meaning.ask is Ask.TAKE_ROAD and planner.link in meaning.links
        return is_here or is_on_road or not meaning.links.isdisjoint(planner.route[1:])


class CandidateRoute:
    """
    A route that could be taken, and how the car gets onto it.

    Parameters
    ----------
    planner
        The route as it is.
    seen
        What the driver perceives.
    route
        The route that could be.
    can_drive
        The controller's word on it.
    """

    def __init__(
        self, planner: Planner, seen: Perception, route: Route, can_drive: CanDrive
    ) -> None:
        """Find where the routes part."""
        self._can_drive = can_drive
        self.route = route
        self.is_new = route != planner.route
        """Whether it is another route than the planned one."""
        self._network = planner.network
        self._seen = seen
        self._keep = branch_index(planner.route, route)

    @cached_property
    def branch(self) -> Turn | None:
        """First turn that is not planned yet; None where there is none to make."""
        if self._keep is None:
            return None
        return self._network.turn(self.route[self._keep], self.route[self._keep + 1])

    @property
    def is_makeable(self) -> bool:
        """Whether the car can still take the branch: in lane is in time as well."""
        return self.is_in_lane and self.is_free_behind and self.is_drivable

    @property
    def is_in_time(self) -> bool:
        """Whether there is road to react and to slow down."""
        return self._slow_mm(admission_braking_mm_s2) <= self.room_mm

    @property
    def is_in_lane(self) -> bool:
        """Whether there is also road for the lane changes."""
        return self._slow_mm(admission_braking_mm_s2) + self.lanes_mm <= self.room_mm

    @property
    def is_free_behind(self) -> bool:
        """Whether comfort braking is enough, or else the car behind is far enough away."""
        if self._slow_mm(comfort_braking_mm_s2) + self.lanes_mm <= self.room_mm:
            return True
        seen = self._seen
        return rear_gap_is_enough(
            seen.follower_gap_mm,
            seen.follower_speed_mm_s,
            seen.speed_mm_s,
            admission_braking_mm_s2(seen.friction_permille),
            seen.friction_permille,
        )

    @cached_property
    def is_drivable(self) -> bool:
        """Whether the controller agrees; it need not be asked about the route it is on."""
        return not self.is_new or self._can_drive(self.route, self._seen)

    @cached_property
    def room_mm(self) -> int:
        """Road from the car to the node of the branch, less reaction and margin [mm]."""
        if self._keep is None:
            return NOTHING
        road_mm = sum(self._network.link(link).length_mm for link in self.route[: self._keep + 1])
        reaction_mm = self._seen.speed_mm_s * REACTION_MS // 1_000
        return road_mm - self._seen.s_mm - reaction_mm - MARGIN_MM

    @cached_property
    def lanes_mm(self) -> int:
        """Road that the lane changes before the branch take [mm]."""
        turn = self.branch
        if turn is None:
            return 0
        lane = min(self._seen.target_lane, self._network.link(turn.from_link).lanes - 1)
        changes = turn.lanes_from(lane)
        each_mm = self._seen.speed_mm_s * (LANE_CHANGE_MS + GAP_SEARCH_MS) // 1_000
        return changes * max(each_mm, LANE_CHANGE_LEAST_MM)

    def _slow_mm(self, braking: Callable[[int], int]) -> int:
        """Road to slow down to what the turn and the road behind it allow [mm]."""
        turn, friction = self.branch, self._seen.friction_permille
        if turn is None:
            return 0
        limit_mm_s = self._network.link(turn.to_link).speed_mm_s
        to_speed_mm_s = min(limit_mm_s, turn_speed_mm_s(turn.radius_mm, friction))
        return slow_distance_mm(self._seen.speed_mm_s, to_speed_mm_s, braking(friction))
