"""
Maps that no file is needed for: a seeded town with every road feature, and tiny ones for tests.

All pass through the same compiler as a real extract. Coordinates are whole millimeters, so the same
arguments give the same arrays on every platform.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.elements import Elements, Tags
from guiderail.maps.errors import MapError
from guiderail.maps.geometry import Point
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.sketch import Sketch
from guiderail.maps.synthetic.town_plan import SMALLEST_TOWN, draw_town

ARMS: Final = ("north", "east", "south", "west")
"""Arms of a crossing, clockwise; arm ``i`` is way ``i + 1``, drawn towards the center."""
_OUTWARD: Final = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
_CENTER_ID: Final = 1
_SIGN_MM: Final = 10_000
"""Stop and give-way signs of a crossing stand this far before its center."""


def town(seed: int = 1, size: int = 8, *, drives_on_left: bool = False) -> RoadNetwork:
    """
    Make a town between a river and a ring motorway.

    Parameters
    ----------
    seed
        Bends the streets and moves the places.
    size
        Blocks along each side of the grid, at least 4; links grow with its square.
    drives_on_left
        Mirror it.

    Raises
    ------
    MapError
        When the size is too small to hold every feature.
    """
    return compile_network(town_elements(seed, size, drives_on_left=drives_on_left))


def town_elements(seed: int = 1, size: int = 8, *, drives_on_left: bool = False) -> Elements:
    """Town of these arguments as raw elements, before it is compiled."""
    if size < SMALLEST_TOWN:
        raise MapError(f"a town of {size} blocks is too small: it needs at least {SMALLEST_TOWN}")
    sketch = Sketch(drives_on_left=drives_on_left)
    draw_town(sketch, seed, size)
    side = "-left" if drives_on_left else ""
    return sketch.elements("town" if (seed, size) == (1, 8) else f"town-{seed}-{size}{side}")


def straight_road(
    length_mm: int = 1_000_000,
    lanes: int = 1,
    *,
    speed_kmh: int = 50,
    is_oneway: bool = False,
    drives_on_left: bool = False,
) -> RoadNetwork:
    """
    Make one road eastwards, turning round at its ends if it is not one-way.

    Parameters
    ----------
    length_mm
        From end to end, exact.
    lanes
        In each direction.
    speed_kmh
        Limit.
    is_oneway
        Eastbound only.
    drives_on_left
        Mirror it: it then runs westwards.
    """
    sketch = Sketch(drives_on_left=drives_on_left)
    tags = _road_tags("secondary", lanes, speed_kmh, "yes" if is_oneway else "no")
    sketch.way([(0, 0), (length_mm, 0)], name="Straight Road", **tags)
    return compile_network(sketch.elements("straight road"))


def crossing(  # noqa: PLR0913  every part of a crossing may matter to a test
    *,
    lanes: int = 1,
    control: str = "none",
    oneway: Mapping[str, str] | None = None,
    restrictions: Sequence[tuple[Tags | str, str, str]] = (),
    classes: Mapping[str, str] | None = None,
    arms: Sequence[str] = ARMS,
    arm_mm: int = 400_000,
    speed_kmh: int = 50,
    has_ring: bool = False,
    drives_on_left: bool = False,
) -> RoadNetwork:
    """
    Make one crossing with arms to the north, east, south and west.

    Parameters
    ----------
    lanes
        In each direction of every arm.
    control
        ``signal`` on the junction itself; ``stop`` or ``give_way`` on the north and south arms;
        ``all_way_stop``; else ``none``.
    oneway
        By arm: ``in`` for traffic towards the crossing only, ``out`` for away from it only.
    restrictions
        (value or tags, from arm, to arm), for example ``("no_left_turn", "south", "west")``.
    classes
        OpenStreetMap class by arm, secondary where not given.
    arms
        Arms that exist, three for a T junction.
    arm_mm
        Length of each arm.
    speed_kmh
        Limit.
    has_ring
        Join the outer ends by a two-way residential road, so that everything is connected.
    drives_on_left
        Mirror it: west and east change sides, left turns become right turns.
    """
    sketch = Sketch(drives_on_left=drives_on_left)
    sketch.node((0, 0))  # first of all, so that its id is known
    directions = {"in": "yes", "out": "-1"}
    ways = {}
    for arm in arms:
        limits = _road_tags(
            (classes or {}).get(arm, "secondary"),
            lanes,
            speed_kmh,
            directions.get((oneway or {}).get(arm, ""), "no"),
        )
        ways[arm] = sketch.way(_arm_points(arm, arm_mm), name=f"{arm.title()} Road", **limits)
    _draw_control(sketch, control, arms)
    for value, arm_from, arm_to in restrictions:
        sketch.restriction(value, ways[arm_from], (0, 0), ways[arm_to])
    if has_ring:
        _draw_ring(sketch, arms, arm_mm)
    return compile_network(sketch.elements("crossing"))


def arm_link(network: RoadNetwork, arm: str, *, inward: bool) -> LinkId:
    """Link of a crossing towards its center, or away from it; a phantom on a one-way arm."""
    return next(
        link.id
        for link in network.all_links
        if link.name == f"{arm.title()} Road"
        and bool(network.nodes.osm_id[link.to_node] == _CENTER_ID) is inward
    )


def _road_tags(highway: str, lanes: int, speed_kmh: int, oneway: str) -> dict[str, str]:
    total = lanes if oneway in {"yes", "-1"} else 2 * lanes
    tags = {"highway": highway, "maxspeed": str(speed_kmh), "oneway": oneway}
    return tags | {"lanes": str(total)}


def _arm_points(arm: str, arm_mm: int) -> list[Point]:
    return [_on_arm(arm, arm_mm), _on_arm(arm, _SIGN_MM), (0, 0)]


def _on_arm(arm: str, distance_mm: int) -> Point:
    east, north = _OUTWARD[arm]
    return east * distance_mm, north * distance_mm


def _draw_control(sketch: Sketch, control: str, arms: Sequence[str]) -> None:
    if control == "signal":
        sketch.node((0, 0), highway="traffic_signals")
    elif control == "all_way_stop":
        sketch.node((0, 0), highway="stop", stop="all")
    elif control in {"stop", "give_way"}:
        for arm in arms:
            if arm in {"north", "south"}:
                sketch.node(_on_arm(arm, _SIGN_MM), highway=control, direction="forward")


def _draw_ring(sketch: Sketch, arms: Sequence[str], arm_mm: int) -> None:
    corners = {"north": (1, 1), "east": (1, -1), "south": (-1, -1), "west": (-1, 1)}
    line: list[Point] = []
    for arm in ARMS:
        if arm in arms:
            line.append(_on_arm(arm, arm_mm))
        line.append((corners[arm][0] * arm_mm, corners[arm][1] * arm_mm))
    sketch.way([*line, line[0]], highway="residential", maxspeed="50", name="Ring Road")
