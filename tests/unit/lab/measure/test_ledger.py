"""Every millisecond of a trip is booked once: to a plan, a change of it, or what held the car."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import (
    COLUMNS,
    Event,
    Missed,
    Outcome,
    RerouteCause,
    Rerouted,
    SirenSample,
    Trace,
)
from guiderail.sim.lab.experiment.run import Laboratory, RunResult
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure.ledger import ACCOUNTS, DETOUR_ACCOUNTS, Account, ledger
from guiderail.sim.lab.results.rows import trip_row

FAR = {name: NOTHING for name in COLUMNS if name.endswith("gap_mm") or name == "barrier_mm"}
Row = dict[str, int]
Route = tuple[LinkId, ...]
Drive = Callable[..., Trace]


@pytest.fixture
def long_link(town: RoadNetwork) -> LinkId:
    """Find a road of the town, 100 m or longer, with no sign at its end."""
    links = town.links
    fits = (links.length_mm > 100_000) & (links.control == 0) & (links.in_world == 1)
    return LinkId(int(fits.argmax()))


def row(link: int, time_ms: int, s_mm: int, **state: int) -> Row:
    return (
        dict.fromkeys(COLUMNS, 0) | FAR | {"link": link, "time_ms": time_ms, "s_mm": s_mm} | state
    )


def trace(rows: list[Row], *events: Event, goal: tuple[LinkId, int]) -> Trace:
    """Make a trip that arrived at the end of its rows."""
    made = Trace(
        map_digest="",
        arm="guarded",
        start_link=LinkId(rows[0]["link"]),
        start_mm=0,
        goal_link=goal[0],
        goal_mm=goal[1],
        friction_permille=800,
        closed=frozenset(),
        events=list(events),
        outcome=Outcome.ARRIVED,
        end_ms=rows[-1]["time_ms"],
    )
    for one in rows:
        made.motion.extend(one[name] for name in COLUMNS)
    return made


def plan(route: Route, time_ms: int = 0, cause: RerouteCause = RerouteCause.START) -> Rerouted:
    return Rerouted(time_ms=time_ms, route=route, cause=cause)


def price_ms(town: RoadNetwork, route: Route) -> int:
    turns = [town.turn(*step) for step in pairwise(route)]
    return sum(turn.cost_ms for turn in turns if turn is not None)


@pytest.mark.parametrize(
    ("state", "account"),
    [
        pytest.param({"light": Light.RED}, Account.SIGNAL, id="a red light"),
        pytest.param({"leader_gap_mm": 2_000}, Account.TRAFFIC, id="a standing car ahead"),
        pytest.param({"barrier_mm": 3_000}, Account.CLOSURE, id="a barrier"),
        pytest.param({}, Account.DRIVING, id="nothing that the trace shows"),
    ],
)
def test_ten_seconds_of_standing_are_booked_to_what_stands_in_the_way(
    town: RoadNetwork, long_link: LinkId, state: Row, account: Account
) -> None:
    limit = town.link(long_link).speed_mm_s
    rows = [
        row(long_link, 0, 0),
        row(long_link, 1_000, limit, **state),
        row(long_link, 11_000, limit),
        row(long_link, 12_000, 2 * limit),
    ]
    books = ledger(trace(rows, plan((long_link,)), goal=(long_link, 2 * limit)), town)
    assert books is not None
    assert books[Account.PLAN] == pytest.approx(2_000, abs=1)
    assert books[account] == pytest.approx(10_000, abs=1)
    assert sum(books.values()) == 12_000


def test_waiting_for_a_siren_is_booked_to_those_who_go_first(
    town: RoadNetwork, long_link: LinkId
) -> None:
    limit = town.link(long_link).speed_mm_s
    rows = [row(long_link, time_ms, s) for time_ms, s in ((0, 0), (1_000, limit), (11_000, limit))]
    made = trace(
        [*rows, row(long_link, 12_000, 2 * limit)],
        plan((long_link,)),
        goal=(long_link, 2 * limit),
    )
    made.sirens.extend(SirenSample(1_000, 20_000, NOTHING, 0, 0, -1, 0))
    books = ledger(made, town)
    assert books is not None
    assert books[Account.PRIORITY] == pytest.approx(10_000, abs=1)


@pytest.mark.parametrize(("queued", "account"), [(True, Account.TRAFFIC), (False, Account.SIGNAL)])
def test_in_the_queue_of_an_incident_a_red_light_costs_nothing_of_its_own(
    town: RoadNetwork, long_link: LinkId, account: Account, *, queued: bool
) -> None:
    limit = town.link(long_link).speed_mm_s
    waiting = {"light": Light.RED, "leader_gap_mm": 2_000}
    rows = [
        row(long_link, 0, 0),
        row(long_link, 1_000, limit, **waiting),
        row(long_link, 11_000, limit),
        row(long_link, 12_000, 2 * limit),
    ]
    made = trace(rows, plan((long_link,)), goal=(long_link, 2 * limit))
    made.queued = [(long_link, 0)] if queued else []
    books = ledger(made, town)
    assert books is not None
    assert books[account] == pytest.approx(10_000, abs=1)


def test_getting_under_way_again_belongs_to_what_the_car_waited_for(
    town: RoadNetwork, long_link: LinkId
) -> None:
    limit = town.link(long_link).speed_mm_s
    rows = [
        row(long_link, 0, 0, light=Light.RED),
        row(long_link, 1_000, 0, accel_mm_s2=0),
        row(long_link, 3_000, limit, accel_mm_s2=1_000),  # half the pace: 1 s lost
        row(long_link, 4_000, 2 * limit),
    ]
    books = ledger(trace(rows, plan((long_link,)), goal=(long_link, 2 * limit)), town)
    assert books is not None
    assert books[Account.SIGNAL] == pytest.approx(2_000, abs=1)


@pytest.mark.parametrize(
    ("cause", "from_guide", "account"),
    [
        (RerouteCause.GUIDE, False, Account.GUIDE),
        (RerouteCause.CLOSURE, False, Account.CLOSURE),
        (RerouteCause.MISSED, True, Account.MISSED_GUIDED),
        (RerouteCause.MISSED, False, Account.MISSED_OWN),
        (RerouteCause.GOAL_PASSED, False, Account.MISSED_OWN),
    ],
)
def test_a_longer_plan_is_booked_to_who_changed_it(
    town: RoadNetwork, cause: RerouteCause, *, from_guide: bool, account: Account
) -> None:
    short, detour = two_ways(town)
    start = short[0]
    goal = (short[-1], town.link(short[-1]).length_mm)
    missed = Missed(time_ms=0, link=start, wanted=short[1], taken=detour[1], from_guide=from_guide)
    changes = (plan(short), missed, plan(detour, 0, cause))
    rows = [row(start, 0, 0), row(goal[0], 100, goal[1])]
    books = ledger(trace(rows, *changes, goal=goal), town)
    assert books is not None
    assert books[account] == price_ms(town, detour) - price_ms(town, short) > 0
    assert sum(books.values()) == 100


def two_ways(town: RoadNetwork) -> tuple[Route, Route]:
    """Find a best way through the town, and a dearer one that turns off at its first node."""
    goal = LinkId(int(town.links.in_world.nonzero()[0][-1]))
    tree = RouteOracle(town).tree(goal)
    for link in map(LinkId, town.links.in_world.nonzero()[0].tolist()):
        best = tree.route(link)
        for turn in town.turns_from(link) if len(best) > 3 else ():
            other = (link, *tree.route(turn.to_link))
            if turn.to_link not in best and price_ms(town, other) > price_ms(town, best):
                return best, other
    pytest.fail("the town has no road with two ways on")


@pytest.fixture(scope="module")
def results() -> list[RunResult]:
    """Drive three closed-off trips in every arm."""
    laboratory = Laboratory(make_scenario({"map": "town", "rates": [1], "closures": {"mean": 2.0}}))
    return [result for trip in range(3) for result in laboratory.trip(trip)]


def test_the_books_of_every_arm_balance_to_the_millisecond(results: list[RunResult]) -> None:
    books = [(one.run.trace, one.run.books) for one in results]
    assert {made.arm for made, _ in books} >= {"guarded", "obeying_machine", "obeying_human"}
    for made, book in books:
        assert (book is None) == (made.outcome is not Outcome.ARRIVED)
        assert book is None or (set(book) == set(ACCOUNTS) and sum(book.values()) == made.end_ms)


def test_where_two_arms_part_adds_up_to_the_detour(results: list[RunResult]) -> None:
    pairs = [(one.run, one.baseline) for one in results if one.run.books and one.baseline.books]
    assert pairs
    for run, base in pairs:
        assert run.books is not None
        assert base.books is not None
        parts = {one: run.books[one] - base.books[one] for one in ACCOUNTS}
        assert parts[Account.PLAN] == 0
        assert sum(parts.values()) == run.trace.end_ms - base.trace.end_ms


def test_the_columns_of_the_trip_table_add_up(results: list[RunResult]) -> None:
    for line in map(trip_row, results):
        booked = [line[f"booked_{one.value}_ms"] for one in ACCOUNTS]
        parts = [line[f"detour_{one.value}_ms"] for one in DETOUR_ACCOUNTS]
        assert booked[0] is None or sum(booked) == line["time_ms"]
        assert (parts[0] is None) == (line["detour_s"] is None)
        assert parts[0] is None or sum(parts) == line["time_ms"] - line["baseline_ms"]


def test_a_trip_that_did_not_arrive_has_no_books(town: RoadNetwork, long_link: LinkId) -> None:
    lost = trace([row(long_link, 0, 0)], plan((long_link,)), goal=(long_link, 50_000))
    lost.outcome = Outcome.CRASHED
    assert ledger(lost, town) is None
