"""
Best routes around closed links, and the exact price of another way [ms].

A route that no closure blocks stays the best one. Where a closure blocks it, A* searches with the
cost-to-go of the open map, which is never too high. The result is always the route that a tree of
the closed map would give, ties included: it does not depend on earlier questions, nor on whether
numba is installed.
"""

from array import array
from collections.abc import Set as AbstractSet
from heapq import heappop, heappush
from itertools import pairwise
from typing import Final, NamedTuple

from guiderail.maps.network import LinkId, RoadNetwork, Turn
from guiderail.maps.routing.trees import UNREACHABLE, RouteOracle, Tree

POCKET: Final = 64
"""If a start is cut off with no more links than this, a search finds it out before a tree does."""

Route = tuple[LinkId, ...]
Closed = frozenset[LinkId]

SEARCH_SHARE: Final = 16
"""A search over more than a 16th of the map costs as much as a tree, and a tree can be kept."""
MOST_REMEMBERED: Final = 10_000
"""Goals and closures of which it is known how long was searched."""
LEAST_SEARCH: Final = 256
"""Links that a search may look at on any map, however small."""


class Detour(NamedTuple):
    """A route round what is closed."""

    route: Route
    """Links from the start to the goal; empty if there is no way."""
    cost_ms: int
    """From the end of the start to the end of the goal [ms]."""
    expanded: int
    """Links looked at; 0 for a look-up, the whole map for a new tree."""
    is_pocket: bool = False
    """Whether the start is cut off with a few links around it."""


class Alternative(NamedTuple):
    """Another way to the goal."""

    route: Route
    leaves: LinkId
    """Link at whose end it leaves the best route."""
    onto: LinkId
    """Link that it turns onto there."""
    cost_ms: int
    """From the end of its first link to the end of the goal [ms]."""
    extra_ms: int
    """Beyond the best route [ms]."""


