"""One run is the same whenever it is repeated, and no guide takes the lab down with it."""

from itertools import pairwise
from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.errors import KernelError, PluginError
from guiderail.sim.contract.messages import Advice, Ask, Observation, Proposal
from guiderail.sim.contract.trace import Heard, Outcome
from guiderail.sim.lab.experiment import run as run_module
from guiderail.sim.lab.experiment.run import Laboratory, RunResult, Supervised
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure.metrics import missed_turns
from guiderail.sim.lab.report.geojson import trip_geojson
from guiderail.sim.lab.report.story import clock, printable, tell
from guiderail.sim.lab.results.batch import rows_of
from guiderail.sim.lab.results.columns import columns
from guiderail.sim.lab.results.rows import target

SHORT = {"od": {"min_s": 30, "max_s": 60}, "rates": [0.0, 1.0], "closures": {"mean": 1.0}}


@pytest.fixture(scope="module")
def helsinki() -> RoadNetwork:
    """Load the bundled map."""
    return load_map("helsinki")


@pytest.fixture(scope="module")
def laboratory(helsinki: RoadNetwork) -> Laboratory:
    """Make a laboratory for short trips."""
    return Laboratory(make_scenario(SHORT), helsinki)


@pytest.fixture(scope="module")
def results(laboratory: Laboratory) -> list[RunResult]:
    """Run one trip in all arms."""
    return laboratory.trip(0)


def find(results: list[RunResult], arm: str, rate: float) -> RunResult:
    return next(one for one in results if (one.run.arm, one.run.rate) == (arm, rate))


class Odd:
    """A guide that does one odd thing."""

    name = "odd"

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def advise(self, seen: Observation) -> Advice | None:
        """Return or raise what this guide was made with."""
        del seen
        if isinstance(self._answer, Exception):
            raise self._answer
        answer: Advice | None = self._answer
        return answer


def test_one_trip_runs_once_without_a_guide_and_once_per_rate_in_the_other_arms(
    results: list[RunResult],
) -> None:
    keys = [(one.run.arm, one.run.rate) for one in results]
    arms = ("guarded", "obeying_machine", "obeying_human")
    assert keys == [("no_guide", 0.0), *((arm, rate) for arm in arms for rate in (0.0, 1.0))]


def test_the_twin_of_the_guarded_car_is_the_run_without_a_guide(results: list[RunResult]) -> None:
    alone = find(results, "no_guide", 0.0)
    assert find(results, "guarded", 1.0).twin is alone.run
    assert find(results, "obeying_human", 1.0).twin is find(results, "obeying_human", 0.0).twin
    assert all(one.baseline is alone.run for one in results)


def test_a_run_alone_is_the_run_of_the_batch_bit_for_bit(
    laboratory: Laboratory, results: list[RunResult]
) -> None:
    again = laboratory.one(0, "obeying_machine", 1.0)
    assert again.run.trace.digest() == find(results, "obeying_machine", 1.0).run.trace.digest()


def test_every_row_of_a_trip_has_exactly_the_columns_of_its_table(
    laboratory: Laboratory, results: list[RunResult]
) -> None:
    tables = rows_of(results, laboratory)
    assert {len(tables["trips"]), len(tables["twins"])} == {7, 2}
    for table, rows in tables.items():
        for row in rows:
            assert set(row) == {one.name for one in columns(table)}


def test_messages_of_a_run_are_all_in_the_message_table(
    laboratory: Laboratory, results: list[RunResult]
) -> None:
    said = sum(isinstance(event, Heard) for one in results for event in one.run.trace.events)
    assert len(rows_of(results, laboratory)["messages"]) == said > 0


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        (ValueError("no idea"), "ValueError: no idea"),
        ("turn left", "TypeError: advise() returned a str, not an Advice or None"),
        (Advice(words="x", proposal="left"), "TypeError: proposal of the advice is a str"),  # type: ignore[arg-type]
        (Advice(words=b"x"), "TypeError: words of the advice is a bytes"),  # type: ignore[arg-type]
        (Advice(words="x", latency_ms=-1), "ValueError: latency_ms of the advice is -1, below 0"),
        (
            Advice(words="x", confidence=float("nan")),
            "ValueError: confidence of the advice is nan, outside 0 .. 1",
        ),
    ],
)
def test_a_guide_that_fails_is_silent_from_then_on_and_the_reason_is_kept(
    answer: object, lost: str
) -> None:
    guide = Supervised(Odd(answer))
    assert guide.advise(None) is None  # type: ignore[arg-type]
    assert guide.advise(None) is None  # type: ignore[arg-type]
    assert guide.lost == lost


def test_a_guide_that_works_is_left_alone() -> None:
    advice = Advice(words="Nice weather.")
    guide = Supervised(Odd(advice))
    assert guide.advise(None) is advice  # type: ignore[arg-type]
    assert Supervised(Odd(None)).advise(None) is None  # type: ignore[arg-type]
    assert (guide.name, guide.lost) == ("odd", "")


