"""
The route, and nothing else: deterministic, exact, always by legal turns unless told otherwise.

One reverse tree per goal prices every link, so a reroute, the extra time of a proposal and the
cheapest way out of a missed turn are look-ups. Ties break by link id. What happened is handed over
once, as news; the caller gives in the time, since a planner has no clock.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork, Turn
from guiderail.maps.routing import UNREACHABLE, DetourFinder, RouteOracle, Ways
from guiderail.sim.contract.trace import Missed, RerouteCause, Rerouted
from guiderail.sim.driver.route import NOWHERE, Route, Step, cheapest_way

PATIENCE_MS: Final = 120_000
"""What keeping off avoided links may cost in all forced reroutes of a trip [ms]: bounds what a held
wish costs beyond the budget it was accepted under (a decision of this project)."""
MISSES_BORNE: Final = 2
"""So often a turn of the planner's own choice may be missed before it is priced out."""


class Planner:
    """
    Holds the route of one trip.

    Parameters
    ----------
    network
        The driver's map.
    routes
        Trees of that map.
    origin
        Link where the trip starts.
    goal
        Link where it ends.
    is_goal_behind
        Whether the car starts on the goal link, beyond the goal: then the route is a loop.
    goal_name
        What the goal is called, so that naming it changes nothing.
    """

    def __init__(
        self,
        network: RoadNetwork,
        routes: RouteOracle,
        origin: LinkId,
        goal: LinkId,
        *,
        is_goal_behind: bool = False,
        goal_name: str = "",
    ) -> None:
        """Plan the best route."""
        self.network = network
        self.goal = goal
        self.goal_name = goal_name
        self.closed: frozenset[LinkId] = frozenset()
        """Links seen to be closed: they are never entered."""
        self.avoided: frozenset[LinkId] = frozenset()
        """Links that the guide wants to keep off: soft, given up rather than not to arrive."""
        self.patience_ms = PATIENCE_MS
        """What avoiding may still cost in forced reroutes [ms]."""
        self._routes = routes
        self._router = DetourFinder(routes)
        self._is_goal_behind = is_goal_behind and origin == goal
        self._driven: set[LinkId] = set()
        self._guided: frozenset[Step] = frozenset()
        self._misses: Counter[Step] = Counter()
        self._hard: set[Step] = set()
        """Steps that cannot be relied upon: missed again and again, with no guide involved."""
        self._news: list[Missed | Rerouted] = []
        self.route: Route = (origin,)
        self._replan(0, RerouteCause.START)

    @property
    def link(self) -> LinkId:
        """Where the car is."""
        return self.route[0]

    @property
    def holds_wishes(self) -> bool:
        """Whether anything that a guide wanted is accepted and not yet driven."""
        return bool(self.avoided) or any(map(self.is_from_guide, pairwise(self.route)))

    def next_link(self) -> LinkId:
        """Where to go at the end of this link; ``NOWHERE`` on the last one."""
        return self.route[1] if len(self.route) > 1 else NOWHERE

    def has_driven(self, link: LinkId) -> bool:
        """Whether the car was on this link and has left it."""
        return link in self._driven

    def is_from_guide(self, step: Step) -> bool:
        """Whether this step of the route, link to link, came from an accepted proposal."""
        return step in self._guided

    def news(self) -> list[Missed | Rerouted]:
        """Hand over, once, what happened to the plan since the last call."""
        told, self._news = self._news, []
        return told

    def enter(self, link: LinkId, now_ms: int) -> None:
        """Take note that the car is now on ``link``; reroute if that was not the plan."""
        left, wanted = self.route[0], self.next_link()
        if link == left and wanted != link:
            return
        self._driven.add(left)
        self._is_goal_behind = False
        if link == wanted:
            self.route = self.route[1:]
            return
        self.route = (link,)
        if wanted == NOWHERE or self._has_turned_back(left, link):
            self._replan(
                now_ms, RerouteCause.GOAL_PASSED if left == self.goal else RerouteCause.CLOSURE
            )
            return
        self._record_miss(now_ms, left, wanted, link)

    def miss(self, turn: Turn, now_ms: int) -> None:
        """Give up the planned turn at the end of this link for another, then go the best way."""
        left, wanted = self.route[0], self.next_link()
        if turn.to_link != wanted:
            self._record_miss(now_ms, left, wanted, turn.to_link, ahead=(left,))

    def pass_goal(self, now_ms: int) -> None:
        """Take note that the goal, on this link, was passed: loop back to it."""
        if not self._is_goal_behind:
            self._is_goal_behind = True
            self._replan(now_ms, RerouteCause.GOAL_PASSED)

    def see_closed(self, closed: frozenset[LinkId], now_ms: int) -> None:
        """Take note of all links seen to be closed; reroute if the route would enter one."""
        if closed <= self.closed:
            return
        self.closed |= closed
        if not self.closed.isdisjoint(self.route[1:]):
            self._replan(now_ms, RerouteCause.CLOSURE)

    def remaining_ms(self, route: Route | None = None) -> int:
        """Predicted free-flow time from the end of this link to the goal [ms]."""
        links = self.route if route is None else route
        is_stranded = links == (self.goal,) and self._is_goal_behind
        if not links or links[-1] != self.goal or is_stranded:
            return UNREACHABLE
        turns = [self.network.turn(*step) for step in pairwise(links)]
        return sum(UNREACHABLE if turn is None else turn.cost_ms for turn in turns)

    def best_route(self, keep: int = 0) -> Route | None:
        """Keep the first ``keep`` steps of the route, then go the best way, avoiding nothing."""
        return self._join(keep, self._way(self.route[keep], self._ways(), is_here=keep == 0))

    def route_with_turn(self, turn: Turn) -> Route | None:
        """Route that makes this turn, at the first pass of its link, then goes the best way."""
        if turn.from_link not in self.route:
            return None
        keep = self.route.index(turn.from_link)
        if turn.to_link in self.route[keep + 1 : keep + 2]:
            return self.route
        way = self._way(turn.to_link, self._ways_from(turn.to_link), is_here=False)
        return self._join(keep, (turn.from_link, *way))

    def route_via(self, links: frozenset[LinkId], keep: int = 0) -> Route | None:
        """Cheapest route, after ``keep`` steps of this one, that enters any of the links."""
        start = self.route[keep]
        # What is asked for last wins over what was to be avoided.
        blocked = self.closed | (self.avoided - links)
        tree = self._routes.tree(self.goal, blocked)
        return self._join(keep, cheapest_way(self.network, tree, start, links, blocked))

    def route_avoiding(self, links: frozenset[LinkId], keep: int = 0) -> Route | None:
        """Route that enters none of the links after ``keep`` steps; this one if it is such."""
        if links.isdisjoint(self.route[1:]):
            return self.route
        ways = self._ways(self.avoided | links)
        return self._join(keep, self._way(self.route[keep], ways, is_here=keep == 0))

    def alternative(self, link: LinkId, feasible: Sequence[Turn]) -> Turn | None:
        """Cheapest legal open turn among the feasible ones; None if none leads to the goal."""

        def price(turn: Turn) -> tuple[int, LinkId]:
            return turn.cost_ms + self._ways_from(turn.to_link).cost_ms(turn.to_link), turn.to_link

        turns = [
            turn
            for turn in feasible
            if turn.from_link == link and turn.ban is None and turn.to_link not in self.closed
        ]
        best = min(turns, key=price, default=None)
        return best if best is not None and price(best)[0] < UNREACHABLE else None

    def adopt(
        self,
        route: Route,
        cause: RerouteCause,
        now_ms: int,
        *,
        from_guide: bool = False,
        entered: frozenset[LinkId] | None = None,
    ) -> None:
        """
        Drive this route from now on.

        Parameters
        ----------
        route
            The current link first; it may contain an illegal turn, if a car that obeys wants so.
        cause
            As in :class:`~guiderail.sim.contract.trace.Rerouted`.
        now_ms
            Simulated time [ms].
        from_guide
            Marks what is new in it, so that a later miss can be booked.
        entered
            Links that the guide wants to be entered: the marks end with the first of them, or with
            the turn off the old route if there is none, because all beyond is the planner's own
            way. None marks everything.
        """
        before = set(pairwise(self.route)) - self._guided
        held = self._guided if from_guide else frozenset()
        asked = self._asked_for(route, entered) if from_guide else frozenset()
        self._guided = (held & frozenset(pairwise(route))) | (asked - before)
        if route != self.route:
            self.route = route
            self._news.append(Rerouted(time_ms=now_ms, route=route, cause=cause))

    def _asked_for(self, route: Route, entered: frozenset[LinkId] | None) -> frozenset[Step]:
        """Steps of a route that a wish is about, as far as the link where it is fulfilled."""
        steps = tuple(pairwise(route))
        if entered is None:
            return frozenset(steps)
        old = set(pairwise(self.route))
        ends = (k for k, step in enumerate(steps) if step[1] in entered)
        branches = (k for k, step in enumerate(steps) if step not in old)
        end = next(ends if entered else branches, len(steps) - 1)
        return frozenset(steps[: end + 1])

    def avoid(self, links: frozenset[LinkId]) -> None:
        """Keep off these links in later reroutes, too."""
        self.avoided |= links

    def suppose(self, route: Route, closed: frozenset[LinkId]) -> None:
        """Be on this route with these links closed and no wishes held, to be asked "what if"."""
        self.route, self.closed = route, closed
        self.forget_wishes()

    def forget_wishes(self) -> None:
        """Hold nothing of what a guide wanted; the route stays as it is."""
        self.avoided = frozenset()
        self._guided = frozenset()

    def _ways(self, avoided: frozenset[LinkId] = frozenset()) -> Ways:
        return self._router.ways(self.goal, self.closed | avoided)

    def _ways_from(self, link: LinkId) -> Ways:
        """Ways to follow from a link: those that avoid, while that is worth its price."""
        free, kept = self._ways(), self._ways(self.avoided)
        return kept if kept.cost_ms(link) - free.cost_ms(link) <= self.patience_ms else free

    def _way(self, link: LinkId, ways: Ways, *, is_here: bool) -> Route:
        if is_here and self._is_goal_behind:
            return self._round(link, ways, frozenset({link}))
        way = ways.route(link)
        is_plain = self._hard.isdisjoint(pairwise(way))
        return way if is_plain else self._round(link, ways, frozenset({self.goal}))

    def _round(self, link: LinkId, ways: Ways, targets: frozenset[LinkId]) -> Route:
        tree = self._routes.tree(self.goal, ways.closed)
        return cheapest_way(self.network, tree, link, targets, self.closed, self._hard)

    def _has_turned_back(self, left: LinkId, link: LinkId) -> bool:
        return left in self.closed and link == self.network.link(left).reverse

    def _join(self, keep: int, way: Route) -> Route | None:
        return (*self.route[:keep], *way) if way and way[-1] == self.goal else None

    def _replan(self, now_ms: int, cause: RerouteCause, ahead: Route = ()) -> None:
        """Go the best way from the last link of the route, after ``ahead``."""
        link = self.route[0]
        ways = self._ways_from(link)
        self.patience_ms -= ways.cost_ms(link) - self._ways().cost_ms(link)
        self._guided = frozenset()
        self.route = (*ahead, *(self._way(link, ways, is_here=not ahead) or (link,)))
        self._news.append(Rerouted(time_ms=now_ms, route=self.route, cause=cause))

    def _record_miss(
        self, now_ms: int, left: LinkId, wanted: LinkId, taken: LinkId, ahead: Route = ()
    ) -> None:
        if wanted != NOWHERE:
            is_guided = self.is_from_guide((left, wanted))
            if not is_guided:
                self._take_to_heart((left, wanted))
            self._news.append(
                Missed(time_ms=now_ms, link=left, wanted=wanted, taken=taken, from_guide=is_guided)
            )
        self.route = (taken,)
        self._replan(now_ms, RerouteCause.MISSED, ahead)

    def _take_to_heart(self, step: Step) -> None:
        """Count a miss that nobody asked for, so that a turn is not tried for ever."""
        self._misses[step] += 1
        if self._misses[step] >= MISSES_BORNE:
            self._hard.add(step)
