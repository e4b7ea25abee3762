"""Reverse trees: exact, canonical, legal; and which links may be closed."""

import itertools

import networkx as nx
import numpy as np
import pytest

from guiderail.maps.errors import MapError
from guiderail.maps.network import Ban, LinkId, RoadNetwork
from guiderail.maps.routing import (
    UNREACHABLE,
    RouteOracle,
    StretchFinder,
    leaves_lanes_open,
    stays_connected,
)
from guiderail.maps.synthetic.networks import arm_link, crossing, straight_road


def world(network: RoadNetwork) -> list[LinkId]:
    return [LinkId(i) for i in np.flatnonzero(network.links.in_world).tolist()]


def turn_graph(network: RoadNetwork) -> "nx.DiGraph[int]":
    """Links as nodes, legal turns as edges: the independent router's view."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(network.link_count))
    for link in network.all_links:
        for turn in network.turns_from(link.id):
            graph.add_edge(link.id, turn.to_link, weight=turn.cost_ms)
    return graph


def cost_along(network: RoadNetwork, route: tuple[LinkId, ...]) -> int:
    turns = [network.turn(a, b) for a, b in itertools.pairwise(route)]
    assert all(turn is not None and turn.ban is None for turn in turns)
    return sum(turn.cost_ms for turn in turns if turn is not None)


def test_every_link_of_the_world_reaches_every_other(network: RoadNetwork) -> None:
    inside = world(network)
    graph = turn_graph(network).subgraph(inside)
    assert nx.is_strongly_connected(graph)


def test_a_tree_costs_exactly_what_networkx_finds(network: RoadNetwork) -> None:
    oracle, backwards = RouteOracle(network), turn_graph(network).reverse()
    for goal in world(network)[::97]:
        costs = nx.single_source_dijkstra_path_length(backwards, goal)
        expected = [costs.get(link, UNREACHABLE) for link in range(network.link_count)]
        assert oracle.tree(goal).cost_to_go_ms.tolist() == expected


def test_a_route_costs_what_its_tree_says_and_breaks_no_rule(network: RoadNetwork) -> None:
    inside = world(network)
    oracle = RouteOracle(network)
    for goal in inside[::101]:
        tree = oracle.tree(goal)
        for link in inside[::13]:
            route = tree.route(link)
            assert (route[0], route[-1]) == (link, goal)
            assert cost_along(network, route) == tree.cost_to_go_ms[link]


def test_the_next_link_is_the_lowest_of_the_best(network: RoadNetwork) -> None:
    goal = world(network)[5]
    tree = RouteOracle(network).tree(goal)
    for link in network.all_links:
        price = {
            t.to_link: t.cost_ms + tree.cost_to_go_ms[t.to_link]
            for t in network.turns_from(link.id)
        }
        if link.id == goal or tree.cost_to_go_ms[link.id] == UNREACHABLE:
            assert tree.next_link[link.id] == -1
        else:
            assert tree.cost_to_go_ms[link.id] == min(price.values())
            assert tree.next_link[link.id] == min(
                t for t, cost in price.items() if cost == min(price.values())
            )


def test_a_router_that_knows_only_junctions_breaks_signs_that_ours_obeys(
    helsinki: RoadNetwork,
) -> None:
    junctions: nx.DiGraph[int] = nx.DiGraph()
    for link in helsinki.all_links:
        if link.in_world:
            seconds = link.length_mm / link.speed_mm_s
            junctions.add_edge(link.from_node, link.to_node, weight=seconds, link=link.id)
    offenses = 0
    for goal in world(helsinki)[::50]:
        target = helsinki.link(goal).to_node
        paths = nx.single_target_shortest_path(junctions, target)
        for path in paths.values():
            links = [junctions.edges[a, b]["link"] for a, b in itertools.pairwise(path)]
            turns = [helsinki.turn(a, b) for a, b in itertools.pairwise(links)]
            signed = {Ban.RESTRICTION, Ban.ONLY, Ban.CONDITIONAL}
            offenses += any(turn is not None and turn.ban in signed for turn in turns)
    assert offenses > 100


def test_a_phantom_has_a_way_back_to_the_goal(network: RoadNetwork) -> None:
    tree = RouteOracle(network).tree(world(network)[0])
    for link in network.all_links:
        if link.against_oneway and network.link(link.reverse).in_world:
            assert tree.cost_to_go_ms[link.id] < UNREACHABLE


def test_a_closed_link_may_be_left_but_not_entered() -> None:
    network = crossing(has_ring=True)
    oracle = RouteOracle(network)
    goal = arm_link(network, "north", inward=False)
    closed = arm_link(network, "south", inward=True)
    tree = oracle.tree(goal, frozenset({closed}))
    assert tree.cost_to_go_ms[closed] == oracle.tree(goal).cost_to_go_ms[closed]
    assert closed not in {tree.next_link[link] for link in range(network.link_count)}


def test_a_closed_goal_is_reached_from_nowhere_but_itself() -> None:
    network = crossing(has_ring=True)
    goal = arm_link(network, "north", inward=False)
    tree = RouteOracle(network).tree(goal, frozenset({goal}))
    assert tree.route(goal) == (goal,)
    assert tree.route(arm_link(network, "south", inward=True)) == ()
    assert sum(cost < UNREACHABLE for cost in tree.cost_to_go_ms) == 1


def test_a_tree_is_built_once_and_the_oldest_goes_when_memory_is_full() -> None:
    network = straight_road()
    oracle = RouteOracle(network, max_bytes=1)
    trees = [oracle.tree(LinkId(0)), oracle.tree(LinkId(0)), oracle.tree(LinkId(1))]
    assert trees[0] is trees[1]
    assert (oracle.hits, oracle.builds) == (1, 2)
    oracle.tree(LinkId(0))
    assert (oracle.hits, oracle.builds) == (1, 3)


def test_a_goal_that_is_no_link_is_refused() -> None:
    with pytest.raises(MapError, match="no link 9 to route to: the map has links 0"):
        RouteOracle(straight_road()).tree(LinkId(9))


def closable(network: RoadNetwork) -> set[frozenset[LinkId]]:
    """Every stretch that may be closed."""
    finder = StretchFinder(network)
    return {finder.around(LinkId(link)) for link in world(network)} - {frozenset()}


def test_closing_a_link_cuts_somebody_off_exactly_if_networkx_says_so(
    the_town: RoadNetwork,
) -> None:
    inside, graph = world(the_town), turn_graph(the_town)
    for link in inside:
        rest = graph.subgraph(set(inside) - {link})
        closed = frozenset({LinkId(link)})
        assert stays_connected(the_town, closed) is nx.is_strongly_connected(rest)


def test_what_may_be_closed_cuts_off_nobody_and_traps_no_lane(helsinki: RoadNetwork) -> None:
    stretches = closable(helsinki)
    assert all(stays_connected(helsinki, stretch) for stretch in stretches)
    assert all(leaves_lanes_open(helsinki, stretch) for stretch in stretches)


def test_every_link_that_can_be_closed_alone_is_found(helsinki: RoadNetwork) -> None:
    alone = {
        closed
        for closed in (frozenset({LinkId(link)}) for link in world(helsinki))
        if stays_connected(helsinki, closed)
    }
    harmless = {closed for closed in alone if leaves_lanes_open(helsinki, closed)}
    assert harmless <= closable(helsinki)
    assert alone - harmless  # the rule about lanes is not empty: some would trap one


def test_of_two_links_either_may_close_for_the_other_reaches_all_that_is_left() -> None:
    network = straight_road()
    assert stays_connected(network, frozenset())
    assert all(stays_connected(network, frozenset({LinkId(link)})) for link in (0, 1))


def test_a_road_of_one_link_cuts_nobody_off() -> None:
    assert closable(straight_road(is_oneway=True)) == {frozenset({0})}
