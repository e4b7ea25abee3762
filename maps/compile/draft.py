"""The road graph while it is being compiled: links with their geometry, but no turns yet."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from guiderail.maps.compile import tags as osm_tags
from guiderail.maps.compile.tags import Arrows
from guiderail.maps.compile.ways import Street, Stretch, streets, stretches
from guiderail.maps.elements import Elements, RawNode
from guiderail.maps.errors import MapError
from guiderail.maps.geometry import (
    FULL_CIRCLE_CDEG,
    HALF_CIRCLE_CDEG,
    MM_PER_E7,
    Point,
    bearing_cdeg,
    length_mm,
    point_along,
)

_WIDEST_E7: Final = 100_000_000
"""Wider than this is no city, and its millimeters leave 32 bits."""
HEADING_MM: Final = 15_000
"""Headings are taken over this much of a link: a chord of the whole link lies about its ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLink:
    """One directed stretch."""

    id: int
    street: Street
    stretch: int
    """Number of the stretch, shared by both directions."""
    along: int
    """1 if it runs as its way is drawn, -1 if against that."""
    drawn_nodes: tuple[int, ...]
    """OpenStreetMap ids in the order of the drawing, shared by both directions."""
    drawn_points: tuple[Point, ...]
    from_node: int
    to_node: int
    length_mm: int
    bearing_start_cdeg: int
    bearing_end_cdeg: int
    lanes: int
    speed_mm_s: int
    arrows: Arrows
    """Painted at the end of this link; empty if nothing is, or only farther on."""
    destination: str
    is_phantom: bool
    reverse: int

    @property
    def osm_nodes(self) -> tuple[int, ...]:
        """OpenStreetMap ids of its points, in the order of driving."""
        return self.drawn_nodes[:: self.along]

    @property
    def points(self) -> tuple[Point, ...]:
        """Its course, in the order of driving."""
        return self.drawn_points[:: self.along]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All links, and how they meet."""

    node_ids: tuple[int, ...]
    """OpenStreetMap ids, ascending; the place in this tuple is the node's id."""
    raw_nodes: tuple[RawNode, ...]
    points: tuple[Point, ...]
    links: tuple[DraftLink, ...]
    incoming: tuple[tuple[int, ...], ...]
    outgoing: tuple[tuple[int, ...], ...]
    arms: tuple[int, ...]
    """Stretches that end at each node."""
    barriers: frozenset[int]
    """Nodes that no car passes."""
    drives_on_left: bool
    near_side: int
    """Sign of a turn towards the kerb: 1 where people drive on the right, else -1."""
    projection: "Projection"

    def node(self, osm_id: int) -> int | None:
        """Node with an OpenStreetMap id, None if no stretch ends there."""
        return self.index.get(osm_id)

    @property
    def real_links(self) -> Iterator[DraftLink]:
        """Links that traffic may use."""
        return (link for link in self.links if not link.is_phantom)

    index: dict[int, int]
    """Node of each OpenStreetMap id."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Equirectangular about a center: no library, and the same integers wherever it runs."""

    lon_e7: int
    lat_e7: int

    def point(self, node: RawNode) -> Point:
        """East and north of the center [mm]."""
        if node.xy_mm is not None:
            return node.xy_mm
        shrink = math.cos(math.radians(self.lat_e7 / 1e7))
        x_mm = (node.lon_e7 - self.lon_e7) * MM_PER_E7 * shrink
        return round(x_mm), round((node.lat_e7 - self.lat_e7) * MM_PER_E7)


def draft(elements: Elements) -> Draft:
    """
    Cut the streets of a map into links.

    Raises
    ------
    MapError
        When no drivable street is left.
    """
    raw = {node.id: node for node in elements.nodes}
    ways = streets(elements)
    barriers = {node.id for node in elements.nodes if osm_tags.is_barrier(node.tags)}
    pieces = stretches(ways, raw, barriers | _via_nodes(elements))
    if not pieces:
        raise MapError(
            f"{elements.source} has no drivable street: {len(elements.nodes)} nodes and "
            f"{len(elements.ways)} ways were read, at least one must be a street open to cars"
        )
    return _assemble(elements, raw, pieces, barriers)


def _via_nodes(elements: Elements) -> set[int]:
    return {
        member.ref
        for relation in elements.relations
        for member in relation.members
        if member.kind == "n" and member.role == "via"
    }


