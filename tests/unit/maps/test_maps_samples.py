"""Real extracts, where they are at hand: every one compiles and holds together."""

import math
from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.geometry import bearing_cdeg, position, turn_angle_cdeg
from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle

EXPECTED = {
    # nodes, directed links, restrictions applied by a prototype with node-via rules only
    "perth_peanut_roundabout": (21, 32, 0),
    "london_moorgate": (137, 227, 15),
    "nyc_lower_east_side": (183, 301, 19),
    "tokyo_shibuya": (539, 1_027, 0),
    "bad_hersfeld": (1_525, 3_137, 67),
    "portland_central": (4_554, 11_320, 386),
    "heidelberg": (8_100, 17_315, 420),
}
LEFT_HAND = {"perth_peanut_roundabout", "london_moorgate", "tokyo_shibuya"}
LARGE = {"portland_central", "heidelberg"}


@cache
def _loaded(path: Path) -> RoadNetwork:
    return load_map(path)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n in LARGE else []) for n in EXPECTED]
)
def test_a_real_extract_compiles_to_about_what_a_prototype_found(
    name: str, sample_maps: Path
) -> None:
    network = load_map(sample_maps / f"{name}.osm.pbf")
    nodes, links, applied = EXPECTED[name]
    assert int(network.header["nodes"]) == pytest.approx(nodes, rel=0.02, abs=2)
    assert int(network.header["links"]) == pytest.approx(links, rel=0.02, abs=2)
    assert int(network.header["restrictions_applied"]) >= applied
    assert network.drives_on_left is (name in LEFT_HAND)
    world = [LinkId(i) for i in np.flatnonzero(network.links.in_world).tolist()]
    tree = RouteOracle(network).tree(world[0])
    assert all(tree.route(link) for link in world[:200])


def test_reversible_lanes_are_closed_and_counted(sample_maps: Path) -> None:
    network = load_map(sample_maps / "seattle_i5_exit_ramp.osm.pbf")
    assert network.header["closed_ways"] == "6"


def test_the_via_way_signs_of_the_lower_east_side_leave_its_world_connected(
    sample_maps: Path,
) -> None:
    network = load_map(sample_maps / "nyc_lower_east_side.osm.pbf")
    assert network.header["restrictions_unsupported"] == "0"
    assert int(network.header["restrictions_applied"]) > 19 + 9
    graph: nx.DiGraph[int] = nx.DiGraph()
    for link in network.all_links:
        graph.add_edges_from((link.id, turn.to_link) for turn in network.turns_from(link.id))
    world = np.flatnonzero(network.links.in_world).tolist()
    assert nx.is_strongly_connected(graph.subgraph(world))


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("cafe", 10),
        ("fuel", 6),
        ("charging_station", 5),
        ("school", 10),
        ("hospital", 3),
        ("park", 2),
    ],
)
def test_a_real_town_has_places_of_every_category(kind: str, least: int, sample_maps: Path) -> None:
    network = _loaded(sample_maps / "bad_hersfeld.osm.pbf")
    assert sum(place.kind == kind for place in network.all_places) >= least


def test_every_place_of_a_real_town_lies_where_its_link_says(sample_maps: Path) -> None:
    network = _loaded(sample_maps / "bad_hersfeld.osm.pbf")
    sided = 0
    for place in network.all_places:
        east, north = position(network, place.link, place.offset_mm)
        away_mm = math.hypot(place.x_mm - east, place.y_mm - north)
        assert away_mm < 200_002
        road = bearing_cdeg(
            position(network, place.link, max(0, place.offset_mm - 1_000)),
            position(network, place.link, place.offset_mm + 1_000),
        )
        angle = turn_angle_cdeg(road, bearing_cdeg((east, north), (place.x_mm, place.y_mm)))
        if away_mm > 1_000 and 7_000 < abs(angle) < 11_000:  # clear of bends and of ends
            sided += 1
            assert (angle > 0) is place.is_right
    assert sided > 400


def test_names_of_a_real_town_are_found_however_they_are_written(sample_maps: Path) -> None:
    network = _loaded(sample_maps / "bad_hersfeld.osm.pbf")
    names = Gazetteer(network)
    assert names.find_roads("am dungberg") == names.find_roads("Am Düngberg") != ()
    assert {network.link(link).ref for link in names.find_roads("b62")} >= {"B 62"}
    assert len(names.find_places("breitenstrasse")) == 8
