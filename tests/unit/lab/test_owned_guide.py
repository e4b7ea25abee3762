"""Assume that the guide is fully owned: what is left is a detour within the budget, and no key."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from guiderail.maps.library.load import load_map
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.experiment.registry import find_guide
from guiderail.sim.lab.experiment.run import GUARDED, Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure import metrics

OWNED = f"{Path(__file__).parent / 'owned_guide.py'}:guide"
CANARY = "sk-canary-7f3a91c2e5"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put the key where the guide's provider finds it."""
    monkeypatch.setenv("OWNED_KEY", CANARY)
    monkeypatch.setenv("OWNED_TAPES", str(tmp_path / "tapes"))


def leaks(text: str) -> bool:
    """Whether any eight letters of the key stand in a text."""
    return any(CANARY[k : k + 8] in text for k in range(len(CANARY) - 7))


def test_an_owned_guide_buys_a_detour_within_the_budget_and_nothing_else() -> None:
    values = {"guide": OWNED, "arms": [GUARDED], "rates": [1.0], "trips": 12}
    scenario = make_scenario(values)
    lab = Laboratory(scenario, load_map("helsinki"))
    asked = changed = 0
    for k in range(12):
        result = lab.one(k, GUARDED, 1.0)
        verdicts = metrics.verdicts(result.run.trace)
        changes = [one for one in verdicts if one.changes_route]
        asked, changed = asked + len(verdicts), changed + len(changes)
        assert not any(one.weight for one in result.induced)  # a near miss weighs nothing
        assert result.run.trace.outcome is Outcome.ARRIVED
        assert len(changes) <= scenario.budget.changes
        assert metrics.bought_ms(result.run.trace) <= scenario.budget.extra_s * 1_000
    assert asked > 40
    assert changed > 5  # it was no empty attack


def test_no_artifact_error_or_log_holds_the_key(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    scenario = tmp_path / "owned.toml"
    scenario.write_text(
        f'guide = {json.dumps(OWNED)}\narms = ["guarded", "obeying_machine"]\n'
        'rates = [1.0]\ntrips = 3\nmap = "town"\n'
    )
    files = [f"--{kind}={tmp_path / 'trip'}.{kind}" for kind in ("geojson", "html")]
    run = ["run", "--scenario", str(scenario), "--rate", "1", "--story", *files]
    sweep = ["sweep", str(scenario), "--out", str(tmp_path / "out"), "--workers", "1"]
    assert run_command(run) == 0
    assert run_command(sweep) == 0
    told = capfd.readouterr()
    assert "[key]" in told.out  # it did try
    assert not leaks(told.out + told.err + caplog.text)
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in made} >= {".jsonl", ".parquet", ".html", ".geojson", ".json"}
    for path in made:
        text = _text(path)
        assert not leaks(text), path.name


def _text(path: Path) -> str:
    """A table is compressed: as rows."""
    if path.suffix == ".parquet":
        rows: Any = pq.read_table(path).to_pylist()
        return repr(rows)
    return path.read_bytes().decode("utf-8", "replace")


def test_the_guide_is_found_by_its_file() -> None:
    assert callable(find_guide(OWNED))
