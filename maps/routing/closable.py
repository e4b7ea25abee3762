"""What can be closed without cutting off a link or trapping a lane."""

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing.trees import marked
from guiderail.maps.tables import Flags, row_starts


def is_harmless(network: RoadNetwork, closed: frozenset[LinkId]) -> bool:
    """Whether closing these links cuts off no other link and traps no lane."""
    return leaves_lanes_open(network, closed) and stays_connected(network, closed)


def stays_connected(network: RoadNetwork, closed: frozenset[LinkId]) -> bool:
    """Whether the links of the drivable world that are not closed still reach each other."""
    keep = network.links.in_world.astype(np.bool_) & ~marked(closed, network.link_count)
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
            and stretch.isdisjoint(self._network.copied_or_copies)
            and is_harmless(self._network, stretch)
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
    start = row_starts(origin[inside], network.link_count)
    ones = np.ones(int(inside.sum()), dtype=np.int8)
    arcs = csr_array((ones, target[inside], start), shape=(network.link_count,) * 2)
    labels = connected_components(arcs, connection="strong")[1][keep]
    return bool((labels == labels[:1]).all())
