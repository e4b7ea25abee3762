"""One glossary, made from the code: what a table shows is explained where a reader looks."""

from pathlib import Path

import pytest

from guiderail.sim.judge.taxonomy import TAXONOMY
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.report.glossary import glossary, meaning_of
from guiderail.sim.lab.results.columns import columns

DOCS = Path(__file__).parents[4] / "docs/glossary.md"


def test_the_page_in_the_docs_is_what_the_code_says() -> None:
    assert DOCS.read_text("utf-8") == glossary() + "\n"


@pytest.mark.parametrize("table", ["trips", "infractions", "messages"])
def test_every_column_has_a_sentence(table: str) -> None:
    for column in columns(table):
        assert column.meaning.endswith(".")
        assert f"`{column.name}`" in glossary()


def test_every_infraction_says_what_it_is_and_where_it_comes_from() -> None:
    for article in TAXONOMY.values():
        assert article.source
        assert meaning_of(article.kind).startswith("infraction: ")


def test_a_word_is_explained_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["glossary", "needless"]) == 0
    assert "Refused right advice" in capsys.readouterr().out


def test_an_unknown_word_is_one_line_that_names_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_command(["glossary", "gore"]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "'gore'" in line
    assert "gore_cut" in line
