"""
Routes over turns: one reverse tree per goal prices every link of the map at once.

A link is a node of the turn graph and a legal turn is an arc, so a banned turn is a missing arc
and no route can contain it. Costs are whole milliseconds; scipy adds them as float64, exact below
2**53, so trees are bit-identical everywhere and ties are true ties.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from guiderail.maps.errors import MapError
from guiderail.maps.network import LinkId, RoadNetwork

UNREACHABLE: Final = 2**31 - 1
"""Cost-to-go of a link from which the goal cannot be reached [ms]."""
_BYTES_PER_LINK: Final = 80
"""Two list slots and two int objects: what a tree really holds for each link."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Everything about the ways to one goal."""

    goal: LinkId
    cost_to_go: list[int]
    """From the end of each link to the end of the goal [ms]; 0 at the goal."""
    next_link: list[int]
    """Best link to turn onto, lowest id on a tie; -1 at the goal and where it is unreachable."""

    def route(self, link: LinkId) -> tuple[LinkId, ...]:
        """Links from this one to the goal, both included; empty if there is no way."""
        if self.cost_to_go[link] == UNREACHABLE:
            return ()
        links = [link]
        while links[-1] != self.goal:
            links.append(LinkId(self.next_link[links[-1]]))
        return tuple(links)


class RouteOracle:
    """
    Trees of one network, made on demand and kept while they fit.

    Parameters
    ----------
    network
        The map.
    max_bytes
        What all kept trees together may hold; the least recently used goes first.
    """

    def __init__(self, network: RoadNetwork, max_bytes: int = 256_000_000) -> None:
        """Turn the arcs round once: a tree grows backwards from its goal."""
        self.network = network
        self.hits = 0
        """Trees found ready."""
        self.builds = 0
        """Trees computed."""
        self._capacity = max(1, max_bytes // (_BYTES_PER_LINK * network.link_count))
        self._trees: OrderedDict[tuple[LinkId, frozenset[LinkId]], Tree] = OrderedDict()
        self._from = network.turns.from_link()
        self._order = np.lexsort((self._from, network.turns.to_link))
        self._open = self._reversed(np.ones(len(self._order), dtype=np.bool_))

    def tree(self, goal: LinkId, closed: frozenset[LinkId] = frozenset()) -> Tree:
        """
        Best ways of every link to one goal.

        Parameters
        ----------
        goal
            Link to reach the end of.
        closed
            Links that may be left but not entered; a closed goal is reached from nowhere else.

        Returns
        -------
        Tree
            Shared between callers: never change its lists.

        Raises
        ------
        MapError
            When the goal is no link of the map.
        """
        tree = self._trees.get((goal, closed))
        if tree is not None:
            self.hits += 1
            self._trees.move_to_end((goal, closed))
            return tree
        self.builds += 1
        tree = self._trees[(goal, closed)] = self._build(goal, closed)
        if len(self._trees) > self._capacity:
            self._trees.popitem(last=False)
        return tree

    def _build(self, goal: LinkId, closed: frozenset[LinkId]) -> Tree:
        count = self.network.link_count
        if not 0 <= goal < count:
            raise MapError(f"no link {goal} to route to: the map has links 0 .. {count - 1}")
        usable = ~_marked(closed, count)[self.network.turns.to_link]
        arcs = self._reversed(usable) if closed else self._open
        distance = dijkstra(arcs, indices=goal)
        costs = np.where(np.isfinite(distance), distance, UNREACHABLE).astype(np.int64)
        following = self._canonical(costs, usable)
        following[goal] = -1
        return Tree(goal=goal, cost_to_go=costs.tolist(), next_link=following.tolist())

    def _reversed(self, usable: Flags) -> Any:
        # CSR is written directly: a COO matrix would add up parallel arcs.
        turns = self.network.turns
        order = self._order[usable[self._order]]
        count = self.network.link_count
        start = np.zeros(count + 1, dtype=np.int32)
        np.cumsum(np.bincount(turns.to_link[order], minlength=count), out=start[1:])
        cost = turns.cost_ms[order].astype(np.float64)
        return csr_array((cost, self._from[order], start), shape=(count, count))

    def _canonical(self, costs: NDArray[np.int64], usable: Flags) -> NDArray[np.int64]:
        # scipy's own predecessors break ties by the order of its heap; this pass does not. A row is
        # sorted by target, so the first turn that lies on a best way is the one with the lowest id.
        turns = self.network.turns
        beyond = costs[turns.to_link]
        is_best = (turns.cost_ms + beyond == costs[self._from]) & (beyond < UNREACHABLE) & usable
        best = np.flatnonzero(is_best)
        links, first = np.unique(self._from[best], return_index=True)
        following = np.full(len(costs), -1, dtype=np.int64)
        following[links] = turns.to_link[best[first]]
        return following


def stays_connected(network: RoadNetwork, closed: frozenset[LinkId]) -> bool:
    """Whether the links of the drivable world that are not closed still reach each other."""
    keep = network.links.in_world.astype(np.bool_) & ~_marked(closed, network.link_count)
    return _is_connected(network, keep)


def leaves_lanes_open(network: RoadNetwork, closed: frozenset[LinkId]) -> bool:
    """Whether every lane before a closed link has an open turn that stays in the world, too."""
    into = np.isin(network.turns.to_link, sorted(closed))
    before = np.unique(network.turns.from_link()[into]).tolist()
    return all(
        _lanes_are_open(network, LinkId(link), closed)
        for link in before
        if network.links.in_world[link] and link not in closed
    )


def _lanes_are_open(network: RoadNetwork, link: LinkId, closed: frozenset[LinkId]) -> bool:
    lanes = {
        lane
        for turn in network.turns_from(link)
        if turn.to_link not in closed and network.link(turn.to_link).in_world
        for lane in range(turn.first_lane, turn.last_lane + 1)
    }
    return len(lanes) == network.link(link).lanes


class StretchFinder:
    """
    Finds what can be closed around a link without cutting off a link or trapping a lane.

    A street is often several links in a row: a single one of them cannot be closed, because the one
    before it would have no exit left. What is found is remembered.
    """

    def __init__(self, network: RoadNetwork, most: int = 8) -> None:
        """Prepare the turn graph; ``most`` links are closed together."""
        self._network = network
        self._graph = _world_graph(network)
        self._most = most
        self._found: dict[LinkId, frozenset[LinkId]] = {}

    def around(self, link: LinkId) -> frozenset[LinkId]:
        """Stretch with this link that can be closed without harm; empty if there is none."""
        if link not in self._found:
            self._found[link] = self._search(link)
        return self._found[link]

    def _search(self, link: LinkId) -> frozenset[LinkId]:
        if link not in self._graph:
            return frozenset()
        stretch = _grown(self._graph, link, self._most)
        is_fair = (
            stretch
            and leaves_lanes_open(self._network, stretch)
            and stays_connected(self._network, stretch)
        )
        return stretch if is_fair else frozenset()


def _grown(graph: "nx.DiGraph[int]", seed: LinkId, most: int) -> frozenset[LinkId]:
    stretch, fresh = {seed}, [seed]
    while fresh and len(stretch) <= most:
        link = fresh.pop()
        before = [i for i in graph.pred[link] if all(k in stretch for k in graph.succ[i])]
        after = [i for i in graph.succ[link] if all(k in stretch for k in graph.pred[i])]
        new = {LinkId(i) for i in (*before, *after)} - stretch
        stretch |= new
        fresh += sorted(new)
    return frozenset(stretch) if len(stretch) <= most else frozenset()


def _world_graph(network: RoadNetwork) -> "nx.DiGraph[int]":
    keep = network.links.in_world.astype(np.bool_)
    origin, target = network.turns.from_link(), network.turns.to_link
    inside = keep[origin] & keep[target]
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(np.flatnonzero(keep).tolist())
    graph.add_edges_from(zip(origin[inside].tolist(), target[inside].tolist(), strict=True))
    return graph


def _is_connected(network: RoadNetwork, keep: Flags) -> bool:
    origin, target = network.turns.from_link(), network.turns.to_link
    inside = keep[origin] & keep[target]
    start = np.zeros(network.link_count + 1, dtype=np.int32)
    np.cumsum(np.bincount(origin[inside], minlength=network.link_count), out=start[1:])
    ones = np.ones(int(inside.sum()), dtype=np.int8)
    arcs = csr_array((ones, target[inside], start), shape=(network.link_count,) * 2)
    labels = connected_components(arcs, connection="strong")[1][keep]
    return bool((labels == labels[:1]).all())


def _marked(links: frozenset[LinkId], count: int) -> Flags:
    marked = np.zeros(count, dtype=np.bool_)
    marked[[link for link in links if 0 <= link < count]] = True
    return marked
