"""A recorded trip is repeated to the bit; in another car the words are said of its own road."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import PluginError
from guiderail.sim.contract.messages import Advice, Ask, Direction, Observation, Proposal
from guiderail.sim.wire.transcript import Recorder, Repeated, transcript_path

LEFT = Proposal(ask=Ask.TURN, seen_ms=59_000, at=LinkId(3), direction=Direction.LEFT)


class Listed:
    """Gives answers from a list; an exception in it is raised."""

    name = "listed"

    def __init__(self, answers: list[Any]) -> None:
        self._answers = answers
        self.closed = False

    def advise(self, _: Observation) -> Advice | None:
        """Give the next."""
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        said: Advice | None = answer
        return said

    def close(self) -> None:
        """Note that the trip is over."""
        self.closed = True


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    """Load the synthetic town."""
    return load_map("town")


Tape = Callable[[list[Any], list[Observation]], Path]


@pytest.fixture
def tape(town: RoadNetwork, tmp_path: Path) -> Tape:
    """Record answers to observations."""

    def record(answers: list[Any], asked: list[Observation]) -> Path:
        guide = Listed(list(answers))
        path = tmp_path / "tapes" / "trip.jsonl"
        recorder = Recorder(guide, town, path)
        for seen in asked:
            try:
                recorder.advise(seen)
            except OSError:
                break
        assert not path.exists()  # not before the trip is over
        recorder.close()
        assert guide.closed
        return path

    return record


def test_every_answer_comes_back_as_it_was(tape: Tape, seen: Observation) -> None:
    answers = [
        Advice(words="Käännös \N{THUMBS UP SIGN}", latency_ms=7),
        None,
        Advice(words="", proposal=LEFT, latency_ms=1_300, confidence=0.25, label="wrong_link"),
        Advice(words="x", proposal=Proposal(ask=Ask.VIA, seen_ms=1, place="Museum")),
    ]
    asked = [replace(seen, occasion=k) for k in range(4)]
    again = Repeated(tape(answers, asked))
    assert [again.advise(one) for one in asked] == answers
    assert again.advise(seen) is None


def test_in_another_car_a_turn_here_is_a_turn_where_it_is(tape: Tape, seen: Observation) -> None:
    path = tape([Advice(words="", proposal=LEFT)], [seen])
    other = replace(seen, link=LinkId(9), time_ms=80_000)
    said = Repeated(path).advise(other)
    assert said is not None
    # It was a second old when it was said, and about the road underfoot.
    assert said.proposal == replace(LEFT, seen_ms=79_000, at=LinkId(9))


def test_a_turn_elsewhere_stays_elsewhere(tape: Tape, seen: Observation) -> None:
    path = tape([Advice(words="", proposal=replace(LEFT, at=LinkId(4)))], [seen])
    said = Repeated(path).advise(replace(seen, link=LinkId(9)))
    assert said is not None
    assert said.proposal is not None
    assert said.proposal.at == 4


def test_a_guide_that_was_lost_is_lost_again(tape: Tape, seen: Observation) -> None:
    again = Repeated(tape([None, OSError("no microphone")], [seen] * 2))
    assert again.advise(seen) is None
    with pytest.raises(PluginError, match="no microphone"):
        again.advise(seen)


def test_a_trip_that_broke_off_leaves_no_transcript(
    town: RoadNetwork, tmp_path: Path, seen: Observation
) -> None:
    path = tmp_path / "trip.jsonl"
    Recorder(Listed([None]), town, path).advise(seen)
    with pytest.raises(PluginError, match="no transcript"):
        Repeated(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no finished transcript"),
        ("x\n", "no finished transcript"),
        ('{"protocol": 1}\n', "no finished transcript"),
        ('{"protocol": 1}\n{"end": 2}\n', "holds 0 answers of 2"),
        ('{}\n{"asked": {}, "advice": null}\n{"end": 1}\n', "no finished transcript"),
    ],
)
def test_what_is_no_transcript_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "trip.jsonl"
    path.write_text(content)
    with pytest.raises(PluginError, match=message):
        Repeated(path)


def test_trips_lie_side_by_side_by_map_and_seed(town: RoadNetwork, tmp_path: Path) -> None:
    names = {transcript_path(tmp_path, town, TripSeed(a, 1)).name for a in range(3)}
    assert len(names) == 3
    assert all(name.startswith(town.header["digest"][:8]) for name in names)


def test_a_transcript_shows_what_was_asked(tape: Tape, seen: Observation) -> None:
    lines = [json.loads(line) for line in tape([None], [seen]).read_text("utf-8").splitlines()]
    assert lines[0]["protocol"] == "guiderail/1"
    assert lines[1]["asked"]["goal_name"] == "Museum"
    assert lines[-1] == {"end": 1}
