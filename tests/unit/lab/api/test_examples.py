"""The page of the API, the Python examples and the notebook do what they say."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
NOTEBOOK = ROOT / "examples/first_look.ipynb"
CELLS: list[dict[str, Any]] = [
    cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"
]


def printed(cell: dict[str, Any]) -> str:
    """What the notebook holds as the printed output of a cell."""
    return "".join("".join(one.get("text", ())) for one in cell["outputs"])


@pytest.mark.slow
def test_every_block_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text("utf-8"), re.DOTALL
    )
    assert len(blocks) == 6
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks:
        exec(block, names)  # noqa: S102  our own page
    assert {path.name for path in tmp_path.iterdir()} == {
        *("trip.html", "trip.png", "headline.png", "results")
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("one_trip", "guarded: arrived after"),
        ("own_measure", "stands"),
        ("own_guide", "obeying_machine 2 trips"),
    ],
)
def test_every_example_runs_as_a_script(name: str, told: str, tmp_path: Path) -> None:
    script = ROOT / f"examples/{name}.py"
    run = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert told in run.stdout


@pytest.mark.slow
def test_the_notebook_prints_what_it_holds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in CELLS:
        exec("".join(cell["source"]), names)  # noqa: S102  our own notebook
        assert capsys.readouterr().out == printed(cell)


def test_the_notebook_is_executed_small_and_names_no_path() -> None:
    text = NOTEBOOK.read_text("utf-8")
    assert [cell["execution_count"] for cell in CELLS] == list(range(1, len(CELLS) + 1))
    assert "image/png" in text
    assert len(text) < 200_000
    assert re.findall(r"/(?:tmp|home|Users|work|root)/|[A-Z]:\\\\", text) == []
    for cell in CELLS:
        ast.parse("".join(cell["source"]))
