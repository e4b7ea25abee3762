"""Hostile guides: they find what is there to find, stay within the bound, and can be replayed."""

import json
from pathlib import Path
from typing import Any

import pytest

from guiderail.maps.gazetteer import Gazetteer
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.messages import Reason
from guiderail.sim.driver.guard.guard import Guard
from guiderail.sim.driver.guard.rules import RULES, legality
from guiderail.sim.lab.cli.falsify import findings, outcome
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory
from guiderail.sim.lab.experiment.scenario import load_scenario
from guiderail.sim.lab.studies.hostile import search as falsify_module
from guiderail.sim.lab.studies.hostile.guides import Random, Script
from guiderail.sim.lab.studies.hostile.search import OBEYING, Range, falsify, load_script

VALUES = {"map": "town", "od": {"min_s": 30, "max_s": 50}, "closures": {"mean": 0.0}}


@pytest.fixture(scope="module")
def town() -> Range:
    return Range(load_scenario(None, VALUES))


def _random(town: Range, index: int) -> Any:
    planned = town.lab.trips.planned(index)
    tree = town.lab.routes.tree(planned.trip.goal)
    return planned, Random(town.lab.network, tree, town.budget, planned.trip.seed)


@pytest.mark.slow
def test_the_tree_search_reaches_nearly_all_of_the_exact_worst_case(town: Range) -> None:
    found = town.attack("tree_search", trips=2)
    assert (found.guarded, found.over_granted, found.over_bound) == (0, 0, 0)
    assert found.most_share >= 0.8
    assert found.most_bought_ms <= town.budget.extra_ms


def test_what_is_said_ten_times_a_second_is_answered_each_time(town: Range) -> None:
    planned, guide = _random(town, 0)
    trace, ear = town.drive(planned, GUARDED, guide)
    assert len(ear.verdicts) == len(ear.lines) > 300
    assert Reason.GUARD_FAULT not in {one.reason for one in ear.verdicts}
    assert len({one.reason for one in ear.verdicts}) > 6
    assert trace.outcome == "arrived"


def test_a_recorded_stream_drives_the_same_trace_again(town: Range, tmp_path: Path) -> None:
    planned, guide = _random(town, 1)
    trace, ear = town.drive(planned, GUARDED, guide)
    saved = town.script(planned, trace, ear, [])
    file = tmp_path / "script.json"
    file.write_text(json.dumps(saved), encoding="utf-8")
    again, _ = town.replay(load_script(file))
    assert again.digest() == trace.digest()


@pytest.mark.slow
def test_the_same_words_harm_the_car_that_obeys(town: Range) -> None:
    harm = 0
    for index in range(4):
        planned, guide = _random(town, index)
        _, ear = town.drive(planned, GUARDED, guide)
        harm += town.harm(planned, ear)
    assert harm > 0
    trace, _ = town.drive(planned, OBEYING, Script(ear.lines))
    assert trace.arm == OBEYING


def test_a_guard_with_a_hole_is_found_out_and_the_way_there_saved(
    town: Range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search can succeed: without the rule of legality illegal turns are driven."""
    whole = falsify_module.make_driver
    rules = tuple(rule for rule in RULES if rule is not legality)

    def with_a_hole(arm: str, network: Any, *given: Any) -> Any:
        driver: Any = whole(arm, network, *given)
        if arm == GUARDED:
            can_drive = driver._pilot.can_drive  # noqa: SLF001
            driver._guard = Guard(Gazetteer(network), rules, can_drive=can_drive)  # noqa: SLF001
        return driver

    monkeypatch.setattr(falsify_module, "make_driver", with_a_hole)
    found = town.attack("random", trips=3, out=tmp_path)
    assert found.guarded > 0
    assert (tmp_path / found.saved[0]).exists()


def test_a_bound_that_is_broken_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Laboratory.bound

    def too_low(*given: Any) -> Any:
        bound = real(*given)
        return type(bound)(granted_ms=1, turns_ms=1, total_ms=1, limits=bound.limits)

    monkeypatch.setattr(Laboratory, "bound", too_low)
    found = Range(load_scenario(None, VALUES)).attack("greedy", trips=1)
    assert (found.over_granted, found.over_bound) == (1, 1)


@pytest.mark.slow
def test_figures_travel_with_their_bound() -> None:
    found = list(falsify(("town",), messages=200, trips=1, seed=1))
    result = outcome(found, 200)
    assert result["messages"] >= 200
    assert result["guarded_per_trip_at_most"] > 0
    assert "95 %, fixed number" in findings(result)[0]


def test_a_file_that_is_no_script_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "no.json"
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(ScenarioError, match="no script"):
        load_script(file)
    with pytest.raises(ScenarioError, match="cannot read"):
        load_script(tmp_path / "missing.json")
