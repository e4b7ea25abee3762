"""
OpenStreetMap files to elements: PBF, XML, gz, bz2.

Two passes, streets and places first and then only the nodes they need, so that a file full of
buildings stays small in memory. osmium is imported inside the functions: most runs need no raw map.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from sys import intern
from typing import Any, Final

from guiderail.maps.compile.gc_pause import gc_paused
from guiderail.maps.compile.places import place_kind
from guiderail.maps.compile.tags import is_street
from guiderail.maps.elements import (
    BARE,
    Elements,
    Member,
    RawNode,
    RawRelation,
    RawWay,
    Tags,
)
from guiderail.maps.errors import MapError
from guiderail.maps.sources.unpacked_size import check_node_count, check_unpacked_size

_NEVER: Final = datetime.fromtimestamp(0, tz=UTC)
"""Time of elements that say none."""
_LEFT_HAND_BOXES: Final = (
    (-11.0, 49.8, 2.0, 61.0),
    (122.9, 24.0, 146.0, 45.6),
    (112.0, -44.0, 154.0, -10.0),
    (166.0, -47.5, 179.0, -34.0),
)
"""Rough (west, south, east, north) of Britain and Ireland, Japan, Australia and New Zealand."""


def read_osm(path: Path, *, name: str = "", drives_on_left: bool | None = None) -> Elements:
    """
    Read the streets, their controls, turn restrictions and named places of one file.

    Parameters
    ----------
    path
        File ending in .osm, .osm.pbf, .osm.gz or .osm.bz2.
    name
        What to call the map; the file's name without endings if empty.
    drives_on_left
        Side of the road; guessed from the place on Earth when None.

    Raises
    ------
    MapError
        When the file is missing, cut short, or no OpenStreetMap file.
    """
    if not path.is_file():
        raise MapError(f"no such map file: {path}")
    check_unpacked_size(path)
    import osmium  # noqa: PLC0415  most runs need no raw map

    try:
        with gc_paused():
            ways, relations, date = _lines(path)
            nodes = _nodes(path, {node for way in ways for node in way.nodes})
    except MapError:
        raise
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        raise MapError(
            f"{path.name} cannot be read as an OpenStreetMap file ({error}): "
            "it must be a whole .osm, .osm.pbf, .osm.gz or .osm.bz2 file"
        ) from error
    left = _is_left_hand(nodes) if drives_on_left is None else drives_on_left
    return Elements(
        name=name or path.name.partition(".")[0],
        source=path.name,
        source_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        nodes=tuple(nodes),
        ways=tuple(ways),
        relations=tuple(relations),
        drives_on_left=left,
        data_date=date,
    )


def _lines(path: Path) -> tuple[list[RawWay], list[RawRelation], str]:
    import osmium  # noqa: PLC0415  most runs need no raw map

    ways: list[RawWay] = []
    relations: list[RawRelation] = []
    newest = _NEVER
    kinds = osmium.osm.WAY | osmium.osm.RELATION
    item: Any
    for item in osmium.FileProcessor(str(path), kinds):
        tags = _tags(item)
        if item.is_way() and (is_street(tags) or place_kind(tags)):
            ways.append(RawWay(id=item.id, nodes=tuple(n.ref for n in item.nodes), tags=tags))
        elif item.is_relation() and tags.get("type", "").startswith("restriction"):
            relations.append(RawRelation(id=item.id, members=_members(item.members), tags=tags))
        else:
            continue
        newest = max(newest, item.timestamp)
    return ways, relations, _date(newest)


def _tags(item: Any) -> Tags:
    # The same few keys and values stand in every way: kept once, they save a city 20 MB.
    return {intern(tag.k): intern(tag.v) for tag in item.tags}


def _members(members: Iterable[Any]) -> tuple[Member, ...]:
    return tuple(Member(kind=m.type, ref=m.ref, role=m.role) for m in members)


def _nodes(path: Path, needed: set[int]) -> list[RawNode]:
    import osmium  # noqa: PLC0415  most runs need no raw map

    check_node_count(len(needed))
    tagged = osmium.filter.EmptyTagFilter()
    reader = osmium.FileProcessor(str(path), osmium.osm.NODE).with_locations().with_filter(tagged)
    nodes: dict[int, RawNode] = {}
    item: Any
    for item in reader:
        tags = _tags(item)
        if item.id in needed or place_kind(tags):
            _keep(nodes, item.id, item.location, tags)
    # Points without tags are looked up: to be handed every one of a city takes a second.
    located: Any = reader.node_location_storage
    bare = sorted(needed - nodes.keys())
    for number in bare[bisect_left(bare, 0) :]:
        with suppress(KeyError):  # the extract may lack it
            _keep(nodes, number, located.get(number), BARE)
    if bare and bare[0] < 0:  # negative ids are not in the storage
        for item in osmium.FileProcessor(str(path), osmium.osm.NODE):
            if item.id < 0 and item.id in needed:
                _keep(nodes, item.id, item.location, _tags(item))
    return list(nodes.values())


def _keep(nodes: dict[int, RawNode], number: int, location: Any, tags: Tags) -> None:
    if location.valid():
        nodes[number] = RawNode(number, location.x, location.y, tags)


def _date(newest: datetime) -> str:
    return newest.date().isoformat() if newest > _NEVER else ""


def _is_left_hand(nodes: list[RawNode]) -> bool:
    if not nodes:
        return False
    lon, lat = nodes[0].lon_e7 / 1e7, nodes[0].lat_e7 / 1e7
    return any(w <= lon <= e and s <= lat <= n for w, s, e, n in _LEFT_HAND_BOXES)
