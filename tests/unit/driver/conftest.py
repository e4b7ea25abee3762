r"""
A town small enough to work out by hand.

::

              3 Left Street              10 School Lane
            /              \           /              \
    0 Main Street -------- 1 Main Street ------------- 2 Main Street (goal)
            \                                       /    |
              4 Right Street ---- 5 Ring Road -----+-----+

Best way 0, 1, 2: 16 s. By 3: 22 s. By 10: 26 s. By 4 and 5: 40 s. From the goal round to it: 35 s.
Beside it: 6 a one-way street's wrong end, 7 behind a sign, 8 outside the drivable world, 9 a dead
end within it, 11 the way back along 0.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from guiderail.maps.network import Ban, LinkId, Place, PlaceId, RoadNetwork, TurnKind
from guiderail.maps.routing import RouteOracle
from guiderail.maps.tables import LinkTable, NodeTable, PlaceTable, TurnTable
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Ask, Light, Perception, Proposal, Verdict
from guiderail.sim.driver.guard.budget import Budget, BudgetAccount
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guard.rules import RULES, Rule
from guiderail.sim.driver.motion.lookahead import RoadAhead
from guiderail.sim.driver.planner import Planner

Row = dict[str, Any]


def _turn(from_link: int, to_link: int, cost_s: int, angle_deg: int = 0, **more: Any) -> Row:
    return {
        "from_link": from_link,
        "to_link": to_link,
        "cost_ms": 1_000 * cost_s,
        "angle_cdeg": 100 * angle_deg,
        "last_lane": 1,
        **more,
    }


LEGAL = [
    _turn(0, 1, 8),
    _turn(0, 3, 10, -90, kind=TurnKind.LEFT, radius_mm=12_000, first_lane=1),
    _turn(0, 4, 10, 90, kind=TurnKind.RIGHT, radius_mm=8_000, last_lane=0),
    _turn(0, 8, 10, -30, kind=TurnKind.SLIGHT_LEFT),
    _turn(0, 9, 10, 30, kind=TurnKind.SLIGHT_RIGHT),
    _turn(0, 11, 30, 180, kind=TurnKind.U_TURN, radius_mm=6_000),
    _turn(1, 2, 8),
    _turn(1, 10, 9, -90, kind=TurnKind.LEFT, radius_mm=12_000),
    _turn(2, 5, 15, 90, kind=TurnKind.RIGHT, radius_mm=8_000),
    _turn(3, 2, 12, 90, kind=TurnKind.RIGHT, radius_mm=8_000),
    _turn(4, 5, 10),
    _turn(5, 0, 25, -90, kind=TurnKind.LEFT, radius_mm=12_000),
    _turn(5, 2, 20, 90, kind=TurnKind.RIGHT, radius_mm=8_000),
    _turn(6, 1, 8),
    _turn(7, 2, 12),
    _turn(10, 2, 9),
    _turn(11, 0, 30, 180, kind=TurnKind.U_TURN, radius_mm=6_000),
]
ILLEGAL = [
    _turn(0, 6, 12, -140, kind=TurnKind.SHARP_LEFT, ban=Ban.WRONG_WAY),
    _turn(0, 7, 12, 140, kind=TurnKind.SHARP_RIGHT, ban=Ban.RESTRICTION),
    _turn(1, 6, 12, 180, kind=TurnKind.U_TURN, ban=Ban.U_TURN),
    _turn(1, 7, 12, -90, kind=TurnKind.LEFT, ban=Ban.RESTRICTION),
]
PLACES = {
    "Ring Cafe": [(5, 50_000)],
    "School": [(10, 20_000)],
    "Bakery": [(0, 100_000)],
    "Twin Shop": [(3, 0), (4, 0)],
    "Two Doors": [(3, 0), (3, 9_000)],
    "Outpost": [(8, 0)],
    "Island Inn": [(9, 0)],
}
ROADS = {
    "Main Street": (0, 1, 2),
    "Left Street": (3,),
    "Right Street": (4,),
    "Ring Road": (5,),
    "School Lane": (10,),
    "Outer Road": (8,),
    "Border Road": (8, 10),
    "Island Road": (9,),
}


class FakeGazetteer:
    """Exactly these names."""

    def find_places(self, name: str) -> tuple[Place, ...]:
        """Every place of that name."""
        return tuple(
            Place(
                id=PlaceId(i),
                name=name,
                kind="shop",
                link=LinkId(link),
                offset_mm=offset,
                is_right=True,
                x_mm=0,
                y_mm=0,
            )
            for i, (link, offset) in enumerate(PLACES.get(name, []))
        )

    def find_roads(self, name: str) -> tuple[LinkId, ...]:
        """Every link of that road."""
        return tuple(map(LinkId, ROADS.get(name, ())))

    def nearest_name(self, name: str) -> str:
        """A name with the same beginning; empty if there is none."""
        return next((known for known in (*PLACES, *ROADS) if known[:3] == name[:3]), "")

    def nearest_place(self, name: str) -> Place | None:
        """A place with the same beginning."""
        return next(iter(self.find_places(self.nearest_name(name))), None)


def _ints(rows: Sequence[Row], column: str, default: int = 0) -> Any:
    kind = np.int64 if column in ("relation_id", "way_id") else np.int32
    return np.array([row.get(column, default) for row in rows], dtype=kind)


def _turn_table(rows: Iterable[Row], link_count: int) -> TurnTable:
    ordered = sorted(rows, key=lambda row: (row["from_link"], row["to_link"]))
    count = np.bincount([row["from_link"] for row in ordered], minlength=link_count)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    names = [field.name for field in fields(TurnTable) if field.name != "start"]
    return TurnTable(start=start, **{name: _ints(ordered, name) for name in names})


def build_network(
    links: Sequence[Row], legal: Iterable[Row], illegal: Iterable[Row] = ()
) -> RoadNetwork:
    """Make a network of rows that name only what differs from a plain 100 m street."""
    plain = {"length_mm": 100_000, "speed_mm_s": 13_880, "lanes": 1, "in_world": 1, "reverse": -1}
    rows = [{**plain, **row} for row in links]
    names = [field.name for field in fields(LinkTable)]
    empty = np.zeros(0, dtype=np.int32)
    columns = {name: _ints(rows, name) for name in names if not name.startswith("shape_")}
    shape = {"shape_start": np.zeros(len(rows) + 1, dtype=np.int32)}
    columns |= shape | {"shape_x_mm": empty, "shape_y_mm": empty}
    return RoadNetwork(
        nodes=NodeTable(**{field.name: empty for field in fields(NodeTable)}),
        links=LinkTable(**columns),
        turns=_turn_table(legal, len(rows)),
        illegal_turns=_turn_table(illegal, len(rows)),
        places=PlaceTable(**{field.name: empty for field in fields(PlaceTable)}),
        strings=("",),
        drives_on_left=False,
    )


@pytest.fixture(scope="session")
def network() -> RoadNetwork:
    """Make the town."""
    links: list[Row] = [{} for _ in range(12)]
    links[0] = {"length_mm": 300_000, "lanes": 2, "reverse": 11}
    links[6] = {"against_oneway": 1, "in_world": 0}
    links[8] = {"in_world": 0}
    links[11] = {"length_mm": 300_000, "reverse": 0}
    return build_network(links, LEGAL, ILLEGAL)


@pytest.fixture(scope="session")
def network_of() -> Callable[..., RoadNetwork]:
    """Make a network of any number of plain links and (from, to, cost) turns."""

    def build(link_count: int, turns: Iterable[tuple[int, int, int]]) -> RoadNetwork:
        rows = [_turn(a, b, 0, cost_ms=cost) for a, b, cost in turns]
        return build_network([{} for _ in range(link_count)], rows)

    return build


@pytest.fixture(scope="session")
def routes(network: RoadNetwork) -> RouteOracle:
    """Make the trees of the town."""
    return RouteOracle(network)


@pytest.fixture(scope="session")
def gazetteer() -> FakeGazetteer:
    """Know the town's names."""
    return FakeGazetteer()


