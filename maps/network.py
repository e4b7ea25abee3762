"""
The frozen road network: integer tables, checked on construction, and small views of one row.

A *link* is a directed stretch of road between two nodes, a *turn* a movement from link to link.
Illegal turns stay in the map with the reason, so that an obeying car can commit them and a guard
can name it. Every one-way street has a *phantom* link in the forbidden direction
(``against_oneway``): no legal turn leads onto it, legal turns lead off it, and it is never part of
the drivable world.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NewType

from guiderail.maps.kinds import Ban, Conflict, Control, RoadClass, TurnKind
from guiderail.maps.tables import (
    LINK_COLUMNS,
    TURN_COLUMNS,
    LinkTable,
    NodeTable,
    PlaceTable,
    TurnTable,
    check_links,
    check_turns,
)

__all__ = [
    "KEEPS_LANE_CDEG",
    "Ban",
    "Conflict",
    "Control",
    "Link",
    "LinkId",
    "NodeId",
    "Place",
    "PlaceId",
    "RoadClass",
    "RoadNetwork",
    "Turn",
    "TurnKind",
]

KEEPS_LANE_CDEG: Final = 4_500
"""A turn of less than 45 degrees goes on in its lane."""

NodeId = NewType("NodeId", int)
LinkId = NewType("LinkId", int)
PlaceId = NewType("PlaceId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One directed stretch of road."""

    id: LinkId
    from_node: NodeId
    to_node: NodeId
    way_id: int
    """OpenStreetMap id of the way it was cut from."""
    road_class: RoadClass
    length_mm: int
    speed_mm_s: int
    """Speed limit, rounded down to the lattice."""
    lanes: int
    """Lanes in this direction; lane 0 is at the kerb."""
    is_oneway: bool
    is_roundabout: bool
    is_ramp: bool
    against_oneway: bool
    """A phantom: driving here is driving the wrong way."""
    in_world: bool
    """Part of the largest strongly connected part of the legal turn graph."""
    name: str
    """Empty where the street has none."""
    ref: str
    destination: str
    bearing_start_cdeg: int
    """Direction at its start, clockwise from north, 0 .. 35999 [0.01 degree]."""
    bearing_end_cdeg: int
    reverse: LinkId
    """The same stretch the other way, phantom or not; -1 if there is none."""
    control: Control
    """What rules at its end."""
    controller: int
    """Group of signals that change together; -1 if ``control`` is no signal."""
    stop_line_mm: int
    """Where a car has to stop, from the start of the link; its length if nothing rules there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One movement from link to link."""

    from_link: LinkId
    to_link: LinkId
    cost_ms: int
    """Price of the turn plus free-flow driving of ``to_link``, >= 1."""
    angle_cdeg: int
    """Change of direction, positive to the right, -18000 .. 18000 [0.01 degree]."""
    radius_mm: int
    """Radius of the curve driven; 0 for none (as good as straight)."""
    arc_mm: int
    """Length of that curve, counted from the node onto ``to_link``; 0 for none."""
    kind: TurnKind
    first_lane: int
    """Lowest lane of ``from_link`` that it may be made from."""
    last_lane: int
    conflict: Conflict
    major_lanes: int
    """Lanes of the stream that has priority; 0 where ``conflict`` is NONE."""
    ban: Ban | None
    """None for a legal turn."""
    relation_id: int
    """OpenStreetMap id of the restriction; 0 where none applies."""

    def lanes_from(self, lane: int) -> int:
        """Lane changes between a lane and the nearest one from which the turn can be made."""
        return max(self.first_lane - lane, lane - self.last_lane, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named place beside a street."""

    id: PlaceId
    name: str
    kind: str
    """For example ``cafe`` or ``school``."""
    link: LinkId
    offset_mm: int
    """Where along the link."""
    is_right: bool
    """Whether it lies to the right of the link."""
    x_mm: int
    y_mm: int


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadNetwork:
    """
    A compiled map; equal to itself alone.

    Raises
    ------
    MapError
        When the tables do not hold together.
    """

    nodes: NodeTable
    links: LinkTable
    turns: TurnTable
    illegal_turns: TurnTable
    places: PlaceTable
    strings: tuple[str, ...]
    """All text, each once; index 0 is the empty string."""
    drives_on_left: bool
    header: dict[str, str] = field(default_factory=dict)
    """Name, source, digest, licence, attribution, data date, summary counts."""

    def __post_init__(self) -> None:
        """Refuse tables that do not hold together."""
        check_links(self.links)
        check_turns(self.turns, self.link_count, "legal")
        check_turns(self.illegal_turns, self.link_count, "illegal")

    @property
    def name(self) -> str:
        """Name of the map."""
        return self.header.get("name", "unnamed")

    @property
    def link_count(self) -> int:
        """Number of links, phantoms included."""
        return len(self.links.length_mm)

    @cached_property
    def all_links(self) -> tuple[Link, ...]:
        """Every link as a view."""
        table = self.links
        columns = {name: getattr(table, name).tolist() for name in LINK_COLUMNS}
        return tuple(
            self._link(LinkId(i), dict(zip(columns, row, strict=True)))
            for i, row in enumerate(zip(*columns.values(), strict=True))
        )

    def link(self, link: LinkId) -> Link:
        """One link."""
        return self.all_links[link]

    def turns_from(self, link: LinkId) -> tuple[Turn, ...]:
        """Legal turns from a link, by target id."""
        return self._legal_views[link]

    def illegal_turns_from(self, link: LinkId) -> tuple[Turn, ...]:
        """Turns that exist in asphalt and are forbidden, by target id."""
        return self._illegal_views[link]

    def ways_out(self, link: LinkId) -> tuple[Turn, ...]:
        """Turns from a link that exist in asphalt: the legal ones, then the forbidden ones."""
        return self._legal_views[link] + self._illegal_views[link]

    def turn(self, from_link: LinkId, to_link: LinkId) -> Turn | None:
        """Return the turn between two links, legal or not; None where there is no way through."""
        for turn in self.ways_out(from_link):
            if turn.to_link == to_link:
                return turn
        return None

    def exit_lanes(self, turn: Turn, lane: int) -> tuple[int, int]:
        """
        First and last lane of ``turn.to_link`` that a turn from ``lane`` may end in.

        A turn of 45 degrees or more may end in any lane; going on keeps the lane, fanned out where
        the road widens and squeezed where it narrows.
        """
        before, after = self.all_links[turn.from_link].lanes, self.all_links[turn.to_link].lanes
        if abs(turn.angle_cdeg) >= KEEPS_LANE_CDEG:
            return 0, after - 1
        if after >= before:
            return min(lane, after - 1), min(lane + after - before, after - 1)
        return max(0, lane - (before - after)), min(lane, after - 1)

    def goes_on(self, turn: Turn) -> bool:
        """Whether a node is a mere cut in one road: one legal way on, lanes unbroken."""
        before, after = self.all_links[turn.from_link].lanes, self.all_links[turn.to_link].lanes
        is_bend = abs(turn.angle_cdeg) < KEEPS_LANE_CDEG
        return before == after and is_bend and len(self._legal_views[turn.from_link]) == 1

    @cached_property
    def all_places(self) -> tuple[Place, ...]:
        """Every place as a view."""
        table, text = self.places, self.strings
        rows = zip(*(getattr(table, name).tolist() for name in _PLACE_COLUMNS), strict=True)
        return tuple(
            Place(
                id=PlaceId(i),
                name=text[name],
                kind=text[kind],
                link=LinkId(link),
                offset_mm=offset_mm,
                is_right=bool(is_right),
                x_mm=x_mm,
                y_mm=y_mm,
            )
            for i, (name, kind, link, offset_mm, is_right, x_mm, y_mm) in enumerate(rows)
        )

    @cached_property
    def copies(self) -> dict[LinkId, LinkId]:
        """
        Copies of links, each with the link that it copies.

        A sign about a sequence of links gives each link in its middle a copy that remembers where
        the car came from (see ``maps/compile/link_copies.py``): the same asphalt under another id.
        """
        original = self.links.original().tolist()
        return {LinkId(i): LinkId(link) for i, link in enumerate(original) if link != i}

    @cached_property
    def copied_or_copies(self) -> frozenset[LinkId]:
        """Copies and what they copy: nothing is closed, and no trip ends, where ids differ."""
        return frozenset(self.copies) | frozenset(self.copies.values())

    @cached_property
    def controller_groups(self) -> dict[int, list[Link]]:
        """Links of each signal controller, by id."""
        groups: dict[int, list[Link]] = {}
        for link in (self.links.controller >= 0).nonzero()[0].tolist():
            view = self.all_links[link]
            if view.control is Control.SIGNAL:
                groups.setdefault(view.controller, []).append(view)
        return groups

    @cached_property
    def _legal_views(self) -> "_TurnViews":
        return _TurnViews(self.turns)

    @cached_property
    def _illegal_views(self) -> "_TurnViews":
        return _TurnViews(self.illegal_turns)

    def _link(self, link: LinkId, row: dict[str, int]) -> Link:
        text = self.strings
        return Link(
            id=link,
            from_node=NodeId(row["from_node"]),
            to_node=NodeId(row["to_node"]),
            way_id=row["way_id"],
            road_class=RoadClass(row["road_class"]),
            length_mm=row["length_mm"],
            speed_mm_s=row["speed_mm_s"],
            lanes=row["lanes"],
            is_oneway=bool(row["is_oneway"]),
            is_roundabout=bool(row["is_roundabout"]),
            is_ramp=bool(row["is_ramp"]),
            against_oneway=bool(row["against_oneway"]),
            in_world=bool(row["in_world"]),
            name=text[row["name"]],
            ref=text[row["ref"]],
            destination=text[row["destination"]],
            bearing_start_cdeg=row["bearing_start_cdeg"],
            bearing_end_cdeg=row["bearing_end_cdeg"],
            reverse=LinkId(row["reverse"]),
            control=Control(row["control"]),
            controller=row["controller"],
            stop_line_mm=row["stop_line_mm"],
        )


_PLACE_COLUMNS = ("name", "kind", "link", "offset_mm", "is_right", "x_mm", "y_mm")


class _TurnViews:
    """Turns of each link as views, made when first asked for: a trip sees little of a city."""

    def __init__(self, table: TurnTable) -> None:
        self._table = table
        self._made: list[tuple[Turn, ...] | None] = [None] * (len(table.start) - 1)

    def __getitem__(self, link: LinkId) -> tuple[Turn, ...]:
        """All turns from a link, by target id."""
        made = self._made[link]
        if made is None:
            made = self._made[link] = self._views(link)
        return made

    def _views(self, link: LinkId) -> tuple[Turn, ...]:
        row = slice(int(self._table.start[link]), int(self._table.start[link + 1]))
        columns = (getattr(self._table, name)[row].tolist() for name in TURN_COLUMNS)
        return tuple(_turn(link, values) for values in zip(*columns, strict=True))


def _turn(from_link: LinkId, row: tuple[int, ...]) -> Turn:
    value = dict(zip(TURN_COLUMNS, row, strict=True))
    return Turn(
        from_link=from_link,
        to_link=LinkId(value["to_link"]),
        cost_ms=value["cost_ms"],
        angle_cdeg=value["angle_cdeg"],
        radius_mm=value["radius_mm"],
        arc_mm=value["arc_mm"],
        kind=TurnKind(value["kind"]),
        first_lane=value["first_lane"],
        last_lane=value["last_lane"],
        conflict=Conflict(value["conflict"]),
        major_lanes=value["major_lanes"],
        ban=Ban(value["ban"]) if value["ban"] else None,
        relation_id=value["relation_id"],
    )
