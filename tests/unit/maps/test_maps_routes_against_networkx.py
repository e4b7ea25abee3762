"""Every route of every map: as cheap as networkx finds it, and no turn of it banned."""

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import UNREACHABLE, RouteOracle

SMALL = (
    "perth_peanut_roundabout",
    "seattle_i5_exit_ramp",
    "london_moorgate",
    "nyc_lower_east_side",
    "tokyo_shibuya",
)
LARGE = ("bad_hersfeld", "portland_central", "heidelberg", "porto_metro_large")
PAIRS_A_GOAL = 50
ROUTES_A_GOAL = 100

all_maps = pytest.mark.parametrize(
    "name",
    ["helsinki", "town", *SMALL, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)],
)


@cache
def compiled(file: Path) -> RoadNetwork:
    return load_map(file)


@pytest.fixture
def network(name: str, request: pytest.FixtureRequest) -> RoadNetwork:
    if name in ("helsinki", "town"):
        return load_map(name)
    folder: Path = request.getfixturevalue("sample_maps")
    return compiled(folder / f"{name}.osm.pbf")


def backward_graph(network: RoadNetwork) -> "nx.DiGraph[int]":
    """Turn graph with its arcs reversed: one search from a goal answers all queries about it."""
    turns = network.turns
    origin = np.repeat(np.arange(network.link_count), np.diff(turns.start)).tolist()
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(network.link_count))
    arcs = zip(turns.to_link.tolist(), origin, turns.cost_ms.tolist(), strict=True)
    graph.add_weighted_edges_from(arcs)
    return graph


def drawn(network: RoadNetwork, count: int) -> list[LinkId]:
    """Random links of the drivable world."""
    world = np.flatnonzero(network.links.in_world)
    picked = np.random.default_rng(7).choice(world, count).tolist()
    return [LinkId(link) for link in picked]


@all_maps
def test_1000_random_queries_cost_what_networkx_says_to_the_millisecond(
    network: RoadNetwork,
) -> None:
    graph, routes = backward_graph(network), RouteOracle(network)
    for goal in drawn(network, 1_000 // PAIRS_A_GOAL):
        costs = nx.single_source_dijkstra_path_length(graph, goal)
        tree = routes.tree(goal)
        for start in drawn(network, PAIRS_A_GOAL):
            assert tree.cost_to_go_ms[start] == costs[start]


@all_maps
def test_every_link_of_the_world_reaches_every_other(network: RoadNetwork) -> None:
    turns, world = network.turns, network.links.in_world == 1
    origin = np.repeat(np.arange(network.link_count), np.diff(turns.start))
    inside = world[origin] & world[turns.to_link]
    arcs = (np.ones(inside.sum()), (origin[inside], turns.to_link[inside]))
    graph = csr_array(arcs, shape=(network.link_count,) * 2)
    labels = connected_components(graph, connection="strong")[1]
    assert len(set(labels[world].tolist())) == 1


@all_maps
def test_none_of_10000_random_routes_has_a_banned_turn(network: RoadNetwork) -> None:
    table = network.illegal_turns
    banned = set(zip(_from(table.start), table.to_link.tolist(), strict=True))
    legal = set(zip(_from(network.turns.start), network.turns.to_link.tolist(), strict=True))
    routes, starts = RouteOracle(network), drawn(network, 10_000)
    steps = set[tuple[int, int]]()
    for k, goal in enumerate(drawn(network, 10_000 // ROUTES_A_GOAL)):
        tree = routes.tree(goal)
        for start in starts[k * ROUTES_A_GOAL : (k + 1) * ROUTES_A_GOAL]:
            route = tree.route(start)
            assert route
            steps.update(itertools.pairwise(route))
    assert steps <= legal
    assert steps.isdisjoint(banned)


def _from(start: np.ndarray) -> list[int]:
    links: list[int] = np.repeat(np.arange(len(start) - 1), np.diff(start)).tolist()
    return links


def test_a_banned_turn_would_be_found() -> None:
    # A planner that drives every turn in asphalt is the planted fault.
    network = load_map("helsinki")
    graph: nx.DiGraph[int] = nx.DiGraph()
    for link in network.all_links:
        turns = network.ways_out(link.id)
        graph.add_edges_from((link.id, turn.to_link) for turn in turns)
    table = network.illegal_turns
    banned = set(zip(_from(table.start), table.to_link.tolist(), strict=True))
    ends = itertools.pairwise(drawn(network, 50))
    paths = [nx.shortest_path(graph, a, b) for a, b in ends]
    assert any(step in banned for path in paths for step in itertools.pairwise(path))


def test_a_link_outside_the_world_changes_no_route_inside() -> None:
    network = load_map("town")
    world = np.flatnonzero(network.links.in_world)
    outside = frozenset(LinkId(i) for i in np.flatnonzero(network.links.in_world == 0).tolist())
    assert outside
    for goal in drawn(network, 20):
        routes = RouteOracle(network)
        whole, without = routes.tree(goal), routes.tree(goal, outside)
        assert [whole.cost_to_go_ms[i] for i in world] == [without.cost_to_go_ms[i] for i in world]
        assert [whole.route(LinkId(i)) for i in world] == [without.route(LinkId(i)) for i in world]


def test_a_link_that_a_route_does_not_use_may_go_and_the_route_stays() -> None:
    network = load_map("helsinki")
    routes, ends = RouteOracle(network), drawn(network, 60)
    for start, goal, unused in zip(ends[::3], ends[1::3], ends[2::3], strict=True):
        route = routes.tree(goal).route(start)
        if unused not in route:
            assert routes.tree(goal, frozenset({unused})).route(start) == route
        elif unused not in (start, goal):
            cost = routes.tree(goal, frozenset({unused})).cost_to_go_ms[start]
            assert cost >= routes.tree(goal).cost_to_go_ms[start]


def test_links_under_other_numbers_cost_the_same() -> None:
    network = load_map("helsinki")
    count, turns = network.link_count, network.turns
    renamed = np.random.default_rng(3).permutation(count).astype(np.int32)
    origin = np.repeat(np.arange(count), np.diff(turns.start))
    order = np.lexsort((renamed[turns.to_link], renamed[origin]))
    start = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(renamed[origin], minlength=count), out=start[1:])
    other = _with_turns(network, start, renamed[turns.to_link][order], turns.cost_ms[order])
    for goal in drawn(network, 30):
        tree, again = RouteOracle(network).tree(goal), RouteOracle(other).tree(renamed[goal])
        costs = [again.cost_to_go_ms[link] for link in renamed.tolist()]
        assert costs == tree.cost_to_go_ms.tolist()
        assert min(costs) < UNREACHABLE


def _with_turns(
    network: RoadNetwork, start: np.ndarray, to_link: np.ndarray, cost_ms: np.ndarray
) -> RoadNetwork:
    """Same map with these legal turns; what routing does not read stays as it was."""
    turns = replace(network.turns, start=start, to_link=to_link, cost_ms=cost_ms)
    return replace(network, turns=turns)
