"""
Plan of the synthetic town: a grid of streets with an old center, cut by a river with a few bridges.

The main crossing is the origin. Streets are drawn block by block, so every one ends where its signs
apply. ``town_ring`` adds what lies around the grid.
"""

from typing import Final

from guiderail.maps.elements import Member
from guiderail.maps.geometry import Point, distance_mm
from guiderail.maps.synthetic.sketch import Sketch, draw
from guiderail.maps.synthetic.town_names import ARTERIALS, PLACES, street_name
from guiderail.maps.synthetic.town_ring import draw_ring

SMALLEST_TOWN: Final = 4
"""Blocks a side: with fewer the river, the old center and the roundabout do not fit."""
BLOCK_MM: Final = 120_000
"""Side of a block: ours."""
_BEND_MM: Final = 6_000
"""Corners of small streets lie this far off the grid at most."""
_SIGNAL_MM: Final = 15_000
"""Signals on the approach stand this far before the junction."""
_SIGN_MM: Final = 8_000
"""Signs stand this far before their junction."""
_ROUNDABOUT: Final = (3, 3)
_ROUNDABOUT_RADIUS_MM: Final = 18_000
_DIAGONAL_MM: Final = 12_728
"""18 m / sqrt(2), in whole millimeters so that no float draws the town."""
_ARTERIAL, _COLLECTOR, _LOCAL = 0, 1, 2

Corner = tuple[int, int]
"""Column and row of a junction."""


def draw_town(sketch: Sketch, seed: int, size: int) -> None:
    """Draw the whole town."""
    plan = _Plan(sketch, seed, size)
    plan.draw_streets()
    plan.draw_roundabout()
    plan.draw_controls()
    plan.draw_restrictions()
    plan.draw_fringe()
    plan.draw_places()
    draw_ring(sketch, BLOCK_MM * plan.mid, BLOCK_MM * (size - plan.mid))


