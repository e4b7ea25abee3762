"""
What SUMO's network file says: the ways through its junctions, who yields, and where ways meet.

A *way* is a connection from one lane to another with the internal lanes between them. Two ways
meet where cars on them would touch: from that the adapter tells which cars stand across the ego's.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.network import LinkId

TOUCHES_M: Final = 2.3
"""Center lines nearer than this: two cars of 1.8 m and half a meter between them."""
_SAMPLE_M: Final = 0.5

Line = tuple[tuple[float, float], ...]


class Inside(NamedTuple):
    """An internal lane: a part of the way through a junction."""

    from_link: LinkId
    to_link: LinkId
    before_m: float
    total_m: float


class Way(NamedTuple):
    """A connection, by the lane that it begins on."""

    from_link: LinkId
    lane: int
    to_link: LinkId
    to_lane: int
    tl: str
    tl_index: int
    inside: tuple[str, ...]
    line: Line
    """Its course from the stop line to the lane beyond [m]."""
    length_m: float
    """Length by which SUMO counts positions on it."""
    is_egos: bool
    """Whether it is an illegal turn or leads off a wrong way: SUMO lets nobody use it but the
    ego."""


class Meeting(NamedTuple):
    """Where two ways touch, each counted from its own beginning [m]."""

    mine_from: float
    mine_to: float
    foe_from: float
    foe_to: float


class Net:
    """What the referee has to know of the built network."""

    def __init__(self, file: Path) -> None:
        root = ET.parse(file).getroot()  # noqa: S314  we wrote it ourselves
        rows = list(root.iter("connection"))
        onward = {f"{r.get('from')}_{r.get('fromLane')}": r.get("via", "") for r in rows}
        lanes = {row.get("id", ""): row for row in root.iter("lane")}
        self.inside: dict[str, Inside] = {}
        self.ways: list[Way] = []
        for row in rows:
            if not row.get("from", ":").startswith(":"):
                self._add(row, onward, lanes)
        self.by_step: dict[tuple[LinkId, LinkId], list[Way]] = {}
        for way in self.ways:
            self.by_step.setdefault((way.from_link, way.to_link), []).append(way)
        self.into: dict[LinkId, list[LinkId]] = {}
        for before, after in self._legal_steps():
            self.into.setdefault(after, []).append(before)
        self.onto_lane: dict[tuple[LinkId, int], list[Way]] = {}
        self.from_lane: dict[tuple[LinkId, int], list[Way]] = {}
        for way in self.ways:
            self.onto_lane.setdefault((way.to_link, way.to_lane), []).append(way)
            self.from_lane.setdefault((way.from_link, way.lane), []).append(way)
        self.yields_to = dict(self._matrix(root, "response"))
        """Whom each way lets pass, by its first internal lane."""
        self.foes = dict(self._matrix(root, "foes"))
        """Whom each way meets, by its first internal lane."""

    def lengths(self) -> Iterator[tuple[LinkId, LinkId, float]]:
        """From where to where each legal way leads, and how long it is [m]."""
        legal = (way for way in self.ways if not way.is_egos)
        return ((way.from_link, way.to_link, way.length_m) for way in legal)

    def _legal_steps(self) -> Iterator[tuple[LinkId, LinkId]]:
        for step, ways in self.by_step.items():
            if not ways[0].is_egos:
                yield step

    def ways_of(self, link: LinkId, onto: LinkId) -> list[Way]:
        """Ways that make up a turn, one from each lane that it may be made from."""
        return self.by_step.get((link, onto), [])

    def _add(self, row: ET.Element, onward: dict[str, str], lanes: dict[str, ET.Element]) -> None:
        inside, lane = [], row.get("via", "")
        while lane:
            inside.append(lane)
            lane = onward.get(lane, "")
        link, onto = LinkId(int(row.get("from", 0))), LinkId(int(row.get("to", 0)))
        lengths = [float(lanes[each].get("length", 0)) for each in inside]
        total, before = sum(lengths), 0.0
        for each, length in zip(inside, lengths, strict=True):
            self.inside[each] = Inside(link, onto, before, total)
            before += length
        self.ways.append(
            Way(
                from_link=link,
                lane=int(row.get("fromLane", 0)),
                to_link=onto,
                to_lane=int(row.get("toLane", 0)),
                tl=row.get("tl", ""),
                tl_index=int(row.get("linkIndex", -1)),
                inside=tuple(inside),
                line=tuple(point for each in inside for point in _points(lanes[each])),
                length_m=total,
                is_egos="allow" in row.keys(),  # noqa: SIM118  an element is no mapping
            )
        )

    def _matrix(self, root: ET.Element, column: str) -> Iterator[tuple[str, tuple[Way, ...]]]:
        """Ways marked in one column of the junctions' matrices, by their first internal lane."""
        first = {way.inside[0]: way for way in self.ways if way.inside}
        rows: dict[str, dict[int, str]] = {}
        for lane in first:
            junction, index = matrix_row(lane)
            rows.setdefault(junction, {})[index] = lane
        for node in root.iter("junction"):
            lanes = rows.get(node.get("id", ""), {})
            for request in node.findall("request"):
                lane = lanes.get(int(request.get("index", 0)), "")
                bits = request.get(column, "")[::-1]
                foes = (first[lanes[i]] for i, bit in enumerate(bits) if bit == "1" and i in lanes)
                if lane:
                    yield lane, tuple(foes)


def matrix_row(lane_id: str) -> tuple[str, int]:
    """Junction, and row of its matrix, of the way that begins with an internal lane."""
    # It is named ":junction_index_lane"; the lanes of one pair of edges share the index.
    edge, _, lane = lane_id.rpartition("_")
    junction, _, index = edge[1:].rpartition("_")
    return junction, int(index) + int(lane)


def _points(lane: ET.Element) -> Iterator[tuple[float, float]]:
    for point in lane.get("shape", "").split():
        x, y = point.split(",")[:2]
        yield float(x), float(y)


@cache
def meeting(mine: Way, foe: Way) -> Meeting | None:
    """Where two ways touch; None if they do not."""
    my_points, my_places = _sampled(mine)
    foe_points, foe_places = _sampled(foe)
    apart = np.hypot(*(my_points[:, None, :] - foe_points[None, :, :]).transpose(2, 0, 1))
    touching = apart < TOUCHES_M
    if not touching.any():
        return None
    my_touch, foe_touch = my_places[touching.any(axis=1)], foe_places[touching.any(axis=0)]
    return Meeting(
        float(my_touch[0]), float(my_touch[-1]), float(foe_touch[0]), float(foe_touch[-1])
    )


def _sampled(way: Way) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points along a way, and their places by SUMO's count."""
    line = np.array(way.line)
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    count = max(2, int(along[-1] / _SAMPLE_M) + 2)
    places = np.linspace(0.0, along[-1], count)
    points = np.stack([np.interp(places, along, line[:, axis]) for axis in (0, 1)], axis=1)
    return points, places * (way.length_m / max(along[-1], 1e-9))
