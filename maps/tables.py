"""The integer columns that a compiled map is made of, as they are stored."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guiderail.maps.errors import MapError

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTable:
    """Turns of one sort in compressed rows: row ``i`` holds those from link ``i``, by target id."""

    start: Ints
    """First turn of each link, shape (n_links + 1,)."""
    to_link: Ints
    cost_ms: Ints
    angle_cdeg: Ints
    radius_mm: Ints
    arc_mm: Ints
    kind: Ints
    first_lane: Ints
    last_lane: Ints
    conflict: Ints
    major_lanes: Ints
    ban: Ints
    """0 for legal, else a :class:`Ban`."""
    relation_id: Longs

    def from_link(self) -> Ints:
        """Link that each turn leaves, shape (n_turns,)."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTable:
    """One row per link; the columns of :class:`Link`, names as indices into ``strings``."""

    from_node: Ints
    to_node: Ints
    way_id: Longs
    road_class: Ints
    length_mm: Ints
    speed_mm_s: Ints
    lanes: Ints
    is_oneway: Ints
    is_roundabout: Ints
    is_ramp: Ints
    against_oneway: Ints
    in_world: Ints
    name: Ints
    ref: Ints
    destination: Ints
    bearing_start_cdeg: Ints
    bearing_end_cdeg: Ints
    reverse: Ints
    control: Ints
    controller: Ints
    stop_line_mm: Ints
    shape_start: Ints
    """First point of each link's geometry, shape (n_links + 1,)."""
    shape_x_mm: Ints
    shape_y_mm: Ints

    def original(self) -> Ints:
        """Link that each link is a copy of; of all others the link itself, shape (n_links,)."""
        own = np.arange(len(self.reverse), dtype=np.int32)
        return np.where(self.reverse >= 0, self.reverse[self.reverse], own)

    def is_real(self) -> Flags:
        """Whether each link is one that traffic may use and no copy, shape (n_links,)."""
        number = np.arange(len(self.reverse))
        return np.asarray((self.against_oneway == 0) & (self.original() == number))

    def stands_for_stretch(self) -> Flags:
        """Mark one real link of each stretch, of a two-way street the lower, shape (n_links,)."""
        number = np.arange(len(self.reverse))
        is_lone = (self.is_oneway != 0) | (self.reverse < 0)
        return np.asarray(self.is_real() & (is_lone | (self.reverse > number)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTable:
    """One row per node."""

    osm_id: Longs
    lon_e7: Ints
    lat_e7: Ints
    x_mm: Ints
    """East of the map's center."""
    y_mm: Ints
    """North of the map's center."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTable:
    """One row per named place; names and kinds as indices into ``strings``."""

    name: Ints
    kind: Ints
    link: Ints
    offset_mm: Ints
    is_right: Ints
    x_mm: Ints
    y_mm: Ints


LINK_COLUMNS: Final = tuple(
    name for name in LinkTable.__dataclass_fields__ if not name.startswith("shape_")
)
"""Columns with one row per link."""
TURN_COLUMNS: Final = tuple(name for name in TurnTable.__dataclass_fields__ if name != "start")
"""Columns with one row per turn."""


def row_starts(rows: Ints, count: int) -> Ints:
    """First entry of each row and the end of the last, once entries are sorted by row."""
    start = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=start[1:])
    return start


def check_links(links: LinkTable) -> None:
    """Refuse link columns of unlike length, and links without length, speed or lane."""
    count = len(links.length_mm)
    if count == 0:
        raise MapError("the map has no link: it needs at least one drivable street")
    for name in LINK_COLUMNS:
        if len(getattr(links, name)) != count:
            raise MapError(f"link column {name!r} has another length than 'length_mm' ({count})")
    if (links.length_mm <= 0).any() or (links.speed_mm_s <= 0).any() or (links.lanes <= 0).any():
        raise MapError("a link has no length, no speed or no lane: each must be above zero")


def check_turns(table: TurnTable, link_count: int, which: str) -> None:
    """Refuse turn rows that do not span the table or lead out of the map."""
    size = len(table.to_link)
    if len(table.start) != link_count + 1 or table.start[0] != 0 or table.start[-1] != size:
        raise MapError(f"the row starts of the {which} turns do not span its {size} turns")
    if (np.diff(table.start) < 0).any():
        raise MapError(f"the row starts of the {which} turns run backwards")
    if size and (table.to_link.min() < 0 or table.to_link.max() >= link_count):
        raise MapError(f"a {which} turn leads to a link outside 0 .. {link_count - 1}")
    if size and table.cost_ms.min() < 1:
        raise MapError(f"a {which} turn costs less than 1 ms")
