"""A stream whose every message is refused leaves the trace bit-identical to silence."""

import pytest

from guiderail.sim.lab.studies.hostile import non_interference
from guiderail.sim.lab.studies.hostile.guides import Greedy
from guiderail.sim.lab.studies.hostile.non_interference import Streams, Twins


@pytest.fixture(scope="module")
def twins() -> Twins:
    return Twins()


def test_refused_streams_leave_the_trace_as_silence_does(twins: Twins) -> None:
    found = sum((twins.compare(stream) for stream in range(12)), Streams())
    assert (found.streams, found.accepted, found.left_a_trace) == (12, 0, 0)
    assert found.messages > 1_000


def test_no_two_streams_say_the_same(twins: Twins) -> None:
    heard = []
    for stream in (0, non_interference.TRIPS):
        _, ear = twins.range.drive(twins.planned(stream), "guarded", twins.guide(stream))
        heard.append([said for _, said in ear.lines])
    assert heard[0] != heard[1]


@pytest.mark.nightly
def test_a_thousand_refused_streams_leave_the_trace_as_silence_does() -> None:
    found = non_interference.compare_many(1_000, workers=2)
    assert (found.streams, found.accepted, found.left_a_trace) == (1_000, 0, 0)
    assert found.messages > 100_000


def test_a_stream_that_is_accepted_does_leave_a_trace(twins: Twins) -> None:
    """The comparison can fail."""
    found = sum((twins.compare(k, twins.guide(k, Greedy)) for k in range(4)), Streams())
    assert found.accepted > 0
    assert found.left_a_trace > 0


def test_what_a_stream_did_wrong_is_said() -> None:
    assert list(Streams(streams=9).troubles()) == []
    said = list(Streams(streams=9, accepted=2, left_a_trace=1).troubles())
    assert said == [
        "2 messages that no guard may accept were accepted",
        "1 refused streams left a trace",
    ]