class _Plan:
    """The grid, and which way was drawn for which block."""

    def __init__(self, sketch: Sketch, seed: int, size: int) -> None:
        self.sketch, self.seed, self.size, self.mid = sketch, seed, size, size // 2
        self.ways: dict[tuple[Corner, Corner], int] = {}
        self.oneway: dict[tuple[Corner, Corner], str] = {}

    def grade(self, number: int) -> int:
        """Grade of a row or column."""
        if number == self.mid:
            return _ARTERIAL
        return _COLLECTOR if number % 3 == 0 else _LOCAL

    def point(self, corner: Corner) -> Point:
        """Where a junction lies; arterials and the edges of the grid are straight."""
        column, row = corner
        straight = {0, self.mid, self.size}
        east = 0 if column in straight else self._bend(f"east {column} {row}")
        north = 0 if row in straight else self._bend(f"north {column} {row}")
        return (column - self.mid) * BLOCK_MM + east, (row - self.mid) * BLOCK_MM + north

    def _bend(self, name: str) -> int:
        return draw(self.seed, name, 2 * _BEND_MM + 1) - _BEND_MM

    def draw_streets(self) -> None:
        """Draw all blocks of all rows and columns."""
        for number in range(self.size + 1):
            for block in range(self.size):
                self._draw_block((block, number), (block + 1, number), 2 * number)
                if self._has_bridge(number) or block != self.mid - 2:
                    self._draw_block((number, block), (number, block + 1), 2 * number + 1)

    def _has_bridge(self, column: int) -> bool:
        return column in {1, self.mid, self.size - 1}

    def _draw_block(self, start: Corner, end: Corner, street: int) -> None:
        is_row = start[1] == end[1]
        line = start[1] if is_row else start[0]
        is_bridge = not is_row and start[1] == self.mid - 2
        tags = {"name": self._name(street, line)} | self._lanes(line, start, end)
        if self.grade(line) == _LOCAL and not is_bridge:
            tags |= self._local_rules(line, start)
        if is_bridge:
            tags |= {
                "bridge": "yes",
                "name": self._bridge_name(line),
            }
        self.oneway[start, end] = tags.get("oneway", "")
        self.ways[start, end] = self.sketch.way(
            [self._end(start, end), *self._signs(start, end), self._end(end, start)],
            **{key: value for key, value in tags.items() if value},
        )

    def _name(self, street: int, line: int) -> str:
        if line == self.mid:
            return ARTERIALS[street % 2]
        return street_name(street)

    def _bridge_name(self, column: int) -> str:
        if column == self.mid:
            return "Main Bridge"
        return "Old Bridge" if column < self.mid else "New Bridge"

    def _lanes(self, line: int, start: Corner, end: Corner) -> dict[str, str]:
        if self.grade(line) == _COLLECTOR:
            return {"highway": "tertiary", "maxspeed": "40", "lanes": "2"}
        if self.grade(line) == _LOCAL:
            return {"highway": "residential", "maxspeed": "30"}
        tags = {"highway": "secondary", "maxspeed": "50", "lanes": "4"}
        arrows = "left;through|through;right"
        if end == (self.mid, self.mid):
            tags["turn:lanes:forward"] = arrows
        if start == (self.mid, self.mid):
            tags["turn:lanes:backward"] = arrows
        return tags

    def _local_rules(self, line: int, start: Corner) -> dict[str, str]:
        """One-way in turn, but for the edge and the quays; slow in the old center."""
        is_old = all(self.mid < number <= self.mid + 3 for number in start)
        tags = {"highway": "living_street", "maxspeed": "20"} if is_old else {}
        if line in {0, self.size, self.mid - 1, self.mid - 2}:
            return tags
        return tags | {"oneway": "yes" if line // 2 % 2 else "-1"}

    def _end(self, corner: Corner, other: Corner) -> Point:
        """End of a block: the junction, or where the ring of the roundabout is met."""
        if corner != _ROUNDABOUT:
            return self.point(corner)
        x_mm, y_mm = self.point(corner)
        east, north = other[0] - corner[0], other[1] - corner[1]
        return x_mm + east * _ROUNDABOUT_RADIUS_MM, y_mm + north * _ROUNDABOUT_RADIUS_MM

    def _signs(self, start: Corner, end: Corner) -> list[Point]:
        """Points shortly before both ends, where signals and signs of the approach stand."""
        a, b = self._end(start, end), self._end(end, start)
        near, far = self._sign_mm(start), self._sign_mm(end)
        return [_towards(a, b, near), _towards(b, a, far)]

    def _sign_mm(self, corner: Corner) -> int:
        return _SIGNAL_MM if self._is_signaled(corner) else _SIGN_MM

    def _is_signaled(self, corner: Corner) -> bool:
        grades = sorted(map(self.grade, corner))
        return grades[0] == _ARTERIAL and grades[1] <= _COLLECTOR

    def draw_roundabout(self) -> None:
        """Draw one ring, driven against the clock, instead of a crossing of collectors."""
        x_mm, y_mm = self.point(_ROUNDABOUT)
        radius, diagonal = _ROUNDABOUT_RADIUS_MM, _DIAGONAL_MM
        circle = [(radius, 0), (diagonal, diagonal), (0, radius), (-diagonal, diagonal)]
        circle += [(-x, -y) for x, y in circle]
        ring = [(x_mm + x, y_mm + y) for x, y in circle]
        self.sketch.way([*ring, ring[0]], highway="tertiary", junction="roundabout", maxspeed="30")

    def draw_controls(self) -> None:
        """Put up signals on the node or on the approach, and signs on the lesser road."""
        for (start, end), oneway in self.oneway.items():
            if oneway != "-1":
                self._draw_control(end, start, "forward")
            if oneway != "yes":
                self._draw_control(start, end, "backward")

    def _draw_control(self, corner: Corner, other: Corner, way: str) -> None:
        column, row = corner
        is_row = other[1] == row
        own, cross = self.grade(row if is_row else column), self.grade(column if is_row else row)
        end = self._end(corner, other)
        sign = _towards(end, self._end(other, corner), self._sign_mm(corner))
        if self._is_signaled(corner):
            if (column + row) % 2 == 0:
                self.sketch.node(end, highway="traffic_signals")
            else:
                said = {"traffic_signals__direction": way} if column % 2 else {}
                self.sketch.node(sign, highway="traffic_signals", **said)
        elif corner == _ROUNDABOUT:
            self.sketch.node(sign, highway="give_way", direction=way)
        elif own > cross:
            kind = "stop" if cross == _ARTERIAL else "give_way"
            self.sketch.node(sign, highway=kind, direction=way)

    def draw_restrictions(self) -> None:
        """Put up every kind of sign once, and a few that must have no effect."""
        m, sign = self.mid, self.sketch.restriction
        middle = (m, m)
        sign("no_left_turn", *self._turn((m, m - 1), middle, (m - 1, m)))
        sign("no_u_turn", *self._turn((m - 1, m), middle, (m - 1, m)))
        ahead = self._turn(middle, (m + 1, m), (m + 2, m))
        sign("only_straight_on", *ahead)
        not_for_bicycles = {"restriction": "no_right_turn", "except": "bicycle"}
        sign(not_for_bicycles, *self._turn((m, m - 2), (m, m - 1), (m + 1, m - 1)))
        not_for_cars = {"restriction": "no_left_turn", "except": "motorcar;psv"}
        sign(not_for_cars, *self._turn(middle, (m - 1, m), (m - 1, m - 1)))
        at_times = {"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}
        sign(at_times, *self._turn(middle, (m, m - 1), (m + 1, m - 1)))
        lorries = {"restriction:hgv": "no_straight_on"}
        sign(lorries, *self._turn((m + 1, m), middle, (m - 1, m)))
        sign("no_right_turn", 10_000_000, self.point(middle), ahead[0])
        self._draw_via_way()

    def _turn(self, start: Corner, via: Corner, end: Corner) -> tuple[int, Point, int]:
        return self._way(start, via), self.point(via), self._way(via, end)

    def _way(self, start: Corner, end: Corner) -> int:
        return self.ways.get((start, end)) or self.ways[end, start]

    def _draw_via_way(self) -> None:
        m = self.mid
        corners = [(m - 1, m), (m, m), (m, m + 1), (m - 1, m + 1)]
        ways = [self._way(corners[i], corners[i + 1]) for i in range(3)]
        roles = ("from", "via", "to")
        members = tuple(
            Member(kind="w", ref=way, role=role) for way, role in zip(ways, roles, strict=True)
        )
        self.sketch.relation(members, {"type": "restriction", "restriction": "no_u_turn"})

    def draw_fringe(self) -> None:
        """Draw odd streets along both sides: each is there for one rule of the compiler."""
        last, local = self.size, {"highway": "residential", "maxspeed": "30"}
        self._bulge((last, 1), (last, 2), 50_000, name="Twin Street", **local)
        self._bulge((last, 0), (last, 1), 40_000, motor_vehicle="destination", **local)
        middle = self._bulge((0, 2), (0, 3), -50_000, name="Bollard Street", **local)
        self.sketch.node(middle, barrier="bollard")
        for corner, length_mm, tags in (
            ((0, 0), 90_000, {"name": "Blind Alley"}),
            ((0, 1), 60_000, {"access": "private", "name": "Manor Drive"}),
            ((0, last), 150_000, {"oneway": "yes", "name": "Old Road Out"}),
        ):
            x_mm, y_mm = self.point(corner)
            self.sketch.way([(x_mm, y_mm), (x_mm - length_mm, y_mm)], **local, **tags)
        x_mm, y_mm = self.point((last, 3))
        loop = [(x_mm, y_mm), (x_mm + 60_000, y_mm + 30_000), (x_mm + 60_000, y_mm - 30_000)]
        self.sketch.way([*loop, loop[0]], name="Loop Close", **local)

    def _bulge(self, start: Corner, end: Corner, east_mm: int, **tags: str) -> Point:
        """Second street between two junctions."""
        a, b = self.point(start), self.point(end)
        middle = (a[0] + b[0]) // 2 + east_mm, (a[1] + b[1]) // 2
        self.sketch.way([a, middle, b], **tags)
        return middle

    def draw_places(self) -> None:
        """Scatter named places along both sides of the streets."""
        blocks = list(self.ways)
        for number in range(2 * len(PLACES)):
            name, kind = PLACES[number % len(PLACES)]
            start, end = blocks[draw(self.seed, f"place {number}", len(blocks))]
            x_mm, y_mm = _towards(self.point(start), self.point(end), BLOCK_MM // 3)
            aside = 12_000 if draw(self.seed, f"side {number}", 2) else -12_000
            is_row = start[1] == end[1]
            point = (x_mm, y_mm + aside) if is_row else (x_mm + aside, y_mm)
            is_second = number >= len(PLACES) and not name.endswith(("Central", "Pharmacy"))
            self.sketch.lone_node(point, amenity=kind, name=f"New {name}" if is_second else name)


def _towards(start: Point, end: Point, length_mm: int) -> Point:
    whole = distance_mm(start, end)
    x_mm = start[0] + (end[0] - start[0]) * length_mm // whole
    return x_mm, start[1] + (end[1] - start[1]) * length_mm // whole
