"""
Routes as such: where two of them part, and the cheapest one that enters one of several links.

A tree of the map gives the exact cost from every link to its goal.
"""

from collections.abc import Set as AbstractSet
from heapq import heappop, heappush
from itertools import pairwise
from typing import Final

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import UNREACHABLE, Tree

Route = tuple[LinkId, ...]
"""Links in order of driving, the current one first, the goal last."""
Step = tuple[LinkId, LinkId]
"""From one link of a route to the next."""

NOWHERE: Final = LinkId(-1)
"""There is no next link: this is the goal, or no way leads on."""
HARD_TURN_MS: Final = 900_000
"""Price of a turn missed that often [ms]: any way round is better, yet the goal stays reachable (a
decision of this project)."""


def branch_index(old: Route, new: Route) -> int | None:
    """Where two routes part: index of the last link that they share; None if they do not part."""
    steps = zip(pairwise(new), (*pairwise(old), None), strict=False)
    return next((i for i, (step, before) in enumerate(steps) if step != before), None)


def cheapest_way(
    network: RoadNetwork,
    tree: Tree,
    start: LinkId,
    targets: frozenset[LinkId],
    blocked: frozenset[LinkId],
    hard: AbstractSet[Step] = frozenset(),
) -> Route:
    """
    Cheapest way from one link to the tree's goal that enters any of the targets; else ().

    A* from the front: the tree gives the exact cost onward, so the first target to come off the
    heap is the best one, and few links off the way are looked at. The start may be entered again.
    """
    reached: dict[LinkId, LinkId] = {}
    heap: list[tuple[int, LinkId, int, LinkId]] = [(0, start, 0, NOWHERE)]
    while heap:
        _, link, spent, before = heappop(heap)
        if link in reached:
            continue
        if before != NOWHERE:
            reached[link] = before
            if link in targets:
                return (*_backwards(reached, start, link), *tree.route(link)[1:])
        for turn in network.turns_from(link):
            onto, onward = turn.to_link, tree.cost_to_go_ms[turn.to_link]
            if onto not in blocked and onto not in reached and onward < UNREACHABLE:
                cost = spent + turn.cost_ms + HARD_TURN_MS * ((link, onto) in hard)
                heappush(heap, (cost + onward, onto, cost, link))
    return ()


def _backwards(reached: dict[LinkId, LinkId], start: LinkId, link: LinkId) -> Route:
    """Way from the start to a reached link, both included."""
    links = [link, reached[link]]
    while links[-1] != start:
        links.append(reached[links[-1]])
    return tuple(reversed(links))