@pytest.fixture
def planner(town: SimpleNamespace) -> Planner:
    """Plan from 0 to 2."""
    planner: Planner = town.plan()
    return planner


@pytest.fixture(scope="session")
def seen() -> Perception:
    """A minute into the trip: at the start of 0, 50 km/h, kerb lane, dry, nobody around."""
    values: Row = dict.fromkeys((one.name for one in fields(Perception)), 0)
    values |= {name: NOTHING for name in tuple(values) if name.endswith("gap_mm")}
    values |= {"time_ms": 60_000, "speed_mm_s": 13_880, "barrier_mm": NOTHING}
    values |= dict.fromkeys(("sight_mm", "corner_ms", "walker_mm", "walker_ms"), NOTHING)
    values |= {"closed": frozenset(), "priority_ms": (), "sirens": (), "friction_permille": 800}
    return Perception(**(values | {"light": Light.NONE, "next_light": Light.NONE}))


@pytest.fixture(scope="session")
def town(
    network: RoadNetwork, routes: RouteOracle, gazetteer: FakeGazetteer, seen: Perception
) -> SimpleNamespace:
    """Everything that no decision changes; ``plan()`` makes a fresh planner."""

    def plan(trees: RouteOracle = routes) -> Planner:
        return Planner(network, trees, LinkId(0), LinkId(2), goal_name="Town Hall")

    return SimpleNamespace(network=network, gazetteer=gazetteer, seen=seen, plan=plan)


