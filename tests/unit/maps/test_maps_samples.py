"""Real extracts, where they are at hand: every one compiles and holds together."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from guiderail.maps.io import load_map
from guiderail.maps.network import LinkId
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
