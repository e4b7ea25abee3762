"""Detours and prices: what a search or a look-up says is what the tree of the closed map says."""

import heapq
import itertools
import statistics

import networkx as nx
import numpy as np
import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import (
    UNREACHABLE,
    DetourFinder,
    RouteOracle,
    Tree,
    alternatives,
    extra_ms,
    is_blocked,
)
from guiderail.maps.synthetic.networks import town

Query = tuple[LinkId, LinkId, frozenset[LinkId]]


def cost_along(network: RoadNetwork, route: tuple[LinkId, ...]) -> int:
    turns = [network.turn(a, b) for a, b in itertools.pairwise(route)]
    assert all(turn is not None and turn.ban is None for turn in turns)
    return sum(turn.cost_ms for turn in turns if turn is not None)


def blocked_queries(network: RoadNetwork, count: int, closures: int, seed: int = 1) -> list[Query]:
    """Random trips of which links on the best route are closed."""
    source, routes = np.random.default_rng(seed), RouteOracle(network)
    world, queries = np.flatnonzero(network.links.in_world), list[Query]()
    while len(queries) < count:
        start, goal = (LinkId(int(link)) for link in source.choice(world, 2))
        inner = routes.tree(goal).route(start)[1:-1]
        if len(inner) >= closures:
            closed = frozenset(LinkId(int(i)) for i in source.choice(inner, closures))
            queries.append((start, goal, closed))
    return queries


def test_who_asks_long_enough_has_a_tree_built_and_gets_the_same_routes() -> None:
    network = town(size=12)
    routes, apart = RouteOracle(network), RouteOracle(network)
    (start, goal, closed) = blocked_queries(network, 1, 1)[0]
    finder, world = DetourFinder(routes), np.flatnonzero(network.links.in_world).tolist()
    finder.find(start, goal, closed)
    assert routes.ready(goal, closed) is None
    tree = apart.tree(goal, closed)
    for link in map(LinkId, world):
        found = finder.find(link, goal, closed)
        assert (found.route, found.cost_ms) == (tree.route(link), tree.cost_to_go_ms[link])
    assert routes.ready(goal, closed) is not None
    assert routes.searched == {}


def states_of_dijkstra(network: RoadNetwork, start: LinkId, goal: LinkId, closed: set[int]) -> int:
    """Links that a plain Dijkstra takes off its heap until it has the goal."""
    heap, done = [(0, int(start))], set[int]()
    while heap:
        spent, link = heapq.heappop(heap)
        if link in done:
            continue
        done.add(link)
        if link == goal:
            break
        for turn in network.turns_from(LinkId(link)):
            if turn.to_link not in done and turn.to_link not in closed:
                heapq.heappush(heap, (spent + turn.cost_ms, turn.to_link))
    return len(done)


@pytest.mark.parametrize("closures", [1, 3, 8])
def test_a_detour_is_the_route_of_the_closed_maps_tree_ties_included(
    network: RoadNetwork, closures: int
) -> None:
    finder, routes = DetourFinder(RouteOracle(network)), RouteOracle(network)
    for start, goal, closed in blocked_queries(network, 100, closures):
        found, tree = finder.find(start, goal, closed), routes.tree(goal, closed)
        assert found[:2] == (tree.route(start), tree.cost_to_go_ms[start])
        assert not is_blocked(found.route, closed)


def test_a_route_that_nothing_blocks_is_looked_up(the_town: RoadNetwork) -> None:
    routes = RouteOracle(the_town)
    start, goal, closed = blocked_queries(the_town, 1, 1)[0]
    aside = frozenset(range(the_town.link_count)) - frozenset(routes.tree(goal).route(start))
    found = DetourFinder(routes).find(start, goal, frozenset(LinkId(i) for i in aside))
    assert found.route == routes.tree(goal).route(start)
    assert found.expanded == 0
    assert not is_blocked((next(iter(closed)),), closed), "a closed link may be left"


def test_a_goal_that_is_sealed_off_is_searched_for_once(network: RoadNetwork) -> None:
    routes = RouteOracle(network)
    finder = DetourFinder(routes)
    starts = np.flatnonzero(network.links.in_world)[:20].tolist()
    goal = LinkId(starts.pop())
    sealed = frozenset({goal})
    first = finder.find(LinkId(starts[0]), goal, sealed)
    assert (first.route, first.cost_ms) == ((), UNREACHABLE)
    assert first.expanded > 0
    again = [finder.find(LinkId(start), goal, sealed) for start in starts]
    assert {(found.route, found.expanded) for found in again} == {((), 0)}
    assert routes.builds == 2  # the open tree, and one that remembers what is cut off


def test_a_start_that_is_walled_in_is_found_out_without_a_tree(network: RoadNetwork) -> None:
    routes = RouteOracle(network)
    start, *_, goal = (LinkId(i) for i in np.flatnonzero(network.links.in_world).tolist())
    walls = frozenset(turn.to_link for turn in network.turns_from(start))
    found = DetourFinder(routes).find(start, goal, walls)
    assert found == ((), UNREACHABLE, 1, True)
    assert routes.builds == 1


