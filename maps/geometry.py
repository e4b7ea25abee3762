"""Plane geometry in whole millimeters: lengths, headings, turn angles, points along a link."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.tables import Ints

Floats = NDArray[np.float64]

Point = tuple[int, int]
"""East and north of the map's center [mm]."""
FULL_CIRCLE_CDEG: Final = 36_000
HALF_CIRCLE_CDEG: Final = 18_000
EARTH_RADIUS_MM: Final = 6_371_008_800
"""Mean radius of the Earth."""
MM_PER_E7: Final = EARTH_RADIUS_MM * math.pi / 180 / 10_000_000
"""North-south length of 1e-7 degree [mm]."""


def distance_mm(start: Point, end: Point) -> int:
    """Distance between two points, rounded down."""
    return math.isqrt((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2)


def length_mm(points: Sequence[Point]) -> int:
    """Length of a line, each piece rounded down; at least 1, so that nothing divides by zero."""
    return max(1, sum(map(distance_mm, points, points[1:])))


def bearing_cdeg(start: Point, end: Point) -> int:
    """
    Direction from one point to another, clockwise from north [0.01 degree].

    >>> bearing_cdeg((0, 0), (1_000, 0))
    9000
    """
    degrees = math.degrees(math.atan2(end[0] - start[0], end[1] - start[1]))
    return round(degrees * 100) % FULL_CIRCLE_CDEG


def turn_angle_cdeg(bearing_in_cdeg: int, bearing_out_cdeg: int) -> int:
    """
    Change of direction, positive to the right, above -18000 up to 18000 [0.01 degree].

    >>> turn_angle_cdeg(35_000, 1_000)
    2000
    """
    angle = (bearing_out_cdeg - bearing_in_cdeg) % FULL_CIRCLE_CDEG
    return angle - FULL_CIRCLE_CDEG if angle > HALF_CIRCLE_CDEG else angle


def point_along(points: Sequence[Point], s_mm: int) -> Point:
    """Point of a line at a distance from its start [mm]; its ends outside of 0 .. its length."""
    rest = max(0, s_mm)
    for start, end in pairwise(points):
        piece = distance_mm(start, end)
        if rest < piece:
            return (
                start[0] + _share(end[0] - start[0], rest, piece),
                start[1] + _share(end[1] - start[1], rest, piece),
            )
        rest -= piece
    return points[-1]


def _share(width_mm: int, part_mm: int, whole_mm: int) -> int:
    # Rounded towards zero, so that a mirrored map is an exact mirror image.
    size_mm = abs(width_mm) * part_mm // whole_mm
    return size_mm if width_mm > 0 else -size_mm


def shape(network: RoadNetwork, link: LinkId) -> tuple[Point, ...]:
    """Geometry of a link."""
    table = network.links
    row = slice(int(table.shape_start[link]), int(table.shape_start[link + 1]))
    return tuple(zip(table.shape_x_mm[row].tolist(), table.shape_y_mm[row].tolist(), strict=True))


def position(network: RoadNetwork, link: LinkId, s_mm: int) -> Point:
    """Point of a link at a distance from its start, east and north of the map's center [mm]."""
    return point_along(shape(network, link), s_mm)


def lonlat(network: RoadNetwork, link: LinkId, s_mm: int) -> tuple[float, float]:
    """
    Longitude and latitude of a point of a link [degree], for drawing and export only.

    Notes
    -----
    The projection is undone from the two nodes of the map that lie farthest apart, so that a
    network needs to carry no center of its own.
    """
    lon, lat = degrees(network, *position(network, link, s_mm))
    return float(lon), float(lat)


def degrees(network: RoadNetwork, x_mm: ArrayLike, y_mm: ArrayLike) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of points [degree], for drawing and export only."""
    lon_0, lon_per_mm = _axis(network.nodes.x_mm, network.nodes.lon_e7)
    lat_0, lat_per_mm = _axis(network.nodes.y_mm, network.nodes.lat_e7)
    east, north = np.asarray(x_mm, np.float64), np.asarray(y_mm, np.float64)
    return (lon_0 + lon_per_mm * east) / 1e7, (lat_0 + lat_per_mm * north) / 1e7


def _axis(along_mm: Ints, along_e7: Ints) -> tuple[float, float]:
    low, high = int(along_mm.argmin()), int(along_mm.argmax())
    width = int(along_mm[high]) - int(along_mm[low])
    scale = (int(along_e7[high]) - int(along_e7[low])) / width if width else 1 / MM_PER_E7
    return int(along_e7[low]) - scale * int(along_mm[low]), scale
