"""Guides are compared on the same trips or not at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guiderail.sim.contract.errors import ResultError
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.report.compare import compare
from guiderail.sim.lab.results.store import ResultFolder

Row = dict[str, Any]
Sweep = Callable[..., ResultFolder]
ARMS = ("guarded", "obeying_machine")


@pytest.fixture
def sweep(make_folder: Callable[..., ResultFolder], rows: dict[str, Any], tmp_path: Path) -> Sweep:
    """Make the folder of one guide whose guarded car loses the given seconds on its trips."""

    def make(guide: str, detours: list[float | None], first: int = 0, **same: Any) -> ResultFolder:
        numbered = enumerate(detours, first)
        trips = [
            rows["trip"](arm, 0.5, k, guide=guide, detour_s=detour, messages=2, **same)
            for k, detour in numbered
            for arm in ARMS
        ]
        folder = make_folder(trips=trips)
        return ResultFolder(folder.path.rename(tmp_path / guide))

    return make


def test_the_difference_is_taken_trip_by_trip(sweep: Sweep) -> None:
    one, two = sweep("calm", [0.0, 100.0, 200.0]), sweep("rash", [10.0, 110.0, 210.0])
    beyond = compare([one, two])["entrants"][1]["beyond_first_s"]
    assert beyond == {"mean": 10.0, "low": 10.0, "high": 10.0}  # no spread: trips are paired


def test_the_first_guide_has_no_difference_to_itself(sweep: Sweep) -> None:
    assert compare([sweep("calm", [1.0, 2.0])])["entrants"][0]["beyond_first_s"] is None


def test_a_trip_on_which_one_car_did_not_arrive_is_in_no_difference(sweep: Sweep) -> None:
    one, two = sweep("calm", [0.0, 0.0, None]), sweep("rash", [4.0, 6.0, 500.0])
    assert compare([one, two])["entrants"][1]["beyond_first_s"]["mean"] == 5.0


def test_only_trips_that_all_drove_count(sweep: Sweep) -> None:
    one, two = sweep("calm", [1.0, 1.0, 1.0]), sweep("rash", [3.0, 3.0, 3.0], first=1)
    comparison = compare([one, two])
    assert comparison["trips"] == 2
    assert [one["guarded"]["trips"] for one in comparison["entrants"]] == [2, 2]


def test_harm_is_what_the_words_did_to_a_car_that_obeys(sweep: Sweep) -> None:
    folder = sweep("rash", [0.0] * 4, induced_s2=1)  # 4 trips of 1 km, one infraction each
    obeyed = compare([folder])["entrants"][0]["obeyed"]
    assert obeyed["obeying_machine"]["value"] == 1_000
    assert obeyed["obeying_human"] is None


def test_trips_that_only_share_their_number_are_refused(sweep: Sweep) -> None:
    one, two = sweep("calm", [0.0]), sweep("rash", [0.0], origin=7)
    with pytest.raises(ResultError, match=r"trip 0 .* same map, seed, conditions"):
        compare([one, two])


def test_results_without_a_trip_in_common_are_refused(sweep: Sweep) -> None:
    with pytest.raises(ResultError, match="no trip in common"):
        compare([sweep("calm", [0.0]), sweep("rash", [0.0], first=5)])


def test_results_in_which_no_guide_spoke_are_refused(
    make_folder: Callable[..., ResultFolder], rows: dict[str, Any]
) -> None:
    folder = make_folder(trips=[rows["trip"]("no_guide", 0.0, 0)])
    with pytest.raises(ResultError, match="no guide spoke"):
        compare([folder])


def test_the_command_prints_a_table_and_json(
    sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(sweep(name, [1.0, 3.0]).path) for name in ("calm", "rash")]
    assert run_command(["compare", *folders]) == 0
    assert "on the same 2 trips" in capsys.readouterr().out
    assert run_command(["compare", *folders, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trips"] == 2


def test_a_folder_without_results_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["compare", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: no trips.parquet in")