def test_a_detour_does_not_depend_on_what_was_asked_before(the_town: RoadNetwork) -> None:
    queries = blocked_queries(the_town, 40, 3)
    used = DetourFinder(RouteOracle(the_town))
    for _, goal, closed in queries:
        used._routes.tree(goal, closed)  # noqa: SLF001  another caller had the tree built
    for query in queries:
        fresh = DetourFinder(RouteOracle(the_town)).find(*query)
        assert used.find(*query)[:2] == fresh[:2]


def test_a_search_that_goes_too_far_gives_way_to_a_tree(
    monkeypatch: pytest.MonkeyPatch, the_town: RoadNetwork
) -> None:
    queries = blocked_queries(the_town, 20, 3)
    whole = [DetourFinder(RouteOracle(the_town)).find(*query)[:2] for query in queries]
    monkeypatch.setattr("guiderail.maps.routing.detours.LEAST_SEARCH", 0)
    monkeypatch.setattr("guiderail.maps.routing.detours.SEARCH_SHARE", 1_000_000)
    short = [DetourFinder(RouteOracle(the_town)).find(*query) for query in queries]
    assert [found[:2] for found in short] == whole
    assert all(found.expanded > the_town.link_count for found in short)


@pytest.mark.slow
@pytest.mark.parametrize("closures", [1, 3])
def test_a_closure_search_looks_at_a_twentieth_of_what_dijkstra_does(closures: int) -> None:
    network = town(size=50)  # about 10,000 links
    assert 9_000 < network.link_count < 13_000
    finder = DetourFinder(RouteOracle(network))
    shares = [
        finder.find(*query).expanded / states_of_dijkstra(network, *query[:2], set(query[2]))
        for query in blocked_queries(network, 100, closures)
    ]
    assert statistics.median(shares) <= 0.05


@pytest.fixture
def planned(network: RoadNetwork) -> tuple[Tree, LinkId]:
    tree = RouteOracle(network).tree(LinkId(int(np.flatnonzero(network.links.in_world)[40])))
    far = max(range(network.link_count), key=lambda i: tree.cost_to_go_ms[i] % UNREACHABLE)
    return tree, LinkId(far)


def test_the_extra_time_of_a_turn_is_what_driving_it_costs(
    network: RoadNetwork, planned: tuple[Tree, LinkId]
) -> None:
    tree, start = planned
    for link in tree.route(start)[:-1]:
        prices = {turn.to_link: extra_ms(tree, turn) for turn in network.turns_from(link)}
        assert prices[LinkId(tree.next_link[link])] == min(prices.values()) == 0
        for onto, price in prices.items():
            way = (link, *tree.route(onto))
            if price < UNREACHABLE:
                assert price == cost_along(network, way) - tree.cost_to_go_ms[link]


def test_alternatives_are_legal_distinct_cheapest_first_and_priced_exactly(
    network: RoadNetwork, planned: tuple[Tree, LinkId]
) -> None:
    tree, start = planned
    found = alternatives(network, tree, start, 5)
    assert len(found) == 5
    assert [one.extra_ms for one in found] == sorted(one.extra_ms for one in found)
    assert len({one.route for one in found} | {tree.route(start)}) == 6
    for one in found:
        assert one.cost_ms == cost_along(network, one.route)
        assert one.cost_ms - one.extra_ms == tree.cost_to_go_ms[start]
        assert (one.leaves, one.onto) in itertools.pairwise(one.route)
        assert (one.leaves, one.onto) not in itertools.pairwise(tree.route(start))


def test_the_first_alternative_is_seldom_worse_than_the_second_best_way_of_networkx() -> None:
    network = town(size=4)
    graph: nx.DiGraph[int] = nx.DiGraph()
    for link in network.all_links:
        for turn in network.turns_from(link.id):
            graph.add_edge(link.id, turn.to_link, weight=turn.cost_ms)
    beyond = []
    for start, goal, _ in blocked_queries(network, 40, 2):
        tree = RouteOracle(network).tree(goal)
        found = alternatives(network, tree, start, 1)
        ways = nx.shortest_simple_paths(graph, start, goal, weight="weight")
        second = tuple(LinkId(link) for link in list(itertools.islice(ways, 2))[-1])
        beyond += [one.cost_ms - cost_along(network, second) for one in found]
    assert min(beyond) == 0
    assert statistics.median(beyond) == 0


def test_an_alternative_enters_nothing_closed(the_town: RoadNetwork) -> None:
    routes = RouteOracle(the_town)
    for start, goal, closed in blocked_queries(the_town, 30, 2):
        tree = routes.tree(goal, closed)
        found = alternatives(the_town, tree, start, 9, closed)
        assert not any(is_blocked(one.route, closed) for one in found)
        assert alternatives(the_town, tree, start, 0, closed) == ()
