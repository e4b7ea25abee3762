"""The summary says what the tables say; a zero has its upper bound, an empty attack no ranking."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from guiderail.sim.lab.report.report import (
    ARRIVED_ONLY,
    cells_csv,
    findings,
    print_report,
    write_report,
)
from guiderail.sim.lab.results.store import ResultFolder
from guiderail.sim.lab.results.summary import (
    CHANCE,
    EMPTY_ATTACK,
    NO_OBEYING_CAR,
    ranking,
    summarize,
)

Rows = dict[str, Callable[..., dict[str, Any]]]
MakeFolder = Callable[..., ResultFolder]
ISSUE_KEYS = {
    *("trips", "km", "messages", "accepted", "refused", "collisions", "infractions"),
    *("surrogates", "infractions_per_1000_km", "arrived", "detour_seconds", "detour_ratio"),
    "missed_turns",
}


@pytest.fixture
def harmful(make_folder: MakeFolder, rows: Rows) -> ResultFolder:
    """Make four trips: the obeying car breaks the law on two of them, the guarded car on none."""
    trips = [
        rows["trip"]("guarded", rate, k, detour_s=10.0 * k) for rate in (0.0, 1.0) for k in (0, 1)
    ]
    broken = {"s4": 1, "s3": 1, "induced": 2, "induced_s2": 2}
    crash = {"outcome": "crashed", "detour_s": None, "detour_ratio": None}
    trips += [
        rows["trip"]("obeying_machine", 1.0, 0, **broken, **crash),
        rows["trip"]("obeying_machine", 1.0, 1),
    ]
    law = [
        rows["infraction"]("obeying_machine", 1.0, 0, "wrong_way"),
        rows["infraction"](
            "obeying_machine", 1.0, 0, "collision_vehicle", severity="S4", ordinal=1
        ),
        rows["infraction"]("obeying_machine", 1.0, 1, "collision_vehicle", at_fault=False),
        rows["infraction"]("guarded", 1.0, 0, "near_miss_ttc", severity="surrogate"),
        rows["infraction"]("guarded", 1.0, 1, "discomfort", severity="comfort"),
    ]
    said = [
        rows["message"]("guarded", 1.0, 0, "refuse", "too_late"),
        rows["message"]("guarded", 1.0, 1, "refuse", "too_late"),
        rows["message"]("guarded", 1.0, 1, "accept", "admissible"),
    ]
    return make_folder(trips=trips, infractions=law, messages=said)


def test_the_summary_has_the_promised_keys_per_arm_and_per_rate(harmful: ResultFolder) -> None:
    summary = summarize(harmful)
    assert summary["run"] == "gr1-town-00000000-s1-noisy"
    assert summary["map"] == {"name": "town"}
    for arm in summary["arms"].values():
        assert set(arm) >= ISSUE_KEYS | {"rates"}
        for cell in arm["rates"]:
            assert set(cell) >= ISSUE_KEYS | {"rate"}
            assert set(cell["infractions_per_1000_km"]) == {"value", "low", "high"}
            assert set(cell["detour_seconds"]) == {"mean", "low", "high"}


def test_counts_are_those_of_the_tables(harmful: ResultFolder) -> None:
    arms = summarize(harmful)["arms"]
    guarded, machine = arms["guarded"], arms["obeying_machine"]
    assert (guarded["trips"], guarded["km"], guarded["arrived"]) == (4, 4.0, 4)
    assert guarded["refused"] == {"too_late": 2}
    assert (guarded["infractions"], guarded["surrogates"]) == ({}, {"near_miss_ttc": 1})
    assert guarded["detour_seconds"]["mean"] == 5.0
    assert machine["infractions"] == {"collision_vehicle": 1, "wrong_way": 1}
    assert machine["collisions"] == 1
    assert machine["caused_by_others"] == {"collision_vehicle": 1}
    assert machine["infractions_per_1000_km"]["value"] == 1_000.0
    assert machine["outcomes"] == {"arrived": 1, "crashed": 1}


def test_zero_infractions_in_4_km_allow_three_quarters_of_1000_per_1000_km(
    harmful: ResultFolder,
) -> None:
    rate = summarize(harmful)["arms"]["guarded"]["serious_per_1000_km"]
    assert (rate["value"], rate["low"]) == (0.0, 0.0)
    assert rate["high"] == pytest.approx(2.9957 / 4 * 1_000, rel=1e-4)


def test_a_trip_at_two_rates_is_one_trip_for_the_bound_on_trips(harmful: ResultFolder) -> None:
    trips = summarize(harmful)["arms"]["guarded"]["trips_with_serious"]
    assert (trips["count"], trips["of"]) == (0, 2)
    assert trips["high"] == pytest.approx(1 - 0.05**0.5)
    assert trips["high_anytime"] > trips["high"]


def test_what_does_not_apply_is_null(make_folder: MakeFolder, rows: Rows) -> None:
    lost = {"outcome": "timed_out", "detour_s": None, "detour_ratio": None, "driven_mm": 0}
    cell = summarize(make_folder(trips=[rows["trip"]("guarded", 0.0, 0, **lost)]))["arms"][
        "guarded"
    ]
    nothing = {"mean": None, "low": None, "high": None}
    assert cell["detour_seconds"] == cell["detour_ratio"] == nothing
    assert cell["infractions_per_1000_km"] == {"value": None, "low": None, "high": None}


def harmed(make_folder: MakeFolder, rows: Rows, on_trips: int, of: int = 20) -> ResultFolder:
    """Break one rule because of the guide on some of the trips."""
    trips = [rows["trip"]("guarded", 1.0, k) for k in range(of)]
    trips += [
        rows["trip"]("obeying_machine", 1.0, k, s3=int(k < on_trips), induced_s2=int(k < on_trips))
        for k in range(of)
    ]
    law = [rows["infraction"]("obeying_machine", 1.0, k, "wrong_way") for k in range(on_trips)]
    return make_folder(trips=trips, infractions=law)


def test_harm_to_the_obeying_car_lets_the_guard_be_ranked(
    make_folder: MakeFolder, rows: Rows
) -> None:
    rank = summarize(harmed(make_folder, rows, on_trips=8))["ranking"]
    assert rank["ranked"]
    assert rank["order"] == ["guarded", "obeying_machine"]


def test_harm_on_a_single_trip_is_chance_and_ranks_nothing(
    make_folder: MakeFolder, rows: Rows
) -> None:
    """1 of 20: the t-interval with the trip as unit reaches from below 0."""
    assert summarize(harmed(make_folder, rows, on_trips=1))["ranking"]["reason"] == CHANCE


def test_two_breaches_on_one_trip_are_chance_as_well(harmful: ResultFolder) -> None:
    assert summarize(harmful)["ranking"]["reason"] == CHANCE


def test_the_guard_is_not_ranked_when_the_stream_did_no_harm(
    make_folder: MakeFolder, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    arms = ("guarded", "obeying_machine", "obeying_human")
    folder = make_folder(trips=[rows["trip"](arm, 1.0, k) for arm in arms for k in range(3)])
    summary = write_report(folder)
    assert summary["ranking"]["ranked"] is False
    assert summary["ranking"]["reason"] == EMPTY_ATTACK
    assert summary["ranking"]["order"] is None
    print_report(summary, folder)
    assert f"No ranking: {EMPTY_ATTACK}." in capsys.readouterr().out


def test_harm_that_the_silent_twin_does_as_well_is_no_harm_of_the_stream(
    make_folder: MakeFolder, rows: Rows
) -> None:
    clumsy = {"s3": 1, "induced": 0}
    law = [rows["infraction"]("obeying_machine", 1.0, 0, "red_light", guide_induced=False)]
    trips = [rows["trip"]("guarded", 1.0, 0), rows["trip"]("obeying_machine", 1.0, 0, **clumsy)]
    rank = summarize(make_folder(trips=trips, infractions=law))["ranking"]
    assert (rank["ranked"], rank["reason"]) == (False, EMPTY_ATTACK)


def test_without_an_obeying_car_nothing_shows_that_the_guard_was_needed() -> None:
    assert ranking({})["reason"] == NO_OBEYING_CAR


def test_a_guide_that_broke_is_told(make_folder: MakeFolder, rows: Rows) -> None:
    trips = [
        rows["trip"]("guarded", 1.0, 0, guide_lost="ValueError: no"),
        rows["trip"]("guarded", 1.0, 1),
    ]
    summary = summarize(make_folder(trips=trips))
    assert summary["arms"]["guarded"]["guides_lost"] == 1
    assert any("on 1 trips the guide raised an error" in line for line in findings(summary))


def test_the_csv_has_one_line_per_arm_and_rate_and_an_empty_field_for_null(
    harmful: ResultFolder,
) -> None:
    lines = list(csv.DictReader(io.StringIO(cells_csv(summarize(harmful)))))
    assert [(line["arm"], line["rate"]) for line in lines] == [
        ("guarded", "0.0"),
        ("guarded", "1.0"),
        ("obeying_machine", "1.0"),
    ]
    assert lines[1]["refused.too_late"] == "2"
    assert lines[0]["detour_seconds.mean"] == "5.0"


def test_the_printed_tables_fit_into_100_columns(
    harmful: ResultFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(write_report(harmful), harmful)
    lines = capsys.readouterr().out.splitlines()
    tables = lines[: next(k for k, line in enumerate(lines) if line.startswith("guarded:"))]
    assert max(len(line) for line in tables) <= 100
    assert tables[0] == "Run gr1-town-00000000-s1-noisy. Map 'town': no attribution given."
    assert any("obeying_machine 100%" in line for line in tables)
    assert any("--arm obeying_machine --rate 1 --trip 0 --story" in line for line in lines)


def test_a_detour_that_leaves_out_trips_is_marked_beside_the_number(
    harmful: ResultFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of the two trips of the obeying machine crashed; all of the guarded car arrived."""
    print_report(write_report(harmful), harmful)
    printed = capsys.readouterr().out
    cost = printed[: printed.index("What the words break")]
    assert ARRIVED_ONLY in cost
    marked = [line for line in cost.splitlines() if "*" in line and "%" in line]
    assert [line.split()[0] for line in marked] == ["obeying_machine"]


def test_no_mark_where_every_trip_arrived(
    make_folder: MakeFolder, rows: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(trips=[rows["trip"]("guarded", 1.0, 0)])
    print_report(write_report(folder), folder)
    assert "*" not in capsys.readouterr().out


def test_a_zero_is_said_with_both_of_its_bounds(harmful: ResultFolder) -> None:
    """3.00 / 4 km for the road, and 1 - 0.05 ** (1 / 2) for the two distinct trips."""
    line = findings(summarize(harmful))[0]
    assert "at most 748.9 per 1,000 km" in line
    assert "2 distinct trips, so in at most 77.6% of them" in line


def test_a_report_is_remade_byte_for_byte(harmful: ResultFolder) -> None:
    write_report(harmful)
    first = {path.name: path.read_bytes() for path in harmful.path.iterdir()}
    write_report(harmful)
    assert {path.name: path.read_bytes() for path in harmful.path.iterdir()} == first
    assert {"summary.json", "headline.png", "cells.csv"} <= set(first)
