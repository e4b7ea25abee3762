"""
Routes over turns: one reverse tree per goal prices every link of the map at once.

A link is a node of the turn graph and a legal turn is an arc, so a banned turn is a missing arc
and no route can contain it. Costs are whole milliseconds; scipy adds them as float64, exact below
2**53, so trees are bit-identical everywhere and ties are true ties. Compiled or not, a tree is the
same: costs are exact, and one rule chooses the pointers.
"""

from array import array
from collections import Counter, OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from guiderail.maps.errors import MapError
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import bucket
from guiderail.maps.tables import Flags, Ints, Longs, row_starts

UNREACHABLE: Final = 2**31 - 1
"""Cost-to-go of a link from which the goal cannot be reached [ms]."""
COMPILED_AFTER: Final = 2_500_000
"""So many links are priced before numba is loaded: by then scipy has taken as long as loading does
(a third of a second), so a short run never waits for it and a long one soon has it."""
_BYTES_PER_LINK: Final = 8
"""Two 32-bit integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Everything about the ways to one goal."""

    goal: LinkId
    cost_to_go_ms: "array[int]"
    """From the end of each link to the end of the goal [ms]; 0 at the goal."""
    next_link: "array[int]"
    """Best link to turn onto, lowest id on a tie; -1 at the goal and where it is unreachable."""

    def route(self, link: LinkId) -> tuple[LinkId, ...]:
        """Links from this one to the goal, both included; empty if there is no way."""
        if self.cost_to_go_ms[link] == UNREACHABLE:
            return ()
        links, following, goal = [link], self.next_link, self.goal
        while link != goal:
            link = LinkId(following[link])
            links.append(link)
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
    is_compiled
        Whether numba builds the trees; None to load it, if it is installed, once there is enough
        work for it. The trees are the same either way.

    Raises
    ------
    MapError
        When compiled trees are asked for and numba is not installed.
    """

    def __init__(
        self,
        network: RoadNetwork,
        max_bytes: int = 256_000_000,
        *,
        is_compiled: bool | None = None,
    ) -> None:
        """Turn the arcs round once: a tree grows backwards from its goal."""
        if is_compiled and not bucket.has_numba():
            raise MapError(bucket.NEEDS_NUMBA)
        self.network = network
        self.hits = 0
        """Trees found ready."""
        self.builds = 0
        """Trees computed."""
        self.searched: Counter[tuple[LinkId, frozenset[LinkId]]] = Counter()
        """Links that searches looked at in place of each tree, by goal and closures."""
        self._may_compile = is_compiled is None and bucket.has_numba()
        self._is_compiled = bool(is_compiled)
        self._capacity = max(1, max_bytes // (_BYTES_PER_LINK * network.link_count))
        self._trees: OrderedDict[tuple[LinkId, frozenset[LinkId]], Tree] = OrderedDict()
        self._from = network.turns.from_link()
        self._order = np.lexsort((self._from, network.turns.to_link))

    @property
    def is_compiled(self) -> bool:
        """Whether the next tree is built by numba."""
        is_worth_it = self.builds * self.network.link_count > COMPILED_AFTER
        return self._is_compiled or (self._may_compile and is_worth_it)

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
            Shared between callers: never change its arrays.

        Raises
        ------
        MapError
            When the goal is no link of the map.
        """
        tree = self.ready(goal, closed)
        if tree is not None:
            self.hits += 1
            return tree
        self.builds += 1
        self.searched.pop((goal, closed), None)
        tree = self._trees[(goal, closed)] = self._build(goal, closed)
        if len(self._trees) > self._capacity:
            self._trees.popitem(last=False)
        return tree

    def ready(self, goal: LinkId, closed: frozenset[LinkId]) -> Tree | None:
        """Return a tree that is kept; None rather than build it."""
        tree = self._trees.get((goal, closed))
        if tree is not None:
            self._trees.move_to_end((goal, closed))
        return tree

    def _build(self, goal: LinkId, closed: frozenset[LinkId]) -> Tree:
        count = self.network.link_count
        if not 0 <= goal < count:
            raise MapError(f"no link {goal} to route to: the map has links 0 .. {count - 1}")
        costs_ms, following = (self._fast if self.is_compiled else self._plain)(goal, closed)
        return Tree(goal=goal, cost_to_go_ms=_packed(costs_ms), next_link=_packed(following))

    def _plain(self, goal: LinkId, closed: frozenset[LinkId]) -> tuple[Longs, Ints | Longs]:
        usable = ~marked(closed, self.network.link_count)[self.network.turns.to_link]
        arcs = self._reversed(usable) if closed else self._open
        distance = np.minimum(dijkstra(arcs, indices=goal), UNREACHABLE)
        costs_ms = distance.astype(np.int64)
        return costs_ms, self._canonical(costs_ms, usable)

    def _fast(self, goal: LinkId, closed: frozenset[LinkId]) -> tuple[Longs, Ints | Longs]:
        kernels, count = bucket.kernels(), self.network.link_count
        is_closed, turns = marked(closed, count), self.network.turns
        costs_ms = np.full(count, UNREACHABLE, dtype=np.int64)
        if not kernels.price(*self._backward, goal, is_closed, costs_ms):
            return self._plain(goal, closed)
        following = np.full(count, -1, dtype=np.int32)
        kernels.point(turns.start, turns.to_link, turns.cost_ms, is_closed, costs_ms, following)
        return costs_ms, following

    @cached_property
    def _open(self) -> Any:
        return self._reversed(np.ones(len(self._order), dtype=np.bool_))

    @cached_property
    def _backward(self) -> tuple[Ints, Ints, Ints]:
        start = row_starts(self.network.turns.to_link, self.network.link_count)
        return start, self._from[self._order], self.network.turns.cost_ms[self._order]

    def _reversed(self, usable: Flags) -> Any:
        # CSR is written directly: a COO matrix would add up parallel arcs.
        turns, count = self.network.turns, self.network.link_count
        order = self._order[usable[self._order]]
        cost = turns.cost_ms[order].astype(np.float64)
        start = row_starts(turns.to_link[order], count)
        return csr_array((cost, self._from[order], start), shape=(count, count))

    def _canonical(self, costs_ms: Longs, usable: Flags) -> Longs:
        # scipy's own predecessors break ties by the order of its heap; this pass does not. A row is
        # sorted by target, so the first turn that lies on a best way is the one with the lowest id.
        turns = self.network.turns
        beyond = costs_ms[turns.to_link]
        is_best = (turns.cost_ms + beyond == costs_ms[self._from]) & usable
        best = np.flatnonzero(is_best)
        links, first = np.unique(self._from[best], return_index=True)
        following = np.full(len(costs_ms), -1, dtype=np.int64)
        following[links] = turns.to_link[best[first]]
        return following


def marked(links: frozenset[LinkId], count: int) -> Flags:
    """Flags of ``count`` links, set for those given; links that the map lacks are left out."""
    flags = np.zeros(count, dtype=np.bool_)
    flags[[link for link in links if 0 <= link < count]] = True
    return flags


def _packed(values: NDArray[Any]) -> "array[int]":
    # An array gives whole Python numbers as fast as a list does, in a tenth of the memory.
    return array("i", values.astype(np.int32).tobytes())
