"""A drawing board for synthetic maps: points in whole millimeters in, raw elements out."""

import hashlib
from collections.abc import Iterable
from typing import Final

from guiderail.maps.elements import Elements, Member, RawNode, RawRelation, RawWay, Tags
from guiderail.maps.geometry import Point

_E7_PER_100_KM: Final = 8_993_204
"""The town lies where equator and prime meridian meet: there both axes have one scale."""
_MIRRORED: Final = {"left": "right", "right": "left"}


class Sketch:
    """
    Collects nodes, ways and relations; ids count up from 1 in the order of drawing.

    Parameters
    ----------
    drives_on_left
        Draw for right-hand traffic all the same: the sheet is mirrored when it is handed out.
    """

    def __init__(self, *, drives_on_left: bool = False) -> None:
        """Start with an empty sheet."""
        self.drives_on_left = drives_on_left
        self._points: list[Point] = []
        self._point_tags: list[dict[str, str]] = []
        self._at: dict[Point, int] = {}
        self._ways: list[RawWay] = []
        self._relations: list[RawRelation] = []

    def node(self, point: Point, **tags: str) -> int:
        """Node at a point, new or already there; tags are added."""
        if point not in self._at:
            self._at[point] = self.lone_node(point)
        self._point_tags[self._at[point] - 1].update(_colons(tags))
        return self._at[point]

    def lone_node(self, point: Point, **tags: str) -> int:
        """Make a node that shares its point with nothing, as on a bridge or for a place."""
        self._points.append(point)
        self._point_tags.append(_colons(tags))
        return len(self._points)

    def way(self, points: Iterable[Point], **tags: str) -> int:
        """Line through points; where two lines share a point they meet."""
        nodes = tuple(self.node(point) for point in points)
        self._ways.append(RawWay(id=len(self._ways) + 1, nodes=nodes, tags=_colons(tags)))
        return len(self._ways)

    def restriction(self, tags: Tags | str, way_from: int, via: Point, way_to: int) -> int:
        """Turn restriction at one point: its value, or all of its tags."""
        members = (
            Member(kind="w", ref=way_from, role="from"),
            Member(kind="n", ref=self.node(via), role="via"),
            Member(kind="w", ref=way_to, role="to"),
        )
        given = {"restriction": tags} if isinstance(tags, str) else dict(tags)
        return self.relation(members, {"type": "restriction"} | given)

    def relation(self, members: tuple[Member, ...], tags: Tags) -> int:
        """Any relation."""
        number = len(self._relations) + 1
        self._relations.append(RawRelation(id=number, members=members, tags=tags))
        return number

    def elements(self, name: str) -> Elements:
        """Hand out the sheet; mirrored, it is the same town where people drive on the left."""
        return Elements(
            name=name,
            source="drawn by this program",
            source_sha256=self._digest(),
            nodes=tuple(
                self._raw(number, point, tags)
                for number, (point, tags) in enumerate(
                    zip(self._points, self._point_tags, strict=True), start=1
                )
            ),
            ways=tuple(self._facing(way) for way in self._ways),
            relations=tuple(self._facing_relation(relation) for relation in self._relations),
            drives_on_left=self.drives_on_left,
            attribution="made up, no real place",
            licence="as the program",
        )

    def _raw(self, number: int, point: Point, tags: dict[str, str]) -> RawNode:
        x_mm, y_mm = (-point[0] if self.drives_on_left else point[0]), point[1]
        lon_e7, lat_e7 = (value * _E7_PER_100_KM // 100_000_000 for value in (x_mm, y_mm))
        return RawNode(id=number, lon_e7=lon_e7, lat_e7=lat_e7, tags=tags, xy_mm=(x_mm, y_mm))

    def _facing(self, way: RawWay) -> RawWay:
        if not self.drives_on_left:
            return way
        tags = {
            key: _mirrored_lanes(value) if key.startswith("turn:lanes") else value
            for key, value in way.tags.items()
        }
        return RawWay(id=way.id, nodes=way.nodes, tags=tags)

    def _facing_relation(self, relation: RawRelation) -> RawRelation:
        if not self.drives_on_left:
            return relation
        tags = {
            key: _mirrored(value) if key.startswith("restriction") else value
            for key, value in relation.tags.items()
        }
        return RawRelation(id=relation.id, members=relation.members, tags=tags)

    def _digest(self) -> str:
        sheet = repr((self.drives_on_left, self._points, self._point_tags))
        lines = repr((self._ways, self._relations))
        return hashlib.sha256((sheet + lines).encode()).hexdigest()


def draw(seed: int, name: str, below: int) -> int:
    """Draw a whole number in 0 .. below - 1, a pure function of seed and name on every platform."""
    word = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(word, "big") % below


def _colons(tags: dict[str, str]) -> dict[str, str]:
    # Keyword arguments cannot hold the colons of OpenStreetMap keys: turn__lanes is turn:lanes.
    return {key.replace("__", ":").rstrip("_"): value for key, value in tags.items()}


def _mirrored(text: str) -> str:
    return "_".join(_MIRRORED.get(word, word) for word in text.split("_"))


def _mirrored_lanes(text: str) -> str:
    lanes = text.split("|")[::-1]
    return "|".join(";".join(map(_mirrored, lane.split(";"))) for lane in lanes)
