"""The name of a run changes with what decides results, and with nothing else."""

import ast
from pathlib import Path

import pytest

from guiderail.sim.judge.articles import stop_sign
from guiderail.sim.lab.experiment import provenance
from guiderail.sim.lab.experiment.provenance import ROOT, deciding_sources, program, written
from guiderail.sim.lab.experiment.registry import find_guide
from guiderail.sim.lab.measure.measure import Measure
from guiderail.sim.lab.report import report

RULE = Path(stop_sign.__file__).read_text("utf-8")


def code(text: str) -> list[str]:
    return written(ast.parse(text))


@pytest.fixture(scope="module")
def sources() -> set[str]:
    """Name the deciding modules as folder and file."""
    return {"/".join(path.parts[-2:]) for path in deciding_sources(ROOT)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"""A stop counts', '"""It counts', id="docstring of a constant"),
        pytest.param('"""R3: never', '"""R3: not once', id="docstring of a function"),
        pytest.param("\n\n", "\n# Why.\n\n\n", id="comment and layout"),
        pytest.param("The car did not", "It did not", id="meaning"),
    ],
)
def test_words_about_a_rule_leave_the_name(old: str, new: str) -> None:
    assert old in RULE
    assert code(RULE.replace(old, new)) == code(RULE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("4_000", "4_001"),
        ("0.25", "0.3"),
        (">=", ">"),
        ('"R3"', '"R4"'),
        ("if lowest", "if -lowest"),
    ],
)
def test_a_changed_constant_or_condition_of_a_rule_changes_the_name(old: str, new: str) -> None:
    assert old in RULE
    assert code(RULE.replace(old, new)) != code(RULE)


def test_a_statement_that_moves_into_the_other_branch_changes_the_name() -> None:
    assert code("if a:\n b()\n c()") != code("if a:\n b()\nelse:\n c()")


@pytest.mark.parametrize(
    "module",
    [
        *("articles/stop_sign.py", "guard/rules.py", "motion/controller.py", "world/clock.py"),
        *("contract/messages.py", "experiment/run.py", "measure/ledger.py", "results/rows.py"),
    ],
)
def test_what_decides_results_counts(sources: set[str], module: str) -> None:
    assert module in sources


def test_reports_commands_studies_and_proofs_do_not_count(sources: set[str]) -> None:
    away = {"report", "player", "cli", "serve", "studies", "sumo", "proof", "search", "lemmas"}
    assert {name for name in sources if name.split("/")[0] in away} == set()
    assert Path(report.__file__) not in deciding_sources(ROOT)


def test_of_the_guides_only_the_one_that_speaks_counts() -> None:
    maker = find_guide("noisy")
    sources = {path.name for path in deciding_sources(maker.__module__)}
    assert {"noisy.py", "hallucination.py"} <= sources
    assert "adversary.py" not in sources
    assert program([maker]) != program([find_guide("silent")])


def test_a_prompt_beside_a_guide_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "talkers"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "one.py").write_text("def make(*_, **__):\n    return None\n")
    (package / "data" / "prompt.md").write_text("Say where to turn.")
    monkeypatch.syspath_prepend(tmp_path)
    maker = pytest.importorskip("talkers.one").make
    before = program([maker])
    (package / "one.py").write_text("def make(*_, **__):\n    # Nothing.\n    return None\n")
    assert program([maker]) == before
    (package / "data" / "prompt.md").write_text("Say nothing.")
    assert program([maker]) != before


def test_a_measure_from_outside_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own_measure.py"
    file.write_text("def one(_):\n    return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    own = Measure(name="one", holds=int, meaning="1.", of=pytest.importorskip("own_measure").one)
    before = program([])
    monkeypatch.setattr(provenance, "MEASURES", [*provenance.MEASURES, own])
    with_it = program([])
    file.write_text("def one(_):\n    return 2\n")
    assert len({before, with_it, program([])}) == 3
