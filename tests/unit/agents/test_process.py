"""A program as guide: whatever it does, it is an answer, a counted fault, or lost."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from guiderail.agents.doors.process import door
from guiderail.agents.doors.remote import Remote
from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import Advice, Ask, Observation

HOSTILE = str(Path(__file__).parent / "hostile.py")
Start = Callable[..., Remote]


@pytest.fixture
def start(network: RoadNetwork, tmp_path: Path) -> Iterator[Start]:
    """Start the hostile program in a mode; it is ended after the test."""
    started: list[Any] = []

    def _start(mode: str, **settings: Any) -> Remote:
        values = {"command": [sys.executable, HOSTILE, mode], "deadline_s": 5.0, **settings}
        maker = door(values, tmp_path)
        started.append(maker(network, TripSeed(1, 2), closed=frozenset(), rate=0))
        return started[-1]

    yield _start
    for guide in started:
        guide.close()


def later(seen: Observation, k: int) -> Observation:
    """The k-th question, two minutes after the one before: nobody is busy by then."""
    return replace(seen, occasion=k, time_ms=seen.time_ms + 120_000 * k)


def labels(guide: Remote, seen: Observation, count: int = 1) -> list[str]:
    """Ask so many questions and name what came of each."""
    said = [guide.advise(later(seen, k)) for k in range(count)]
    return ["silence" if one is None else one.label or one.words for one in said]


def test_a_sound_answer_is_advice(start: Start, approaching: Observation) -> None:
    advice = start("good").advise(approaching)
    assert isinstance(advice, Advice)
    assert advice.words == "Hello."
    assert advice.proposal is not None
    assert advice.proposal.ask is Ask.CANCEL


def test_measured_time_is_latency_and_a_set_one_replaces_it(
    start: Start, approaching: Observation
) -> None:
    measured, fixed = start("good"), start("good", latency_ms=1_234)
    advice = [guide.advise(approaching) for guide in (measured, fixed)]
    assert advice[0] is not None
    assert advice[1] is not None
    assert 0 < advice[0].latency_ms <= 5_000
    assert advice[1].latency_ms == 1_234


def test_silence_is_no_advice(start: Start, approaching: Observation) -> None:
    assert labels(start("silent"), approaching) == ["silence"]


@pytest.mark.parametrize("mode", ["hang", "partial", "deaf", "closed"])
def test_no_answer_costs_the_deadline_and_is_counted(
    start: Start, approaching: Observation, mode: str
) -> None:
    guide = start(mode, deadline_s=0.3, start_s=0)
    begun = monotonic()
    advice = guide.advise(approaching)
    assert monotonic() - begun < 2.0  # far from the 60 s that the program would take
    assert advice is not None
    assert advice.proposal is None
    wanted = "fault:crashed" if mode == "closed" else "fault:timeout"
    assert advice.label in {wanted, "fault:timeout"}
    if advice.label == "fault:timeout":
        assert advice.latency_ms == 300


def test_a_late_answer_is_dropped_and_not_taken_for_the_next(
    start: Start, approaching: Observation
) -> None:
    guide = start("late", deadline_s=0.25, start_s=0)
    assert labels(guide, approaching, 3) == ["fault:timeout"] * 3


@pytest.mark.parametrize("mode", ["exit", "crash", "memory"])
def test_a_program_that_ends_is_started_again_and_then_lost(
    start: Start, approaching: Observation, mode: str
) -> None:
    guide = start(mode, restarts=2)
    assert labels(guide, approaching, 3) == ["fault:crashed"] * 3
    with pytest.raises(PluginError, match="is lost: crashed: it ended with code"):
        guide.advise(later(approaching, 3))


def test_a_program_that_ends_after_each_answer_still_answers(
    start: Start, approaching: Observation
) -> None:
    said = labels(start("once"), approaching, 3)
    # Its end may be noticed only by the next question: that one is lost.
    assert set(said) <= {"Hello.", "fault:crashed"}
    assert said.count("Hello.") >= 2


def test_a_flood_on_standard_error_is_drained(start: Start, approaching: Observation) -> None:
    assert labels(start("stderr"), approaching, 2) == ["Hello."] * 2


def test_an_endless_line_is_refused_at_the_limit(start: Start, approaching: Observation) -> None:
    begun = monotonic()
    assert labels(start("endless"), approaching) == ["malformed:too_long"]
    assert monotonic() - begun < 5.0


def test_a_flood_for_other_questions_ends_the_program(
    start: Start, approaching: Observation
) -> None:
    assert labels(start("flood"), approaching) == ["fault:flood"]


def test_one_question_gets_one_answer_however_many_are_sent(
    start: Start, approaching: Observation
) -> None:
    guide = start("chatter")
    assert labels(guide, approaching, 3) == ["Hello."] * 3


def test_answers_sent_before_the_question_are_dropped(
    start: Start, approaching: Observation
) -> None:
    guide = start("prophet")
    assert labels(guide, approaching) == ["Hello."]
    sleep(0.2)  # until what it sent beforehand lies in the pipe
    assert labels(guide, later(approaching, 1)) == ["Hello."]


def test_an_answer_must_say_what_it_answers(start: Start, approaching: Observation) -> None:
    assert labels(start("unnumbered"), approaching) == ["malformed:wrong_type"]


def test_bytes_that_are_no_text_are_refused_whatever_it_was_given(
    start: Start, approaching: Observation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEN_KEY", "sk-canary-7f3a91c2e5")
    for given in ([], ["GIVEN_KEY"]):
        assert labels(start("bytes", pass_env=given), approaching) == ["malformed:not_utf8"]


def test_no_variable_of_our_environment_is_seen(
    start: Start, approaching: Observation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XAI_API_KEY", "canary-key")
    monkeypatch.setenv("WANTED", "yes")
    seen = labels(start("environment"), approaching)[0]
    assert "XAI_API_KEY" not in seen
    assert "PATH" not in seen
    assert "WANTED" in labels(start("environment", pass_env=["WANTED"]), approaching)[0]


def test_a_variable_that_it_was_given_is_cut_out_of_what_it_says(
    start: Start, approaching: Observation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEN_KEY", "sk-canary-7f3a91c2e5")
    guide = start("blab", pass_env=["GIVEN_KEY"], restarts=0)
    assert labels(guide, approaching) == ["fault:crashed"]
    assert "[key]" in json.dumps(guide.exchange)
    assert "canary-7" not in json.dumps(guide.exchange)
    assert labels(start("environment", pass_env=["GIVEN_KEY"]), approaching) != ["fault:crashed"]


def test_it_cannot_fill_the_disk(start: Start, approaching: Observation, tmp_path: Path) -> None:
    assert labels(start("file"), approaching) == ["cannot write: File too large"]


def test_what_it_started_ends_with_it(start: Start, approaching: Observation) -> None:
    guide = start("child", memory_mb=0)
    child = int(labels(guide, approaching)[0].removeprefix("child "))
    os.kill(child, 0)
    guide.close()
    until = monotonic() + 5
    while Path(f"/proc/{child}/status").exists() and monotonic() < until:
        if "State:\tZ" in Path(f"/proc/{child}/status").read_text():
            break  # ended, and left to init to be waited for
    else:
        assert not Path(f"/proc/{child}/status").exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "command: Field required"),
        ({"command": []}, "command: Tuple should have at least 1 item"),
        ({"command": ["no-such-program"]}, "there is no program 'no-such-program'"),
        ({"command": ["true"], "colour": 1}, "unknown setting 'colour'; known: command"),
        ({"command": ["true"], "deadline_s": 0}, "deadline_s: Input should be greater than 0"),
        ({"command": ["true"], "offline": True}, "offline needs record"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    values: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(PluginError, match=message):
        door(values, tmp_path)
