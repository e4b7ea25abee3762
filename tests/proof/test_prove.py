"""The whole proof in one call: as pinned, complete, and told to machines and people."""

import json
from typing import Any

import pytest

pytest.importorskip("z3")
pytest.importorskip("cvc5")

from guiderail.sim.lab import prove as command
from guiderail.sim.proof import prove as proof_
from guiderail.sim.proof.explorer import Findings
from guiderail.sim.proof.page import proof_page
from guiderail.sim.proof.prove import Proof, pinned
from guiderail.sim.proof.sites import SITES
from guiderail.sim.proof.solving import Answer


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


def _broken(count: int = 1, **values: Any) -> dict[str, Findings]:
    found = Findings(states=1, **values)
    found.violations["red_light"] = count
    return {"signal": found}


@pytest.mark.parametrize(
    ("values", "trouble"),
    [
        ({"guarded": _broken()}, "the guarded car broke"),
        ({"guarded": {"signal": Findings(trapped=4)}}, "from 4 states a guide keeps it"),
        ({"guarded": {"signal": Findings(is_complete=False)}}, "cut short"),
        ({"obeying": {"signal": Findings()}}, "the words were harmless"),
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
    assert found["lemmas"] == {"total": 1, "z3": 1, "cvc5": 1}
    assert set(found["permissiveness"]) == set(SITES)


def test_what_is_pinned_is_large_enough() -> None:
    counts = {name: n for name, n in pinned().items() if not name.startswith("obeying")}
    assert sum(states for states, _ in counts.values()) >= 100_000
    assert sum(transitions for _, transitions in counts.values()) >= 500_000


@pytest.mark.slow
def test_the_smaller_searches_are_as_pinned() -> None:
    for kind in ("motorway_exit", "uncontrolled"):
        found = proof_.search(kind)
        assert [found.states, found.transitions] == pinned()[kind]


@pytest.mark.nightly
def test_the_guard_is_proved(tmp_path: Any) -> None:
    files = tmp_path / "proof.json", tmp_path / "proof.html"
    assert command.run_proof(2, *files, blesses=False)
    assert json.loads(files[0].read_text())["troubles"] == []
    assert "as it must be" in files[1].read_text()


def test_a_page_that_proves_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guiderail.sim.proof.page.FAULTS", ())
    monkeypatch.setattr("guiderail.sim.proof.page.ASSUMPTIONS", ())
    page = proof_page(_proof(guarded=_broken()))
    assert "NOT PROVED" in page
    assert "red_light" in page
    assert "NOT PROVED" not in proof_page(_proof())