class DetourFinder:
    """
    Finds best routes under closures of the moment.

    Parameters
    ----------
    routes
        Trees of the open map; a closure that cuts off much of it adds one of the closed map, which
        answers every later question about the same goal and closures.
    """

    def __init__(self, routes: RouteOracle) -> None:
        """Lay out the turns flat."""
        self._routes = routes
        turns = routes.network.turns
        self._start = array("i", turns.start.astype("i").tobytes())
        self._target = array("i", turns.to_link.astype("i").tobytes())
        self._cost = array("i", turns.cost_ms.astype("i").tobytes())
        self._ways: dict[tuple[LinkId, Closed], Ways] = {}
        self._most = max(LEAST_SEARCH, routes.network.link_count // SEARCH_SHARE)

    def find(self, start: LinkId, goal: LinkId, closed: Closed = frozenset()) -> Detour:
        """
        Find the best open route; the one that the tree of the closed map would give.

        Raises
        ------
        MapError
            When the goal is no link of the map.
        """
        free = self._routes.tree(goal)
        route = free.route(start)
        if not is_blocked(route, closed):
            return Detour(route, free.cost_to_go_ms[start], 0)
        ready = self._routes.ready(goal, closed)
        if ready is not None:
            return Detour(ready.route(start), ready.cost_to_go_ms[start], 0)
        searched, expanded = self._routes.searched, 0
        # After as much searching as a tree takes, build the tree: all arms of a trip ask again.
        if searched[goal, closed] <= self._most:
            found = self._search(free, start, closed)
            expanded = found.expanded
            if len(searched) > MOST_REMEMBERED:
                searched.clear()
            searched[goal, closed] += expanded
            if found.route or found.is_pocket:
                return found
        tree = self._routes.tree(goal, closed)
        seen = expanded + self._routes.network.link_count
        return Detour(tree.route(start), tree.cost_to_go_ms[start], seen)

    def ways(self, goal: LinkId, closed: Closed) -> "Ways":
        """Best ways to a goal, remembered as far as they were asked for."""
        if (goal, closed) not in self._ways:
            self._ways[goal, closed] = Ways(self, goal, closed)
        return self._ways[goal, closed]

    def _search(self, free: Tree, start: LinkId, closed: Closed) -> Detour:
        """
        Search forward until nothing as good is left; no route if none was found in reason.

        The heap is ordered by total, then by how far along, then by link. All ways of equal cost
        are followed, so that the choice among them can be that of a tree.
        """
        onward, spent = free.cost_to_go_ms, {start: 0}
        before: dict[int, list[int]] = {start: []}
        heap = [(onward[start], 0, int(start))]
        done: set[int] = set()
        best = UNREACHABLE
        while heap and heap[0][0] <= best and len(done) <= self._most:
            total, minus_spent, link = heappop(heap)
            if link in done:
                continue
            done.add(link)
            if link == free.goal:
                best = total
                continue
            for turn in range(self._start[link], self._start[link + 1]):
                onto = self._target[turn]
                cost, left = self._cost[turn] - minus_spent, onward[onto]
                if left == UNREACHABLE or onto in closed:
                    continue
                known = spent.get(LinkId(onto), UNREACHABLE)
                if cost < known:
                    spent[LinkId(onto)], before[onto] = cost, [link]
                    heappush(heap, (cost + left, -cost, onto))
                elif cost == known:
                    before[onto].append(link)
        is_whole = best < UNREACHABLE and not (heap and heap[0][0] <= best)
        if is_whole:
            return Detour(_lowest(before, start, free.goal), best, len(done))
        is_pocket = not heap and len(done) <= POCKET
        return Detour((), UNREACHABLE, len(done), is_pocket)


class Ways:
    """
    Best ways to one goal round what is closed, from wherever they are asked for.

    What a tree of the closed map would say, ties included, without building it: a trip asks from a
    few links only, and most of its ways no closure blocks.

    Parameters
    ----------
    finder
        Of the map.
    goal
        Link to reach the end of.
    closed
        Links that are not entered.
    """

    def __init__(self, finder: DetourFinder, goal: LinkId, closed: Closed) -> None:
        """Find nothing yet."""
        self.closed = closed
        self._finder, self._goal = finder, goal
        self._found: dict[LinkId, Detour] = {}

    def route(self, link: LinkId) -> Route:
        """Links from this one to the goal, both included; empty if there is no way."""
        return self._from(link).route

    def cost_ms(self, link: LinkId) -> int:
        """From the end of a link to the end of the goal [ms]; UNREACHABLE without a way."""
        return self._from(link).cost_ms

    def _from(self, link: LinkId) -> Detour:
        if link not in self._found:
            self._found[link] = self._finder.find(link, self._goal, self.closed)
        return self._found[link]


def _lowest(before: dict[int, list[int]], start: LinkId, goal: LinkId) -> Route:
    """Choose among all best ways: at every link the lowest next one."""
    following: dict[int, int] = {}
    fresh, met = [int(goal)], {int(goal)}
    while fresh:
        link = fresh.pop()
        for one in before[link]:
            following[one] = min(following.get(one, link), link)
            if one not in met:
                met.add(one)
                fresh.append(one)
    route = [start]
    while route[-1] != goal:
        route.append(LinkId(following[route[-1]]))
    return tuple(route)


def is_blocked(route: Route, closed: AbstractSet[LinkId]) -> bool:
    """Whether a route enters a closed link; the one it starts on may be closed."""
    return not closed.isdisjoint(route[1:])


def extra_ms(tree: Tree, turn: Turn) -> int:
    """
    Exact price of a turn over the best way on [ms]; 0 for the best, UNREACHABLE without a way.

    Parameters
    ----------
    tree
        Of the goal, under the closures that count.
    turn
        A legal turn onto a link that is not closed.
    """
    here, beyond = tree.cost_to_go_ms[turn.from_link], tree.cost_to_go_ms[turn.to_link]
    return UNREACHABLE if UNREACHABLE in (here, beyond) else turn.cost_ms + beyond - here


def alternatives(
    network: RoadNetwork, tree: Tree, start: LinkId, most: int, closed: Closed = frozenset()
) -> tuple[Alternative, ...]:
    """
    Cheapest other ways to the goal, by exact cost.

    An alternative leaves the best route by one other legal turn and goes the best way from there:
    one for each distinct turn off the route. Ways that drive a link twice are left out, since a
    loop back is what a missed turn costs and no way that anybody would propose.

    Parameters
    ----------
    network
        The map.
    tree
        Of the goal, under the same closures.
    start
        Link to start from; if it is closed it may be left all the same.
    most
        How many are wanted.
    closed
        Links that are not entered.

    Returns
    -------
    tuple of Alternative
        Cheapest first; on a tie the one that leaves earlier, then the lower link. Empty where the
        goal cannot be reached.
    """
    best = tree.route(start)
    found = []
    for place, (link, planned) in enumerate(pairwise(best)):
        for turn in network.turns_from(link):
            extra = extra_ms(tree, turn)
            if turn.to_link == planned or turn.to_link in closed or extra == UNREACHABLE:
                continue
            found.append((extra, place, turn.to_link))
    chosen: list[Alternative] = []
    for extra, place, onto in sorted(found):
        if len(chosen) >= most:
            break
        route = (*best[: place + 1], *tree.route(onto))
        if len(set(route)) == len(route):
            cost = tree.cost_to_go_ms[start] + extra
            chosen.append(Alternative(route, best[place], onto, cost, extra))
    return tuple(chosen)
