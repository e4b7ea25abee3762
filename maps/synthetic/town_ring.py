"""What lies around the grid of the synthetic town: a ring motorway, its exits, a valley, a lake."""

from typing import Final

from guiderail.maps.geometry import Point
from guiderail.maps.synthetic.sketch import Sketch

_CLEARANCE_MM: Final = 700_000
"""From the edge of the grid to the motorway."""
_CORNER_MM: Final = 300_000
"""Radius of the motorway's corners."""
_HALF_MEDIAN_MM: Final = 8_000
"""From the middle of the motorway to each carriageway."""
_GORE_MM: Final = 400_000
"""Ramps leave and join this far from the bridge of the crossing road."""
_RAMP_END_MM: Final = 100_000
"""Ramps meet the crossing road this far from the motorway."""
_ARC: Final = ((0, 1_000), (259, 966), (500, 866), (707, 707), (866, 500), (966, 259), (1_000, 0))
"""(sine, cosine) of 0, 15 .. 90 degrees, in thousandths: integers, the same everywhere."""
_TOWARDS: Final = ("Northgate", "Eastgate", "Southgate", "Westgate")
_SIGNS: Final = ("traffic_signals", "stop", "give_way", "")
"""What rules where ramps meet the crossing road, by side."""
_MOTORWAY: Final = {"highway": "motorway", "ref": "M1", "name": "Ring Motorway", "maxspeed": "110"}
_RAMP: Final = {"highway": "motorway_link", "oneway": "yes", "maxspeed": "60", "lanes": "1"}


def draw_ring(sketch: Sketch, low_mm: int, high_mm: int) -> None:
    """
    Draw the motorway and everything beyond the grid.

    Parameters
    ----------
    sketch
        Sheet with the grid.
    low_mm
        From the main crossing to the southern and western edge of the grid.
    high_mm
        The same to the northern and eastern edge.
    """
    half_mm = max(low_mm, high_mm) + _CLEARANCE_MM
    for side in range(4):
        _draw_carriageway(sketch, side, half_mm, is_inner=True)
        _draw_carriageway(sketch, side, half_mm, is_inner=False)
        _draw_crossing_road(sketch, side, half_mm, high_mm if side in {0, 1} else low_mm)
    _draw_valley(sketch, half_mm)
    _draw_retail_park(sketch, half_mm)


def _turned(points: list[Point], side: int) -> list[Point]:
    """Points of the northern side, turned to another one: north, east, south, west."""
    for _ in range(side):
        points = [(y, -x) for x, y in points]
    return points


def _draw_carriageway(sketch: Sketch, side: int, half_mm: int, *, is_inner: bool) -> None:
    """One side of one carriageway with its ramps; the inner one runs with the clock."""
    # The outer carriageway is the mirror image of the inner one, farther out.
    flip = 1 if is_inner else -1
    y_mm = half_mm - flip * _HALF_MEDIAN_MM
    straight_mm = half_mm - _CORNER_MM
    radius = _CORNER_MM - flip * _HALF_MEDIAN_MM
    arc = [
        (straight_mm + sine * radius // 1_000, straight_mm + cosine * radius // 1_000)
        for sine, cosine in _ARC
    ]
    end = _turned([(-straight_mm, y_mm)], 1)  # where the next side begins
    lanes = "3" if side in {0, 2} else "2"
    lines = (
        ([(-straight_mm, y_mm), (-_GORE_MM, y_mm)], lanes),
        ([(-_GORE_MM, y_mm), (_GORE_MM, y_mm)], "2"),
        ([(_GORE_MM, y_mm), *arc[:-1], *end], lanes),
    )
    for line, count in lines:
        sketch.way(_laid(line, side, flip), **_MOTORWAY, lanes=count)
    meeting_mm = half_mm - flip * _RAMP_END_MM
    ramp = [
        (-_GORE_MM, y_mm),
        (-250_000, y_mm - flip * 20_000),
        (-60_000, y_mm - flip * 80_000),
        (0, meeting_mm),
    ]
    sketch.way(_laid(ramp, side, flip), **_RAMP, destination=_TOWARDS[side])
    joining = [(-x, y) for x, y in ramp[::-1]]
    sketch.way(_laid(joining, side, flip), **_RAMP, destination="Ring")
    gore = _laid(ramp, side, flip)[0]
    sketch.node(gore, highway="motorway_junction", ref=str(side + 1))
    if _SIGNS[side]:  # on the junction itself: there a sign rules the ramp, signals rule all
        sketch.node(_laid(ramp, side, flip)[-1], highway=_SIGNS[side])


def _laid(points: list[Point], side: int, flip: int) -> list[Point]:
    """Lay a line of the northern, inner side where it belongs."""
    return _turned([(flip * x, y) for x, y in points], side)


def _draw_crossing_road(sketch: Sketch, side: int, half_mm: int, edge_mm: int) -> None:
    """Road out of the town, over the motorway without meeting it."""
    inner, outer = half_mm - _RAMP_END_MM, half_mm + _RAMP_END_MM
    road = {
        "highway": "secondary",
        "maxspeed": "60",
        "lanes": "4",
        "name": f"{_TOWARDS[side]} Road",
    }
    sketch.way(_turned([(0, edge_mm), (0, inner)], side), **road)
    sketch.way(_turned([(0, inner), (0, outer)], side), **road, bridge="yes", layer="1")
    lane = {
        "highway": "secondary",
        "maxspeed": "50",
        "lanes": "2",
        "name": f"{_TOWARDS[side]} Lane",
    }
    sketch.way(_turned([(0, outer), (0, outer + 300_000)], side), **lane)


def _draw_valley(sketch: Sketch, half_mm: int) -> None:
    """Long dead end in the north with a one-way loop round a lake: a missed exit leads there."""
    foot = half_mm + _RAMP_END_MM + 300_000
    bends = [(0, 0), (80_000, 500_000), (-60_000, 1_100_000), (40_000, 1_800_000), (0, 2_600_000)]
    valley = [(x, foot + y) for x, y in bends]
    sketch.way(valley[:3], highway="tertiary", maxspeed="60", name="Valley Road")
    sketch.way(valley[2:], highway="tertiary", maxspeed="60", name="Valley Road")
    x_mm, y_mm = valley[2]
    shore = [(500_000, 200_000), (1_000_000, 700_000), (700_000, 1_300_000), (250_000, 600_000)]
    lake = [(x_mm, y_mm), *((x_mm + x, y_mm + y) for x, y in shore), (x_mm, y_mm)]
    sketch.way(lake, highway="unclassified", oneway="yes", maxspeed="40", name="Lake Loop")
    sketch.lone_node((x_mm + 1_015_000, y_mm + 700_000), tourism="viewpoint", name="Lake View")
    sketch.lone_node((15_000, foot + 2_590_000), tourism="museum", name="Valley Mill")


def _draw_retail_park(sketch: Sketch, half_mm: int) -> None:
    """Blind streets without a name in the east."""
    x_mm = half_mm + _RAMP_END_MM + 300_000
    for north_mm in (150_000, -150_000):
        sketch.way([(x_mm, 0), (x_mm + 100_000, north_mm)], highway="unclassified", maxspeed="30")
    sketch.lone_node((x_mm + 90_000, 160_000), shop="supermarket", name="Eastgate Market")
