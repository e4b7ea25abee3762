"""
Shortest legal driving distance: the reference of the detour ratio.

The driver's routing minimizes time; this reference minimizes length, and shares no code with it.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from guiderail.maps.network import LinkId, RoadNetwork


class ShortestLengths:
    """Shortest legal lengths on one map."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network

    def between(
        self, origin: LinkId, origin_mm: int, goal: LinkId, goal_mm: int, closed: frozenset[LinkId]
    ) -> int | None:
        """
        Length of the shortest legal way [mm]; None where there is none.

        Parameters
        ----------
        origin, origin_mm
            Link and place on it where the way begins [mm].
        goal, goal_mm
            Link and place on it where the way ends [mm]; another link than ``origin``.
        closed
            Links that may not be entered.
        """
        length = self._network.links.length_mm
        onward = self._onward(goal, closed)[origin]
        if not np.isfinite(onward):
            return None
        return int(length[origin]) - origin_mm + int(onward) - (int(length[goal]) - goal_mm)

    def _onward(self, goal: LinkId, closed: frozenset[LinkId]) -> NDArray[np.float64]:
        """Length of the links after each link, up to the end of the goal [mm], shape (n_links,)."""
        from_link, to_link = self._arcs
        is_open = ~np.isin(to_link, sorted(closed))
        size = self._network.link_count
        # float64 is exact here: no way is as long as 2**53 mm. Reversed, so that one search from
        # the goal answers for every origin.
        weights = self._network.links.length_mm[to_link[is_open]].astype(np.float64)
        graph = csr_array((weights, (to_link[is_open], from_link[is_open])), shape=(size, size))
        return np.asarray(dijkstra(graph, indices=goal))

    @cached_property
    def _arcs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        turns = self._network.turns
        starts = np.arange(self._network.link_count)
        return np.repeat(starts, np.diff(turns.start)), turns.to_link.astype(np.int64)