def test_a_trip_on_which_the_guide_breaks_is_finished_and_counted(helsinki: RoadNetwork) -> None:
    made = Laboratory(make_scenario({**SHORT, "arms": ["guarded"]}), helsinki)
    made._makers["noisy"] = lambda *_, **__: Odd(ValueError("no idea"))  # noqa: SLF001
    result = made.one(0, "guarded", 1.0)
    assert result.run.lost == "ValueError: no idea"
    assert result.run.trace.outcome == result.baseline.trace.outcome
    assert "The guide fell silent" in tell(result, helsinki)[-1]


def test_what_makes_no_guide_is_a_plugin_error(helsinki: RoadNetwork) -> None:
    made = Laboratory(make_scenario({**SHORT, "guide": "builtins:dict"}), helsinki)
    made._makers["builtins:dict"] = lambda *_, **__: "hello"  # noqa: SLF001
    with pytest.raises(PluginError, match="made a str without name or advise"):
        made.one(0, "guarded", 1.0)


def test_a_bug_in_a_run_says_how_to_repeat_it(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(run_module, "simulate", broken)
    with pytest.raises(
        KernelError, match=r"guiderail run --map helsinki --arm no_guide .*--trip 3"
    ):
        laboratory.trip(3)


def test_an_unknown_guide_is_told_before_the_map_is_loaded() -> None:
    with pytest.raises(PluginError, match="hal9000"):
        Laboratory(make_scenario({"guide": "hal9000", "map": "no such map"}))


def test_a_story_tells_beginning_words_answers_and_end_in_order(
    laboratory: Laboratory, results: list[RunResult]
) -> None:
    result = find(results, "obeying_machine", 1.0)
    lines = tell(result, laboratory.network)
    assert lines[0].startswith("Trip 0, obeying_machine with the guide 'noisy' at rate 1:")
    words = [line for line in lines if "the guide says:" in line]
    assert len(words) == sum(isinstance(event, Heard) for event in result.run.trace.events)
    times = [line[:7] for line in lines if line[3:4] == ":" and line[6:7] == "."]
    assert times == sorted(times)
    assert "missed turns" in lines[-1]


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        ({"ask": Ask.TURN, "direction": "up", "onto": "Elm"}, "up into no link Elm"),
        ({"ask": Ask.AVOID, "onto": 10**9}, "no link 1000000000"),
        ({"ask": Ask.VIA, "place": "caf\ud800"}, "caf?"),
        ({"ask": "fly"}, ""),
        ({"ask": Ask.GO_TO, "place": "x" * 9_000}, "x" * 4_096),
    ],
)
def test_the_tables_hold_whatever_a_stranger_proposes(
    laboratory: Laboratory, proposal: dict[str, Any], words: str
) -> None:
    assert target(Proposal(seen_ms=0, **proposal), laboratory.network) == words


def test_the_clock_reads_minutes_seconds_and_tenths() -> None:
    assert clock(83_400) == "  1:23.4"


def test_words_of_a_stranger_cannot_steer_the_terminal() -> None:
    assert printable("left\x1b[2J\nnow\u202e") == "left [2J now "
    assert len(printable("x" * 1_000)) == 300


def test_geojson_holds_the_whole_way_as_connected_lines(
    laboratory: Laboratory, results: list[RunResult]
) -> None:
    result = find(results, "no_guide", 0.0)
    drawn = trip_geojson(result, laboratory.network, "name")
    assert "OpenStreetMap" in drawn["attribution"]
    roads = [one["geometry"]["coordinates"] for one in drawn["features"]]
    roads = [line for line in roads if isinstance(line[0], list)]
    for before, after in pairwise(roads):
        assert before[-1] == pytest.approx(after[0], abs=2e-6)
    longitude, latitude = roads[0][0]
    assert 24.8 < longitude < 25.1
    assert 60.1 < latitude < 60.3


def test_geojson_has_a_point_for_every_message_and_infraction(
    laboratory: Laboratory, results: list[RunResult]
) -> None:
    result = find(results, "obeying_human", 1.0)
    features = trip_geojson(result, laboratory.network, "name")["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    said = sum(isinstance(event, Heard) for event in result.run.trace.events)
    assert kinds.count("message") == said
    judgement = result.run.judgement
    found = len(judgement.infractions) + len(judgement.others)
    assert kinds.count("infraction") == found


@pytest.mark.parametrize("trip", [33, 161])
def test_a_car_with_lanes_to_cross_learns_it_in_time_and_makes_its_turn(trip: int) -> None:
    """Looking only 120 m beyond its link it missed the turn lap after lap and never arrived."""
    od = {"min_s": 30, "max_s": 90}
    scenario = make_scenario({"seed": 7, "closures": {"mean": 0.5}, "od": od})
    trace = Laboratory(scenario).one(trip, "guarded", 1.0).run.trace
    assert trace.outcome is Outcome.ARRIVED
    assert missed_turns(trace) == 0
