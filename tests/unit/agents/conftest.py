r"""
One crossing, small enough to know by heart.

::

                    1 High Street ----.
                   /  (left, 400 m)    \
    0 Mill Lane --+-- 3 Mill Lane --+-- 5 Dock Road (a loop: back to 0)
      200 m, 2    |\    300 m        \- 7 unnamed, 100 m, then 5
      lanes       | 4 One Way Row, the wrong way
                   \  (illegal, then 6)
                    2 Station Road (right, 500 m)        1, 2 and 4 lead to 6 Quay Street, 6 to 5
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from guiderail.agents.atlas import View, atlas_of
from guiderail.maps.network import Ban, LinkId, RoadNetwork, TurnKind
from guiderail.maps.tables import LinkTable, NodeTable, PlaceTable, TurnTable
from guiderail.sim.contract.messages import Observation

Row = tuple[int, int, TurnKind, int, int, int]
Look = Callable[..., View]

SPEED_MM_S = 13_880
LENGTHS_M = (200, 400, 500, 300, 100, 600, 300, 100)
NAMES = (
    *("Mill Lane", "High Street", "Station Road", "Mill Lane"),
    *("One Way Row", "Dock Road", "Quay Street", ""),
)
PLACES = (("Harbor Cafe", 5), ("City Library", 1), ("Old Mill School", 6))
STRINGS = ("", *sorted(set(NAMES) - {""}), *(name for name, _ in PLACES), "cafe")

# From, to, kind, angle [0.01 degree], first and last lane.
LEGAL: tuple[Row, ...] = (
    (0, 1, TurnKind.LEFT, -9_000, 1, 1),
    (0, 2, TurnKind.RIGHT, 9_000, 0, 0),
    (0, 3, TurnKind.STRAIGHT, 0, 0, 1),
    (1, 6, TurnKind.RIGHT, 9_000, 0, 0),
    (2, 6, TurnKind.LEFT, -9_000, 0, 0),
    (3, 5, TurnKind.STRAIGHT, 0, 0, 0),
    (3, 7, TurnKind.SLIGHT_RIGHT, 4_500, 0, 0),
    (4, 6, TurnKind.STRAIGHT, 0, 0, 0),
    (5, 0, TurnKind.STRAIGHT, 0, 0, 0),
    (6, 5, TurnKind.RIGHT, 9_000, 0, 0),
    (7, 5, TurnKind.SLIGHT_LEFT, -4_500, 0, 0),
)
ILLEGAL: tuple[Row, ...] = ((0, 4, TurnKind.SLIGHT_RIGHT, 4_500, 0, 0),)


def _turns(rows: tuple[Row, ...], ban: int) -> TurnTable:
    count = len(LENGTHS_M)
    columns = np.array(rows, dtype=np.int32).reshape(-1, 6).T
    start = np.searchsorted(columns[0], np.arange(count + 1)).astype(np.int32)
    nothing = np.zeros(len(rows), dtype=np.int32)
    length_ms = np.array(LENGTHS_M, dtype=np.int32) * 1_000_000 // SPEED_MM_S
    return TurnTable(
        start=start,
        to_link=columns[1],
        cost_ms=length_ms[columns[1]].astype(np.int32) + 1_000,
        kind=columns[2],
        angle_cdeg=columns[3],
        first_lane=columns[4],
        last_lane=columns[5],
        radius_mm=nothing,
        arc_mm=nothing,
        conflict=nothing,
        major_lanes=nothing,
        ban=nothing + ban,
        relation_id=nothing.astype(np.int64),
    )


def _links() -> LinkTable:
    count = len(LENGTHS_M)
    columns = {
        name: np.zeros(count, dtype=np.int32)
        for name in LinkTable.__dataclass_fields__
        if name not in {"way_id", "shape_start"}
    }
    length_mm = np.array(LENGTHS_M, dtype=np.int32) * 1_000
    is_phantom = np.arange(count) == 4
    columns |= {
        "length_mm": length_mm,
        "stop_line_mm": length_mm,
        "speed_mm_s": columns["lanes"] + SPEED_MM_S,
        "lanes": np.array([2] + [1] * (count - 1), dtype=np.int32),
        "against_oneway": is_phantom.astype(np.int32),
        "in_world": (~is_phantom).astype(np.int32),
        "name": np.array([STRINGS.index(name) for name in NAMES], dtype=np.int32),
        "reverse": columns["reverse"] - 1,
        "controller": columns["controller"] - 1,
    }
    shape_start = np.zeros(count + 1, dtype=np.int32)
    return LinkTable(way_id=np.zeros(count, dtype=np.int64), shape_start=shape_start, **columns)


def _places() -> PlaceTable:
    nothing = np.zeros(len(PLACES), dtype=np.int32)
    return PlaceTable(
        name=np.array([STRINGS.index(name) for name, _ in PLACES], dtype=np.int32),
        kind=nothing + STRINGS.index("cafe"),
        link=np.array([link for _, link in PLACES], dtype=np.int32),
        offset_mm=nothing,
        is_right=nothing,
        x_mm=nothing,
        y_mm=nothing,
    )


def make_network() -> RoadNetwork:
    one = np.zeros(1, dtype=np.int32)
    return RoadNetwork(
        nodes=NodeTable(osm_id=one.astype(np.int64), lon_e7=one, lat_e7=one, x_mm=one, y_mm=one),
        links=_links(),
        turns=_turns(LEGAL, 0),
        illegal_turns=_turns(ILLEGAL, Ban.WRONG_WAY),
        places=_places(),
        strings=STRINGS,
        drives_on_left=False,
        header={"name": "crossing"},
    )


@pytest.fixture(scope="session")
def network() -> RoadNetwork:
    return make_network()


@pytest.fixture(scope="session")
def approaching() -> Observation:
    """Show a car 14 s before the crossing at the limit, bound for Dock Road, straight on."""
    return Observation(
        time_ms=5_000,
        occasion=0,
        link=LinkId(0),
        distance_to_node_mm=200_000,
        speed_mm_s=SPEED_MM_S,
        lane=0,
        route=(LinkId(0), LinkId(3), LinkId(5)),
        goal=LinkId(5),
        goal_name="Harbor Cafe",
        eta_ms=80_000,
        reported_closed=frozenset(),
    )


@pytest.fixture(scope="session")
def to_quay(approaching: Observation) -> Observation:
    """The same car, bound for Quay Street: left at the crossing."""
    return replace(
        approaching,
        route=(LinkId(0), LinkId(1), LinkId(6)),
        goal=LinkId(6),
        goal_name="Old Mill School",
    )


@pytest.fixture(scope="session")
def look(network: RoadNetwork) -> Look:
    """Make the view of an observation."""

    def _look(seen: Observation, closed: frozenset[LinkId] = frozenset()) -> View:
        view = atlas_of(network).view(seen, closed)
        assert view is not None
        return view

    return _look
