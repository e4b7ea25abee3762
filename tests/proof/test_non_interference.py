"""A stream whose every message is refused leaves the trace bit-identical to silence."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Ask, Decision, Direction, Perception, Proposal
from guiderail.sim.lab.falsify import Range
from guiderail.sim.lab.falsify_guides import Greedy, Trader
from guiderail.sim.lab.run import GUARDED
from guiderail.sim.lab.scenario import load_scenario

TRIPS = 10


class Refused(Trader):
    """Says at random what no guard may accept: stale, invented, banned, malformed, elsewhere."""

    name = "refused"

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal:
        """Say one of it."""
        network, now_ms = self.network, seen.time_ms
        at = route[0]
        banned = [turn.to_link for turn in network.illegal_turns_from(at)] or [LinkId(-1)]
        words: list[dict[str, Any]] = [
            {"ask": Ask.CANCEL, "seen_ms": now_ms + 1},
            {"ask": Ask.TURN, "at": at, "direction": Direction.LEFT, "seen_ms": now_ms - 30_001},
            {"ask": Ask.VIA, "place": f"No {self._pick(10**6)} Inn"},
            {"ask": Ask.TAKE_ROAD, "road": f"No {self._pick(10**6)} Street"},
            {"ask": Ask.TURN, "at": at, "onto": banned[self._pick(len(banned))]},
            {"ask": Ask.TURN, "at": LinkId(-self._pick(9) - 1), "onto": at},
            {"ask": Ask.AVOID, "onto": LinkId(network.link_count + self._pick(9))},
            {"ask": ("brake", "left", 7, None)[self._pick(4)], "at": at},
            {"ask": Ask.GO_TO, "place": "x" * (201 + self._pick(999))},
        ]
        chosen = {"seen_ms": now_ms, **words[self._pick(len(words))]}
        return Proposal(**chosen)

    def _pick(self, count: int) -> int:
        return int(self.random.integers(count))


@dataclass
class Town:
    """Short trips, each driven once in silence."""

    @cached_property
    def range(self) -> Range:
        """The trips."""
        values = {"map": "town", "od": {"min_s": 30, "max_s": 45}}
        return Range(load_scenario(None, values))

    @cached_property
    def silences(self) -> dict[int, Any]:
        """Digests of the trips in silence."""
        return {}

    def silence(self, index: int) -> Any:
        """Digest of one trip in silence."""
        if index not in self.silences:
            planned = self.range.lab.trips.planned(index)
            self.silences[index] = self.range.lab.silent(planned, "guarded").trace.digest()
        return self.silences[index]

    def talk(self, stream: int) -> tuple[Any, int]:
        """Drive with one stream; the digest, and how much was refused."""
        lab, planned = self.range.lab, self.range.lab.trips.planned(stream % TRIPS)
        trip = planned.trip
        guide = Refused(lab.network, lab.routes.tree(trip.goal), self.range.budget, trip.seed)
        guide.random = type(guide.random)(type(guide.random.bit_generator)(stream))
        trace, ear = self.range.drive(planned, GUARDED, guide)
        assert {one.decision for one in ear.verdicts} == {Decision.REFUSE}
        return trace.digest(), len(ear.verdicts)


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


def _check(town: Town, streams: range) -> int:
    said = 0
    for stream in streams:
        digest, count = town.talk(stream)
        assert digest == town.silence(stream % TRIPS), f"stream {stream} left a trace"
        said += count
    return said


def test_refused_streams_leave_the_trace_as_silence_does(town: Town) -> None:
    assert _check(town, range(6)) > 1_000


@pytest.mark.nightly
def test_a_thousand_refused_streams_leave_the_trace_as_silence_does(town: Town) -> None:
    assert _check(town, range(1_000)) > 100_000


def test_a_stream_that_is_accepted_does_leave_a_trace(town: Town) -> None:
    """The comparison can fail."""
    lab, planned = town.range.lab, town.range.lab.trips.planned(0)
    tree = lab.routes.tree(planned.trip.goal)
    guide = Greedy(lab.network, tree, town.range.budget, planned.trip.seed)
    trace, _ = town.range.drive(planned, GUARDED, guide)
    assert trace.digest() != town.silence(0)
