"""Refused advice has its price: worked out by hand at a crossing, counted over whole trips."""

from itertools import pairwise
from typing import Any

import pyarrow.parquet as pq
import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.messages import Advice, Ask, Proposal
from guiderail.sim.contract.trace import (
    COLUMNS,
    Event,
    Heard,
    Passing,
    RerouteCause,
    Rerouted,
    Sample,
    Trace,
)
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import load_scenario
from guiderail.sim.lab.measure.advice_value import AdviceValue, advice_values
from guiderail.sim.lab.report.report import print_report, write_report
from guiderail.sim.lab.results.summary import summarize

SPEED = 8_000
NEEDED_MM = 16_000 + 16_000 + 10_000
"""At 8 m/s: two seconds to think, 8^2 / (2 * 2) m to brake, 10 m to spare."""


class Corner:
    """A car from the south to the north of one crossing that plans to go round by the east."""

    def __init__(self) -> None:
        self.network: RoadNetwork = crossing(control="none", has_ring=True, arm_mm=60_000)
        self.south = arm_link(self.network, "south", inward=True)
        self.north = arm_link(self.network, "north", inward=False)
        self.east = arm_link(self.network, "east", inward=False)
        self.routes = RouteOracle(self.network)
        self.round = (self.south, *self.routes.tree(self.north).route(self.east))

    def cost_ms(self, *route: LinkId) -> int:
        """Sum of the turns of a route."""
        turns = [self.network.turn(*step) for step in pairwise(route)]
        return sum(turn.cost_ms for turn in turns if turn is not None)

    def say(self, left_mm: int = 59_000, **wanted: Any) -> Heard:
        """Something heard at 8 m/s on the arm from the south."""
        proposal = Proposal(seen_ms=0, **wanted) if wanted else None
        return Heard(
            time_ms=1_000,
            asked_ms=0,
            occasion=0,
            link=self.south,
            distance_to_node_mm=left_mm,
            speed_mm_s=SPEED,
            advice=Advice(words="", proposal=proposal),
            verdict=None,
        )

    def value(
        self, said: Heard, plan: tuple[LinkId, ...] = (), closed: tuple[LinkId, ...] = ()
    ) -> AdviceValue | None:
        """Its value beside a plan, with roads truly closed."""
        return self.value_after(
            [Rerouted(time_ms=0, route=plan or self.round, cause=RerouteCause.START)], said, closed
        )

    def value_after(
        self, events: list[Event], said: Heard, closed: tuple[LinkId, ...] = ()
    ) -> AdviceValue | None:
        """Its value after what had happened."""
        trace = Trace(
            map_digest="",
            arm="guarded",
            start_link=self.south,
            start_mm=0,
            goal_link=self.north,
            goal_mm=30_000,
            friction_permille=800,
            closed=frozenset(closed),
            events=[*events, said],
        )
        quiet = dict.fromkeys(COLUMNS, 0)
        trace.add(Sample(**quiet | {"link": self.south}))
        return advice_values(trace, self.network, self.routes, "the goal")[0]


@pytest.fixture(scope="module")
def corner() -> Corner:
    return Corner()


def test_the_right_turn_saves_the_difference_of_two_sums_of_turns(corner: Corner) -> None:
    said = corner.say(ask=Ask.TURN, at=corner.south, onto=corner.north)
    saved = corner.cost_ms(*corner.round) - corner.cost_ms(corner.south, corner.north)
    assert saved > 10_000
    assert corner.value(said) == AdviceValue(saved, is_right=True, has_room=True)


@pytest.mark.parametrize(("left_mm", "has_room"), [(NEEDED_MM, True), (NEEDED_MM - 1, False)])
def test_there_is_room_down_to_the_last_millimeter(
    corner: Corner, left_mm: int, *, has_room: bool
) -> None:
    said = corner.say(left_mm, ask=Ask.TURN, at=corner.south, onto=corner.north)
    value = corner.value(said)
    assert value is not None
    assert value.has_room is has_room


def test_a_detour_is_not_right_and_its_worth_is_below_zero(corner: Corner) -> None:
    said = corner.say(ask=Ask.TURN, at=corner.south, onto=corner.east)
    value = corner.value(said, plan=(corner.south, corner.north))
    lost = corner.cost_ms(*corner.round) - corner.cost_ms(corner.south, corner.north)
    assert value == AdviceValue(-lost, is_right=False, has_room=True)


def test_a_warning_of_a_closed_road_ahead_is_right_even_where_it_saves_nothing(
    corner: Corner,
) -> None:
    shut = corner.round[2]
    said = corner.say(ask=Ask.AVOID, onto=shut)
    value = corner.value(said, closed=(shut,))
    assert value is not None
    assert value.is_right
    # Unwarned the car goes east first and finds another way from there.
    on_ms = RouteOracle(corner.network).tree(corner.north, frozenset({shut}))
    kept_ms = corner.cost_ms(*corner.round[:2]) + int(on_ms.cost_to_go_ms[corner.east])
    assert value.saves_ms == kept_ms - corner.cost_ms(corner.south, corner.north)


