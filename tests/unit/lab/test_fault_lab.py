"""Where the claim ends is measured, and what clean trips are worth is computed."""

import json
from pathlib import Path
from typing import Any

import pytest

from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure.statistics import share
from guiderail.sim.lab.studies.faults.study import (
    LEVELS,
    clean_trips,
    edge_of,
    edge_sentence,
    fault_curve,
    levels_of,
)


def curve(*serious: int) -> dict[str, Any]:
    """Make a curve whose guarded car has so many runs with something serious, level by level."""
    points = [
        {"level": float(k), "arms": {"guarded": {"with_serious": count}}}
        for k, count in enumerate(serious)
    ]
    return {"fault": "miss", "points": points, "edge": edge_of(points)}


@pytest.mark.parametrize(
    ("hits", "of", "testers", "clean"),
    [
        (1, 100, 0.5, 68),  # 0.99 ** 68 = 0.505, 0.99 ** 69 = 0.4998
        (1, 2, 0.5, 1),
        (1, 100, 0.05, 298),  # 0.99 ** 298 = 0.0500
        (5, 5, 0.5, 0),
        (0, 5, 0.5, None),  # nobody has seen how many
    ],
)
def test_clean_trips_before_the_first_failure_are_geometric(
    hits: int, of: int, testers: float, clean: int | None
) -> None:
    assert clean_trips(share(hits, of), testers) == clean


@pytest.mark.parametrize(
    ("serious", "said"),
    [
        ((0, 0), "up to miss 1; more trips"),
        ((0, 2), "up to miss 0; seen from 1 on"),
        ((3, 3), "at miss 0 already"),
    ],
)
def test_the_edge_is_said_as_what_was_seen(serious: tuple[int, ...], said: str) -> None:
    assert said in edge_sentence(curve(*serious))


def test_a_driver_that_overlooks_everything_is_convicted_and_one_that_sees_is_not(
    tmp_path: Path,
) -> None:
    scenario = make_scenario({"map": "town", "rates": [0.5], "trips": 5})
    found = fault_curve(scenario, "miss", (1.0, 0.0), tmp_path / "out", workers=1)
    sound, blind = (point["arms"]["guarded"] for point in found["points"])
    assert sound["with_serious"] == 0 < blind["with_serious"]
    assert found["edge"] == {"clean_up_to": 0.0, "first_seen_at": 1.0}
    assert json.loads((tmp_path / "out" / "faults.json").read_text()) == found
    assert (tmp_path / "out" / "faults.png").read_bytes().startswith(b"\x89PNG")


def test_every_fault_of_the_ladder_is_a_key_of_the_scenario_at_every_level() -> None:
    for fault, levels in LEVELS.items():
        for level in levels:
            made = make_scenario({"faults": {fault: level}})
            assert getattr(made.faults, fault) == level


def test_levels_are_read_from_the_command_line() -> None:
    assert levels_of("miss", "0,0.5") == (0.0, 0.5)
    with pytest.raises(ScenarioError, match="must be numbers with commas between"):
        levels_of("miss", "0;1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fault", "luck"), "no fault named 'luck'; known: miss"),
        (("--levels", "0,2"), "faults.miss: 2.0 is above the largest value, 1"),
        (("--workers", "0"), "--workers 0 is below the least value, 1"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["faults", "--out", str(tmp_path / "out"), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
