"""Whole trips with a program that misbehaves: the car drives as if nobody spoke."""

import sys
from pathlib import Path
from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import RoadNetwork
from guiderail.sim.lab.experiment.registry import find_door
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure import metrics

HOSTILE = Path(__file__).parents[1] / "unit/agents/hostile.py"
SCENARIO = {"map": "town", "arms": [GUARDED], "rates": [0.0], "seed": 3}


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    """Load the synthetic town."""
    return load_map("town")


@pytest.mark.parametrize(
    ("mode", "settings", "labels"),
    [
        ("silent", {}, set()),
        ("hang", {"deadline_s": 0.05, "start_s": 0}, {"fault:timeout"}),
        ("partial", {"deadline_s": 0.05, "start_s": 0}, {"fault:timeout"}),
        ("exit", {}, {"fault:crashed"}),
        ("endless", {}, {"malformed:too_long", "fault:flood"}),
        ("unnumbered", {}, {"malformed:wrong_type"}),
        ("chatter", {}, {""}),
        ("memory", {"memory_mb": 256}, {"fault:crashed"}),
    ],
)
def test_the_motion_is_that_of_silence(
    town: RoadNetwork, mode: str, settings: dict[str, Any], labels: set[str]
) -> None:
    values = {"command": [sys.executable, str(HOSTILE), mode], "deadline_s": 5.0, **settings}
    lab = Laboratory(make_scenario(SCENARIO), town, own=find_door("process")(values, Path()))
    planned = lab.trips.planned(4)
    silent = lab.silent(planned, GUARDED)
    run = lab.drive(planned, GUARDED, lab.scenario.guide, 0.0)
    assert run.trace.motion == silent.trace.motion
    found = {one.advice.label for one in metrics.heard(run.trace)}
    assert found <= labels
    assert bool(found) == bool(labels)


def test_a_lost_guide_is_named_in_the_result(town: RoadNetwork) -> None:
    values = {"command": [sys.executable, str(HOSTILE), "exit"], "restarts": 0}
    lab = Laboratory(make_scenario(SCENARIO), town, own=find_door("process")(values, Path()))
    run = lab.drive(lab.trips.planned(4), GUARDED, lab.scenario.guide, 0.0)
    assert "the guide 'process' is lost: crashed: it ended with code 3" in run.lost


def test_measured_latencies_are_repeated_to_the_bit(town: RoadNetwork, tmp_path: Path) -> None:
    values = {"command": [sys.executable, str(HOSTILE), "good"], "record": "tapes"}
    digests, latencies = [], []
    silenced = values | {"command": ["false"]}  # which could not answer
    tape = {"record": "tapes"}
    for name, settings in (("process", values), ("process", silenced), ("replay", tape)):
        lab = Laboratory(make_scenario(SCENARIO), town, own=find_door(name)(settings, tmp_path))
        run = lab.drive(lab.trips.planned(4), GUARDED, lab.scenario.guide, 0.0)
        digests.append(run.trace.digest())
        latencies.append([one.advice.latency_ms for one in metrics.heard(run.trace)])
    assert digests[1:] == digests[:1] * 2
    assert latencies[1:] == latencies[:1] * 2
    assert min(latencies[0]) > 0