def _assemble(
    elements: Elements, raw: dict[int, RawNode], pieces: tuple[Stretch, ...], barriers: set[int]
) -> Draft:
    passed = {node for piece in pieces for node in piece.nodes}
    projection = _projection([raw[node] for node in passed])
    node_ids = sorted({node for piece in pieces for node in (piece.nodes[0], piece.nodes[-1])})
    index = {node: i for i, node in enumerate(node_ids)}
    points = {node: projection.point(raw[node]) for node in passed}
    exits = {node: exit_at for node in index if (exit_at := osm_tags.exit_at(raw[node].tags))}
    links = _links(pieces, index, points, exits)
    incoming, outgoing = _by_end(links, len(node_ids))
    arms = [0] * len(node_ids)
    for piece in pieces:
        arms[index[piece.nodes[0]]] += 1
        arms[index[piece.nodes[-1]]] += 1
    return Draft(
        node_ids=tuple(node_ids),
        raw_nodes=tuple(raw[node] for node in node_ids),
        points=tuple(points[node] for node in node_ids),
        links=links,
        incoming=incoming,
        outgoing=outgoing,
        arms=tuple(arms),
        barriers=frozenset(index[node] for node in barriers if node in index),
        drives_on_left=elements.drives_on_left,
        near_side=-1 if elements.drives_on_left else 1,
        projection=projection,
        index=index,
    )


def _projection(nodes: list[RawNode]) -> Projection:
    lons, lats = [n.lon_e7 for n in nodes], [n.lat_e7 for n in nodes]
    widest = max(max(lons) - min(lons), max(lats) - min(lats))
    if widest > _WIDEST_E7:
        raise MapError(
            f"the streets span {widest / 1e7:.1f} degrees: a map may span "
            f"{_WIDEST_E7 // 10_000_000} at most, so one of its coordinates is wrong"
        )
    return Projection((min(lons) + max(lons)) // 2, (min(lats) + max(lats)) // 2)


def _by_end(
    links: tuple[DraftLink, ...], count: int
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    incoming: list[list[int]] = [[] for _ in range(count)]
    outgoing: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        incoming[link.to_node].append(link.id)
        outgoing[link.from_node].append(link.id)
    return tuple(map(tuple, incoming)), tuple(map(tuple, outgoing))


def _links(
    pieces: tuple[Stretch, ...],
    index: dict[int, int],
    points: dict[int, Point],
    exits: dict[int, str],
) -> tuple[DraftLink, ...]:
    # Real links first, then the phantoms in the order of the one-way links that they oppose.
    ways = [(i, way) for i, piece in enumerate(pieces) for way in _ways_of(piece.street)]
    one_way = [(i, -way) for i, way in ways if pieces[i].street.oneway]
    ids = {key: link for link, key in enumerate(ways + one_way)}
    lines = [_line(piece, points) for piece in pieces]
    signs = [_signs(piece, exits) for piece in pieces]
    return tuple(
        _link(pieces[i], (i, way), ids, lines[i], index, signs[i]) for i, way in (*ways, *one_way)
    )


def _signs(piece: Stretch, exits: dict[int, str]) -> tuple[str, str]:
    """What is signed at either end, the number of an exit that begins there added."""
    street = piece.street
    number = exits.get(piece.nodes[0 if street.oneway == 1 else -1], "")
    if not street.is_ramp or not street.oneway or not number:
        return street.destinations
    forward, backward = (_with_number(said, number) for said in street.destinations)
    return forward, backward


def _with_number(said: str, number: str) -> str:
    return said if number in said.split(";") else ";".join(text for text in (said, number) if text)


class _Line(NamedTuple):
    """The course of a stretch, measured once for both directions."""

    points: tuple[Point, ...]
    length_mm: int
    outward: tuple[int, int]
    """Headings from its first and from its last point into it."""


def _line(piece: Stretch, points: dict[int, Point]) -> _Line:
    line = tuple(points[node] for node in piece.nodes)
    first = bearing_cdeg(line[0], point_along(line, HEADING_MM))
    last = bearing_cdeg(line[-1], point_along(line[::-1], HEADING_MM))
    return _Line(line, length_mm(line), (first, last))


def _ways_of(street: Street) -> tuple[int, ...]:
    return (street.oneway,) if street.oneway else (1, -1)


def _link(
    piece: Stretch,
    key: tuple[int, int],
    ids: dict[tuple[int, int], int],
    measured: _Line,
    index: dict[int, int],
    signs: tuple[str, str],
) -> DraftLink:
    number, way = key
    street = piece.street
    is_phantom = street.oneway == -way
    first, last = piece.nodes[::way][:: len(piece.nodes) - 1]
    start, end = measured.outward[::way]
    side = 0 if (way == 1) != is_phantom else 1  # a phantom has the lanes of the true direction
    ends_street = piece.is_last if way == 1 else piece.is_first
    return DraftLink(
        id=ids[key],
        street=street,
        stretch=number,
        along=way,
        drawn_nodes=piece.nodes,
        drawn_points=measured.points,
        from_node=index[first],
        to_node=index[last],
        length_mm=measured.length_mm,
        bearing_start_cdeg=start,
        bearing_end_cdeg=(end + HALF_CIRCLE_CDEG) % FULL_CIRCLE_CDEG,
        lanes=street.lanes[side],
        speed_mm_s=street.speeds_mm_s[side],
        arrows=street.arrows[side] if ends_street and not is_phantom else (),
        destination="" if is_phantom else signs[side],
        is_phantom=is_phantom,
        reverse=ids[number, -way],
    )
