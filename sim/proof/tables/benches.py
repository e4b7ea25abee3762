"""
Where the words of the decision table are said: maps on which every rule of the guard has its case.

Made of nothing that is mutated, so they are made once.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.gazetteer import Gazetteer
from guiderail.maps.network import Ban, LinkId, RoadNetwork, TurnKind
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic.networks import arm_link, crossing, town
from guiderail.maps.synthetic.sketch import Sketch
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light, Perception
from guiderail.sim.proof.search.sites import NOW_MS, SITES

BLOCK_MM: Final = 120_000
BLOCKS: Final = 12
"""Junctions along the avenue: more than any counter-offer or late branch looks at."""
YARD: Final = LinkId(120)
"""Link of the avenue that leads out of the drivable world."""
ROUND_CDEG: Final = 17_900
_SIDE_MM: Final = 150_000


class Bench(NamedTuple):
    """One map, and all that is worked out of it once."""

    network: RoadNetwork
    routes: RouteOracle
    gazetteer: Gazetteer


@cache
def bench(name: str) -> Bench:
    """Make a bench: a site, one of the maps below, or ``angles`` and the angles of its turns."""
    if name in SITES:
        network = SITES[name]().network
    elif name in _MAPS:
        network = _MAPS[name]()
    else:
        network = angled(*map(int, name.split()[1:]))
    names = _Border(network) if name == "odd signs" else Gazetteer(network)
    return Bench(network, RouteOracle(network), names)


class _Border(Gazetteer):
    """Knows one road more, which lies half in the drivable world and half outside."""

    def find_roads(self, name: str) -> tuple[LinkId, ...]:
        """Street 1 and the yard."""
        return (LinkId(78), YARD) if name == "Border Road" else super().find_roads(name)


class Broken(Gazetteer):
    """Knows nothing, and breaks if asked for what is near; without ``finds`` on anything."""

    def __init__(self, finds: tuple[()] | None = None) -> None:
        """Load no map."""
        self._finds = finds

    def find_roads(self, name: str) -> Any:
        """Find nothing, or break."""
        if self._finds is None:
            raise KeyError(name)
        return self._finds

    find_places = find_roads

    def nearest_name(self, name: str) -> Any:
        """Break."""
        raise KeyError(name)

    nearest_place = nearest_name


def _avenue() -> RoadNetwork:
    """Three lanes north, a street on either side, and a crossing every 120 m."""
    sketch = Sketch()
    wide = {"highway": "primary", "lanes": "6", "maxspeed": "50"}
    narrow = {"highway": "residential", "lanes": "2", "maxspeed": "30"}
    rows = range(0, BLOCKS * BLOCK_MM + 1, BLOCK_MM)
    sketch.way([(0, y) for y in rows], name="Avenue", **wide)
    for x, name in ((-_SIDE_MM, "West Street"), (_SIDE_MM, "East Street")):
        sketch.way([(x, y) for y in rows], name=name, **narrow)
    for k, y in enumerate(rows):
        oneway = {4: "yes", 5: "-1"}.get(k, "no")
        line = [(-_SIDE_MM, y), (0, y), (_SIDE_MM, y)]
        called = {"ref": "B 11"} if k == BLOCKS - 1 else {"name": f"Street {k}"}
        sketch.way(line, oneway=oneway, **called, **narrow)
    # A yard that can be entered and not left lies outside the drivable world.
    sketch.way([(60_000, 60_000), (0, 2 * BLOCK_MM)], name="Yard", oneway="-1", **narrow)
    for name, y in (("Kiosk", 30_000), ("Cinema", 5 * BLOCK_MM + 50_000), ("Kiosk Two", 200_000)):
        sketch.lone_node((8_000, y), amenity="cafe", name=name)
    for k in range(7):  # more of one name than are shown
        sketch.lone_node((8_000, BLOCKS * BLOCK_MM - 10_000 * k), amenity="atm", name="Stop")
    for y in (300_000, 330_000):  # twice on one link is one place, twice on two is none
        sketch.lone_node((8_000, y), amenity="bank", name="Bank")
    for y in (420_000, 540_000):
        sketch.lone_node((8_000, y), amenity="bar", name="Bar")
    return compile_network(sketch.elements("avenue"))


def _odd_signs() -> RoadNetwork:
    """The avenue; one turn is against a one-way street, another says so, and each not both."""
    network = bench("avenue").network
    table = replace(network.illegal_turns, ban=network.illegal_turns.ban.copy())
    for from_link, to_link, ban in ((6, 121, Ban.RESTRICTION), (0, 1, Ban.WRONG_WAY)):
        rows = range(table.start[from_link], table.start[from_link + 1])
        (row,) = (row for row in rows if table.to_link[row] == to_link)
        table.ban[row] = ban
    return replace(network, illegal_turns=table)


def angled(*angles: int) -> RoadNetwork:
    """
    Make a crossing whose turns from the south arm have these angles [0.01 degree].

    In the order of the links that they lead to, legal ones first; one left out stays as it is. As
    good as 180 degrees is turning round.
    """
    network = bench("crossing").network
    origin = arm_link(network, "south", inward=True)
    turns = [
        replace(table, angle_cdeg=table.angle_cdeg.copy(), kind=table.kind.copy())
        for table in (network.turns, network.illegal_turns)
    ]
    places = [(table, row) for table in turns for row in range(*table.start[origin : origin + 2])]
    for (table, row), angle in zip(places, angles, strict=False):
        table.angle_cdeg[row] = angle
        if abs(angle) > ROUND_CDEG:
            table.kind[row] = TurnKind.U_TURN
    return replace(network, turns=turns[0], illegal_turns=turns[1])


def seen_at(link: LinkId, s_mm: int = 0, speed: int = 0, lane: int = 0) -> Perception:
    """What a car perceives on a clear dry road."""
    return Perception(
        time_ms=NOW_MS,
        link=link,
        s_mm=s_mm,
        lane=lane,
        target_lane=lane,
        speed_mm_s=speed,
        accel_mm_s2=0,
        light=Light.NONE,
        leader_gap_mm=NOTHING,
        leader_speed_mm_s=0,
        follower_gap_mm=NOTHING,
        follower_speed_mm_s=0,
        side_lead_gap_mm=NOTHING,
        side_lead_speed_mm_s=0,
        side_lag_gap_mm=NOTHING,
        side_lag_speed_mm_s=0,
        oncoming_gap_mm=NOTHING,
        oncoming_speed_mm_s=0,
        priority_ms=(),
        barrier_mm=NOTHING,
        closed=frozenset(),
        friction_permille=800,
    )


_MAPS: Final[dict[str, Callable[[], RoadNetwork]]] = {
    "town": lambda: town(1, 4),
    "avenue": _avenue,
    "odd signs": _odd_signs,
    "crossing": lambda: crossing(restrictions=[("no_left_turn", "south", "west")], has_ring=True),
}
