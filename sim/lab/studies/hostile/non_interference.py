"""
Non-interference: a stream whose every message is refused drives exactly as silence does.

Streams of what no guard may accept are whispered to the shipped car ten times a second, and the
trace of each trip is compared, bit for bit, with that of its twin in silence.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from multiprocessing import get_context
from typing import Any, Final

from guiderail.maps.network import LinkId
from guiderail.sim.contract.messages import Ask, Decision, Direction, Perception, Proposal
from guiderail.sim.lab.experiment.run import GUARDED
from guiderail.sim.lab.experiment.scenario import load_scenario
from guiderail.sim.lab.experiment.seeding import generator
from guiderail.sim.lab.experiment.trips import PlannedTrip
from guiderail.sim.lab.studies.hostile.guides import Attacker, Greedy, Trader
from guiderail.sim.lab.studies.hostile.search import Range

STREAMS: Final = 1_000
TRIPS: Final = 10
"""Trips that the streams are spread over, each driven once in silence."""
SCENARIO: Final = {"map": "town", "od": {"min_s": 10, "max_s": 15}}
_TOO_OLD_MS: Final = 30_001
_TOO_LONG: Final = 201


class Refused(Trader):
    """Says at random what no guard may accept: stale, invented, banned, malformed, elsewhere."""

    name = "refused"

    def say(self, seen: Perception, route: tuple[LinkId, ...]) -> Proposal:
        """Say one of it."""
        network, now_ms, at = self.network, seen.time_ms, route[0]
        banned = [turn.to_link for turn in network.illegal_turns_from(at)] or [LinkId(-1)]
        words: list[dict[str, Any]] = [
            {"ask": Ask.CANCEL, "seen_ms": now_ms + 1},
            {
                "ask": Ask.TURN,
                "at": at,
                "direction": Direction.LEFT,
                "seen_ms": now_ms - _TOO_OLD_MS,
            },
            {"ask": Ask.VIA, "place": f"No {self._pick(10**6)} Inn"},
            {"ask": Ask.TAKE_ROAD, "road": f"No {self._pick(10**6)} Street"},
            {"ask": Ask.TURN, "at": at, "onto": banned[self._pick(len(banned))]},
            {"ask": Ask.TURN, "at": LinkId(-self._pick(9) - 1), "onto": at},
            {"ask": Ask.AVOID, "onto": LinkId(network.link_count + self._pick(9))},
            {"ask": ("brake", "left", 7, None)[self._pick(4)], "at": at},
            {"ask": Ask.GO_TO, "place": "x" * (_TOO_LONG + self._pick(999))},
        ]
        return Proposal(**{"seen_ms": now_ms, **words[self._pick(len(words))]})

    def _pick(self, count: int) -> int:
        return int(self.random.integers(count))


@dataclass(frozen=True, kw_only=True)
class Streams:
    """What so many streams did."""

    streams: int = 0
    messages: int = 0
    accepted: int = 0
    """Messages that were not refused after all; such a stream shows nothing."""
    left_a_trace: int = 0
    """Streams whose trip differs in any bit from its twin in silence."""

    def __add__(self, other: "Streams") -> "Streams":
        """Add up what two lots of streams did."""
        return Streams(
            streams=self.streams + other.streams,
            messages=self.messages + other.messages,
            accepted=self.accepted + other.accepted,
            left_a_trace=self.left_a_trace + other.left_a_trace,
        )

    def as_json(self) -> dict[str, int]:
        """For machines; the keys are documented in ``docs/proof.md``."""
        return asdict(self)

    def troubles(self) -> Iterable[str]:
        """All that is not as it must be."""
        if self.accepted:
            yield f"{self.accepted} messages that no guard may accept were accepted"
        if self.left_a_trace:
            yield f"{self.left_a_trace} refused streams left a trace"


class Twins:
    """The trips, each driven once in silence."""

    @cached_property
    def range(self) -> Range:
        """Where they are driven."""
        return Range(load_scenario(None, dict(SCENARIO)))

    @cached_property
    def _silences(self) -> dict[int, str]:
        return {}

    def planned(self, stream: int) -> PlannedTrip:
        """Trip of a stream."""
        return self.range.lab.trips.planned(stream % TRIPS)

    def guide(self, stream: int, kind: type[Refused | Greedy] = Refused) -> Attacker:
        """Make the guide of a stream."""
        lab, trip = self.range.lab, self.planned(stream).trip
        guide = kind(lab.network, lab.routes.tree(trip.goal), self.range.budget, trip.seed)
        guide.random = generator(stream, "refused stream")
        return guide

    def compare(self, stream: int, guide: Attacker | None = None) -> Streams:
        """Drive with one stream, and see whether anything is different from silence."""
        planned = self.planned(stream)
        trace, ear = self.range.drive(planned, GUARDED, guide or self.guide(stream))
        return Streams(
            streams=1,
            messages=len(ear.verdicts),
            accepted=sum(one.decision is not Decision.REFUSE for one in ear.verdicts),
            left_a_trace=trace.digest() != self._silence(planned),
        )

    def _silence(self, planned: PlannedTrip) -> str:
        if planned.index not in self._silences:
            silent = self.range.lab.silent(planned, GUARDED).trace
            self._silences[planned.index] = silent.digest()
        return self._silences[planned.index]


@cache
def _twins() -> Twins:
    return Twins()


def compare(streams: Sequence[int]) -> Streams:
    """Compare some streams with silence; each process drives a silent trip once."""
    twins = _twins()
    return sum((twins.compare(stream) for stream in streams), Streams())


def compare_many(streams: int = STREAMS, workers: int = 1) -> Streams:
    """Compare so many streams with silence, in so many processes."""
    lots = [range(k, streams, 4 * workers) for k in range(4 * workers)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(compare, lots), Streams())
