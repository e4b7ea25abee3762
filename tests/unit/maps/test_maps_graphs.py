"""Maps as graphs of other programs: what is kept, what is lost, and what is refused."""

import json
import math
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.errors import MapError
from guiderail.maps.facts import summary
from guiderail.maps.library.exports import export, to_geojson, to_networkx, turn_graph
from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.sources.graphs import read_graph, read_graphml

KEPT = ("nodes", "links", "km", "exits", "oneway_links", "driving_side")


@pytest.fixture(scope="module", params=["helsinki", "town"])
def network(request: pytest.FixtureRequest) -> RoadNetwork:
    return load_map(request.param)


def crossing(**facts: Any) -> "nx.MultiDiGraph[int]":
    """Make two streets of 111 m that cross, as OSMnx would."""
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326")
    for node, (lon, lat) in enumerate([(0, 0), (0.001, 0), (-0.001, 0), (0, 0.001), (0, -0.001)]):
        graph.add_node(node, x=lon, y=lat)
    for end in (1, 2, 3, 4):
        road = {"osmid": 70 + end, "highway": "residential", "oneway": False} | facts
        graph.add_edge(0, end, **road)
        graph.add_edge(end, 0, **road)
    return graph


def test_through_graphml_and_back_the_streets_are_the_same(
    network: RoadNetwork, tmp_path: Path
) -> None:
    export(network, tmp_path / "map.graphml")
    before, after = summary(network), summary(load_map(tmp_path / "map.graphml"))
    assert {key: before[key] for key in KEPT} == {key: after[key] for key in KEPT}


def test_through_graphml_the_turn_restrictions_are_lost(
    network: RoadNetwork, tmp_path: Path
) -> None:
    export(network, tmp_path / "map.graphml")
    again = load_map(tmp_path / "map.graphml")
    assert summary(again)["restrictions"]["total"] == 0
    assert summary(again)["turns"] > summary(network)["turns"]


def test_routes_on_the_turn_graph_cost_what_the_planner_says(network: RoadNetwork) -> None:
    world = network.links.in_world.nonzero()[0].tolist()
    goal = LinkId(world[len(world) // 2])
    graph = turn_graph(network).reverse()
    costs = nx.single_source_dijkstra_path_length(graph, goal, weight="cost_ms")
    tree = RouteOracle(network).tree(goal)
    assert all(tree.cost_to_go_ms[link] == costs[link] for link in world)


def test_an_exported_edge_has_what_osmnx_gives_one(network: RoadNetwork) -> None:
    graph = to_networkx(network)
    assert graph.number_of_edges() == summary(network)["links"]
    keys = {"osmid", "highway", "oneway", "reversed", "lanes", "maxspeed", "length"}
    assert all(keys <= set(facts) for _, _, facts in graph.edges(data=True))
    assert sum(facts["length"] for _, _, facts in graph.edges(data=True)) > 1_000


def test_geojson_names_whose_data_it_is(tmp_path: Path) -> None:
    helsinki = load_map("helsinki")
    export(helsinki, tmp_path / "map.geojson")
    written = json.loads((tmp_path / "map.geojson").read_text())
    assert written == json.loads(json.dumps(to_geojson(helsinki)))
    assert written["attribution"] == "(c) OpenStreetMap contributors"
    assert written["license"].startswith("ODbL-1.0")
    lon, lat = written["features"][0]["geometry"]["coordinates"][0]
    assert 24.9 < lon < 25.0
    assert 60.1 < lat < 60.2


def test_values_that_became_lists_are_resolved_by_a_fixed_rule() -> None:
    lists = {
        "maxspeed": ["50", "30"],
        "name": ["Ost", "Am Tor"],
        "highway": ["tertiary", "primary"],
    }
    network = compile_network(read_graph(crossing(**lists)))
    link = network.link(LinkId(0))
    assert (link.name, link.road_class.name) == ("Am Tor", "PRIMARY")
    assert link.speed_mm_s == 8_320  # 30 km/h, rounded down to the lattice
    as_text = {key: str(value) for key, value in lists.items()}
    again = compile_network(read_graph(crossing(**as_text)))
    assert again.header["digest"] == network.header["digest"]


def test_a_bent_edge_keeps_its_course() -> None:
    graph = crossing()
    graph.add_edge(
        1, 3, osmid=9, highway="service", oneway=True, geometry="LINESTRING (0.001 0, 0 0.001)"
    )
    graph.edges[1, 3, 0].update(
        highway="residential", geometry="LINESTRING (0.001 0, 0.001 0.001, 0 0.001)"
    )
    network = compile_network(read_graph(graph))
    (bent,) = [link for link in network.all_links if link.is_oneway and not link.against_oneway]
    assert bent.length_mm == pytest.approx(2 * 111_195, rel=1e-3)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({"x": math.nan, "y": 0.0}, "longitude nan"),
        ({"x": 0.0, "y": math.inf}, "latitude inf"),
        ({"x": 400_000.0, "y": 6_000_000.0}, "must be degrees"),
        ({"x": "east", "y": 0.0}, "has no place"),
        ({}, "has no place"),
    ],
)
def test_a_node_without_a_place_on_earth_is_refused(place: dict[str, Any], message: str) -> None:
    graph = crossing()
    graph.nodes[2].clear()
    graph.nodes[2].update(place)
    with pytest.raises(MapError, match=message):
        read_graph(graph)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read as GraphML"),
        ("<graphml>", "cannot be read as GraphML"),
        ("<svg/>", "cannot be read as GraphML|no drivable street"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><graphml/>', "declares XML entities"),
    ],
)
def test_a_file_that_is_no_graph_is_one_error(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "odd.graphml"
    path.write_text(content)
    with pytest.raises(MapError, match=message):
        load_map(path)


def test_a_graph_without_streets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="no drivable street"):
        compile_network(read_graph(crossing(highway="footway")))
    with pytest.raises(MapError, match="no such map file"):
        read_graphml(tmp_path / "missing.graphml")


def test_another_ending_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"must end in \.geojson or \.graphml"):
        export(load_map("town"), tmp_path / "map.kml")
    with pytest.raises(MapError, match="cannot write"):
        export(load_map("town"), tmp_path / "no" / "map.geojson")
    assert not list(tmp_path.iterdir())
