"""What the documents say of the tree is true: files and tests that they name exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"`((?:sim|maps|agents|dashboard|tests|docs)/[\w/.]+\.(?:py|toml|md|json))`")


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = FILE.findall(page.read_text("utf-8"))
    templates = {name for name in named if "/NAME." in name}
    assert [name for name in set(named) - templates if not (ROOT / name).exists()] == []


def test_the_way_from_advice_to_a_row_is_at_most_twelve_files_and_each_once() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    steps = re.findall(r"^\d+\. `([\w/.]+)`", text, re.MULTILINE)
    assert steps[0].startswith("agents/")
    assert steps[-1] == "sim/lab/results/rows.py"
    assert len(steps) == len(set(steps)) <= 12


def test_every_row_of_where_to_add_names_a_test_to_copy() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| an? .*\| `(tests/[\w/.]+)` \|$", text, re.MULTILINE)
    assert len(rows) == 9
    assert [name for name in rows if not (ROOT / name).exists()] == []