@pytest.mark.parametrize(
    "wanted",
    [
        {"ask": Ask.TAKE_ROAD, "road": "Moon Road"},
        {"ask": Ask.TURN, "at": LinkId(0), "onto": LinkId(99)},
    ],
)
def test_what_means_nothing_is_worth_nothing(corner: Corner, wanted: Any) -> None:
    assert corner.value(corner.say(**wanted)) == AdviceValue(None, is_right=False, has_room=False)


def test_a_banned_turn_and_a_closed_road_are_never_right(corner: Corner) -> None:
    banned = corner.network.illegal_turns_from(corner.south)[0].to_link
    turn = corner.say(ask=Ask.TURN, at=corner.south, onto=banned)
    shut = corner.say(ask=Ask.TURN, at=corner.south, onto=corner.east)
    for value in (corner.value(turn), corner.value(shut, closed=(corner.east,))):
        assert value == AdviceValue(None, is_right=False, has_room=False)


def test_words_alone_have_no_price(corner: Corner) -> None:
    assert corner.value(corner.say()) is None


def test_the_plan_of_the_moment_counts_and_a_car_that_has_just_left_it_has_none(
    corner: Corner,
) -> None:
    said = corner.say(ask=Ask.TURN, at=corner.south, onto=corner.north)
    links = range(corner.network.link_count)
    before = next(LinkId(k) for k in links if corner.network.turn(LinkId(k), corner.south))
    start = Rerouted(time_ms=0, route=(before, *corner.round), cause=RerouteCause.START)
    passing = Passing(
        time_ms=500, from_link=before, to_link=corner.south, from_lane=0, speed_mm_s=SPEED
    )
    assert corner.value_after([start, passing], said) == corner.value(said)
    assert corner.value_after([start], said) == AdviceValue(None, is_right=False, has_room=False)


def _said(rows: Any, decision: str, reason: str, *, right: bool, **values: Any) -> Any:
    row = rows["message"]("guarded", 1.0, 0, decision, reason)
    return row | {"right": right, "saves_ms": 4_000, "has_room": True} | values


def test_the_summary_counts_refused_right_advice_and_its_price(
    make_folder: Any, rows: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [
        _said(rows, "refuse", "too_late", right=True, has_room=False),
        _said(rows, "refuse", "over_budget", right=True, saves_ms=6_000),
        _said(rows, "refuse", "over_budget", right=False, saves_ms=-9_000),
        _said(rows, "accept", "admissible", right=True),
    ]
    trips = [rows["trip"]("guarded", 1.0, k) for k in range(4)]
    folder = make_folder(trips=trips, messages=said)
    summary = write_report(folder)
    assert summary["arms"]["guarded"]["rates"][0]["right_advice"] == {
        "count": 3,
        "refused": 2,
        "share": 2 / 3,
        "needless": 1,
        "price_s_per_trip": 10 / 4,
        "needless_s_per_trip": 6 / 4,
        "reasons": {"over_budget": 1, "too_late": 1},
    }
    print_report(summary, folder)
    printed = capsys.readouterr().out
    assert "What refusing right advice cost" in printed
    assert "over_budget 1, too_late 1" in printed


def test_a_folder_from_before_prices_is_read_and_says_that_nothing_was_priced(
    make_folder: Any, rows: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(
        trips=[rows["trip"]("guarded", 1.0, 0)],
        messages=[rows["message"]("guarded", 1.0, 0, "refuse", "too_late")],
    )
    path = folder.path / "messages.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["right", "saves_ms", "has_room"]), path)
    summary = summarize(folder)
    assert summary["arms"]["guarded"]["refused"] == {"too_late": 1}
    assert summary["arms"]["guarded"]["right_advice"]["count"] is None
    print_report(summary, folder)
    assert "right advice" not in capsys.readouterr().out


def _advice(changes: int) -> list[tuple[Any, AdviceValue]]:
    """Right advice of the oracle on 50 trips with unreported closures, and the answers."""
    wanted = {
        "map": "helsinki",
        "guide": "oracle",
        "arms": ["guarded"],
        "rates": [0.0],
        "closures": {"mean": 8.0, "stale": 1.0},
        "budget": {"changes": changes},
    }
    laboratory = Laboratory(load_scenario(None, wanted))
    runs = [one.run for trip in range(50) for one in laboratory.trip(trip)]
    heard = [[one for one in run.trace.events if isinstance(one, Heard)] for run in runs]
    pairs = [
        (one.verdict, value)
        for run, said in zip(runs, heard, strict=True)
        for one, value in zip(said, run.advice_values, strict=True)
    ]
    return [(verdict, value) for verdict, value in pairs if value is not None and value.is_right]


@pytest.mark.slow
def test_nothing_of_an_oracle_is_refused_needlessly_and_a_timid_guard_is_found_out() -> None:
    sound = _advice(changes=8)
    assert len(sound) >= 8
    assert [one for one in sound if one[0].decision == "refuse" and one[1].has_room] == []
    timid = [value for verdict, value in _advice(changes=0) if verdict.decision == "refuse"]
    assert sum(value.has_room for value in timid) >= 8
    assert sum(value.saves_ms or 0 for value in timid) > 10_000
