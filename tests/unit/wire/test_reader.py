"""The reader takes any bytes: a message or one typed refusal, never an exception."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal, Reason
from guiderail.sim.lab.conformance.suite import Suite, answer_of
from guiderail.sim.wire.documents import advice_document, encoded
from guiderail.sim.wire.reader import BYTE_LIMIT, Flaw, Message, Refusal, hear, read, understand

FULL = (
    b'{"protocol":"guiderail/1","occasion":4,"words":"Left.","confidence":0.5,"proposal":'
    b'{"ask":"turn","seen_ms":1,"at":2,"direction":"left","onto":3}}'
)


def test_a_full_message_is_read_field_by_field() -> None:
    message = read(FULL)
    assert isinstance(message, Message)
    assert (message.words, message.confidence, message.occasion) == ("Left.", 0.5, 4)
    wanted = {"ask": Ask.TURN, "seen_ms": 1, "at": 2, "direction": Direction.LEFT, "onto": 3}
    assert message.proposal == wanted


def test_what_a_message_leaves_open_is_the_moment_of_the_question(seen: Observation) -> None:
    advice = hear(b'{"proposal":{"ask":"turn","direction":"left"}}', seen)
    assert advice is not None
    assert advice.proposal == Proposal(
        ask=Ask.TURN, seen_ms=60_000, at=LinkId(3), direction=Direction.LEFT
    )


def test_only_a_turn_is_given_a_place(seen: Observation) -> None:
    advice = hear(b'{"proposal":{"ask":"cancel"}}', seen)
    assert advice is not None
    assert advice.proposal == Proposal(ask=Ask.CANCEL, seen_ms=60_000)


def test_neither_words_nor_a_proposal_is_silence(seen: Observation) -> None:
    assert hear(b'{"words":"","proposal":null}', seen) is None


def test_every_flaw_is_produced_by_a_case_of_the_suite(suite: Suite) -> None:
    produced = {case.label.removeprefix("malformed:") for case in suite.cases if case.label}
    assert produced == {flaw.value for flaw in Flaw}


def test_the_limit_is_counted_in_bytes_not_letters() -> None:
    text = '{"words":"' + "ä" * 600 + '"}'
    padding = BYTE_LIMIT - len(text.encode())
    assert isinstance(read((text + " " * padding).encode()), Message)
    assert read((text + " " * (padding + 1)).encode()) == Refusal(Flaw.TOO_LONG)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_message_or_a_refusal(raw: bytes) -> None:
    assert isinstance(read(raw), Message | Refusal)


_JSON: Any = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(_JSON | st.fixed_dictionaries({}, optional={"words": _JSON, "proposal": _JSON}))
def test_any_json_gives_a_message_or_a_refusal(value: Any) -> None:
    assert isinstance(read(json.dumps(value).encode()), Message | Refusal)


_NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
_LINKS = st.integers(-(2**53) + 1, 2**53 - 1).map(LinkId)


@given(
    st.builds(
        Advice,
        words=_NAMES,
        confidence=st.floats(0, 1),
        proposal=st.builds(
            Proposal,
            ask=st.sampled_from(Ask),
            seen_ms=st.integers(0, 10**9),
            at=_LINKS,
            direction=st.none() | st.sampled_from(Direction),
            onto=st.none() | _LINKS,
            road=st.none() | _NAMES,
            place=st.none() | _NAMES,
        ),
    )
)
def test_what_we_write_we_read_back_unchanged(advice: Advice) -> None:
    message = read(encoded(advice_document(advice)))
    assert isinstance(message, Message)
    assert Proposal(**(message.proposal or {})) == advice.proposal
    assert (message.words, message.confidence) == (advice.words, advice.confidence)


def test_a_flaw_anywhere_refuses_the_good_proposal_beside_it(seen: Observation) -> None:
    advice = hear(FULL.replace(b"0.5", b"1.5"), seen)
    assert advice is not None
    assert advice.label == "malformed:out_of_range"
    assert (advice.words, advice.proposal) == ("", Proposal(ask=Ask.TURN, seen_ms=60_000))


@pytest.mark.parametrize("times", [1, 2])
def test_the_shipped_reader_and_guard_give_every_verdict_of_the_suite(
    suite: Suite, times: int
) -> None:
    """Twice: a case leaves nothing behind."""
    wrong = []
    for case in suite.cases:
        verdict, label = suite.situations[case.situation].heard(case.message, case.before)
        got = answer_of(verdict)
        if (got, label) != (case.expected, case.label):
            wrong.append((case.id, got, label))
    assert wrong == []


def test_the_suite_is_large_and_names_nearly_every_reason(suite: Suite) -> None:
    assert len(suite.cases) == len({case.id for case in suite.cases}) >= 200
    assert len(suite.trips) >= 20
    reasons = {case.expected[1] for case in suite.cases if case.expected[1]}
    # Nobody obeys here, and a guard that breaks is planted in its own tests.
    assert reasons == {reason.value for reason in Reason} - {"obeyed", "guard_fault"}
    assert all(case.why for case in suite.cases)


def test_understanding_does_not_touch_the_message(seen: Observation) -> None:
    message = read(FULL)
    assert isinstance(message, Message)
    understand(message, seen)
    assert message == read(FULL)
