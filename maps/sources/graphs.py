"""
OSMnx graphs, in memory or as GraphML, into the compiler.

Such a graph has lost what OSMnx drops: turn restrictions, most signals, places, lanes by turn. A
value that became a list is resolved by a fixed rule: the lowest speed and number of lanes, the
first name in sorted order, the greatest class. Lengths are measured anew from the geometry.
"""

import ast
import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import ParseError

import networkx as nx

from guiderail.maps.compile.tags import CLASSES
from guiderail.maps.elements import BARE, Elements, RawNode, RawWay, Tags
from guiderail.maps.errors import MapError

MOST_BYTES: Final = 200_000_000
"""Largest GraphML file that is read."""
MOST_NODES: Final = 1_000_000
"""Largest graph that is read."""
_HEAD_BYTES: Final = 65_536
_POINT: Final = re.compile(r"(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s+(-?\d+(?:\.\d+)?(?:e-?\d+)?)")
_TRUE: Final = frozenset({"true", "1", "yes"})
Graph = Any
"""A networkx graph with the attributes that OSMnx gives."""


class _Edge(NamedTuple):
    start: int
    end: int
    facts: Mapping[str, Any]


def read_graphml(path: Path) -> Elements:
    """
    Read a GraphML file as OSMnx or this program writes it.

    Raises
    ------
    MapError
        When the file is missing, too large, no GraphML, or no street graph.
    """
    if not path.is_file():
        raise MapError(f"no such map file: {path}")
    if path.stat().st_size > MOST_BYTES:
        raise MapError(
            f"{path.name} has {path.stat().st_size:,} bytes: at most {MOST_BYTES:,} are read"
        )
    content = path.read_bytes()
    if b"<!DOCTYPE" in content[:_HEAD_BYTES] or b"<!ENTITY" in content:
        raise MapError(f"{path.name} declares XML entities: a street graph has none")
    try:
        graph = nx.parse_graphml(content.decode("utf-8"), node_type=str, force_multigraph=True)
    except (ParseError, nx.NetworkXError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MapError(f"{path.name} cannot be read as GraphML ({type(error).__name__})") from error
    return read_graph(
        graph,
        name=path.name.partition(".")[0],
        source=path.name,
        source_sha256=hashlib.sha256(content).hexdigest(),
    )


def read_graph(
    graph: Graph, *, name: str = "graph", source: str = "OSMnx graph", source_sha256: str = ""
) -> Elements:
    """
    Read an OSMnx graph.

    Parameters
    ----------
    graph
        A networkx MultiDiGraph; nodes have ``x`` and ``y`` [degree], edges ``highway``.
    name, source, source_sha256
        What the map is called, and where it comes from.

    Raises
    ------
    MapError
        When nodes have no place on Earth, or there are too many.
    """
    if graph.number_of_nodes() > MOST_NODES:
        raise MapError(f"{source} has {graph.number_of_nodes():,} nodes: at most {MOST_NODES:,}")
    ids = {node: i for i, node in enumerate(sorted(graph.nodes, key=_as_id), start=1)}
    nodes = {
        ids[node]: _node(ids[node], node, facts, source) for node, facts in graph.nodes.items()
    }
    edges = [_Edge(ids[u], ids[v], facts) for u, v, facts in graph.edges(data=True)]
    ways: list[RawWay] = []
    shapes = count(len(nodes) + 1)
    for way_id, edge in enumerate(_streets(edges), start=1):
        between = [_placed(next(shapes), *point, source) for point in _inner_points(edge.facts)]
        nodes |= {node.id: node for node in between}
        line = (edge.start, *(node.id for node in between), edge.end)
        ways.append(RawWay(id=way_id, nodes=line, tags=_tags(edge.facts)))
    return Elements(
        name=name,
        source=source,
        source_sha256=source_sha256,
        nodes=tuple(nodes.values()),
        ways=tuple(ways),
    )


def _as_id(node: object) -> tuple[int, str]:
    text = str(node)
    return (int(text), "") if re.fullmatch(r"-?\d{1,18}", text) else (0, text)


def _node(number: int, node: object, facts: Mapping[str, Any], source: str) -> RawNode:
    try:
        lon, lat = float(facts["x"]), float(facts["y"])
    except (KeyError, TypeError, ValueError):
        raise MapError(
            f"node {str(node)[:40]!r} of {source} has no place: it needs x and y [degree]"
        ) from None
    signal = {"highway": "traffic_signals"}
    tags = signal if facts.get("highway") == "traffic_signals" else BARE
    return _placed(number, lon, lat, source, tags)


def _placed(number: int, lon: float, lat: float, source: str, tags: Tags = BARE) -> RawNode:
    is_on_earth = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 85  # noqa: PLR2004
    if not is_on_earth:
        raise MapError(
            f"{source} has a point at longitude {lon}, latitude {lat}: they must be degrees within "
            "-180 .. 180 and -85 .. 85 (an unprojected graph)"
        )
    return RawNode(number, round(lon * 10_000_000), round(lat * 10_000_000), tags)


def _streets(edges: list[_Edge]) -> Iterator[_Edge]:
    """Edges in a fixed order, each two-way street once."""
    taken: set[tuple[int, int, str]] = set()
    for edge in sorted(edges, key=_in_order):
        two_way = not _is_true(edge.facts.get("oneway"))
        osm = str(_sorted_list(edge.facts.get("osmid")))
        if two_way and (edge.end, edge.start, osm) in taken:
            continue
        if two_way:
            taken.add((edge.start, edge.end, osm))
        yield edge


def _in_order(edge: _Edge) -> tuple[int, int, str]:
    return edge.start, edge.end, str(sorted(edge.facts.items(), key=str))


def _inner_points(facts: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Points of the geometry between its ends; shapely lines and their text read the same."""
    text = str(facts.get("geometry", ""))
    points = [(float(lon), float(lat)) for lon, lat in _POINT.findall(text)][1:-1]
    return [here for before, here in pairwise([(math.inf, math.inf), *points]) if here != before]


def _tags(facts: Mapping[str, Any]) -> dict[str, str]:
    classes = [word for word in _sorted_list(facts.get("highway")) if word in CLASSES]
    speeds = ";".join(_sorted_list(facts.get("maxspeed")))
    lanes = ";".join(_sorted_list(facts.get("lanes")))
    found = {
        "highway": min(classes, key=list(CLASSES).index, default=""),
        "oneway": "yes" if _is_true(facts.get("oneway")) else "no",
        "maxspeed": speeds,
        "lanes": lanes,
        **{
            key: next(iter(_sorted_list(facts.get(key))), "") for key in ("name", "ref", "junction")
        },
    }
    return {key: value for key, value in found.items() if value}


def _is_true(value: Any) -> bool:
    return str(value).lower() in _TRUE


def _sorted_list(value: Any) -> list[str]:
    """All values of an attribute, sorted: a list, its text as GraphML keeps it, or just one."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = ast.literal_eval(value[:4_096])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            value = [value]
    many = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return sorted({str(one) for one in many if one is not None})
