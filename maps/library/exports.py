"""
A compiled map for other programs: networkx and OSMnx graphs, GraphML, GeoJSON.

An export is for people, for tests and for other tools; nothing here is read in a simulation. The
node graph cannot say which turns are banned, so a router that uses it alone will break the law: the
turn graph can.
"""

import importlib
import json
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import networkx as nx
import numpy as np

from guiderail.maps.errors import MapError, to_install
from guiderail.maps.files import replacing
from guiderail.maps.geometry import degrees
from guiderail.maps.network import Control, Link, LinkId, RoadClass, RoadNetwork

ENDINGS: Final = (".geojson", ".graphml")
_MM_S_PER_KMH: Final = 2_500 / 9


def turn_graph(network: RoadNetwork) -> "nx.DiGraph[int]":
    """Legal turns as arcs between links, with ``cost_ms``: what the planner drives on."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(network.link_count))
    turns = network.turns
    rows = (turns.from_link().tolist(), turns.to_link.tolist(), turns.cost_ms.tolist())
    graph.add_weighted_edges_from(zip(*rows, strict=True), weight="cost_ms")
    return graph


def to_networkx(network: RoadNetwork) -> "nx.MultiDiGraph[int]":
    """
    Junctions and directed roads with the attributes that OSMnx uses.

    Nodes are OpenStreetMap ids with ``x`` and ``y`` [degree]; edges have ``osmid``, ``highway``,
    ``oneway``, ``reversed``, ``lanes``, ``maxspeed`` [km/h], ``length`` [m], ``name`` and, where a
    road is no straight line, ``geometry`` as text (WKT). A node before which a signal rules has
    ``highway``. Turn restrictions, other signs, stop lines, lanes by turn and places are
    lost, and a signal rules all approaches of its junction.
    """
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326", name=network.name)
    table = network.nodes
    for osm_id, lon, lat in zip(
        table.osm_id.tolist(), table.lon_e7.tolist(), table.lat_e7.tolist(), strict=True
    ):
        graph.add_node(osm_id, x=lon / 1e7, y=lat / 1e7)
    for node in np.unique(network.links.to_node[network.links.control == Control.SIGNAL]).tolist():
        graph.nodes[int(table.osm_id[node])]["highway"] = "traffic_signals"
    for link in network.all_links:
        if not link.against_oneway and link.id not in network.copies:
            ends = (int(table.osm_id[link.from_node]), int(table.osm_id[link.to_node]))
            graph.add_edge(*ends, **_attributes(network, link))
    return graph


def to_osmnx(network: RoadNetwork) -> "nx.MultiDiGraph[int]":
    """
    :func:`to_networkx` as OSMnx itself has a graph in memory.

    ``geometry`` is a shapely line, every node has ``street_count``, and the graph says that it is
    simplified, so that the functions of OSMnx take it. Lost is what :func:`to_networkx` loses.

    Raises
    ------
    MapError
        When shapely, which comes with OSMnx, is not installed.
    """
    if find_spec("shapely") is None:
        raise MapError(
            f"an OSMnx graph needs shapely, which is not installed: {to_install('maps')}"
        )
    line: Any = importlib.import_module("shapely").from_wkt
    graph = _credited(network)
    graph.graph["simplified"] = True
    for _, _, facts in graph.edges(data=True):
        if "geometry" in facts:
            facts["geometry"] = line(facts["geometry"])
    streets = Counter(node for ends in _streets(network) for node in ends)
    nx.set_node_attributes(graph, {node: streets[node] for node in graph}, "street_count")
    return graph


def _streets(network: RoadNetwork) -> Iterator[tuple[int, int]]:
    """Both ends of every stretch of road, once."""
    table, ids = network.links, network.nodes.osm_id
    is_first = table.stands_for_stretch()
    ends = ids[table.from_node[is_first]].tolist(), ids[table.to_node[is_first]].tolist()
    return zip(*ends, strict=True)


def _attributes(network: RoadNetwork, link: Link) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "osmid": link.way_id,
        "highway": highway(link),
        "oneway": link.is_oneway,
        "reversed": not link.is_oneway and link.reverse < link.id,
        "lanes": str(link.lanes if link.is_oneway else 2 * link.lanes),
        "maxspeed": str(round(link.speed_mm_s / _MM_S_PER_KMH)),
        "length": link.length_mm / 1_000,
    }
    points = course(network, link.id)
    if len(points) > 2:  # noqa: PLR2004  a straight line needs no shape
        line = ", ".join(f"{lon:.7f} {lat:.7f}" for lon, lat in points)
        facts["geometry"] = f"LINESTRING ({line})"
    named = {"name": link.name, "ref": link.ref, "junction": "roundabout" * link.is_roundabout}
    return facts | {key: text for key, text in named.items() if text}


def highway(link: Link) -> str:
    """OpenStreetMap's word for the class of a road."""
    word = RoadClass(link.road_class).name.lower()
    has_ramps = link.road_class <= RoadClass.TERTIARY
    return f"{word}_link" if link.is_ramp and has_ramps else word


def course(network: RoadNetwork, link: LinkId) -> list[tuple[float, float]]:
    """Points of a link as (longitude, latitude) [degree]."""
    table = network.links
    row = slice(int(table.shape_start[link]), int(table.shape_start[link + 1]))
    lon, lat = degrees(network, table.shape_x_mm[row], table.shape_y_mm[row])
    return list(zip(np.round(lon, 7).tolist(), np.round(lat, 7).tolist(), strict=True))


def to_geojson(network: RoadNetwork) -> dict[str, Any]:
    """All roads, one feature a direction, with the licence of the map in the header."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": course(network, link.id)},
            "properties": {
                "link": link.id,
                "highway": highway(link),
                "name": link.name,
                "oneway": link.is_oneway,
                "lanes": link.lanes,
                "speed_kmh": round(link.speed_mm_s / _MM_S_PER_KMH),
                "control": link.control.name.lower(),
                "in_world": link.in_world,
            },
        }
        for link in network.all_links
        if not link.against_oneway and link.id not in network.copies
    ]
    return {
        "type": "FeatureCollection",
        "name": network.name,
        "attribution": network.header.get("attribution", ""),
        "license": network.header.get("licence", ""),
        "features": features,
    }


def export(network: RoadNetwork, path: Path) -> None:
    """
    Write a map as GeoJSON or GraphML, by the ending of the path.

    Raises
    ------
    MapError
        When the ending is another, or the file cannot be written.
    """
    if path.suffix not in ENDINGS:
        raise MapError(
            f"{path.name!r} cannot be exported to: it must end in {' or '.join(ENDINGS)}"
        )
    try:
        with replacing(path) as fresh:
            if path.suffix == ".geojson":
                fresh.write_text(json.dumps(to_geojson(network), ensure_ascii=False), "utf-8")
            else:
                nx.write_graphml(_credited(network), fresh)
    except OSError as error:
        raise MapError(f"cannot write {path}: {error.strerror or error}") from error


def _credited(network: RoadNetwork) -> "nx.MultiDiGraph[int]":
    graph = to_networkx(network)
    graph.graph |= {key: network.header.get(key, "") for key in ("attribution", "licence")}
    return graph
