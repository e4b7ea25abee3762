"""In and out of OSMnx, with OSMnx itself: its functions take our graphs, its lengths are ours."""

from pathlib import Path
from typing import Any

import osmium
import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.compile.tags import is_closed, is_street
from guiderail.maps.facts import summary
from guiderail.maps.library.exports import to_osmnx
from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.maps.sources.graphs import read_graph
from guiderail.maps.sources.osm import read_osm

ox = pytest.importorskip("osmnx")

KEPT = ("nodes", "links", "km", "exits", "oneway_links", "driving_side")
SMALL = ("london_moorgate", "nyc_lower_east_side", "tokyo_shibuya")
LARGE = ("bad_hersfeld", "portland_central", "heidelberg")


@pytest.fixture(scope="module", params=["helsinki", "town"])
def network(request: pytest.FixtureRequest) -> RoadNetwork:
    return load_map(request.param)


def test_a_map_is_the_same_after_a_way_through_osmnx(network: RoadNetwork) -> None:
    again = compile_network(read_graph(to_osmnx(network)))
    before, after = summary(network), summary(again)
    assert {key: before[key] for key in KEPT} == {key: after[key] for key in KEPT}
    assert after["restrictions"]["total"] == 0
    assert after["approaches"]["signal"] >= before["approaches"]["signal"]


def test_the_functions_of_osmnx_take_an_exported_graph(
    network: RoadNetwork, tmp_path: Path
) -> None:
    graph = to_osmnx(network)
    assert graph.graph["crs"] == ox.settings.default_crs
    timed = ox.add_edge_travel_times(ox.add_edge_speeds(graph))
    assert min(facts["travel_time"] for _, _, facts in timed.edges(data=True)) > 0
    ends = sorted(ox.truncate.largest_component(timed, strongly=True))
    assert len(ox.shortest_path(timed, ends[0], ends[-1], weight="travel_time")) > 1
    ox.save_graphml(graph, tmp_path / "map.graphml")
    assert ox.load_graphml(tmp_path / "map.graphml").number_of_edges() == graph.number_of_edges()


def test_the_streets_of_a_node_are_counted_as_osmnx_counts_them() -> None:
    graph = to_osmnx(load_map("helsinki"))
    ours = {node: facts["street_count"] for node, facts in graph.nodes(data=True)}
    assert ours == dict(ox.stats.count_streets_per_node(graph))


def streets_alone(source: Path, folder: Path) -> Path:
    """Write the streets that we drive on as XML: OSMnx reads no PBF and takes every line."""
    elements = read_osm(source)
    here = {node.id for node in elements.nodes}
    ways = [w for w in elements.ways if is_street(w.tags) and not is_closed(w.tags)]
    path = folder / "streets.osm"
    with osmium.SimpleWriter(str(path)) as writer:
        for node in sorted(elements.nodes, key=lambda n: n.id):
            place = osmium.osm.Location(node.lon_e7 / 1e7, node.lat_e7 / 1e7)
            writer.add_node(osmium.osm.mutable.Node(id=node.id, location=place, version=1))
        for way in ways:
            refs = [ref for ref in way.nodes if ref in here]
            if len(refs) > 1:
                tags: dict[str, Any] = dict(way.tags)
                writer.add_way(osmium.osm.mutable.Way(id=way.id, nodes=refs, tags=tags, version=1))
    return path


@pytest.mark.parametrize(
    "name",
    [
        *SMALL,
        *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE),
        pytest.param("porto_metro_large", marks=pytest.mark.nightly),
    ],
)
def test_the_length_of_all_streets_is_that_of_osmnx_to_a_percent(
    name: str, sample_maps: Path, tmp_path: Path
) -> None:
    source = sample_maps / f"{name}.osm.pbf"
    graph = ox.graph_from_xml(streets_alone(source, tmp_path), simplify=False, retain_all=True)
    theirs_m = sum(facts["length"] for _, _, facts in graph.edges(data=True))
    links = load_map(source).links
    is_ours = (links.against_oneway == 0) & (links.original() == range(len(links.length_mm)))
    assert links.length_mm[is_ours].sum() / 1_000 == pytest.approx(theirs_m, rel=0.01)
