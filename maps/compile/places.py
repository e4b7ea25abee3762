"""Named places, and the street that each one lies on."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.compile.draft import Draft, DraftLink
from guiderail.maps.elements import Elements, RawNode, Tags
from guiderail.maps.geometry import Point, length_mm
from guiderail.maps.tables import Ints

KEYS: Final = (
    "amenity",
    "shop",
    "tourism",
    "leisure",
    "office",
    "historic",
    "railway",
    "public_transport",
)
"""What makes a name a place; the first one that is set says what kind."""
NAME_KEYS: Final = ("name", "brand", "operator")
"""Best first; what may name a place."""
_BRANDED: Final = frozenset({"fuel", "charging_station"})
_LINES: Final = frozenset({"rail", "tram", "subway", "light_rail", "abandoned", "disused", "razed"})
"""Railway values that name a line: somewhere to see from a car, nowhere to go to."""
_FARTHEST_MM: Final = 200_000
"""A place farther from every drivable street is not on the map: its street was clipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlace:
    """One named place and where it lies."""

    name: str
    kind: str
    link: int
    offset_mm: int
    is_right: bool
    point: Point


def places(draft: Draft, elements: Elements, in_world: Ints) -> tuple[tuple[DraftPlace, ...], int]:
    """
    Attach all named places to their nearest street of the drivable world.

    Returns
    -------
    tuple
        The places, nodes before ways and each by id, and how many lie too far from any street.
    """
    named = list(_named(draft, elements))
    nearest = _nearest_street(draft, in_world)
    found = [nearest(name, kind, point) for name, kind, point in named]
    kept = tuple(place for place in found if place is not None)
    return kept, len(found) - len(kept)


def _named(draft: Draft, elements: Elements) -> Iterable[tuple[str, str, Point]]:
    for node in sorted(elements.nodes, key=lambda n: n.id):
        if kind := place_kind(node.tags):
            yield place_name(node.tags), kind, draft.projection.point(node)
    named = sorted((way for way in elements.ways if place_kind(way.tags)), key=lambda w: w.id)
    outlines = {node for way in named for node in way.nodes}
    raw = {node.id: node for node in elements.nodes if node.id in outlines}
    for way in named:
        if corners := [raw[node] for node in dict.fromkeys(way.nodes) if node in raw]:
            yield place_name(way.tags), place_kind(way.tags), _center(draft, corners)


def _center(draft: Draft, corners: list[RawNode]) -> Point:
    points = [draft.projection.point(node) for node in corners]
    return sum(x for x, _ in points) // len(points), sum(y for _, y in points) // len(points)


def place_name(tags: Tags) -> str:
    """Name of a place; where cars fill up, the brand or who runs it will do."""
    keys = NAME_KEYS if tags.get("amenity") in _BRANDED else NAME_KEYS[:1]
    return next((tags[key] for key in keys if tags.get(key)), "")


def place_kind(tags: Tags) -> str:
    """What kind of place the tags describe; empty if none, or one without a name."""
    key = next((key for key in KEYS if key in tags), "")
    if not key or tags[key] in {"no", *_LINES} or not place_name(tags):
        return ""
    return key if tags[key] == "yes" else tags[key].partition(";")[0]


def _nearest_street(draft: Draft, in_world: Ints) -> Callable[[str, str, Point], DraftPlace | None]:
    links = [link for link in draft.links if in_world[link.id]]
    sizes = np.fromiter((len(link.points) for link in links), dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(sizes)))
    flat = (value for link in links for point in link.points for value in point)
    points = np.fromiter(flat, dtype=np.float64).reshape(-1, 2)
    pieces = np.delete(np.arange(len(points)), first[1:] - 1)  # from each point but the last
    start, end = points[pieces], points[pieces + 1]
    west, south = (np.minimum(start, end) - _FARTHEST_MM).T.copy()
    east, north = (np.maximum(start, end) + _FARTHEST_MM).T.copy()
    square = np.maximum(((end - start) ** 2).sum(axis=1), 1.0)

    def nearest(name: str, kind: str, point: Point) -> DraftPlace | None:
        x_mm, y_mm = point
        near = np.flatnonzero((west < x_mm) & (x_mm < east) & (south < y_mm) & (y_mm < north))
        if not len(near):
            return None
        along, aside = end[near] - start[near], point - start[near]
        share = np.clip((aside * along).sum(axis=1) / square[near], 0.0, 1.0)
        gap = ((along * share[:, None] - aside) ** 2).sum(axis=1)
        k = int(gap.argmin())  # the first of equals, so the lowest link id
        best = int(near[k])
        if gap[k] > _FARTHEST_MM**2:
            return None
        place = int(np.searchsorted(first, pieces[best], "right")) - 1
        link = links[place]
        offset = _offset_mm(link, int(pieces[best] - first[place]), point)
        is_right = _is_right(along[k], aside[k])
        if is_right == draft.drives_on_left and in_world[link.reverse]:
            link, offset, is_right = (
                draft.links[link.reverse],
                link.length_mm - offset,
                not is_right,
            )
        offset = min(max(offset, 0), link.length_mm)
        return DraftPlace(
            name=name,
            kind=kind,
            link=link.id,
            offset_mm=offset,
            is_right=is_right,
            point=point,
        )

    return nearest


def _offset_mm(link: DraftLink, i: int, point: Point) -> int:
    """Where along a link a point lies beside its piece ``i``; whole numbers, so always the same."""
    start, end = link.points[i : i + 2]
    east, north = end[0] - start[0], end[1] - start[1]
    square = max(1, east**2 + north**2)
    dot = (point[0] - start[0]) * east + (point[1] - start[1]) * north
    before = length_mm(link.points[: i + 1]) if i else 0
    return before + min(max(dot, 0), square) * math.isqrt(square) // square


def _is_right(along: NDArray[Any], aside: NDArray[Any]) -> bool:
    return bool(along[0] * aside[1] - along[1] * aside[0] < 0)