@pytest.fixture(scope="session")
def state_of() -> Callable[[Planner, BudgetAccount], Any]:
    """Look at everything that a planner and an account hold."""

    def state(planner: Planner, account: BudgetAccount) -> Any:
        held = {name: value for name, value in vars(planner).items() if "rout" not in name}
        held.pop("_finder", None)  # a search over the map holds nothing of the trip
        del held["network"]
        return planner.route, repr(held), dict(vars(account))

    return state


@pytest.fixture
def desk(
    town: SimpleNamespace, planner: Planner, state_of: Callable[[Planner, BudgetAccount], Any]
) -> SimpleNamespace:
    """Everything that a decision needs; ``ask(Ask.TURN, at=0, ...)`` puts one question."""
    desk = SimpleNamespace(
        planner=planner, account=BudgetAccount(Budget()), seen=town.seen, rules=RULES
    )
    desk.can_drive = lambda _route, _seen: True

    def decide(proposal: Any) -> Verdict:
        guard = Guard(town.gazetteer, desk.rules, can_drive=desk.can_drive)
        return guard.decide(proposal, desk.seen, desk.planner, desk.account).verdict

    def ask(what: Ask, **wanted: Any) -> Verdict:
        return decide(Proposal(**({"ask": what, "seen_ms": desk.seen.time_ms} | wanted)))

    def see(**values: Any) -> None:
        desk.seen = desk.seen.but(**values)

    def without(rule: Rule) -> None:
        desk.rules = tuple(other for other in RULES if other is not rule)

    desk.decide, desk.ask, desk.see, desk.without = decide, ask, see, without
    desk.state = lambda: state_of(desk.planner, desk.account)
    return desk


@pytest.fixture
def free_road(town: SimpleNamespace) -> RoadAhead:
    """Nothing on the road demands anything."""
    return RoadAhead(
        link=town.network.link(LinkId(0)),
        turn=None,
        limits=(),
        stop_mm=100_000_000,
        light_mm=NOTHING,
        next_light_mm=NOTHING,
        sign_mm=NOTHING,
        yield_mm=NOTHING,
        clear_mm=12_500,
        goal_mm=100_000_000,
        must_turn=False,
        wanted_lanes=(0, 0),
        continuing_lanes=(0, 0),
        lanes_end_mm=100_000_000,
        exit_lanes=(0, 0),
    )
