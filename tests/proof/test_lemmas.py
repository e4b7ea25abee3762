"""The lemmas: proved twice, not vacuous, committed as they are, and about the shipped formulas."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("z3")
pytest.importorskip("cvc5")

from guiderail.sim.driver.motion.envelope import slow_distance_mm, stop_distance_mm
from guiderail.sim.proof.lemmas.lemmas import lemmas
from guiderail.sim.proof.lemmas.solving import ask_cvc5, ask_z3, committed, smt2_text


def test_z3_agrees_with_every_lemma() -> None:
    assert [answer for answer in ask_z3() if not answer.is_as_wanted] == []


def test_cvc5_agrees_with_every_committed_file() -> None:
    assert [answer for answer in ask_cvc5() if not answer.is_as_wanted] == []


def test_the_committed_files_are_the_lemmas() -> None:
    assert dict(committed()) == {lemma.name: smt2_text(lemma) for lemma in lemmas()}


def test_there_are_lemmas_for_every_rule_and_wrong_ones_to_be_refuted() -> None:
    stated = lemmas()
    assert len([lemma for lemma in stated if not lemma.is_false]) >= 15
    assert len([lemma for lemma in stated if lemma.is_false]) >= 4


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        pytest.param("following_never_touches", 6, id="b <= c"),
        pytest.param("braking_keeps_stoppable", 4, id="can stop"),
        pytest.param("no_dilemma", 5, id="long yellow"),
        pytest.param("lattice_braking_keeps_stoppable", 6, id="stops in time"),
        pytest.param("budget_is_never_exceeded", 6, id="affordable"),
    ],
)
def test_without_its_hypothesis_a_lemma_has_a_counterexample(name: str, dropped: int) -> None:
    lemma = next(lemma for lemma in lemmas() if lemma.name == name)
    kept = (*lemma.hypotheses[:dropped], *lemma.hypotheses[dropped + 1 :])
    weaker = replace(lemma, hypotheses=kept)
    # The file says what is expected, and cvc5 holds it to that.
    text = smt2_text(weaker).replace("status unsat", "status sat")
    answers = ask_z3([weaker]), ask_cvc5([(name, text)])
    assert [answer.counterexample for (answer,) in answers] == ["sat", "sat"]


def test_hypotheses_that_contradict_each_other_are_no_proof() -> None:
    lemma = lemmas()[0]
    vacuous = replace(lemma, hypotheses=(*lemma.hypotheses, lemma.hypotheses[0].children()[0] < 0))
    (answer,) = ask_z3([vacuous])
    assert (answer.hypotheses, answer.is_as_wanted) == ("unsat", False)


@given(st.integers(0, 80), st.integers(1, 39), st.integers(0, 38), st.integers(0, 1_000))
def test_the_lattice_of_the_lemmas_is_that_of_the_driver(q: int, k: int, r: int, p: int) -> None:
    r %= k
    speed, braking = 20 * (q * k + r), 200 * k
    assert stop_distance_mm(speed, braking) == q * (q * k + 2 * r) + r
    if r == 0:
        slow = slow_distance_mm(speed + 20 * p, 20 * p, braking)
        assert slow == q * (q * k + 2 * p)
