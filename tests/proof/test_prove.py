"""The whole proof in one call: as pinned, complete, and told to machines and people."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3")
pytest.importorskip("cvc5")

from guiderail.sim.lab.cli import prove as command
from guiderail.sim.lab.cli.main import run_command
from guiderail.sim.lab.studies.hostile.non_interference import Streams
from guiderail.sim.proof import prove as proof_
from guiderail.sim.proof.lemmas.solving import Answer
from guiderail.sim.proof.page import proof_page
from guiderail.sim.proof.prove import Proof, pinned
from guiderail.sim.proof.search.explorer import Findings
from guiderail.sim.proof.search.sites import SITES
from guiderail.sim.proof.second_model.storm import Answers, SecondModel


def _proof(**values: Any) -> Proof:
    """Make a proof in which everything is as it must be, except what is given."""
    well = Answer(name="no_dilemma", hypotheses="sat", counterexample="unsat")
    harm = Findings(states=1, transitions=2)
    harm.violations["red_light"] = 3
    found: dict[str, Any] = {
        "guarded": {kind: Findings(states=10, transitions=70) for kind in SITES},
        "obeying": dict.fromkeys(SITES, harm),
        "z3": [well],
        "cvc5": [well],
        "boundary": (1_000, 0),
        "shares": dict.fromkeys(SITES, 0.995),
        "outside": 0,
        "faults": {"planted": True},
        "properties": {"arrival": True},
        "assumptions": {"sight": True},
    }
    return Proof(**(found | values))


def _broken(kind: str = "signal", example: tuple[str, ...] = ()) -> dict[str, Findings]:
    found = Findings(states=1, example=example)
    found.violations["red_light"] = 1
    return {kind: found}


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"guarded": _broken()}, "the guarded car broke"),
        ({"guarded": {"signal": Findings(trapped=4)}}, "from 4 states a guide keeps it"),
        ({"guarded": {"signal": Findings(is_complete=False)}}, "cut short"),
        (
            {"obeying": {"signal": Findings(), **_broken(kind="stop")}},
            "signal: the obeying car broke nothing",
        ),
        ({"boundary": (10, 1)}, "1 boundary states were lost"),
        ({"shares": {"signal": 0.98}}, "accepts only 98.00%"),
        ({"outside": 2}, "2 acceptances lie outside"),
        ({"faults": {"planted": False}}, "not refuted: planted"),
        ({"properties": {"arrival": False}}, "arrival does not hold"),
        ({"assumptions": {"sight": False}}, "no alarm although broken: sight"),
        (
            {"cvc5": [Answer(name="x", hypotheses="sat", counterexample="unknown")]},
            "cvc5 does not agree with lemma x",
        ),
    ],
)
def test_whatever_is_not_as_it_must_be_is_said(values: Any, trouble: str) -> None:
    assert _proof().troubles() == []
    (said,) = _proof(**values).troubles()
    assert trouble in said


def test_figures_add_up_over_the_searches() -> None:
    found = _proof().as_json()
    assert (found["states"], found["transitions"]) == (6 * 10, 6 * 70)
    assert found["violations"] == {"guarded": 0, "obeying": 6 * 3}
    assert found["obeying"]["stop"] == {
        "states": 1,
        "violations": {"red_light": 3},
        "examples": {},
    }
    assert found["lemmas"] == {"total": 1, "z3": 1, "cvc5": 1}
    assert set(found["permissiveness"]) == set(SITES)


def test_what_is_pinned_is_large_enough() -> None:
    apart = ("obeying_", "storm_")
    counts = {name: n for name, n in pinned().items() if not name.startswith(apart)}
    assert sum(states for states, _ in counts.values()) >= 100_000
    assert sum(transitions for _, transitions in counts.values()) >= 500_000


@pytest.mark.slow
def test_the_smaller_searches_are_as_pinned() -> None:
    for kind in ("motorway_exit", "uncontrolled"):
        searches = {kind: proof_.search(kind), f"obeying_{kind}": proof_.search_obeying(kind)}
        for name, found in searches.items():
            assert [found.states, found.transitions] == pinned()[name]


@pytest.mark.nightly
def test_the_guard_is_proved(tmp_path: Any) -> None:
    files = tmp_path / "proof.json", tmp_path / "proof.html"
    assert command.run_proof(2, *files, blesses=False)
    assert json.loads(files[0].read_text())["troubles"] == []
    assert "as it must be" in files[1].read_text()


def test_a_page_that_proves_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guiderail.sim.proof.page.FAULTS", ())
    monkeypatch.setattr("guiderail.sim.proof.page.ASSUMPTIONS", ())
    proof = _proof(guarded=_broken())
    page = proof_page(proof, proof.troubles(), ["12 states"])
    assert "NOT PROVED" in page
    assert "red_light" in page
    assert "12 states" in page
    assert "NOT PROVED" not in proof_page(_proof(), [])


def test_how_a_car_was_broken_is_on_the_page_and_in_the_figures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("guiderail.sim.proof.page.FAULTS", ())
    monkeypatch.setattr("guiderail.sim.proof.page.ASSUMPTIONS", ())
    told = ("0.0 s: sets off", "1.2 s: red_light <here>")
    proof = _proof(guarded=_broken(example=told))
    page = proof_page(proof, [])
    assert "<li>0.0 s: sets off</li><li>1.2 s: red_light &lt;here&gt;</li>" in page
    assert "How it was broken" not in proof_page(_proof(), [])
    assert proof.as_json()["counterexamples"]["guarded"] == {"signal": list(told)}


def test_a_failed_proof_prints_how_the_guarded_car_was_broken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = _proof(guarded=_broken(example=("0.0 s: sets off", "1.2 s: red_light")))
    monkeypatch.setattr(command.proof_, "prove", lambda *_, **__: broken)
    monkeypatch.setattr(command, "compare_many", lambda **_: Streams(streams=3, left_a_trace=1))
    assert not command.run_proof(1, tmp_path / "proof.json", None, blesses=False)
    said = capsys.readouterr().out
    assert "signal, how it was broken:\n0.0 s: sets off\n1.2 s: red_light\n" in said
    found = json.loads((tmp_path / "proof.json").read_text())
    assert found["non_interference"]["streams"] == 3
    assert "1 refused streams left a trace" in found["troubles"]


@pytest.mark.parametrize("option", ["--json", "--html"])
def test_a_proof_that_could_not_be_written_is_refused_before_the_search(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["prove", option, "nowhere/proof"]) == 2
    said = capsys.readouterr().err
    assert said == f"error: {option} 'nowhere/proof': there is no folder 'nowhere'\n"


def test_what_storm_finds_wrong_is_a_trouble_of_the_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guiderail.sim.proof.page.FAULTS", ())
    monkeypatch.setattr("guiderail.sim.proof.page.ASSUMPTIONS", ())
    answers = Answers(
        states=7,
        transitions=20,
        guarded=0.25,
        obeying=1.0,
        breaks=["no_road"],
        arrives=1.0,
        unlimited=0.0,
        worst_time_s=[10.0, 60.0],
    )
    second_model = SecondModel(answers={"stop": answers}, planted={"yellow": True})
    proof = _proof(second_model=second_model)
    (said,) = proof.troubles()
    assert said == "Storm, stop: a guide makes the guarded car break a rule with probability 0.25"
    assert proof.as_json()["storm"] == second_model.as_json()
    assert "<td>10.0, 60.0</td><td>50.0</td>" in proof_page(proof, [said])
    assert _proof().as_json()["storm"] is None
