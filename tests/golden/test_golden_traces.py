"""
Twelve short trips whose traces must stay what they are, step for step.

A change of the world, the driver or a guide may well change them; then look at the first step that
differs, and if it is meant, bless the new traces:

    GUIDERAIL_BLESS=1 .venv/bin/pytest tests/golden
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from guiderail.sim.contract.trace import COLUMN, Trace
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario

GOLDEN = Path(__file__).with_name("traces.jsonl")
STEP_MS = 5_000
SHOWN = ("time_ms", "link", "s_mm", "lane", "speed_mm_s", "leader_gap_mm", "follower_gap_mm")
WET = {"conditions": {"friction": "wet", "flow_per_hour": 600}}
CLOSED = {"closures": {"mean": 2.0}}
CASES: list[tuple[str, str, float, dict[str, Any]]] = [
    ("helsinki", "no_guide", 0.0, {}),
    ("helsinki", "guarded", 0.5, {}),
    ("helsinki", "guarded", 1.0, CLOSED),
    ("helsinki", "obeying_machine", 1.0, {}),
    ("helsinki", "obeying_human", 1.0, WET),
    ("helsinki", "guarded", 1.0, WET),
    ("town", "no_guide", 0.0, CLOSED),
    ("town", "guarded", 0.5, {}),
    ("town", "guarded", 1.0, WET),
    ("town", "obeying_machine", 1.0, CLOSED),
    ("town", "obeying_human", 0.5, {}),
    ("town", "obeying_human", 1.0, {"conditions": {"friction": "snow"}}),
]


def steps(trace: Trace) -> list[list[int]]:
    """State at every fifth second, as far as it was recorded."""
    rows = trace.table()[:, [COLUMN[name] for name in SHOWN]]
    return [row for row in rows.tolist() if row[0] % STEP_MS == 0]


def drive(number: int) -> dict[str, Any]:
    name, arm, rate, rest = CASES[number]
    laboratory = Laboratory(make_scenario({"map": name, "arms": [arm], "rates": [rate], **rest}))
    trace = laboratory.one(number, arm, rate).run.trace
    case = f"{number} {name} {arm} {rate:g} {json.dumps(rest)}"
    return {"case": case, "end_ms": trace.end_ms, "steps": steps(trace), "digest": trace.digest()}


@pytest.fixture(scope="module")
def golden() -> dict[str, dict[str, Any]]:
    if os.environ.get("GUIDERAIL_BLESS"):
        lines = [json.dumps(drive(number)) for number in range(len(CASES))]
        GOLDEN.write_text("\n".join(lines) + "\n")
    known = map(json.loads, GOLDEN.read_text().splitlines())
    return {one["case"]: one for one in known}


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_trip_is_what_it_was(number: int, golden: dict[str, dict[str, Any]]) -> None:
    now = drive(number)
    was = golden[now["case"]]
    pairs = zip(now["steps"], was["steps"], strict=False)
    first = next((pair for pair in pairs if pair[0] != pair[1]), None)
    assert first is None, f"first step that differs, {SHOWN}: now {first[0]}, was {first[1]}"
    assert (now["end_ms"], now["digest"]) == (was["end_ms"], was["digest"])


def test_the_golden_trips_are_the_twelve_that_are_driven(
    golden: dict[str, dict[str, Any]],
) -> None:
    assert len(golden) == len(CASES) == 12
    assert {one[1] for one in CASES} >= {"no_guide", "guarded", "obeying_machine", "obeying_human"}
