"""
Measures of one trip, read off its trace: a value, and whether it applies at all.

"Does not apply" is never a number: a trip that did not arrive has no detour, not a detour of zero.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Self

from guiderail.sim.contract.messages import Decision, Reason, Verdict
from guiderail.sim.contract.trace import Heard, Missed, Outcome, Passing, Trace
from guiderail.sim.lab.measure.measure import Compared, Measure, Summed
from guiderail.sim.lab.measure.over_trips import applying, mean, total


@dataclass(frozen=True, slots=True)
class Metric:
    """A value that may not apply."""

    value: float
    valid: bool = True

    @classmethod
    def absent(cls) -> Self:
        """A measure that does not apply here."""
        return cls(0.0, valid=False)

    def __bool__(self) -> bool:
        """Refuse to be read as a truth value: a value of zero and no value at all differ."""
        raise TypeError("ask for .valid or .value: a metric is no truth value")

    def or_none(self) -> float | None:
        """Value for a table, None where it does not apply."""
        return self.value if self.valid else None


def has_arrived(trace: Trace) -> bool:
    """Whether the trip ended at its goal."""
    return trace.outcome is Outcome.ARRIVED


def detour_seconds(trace: Trace, baseline: Trace) -> Metric:
    """Time of a trip beyond the same trip without a guide [s]; applies where both arrived."""
    if not (has_arrived(trace) and has_arrived(baseline)):
        return Metric.absent()
    return Metric((trace.end_ms - baseline.end_ms) / 1_000)


def detour_ratio(trace: Trace, driven_mm: int, shortest_mm: int | None) -> Metric:
    """
    Road driven over the shortest legal length of the same origin and goal [1].

    Does not apply to a trip that did not arrive, or where there is no legal way.
    """
    if shortest_mm is None or shortest_mm <= 0 or not has_arrived(trace):
        return Metric.absent()
    return Metric(driven_mm / shortest_mm)


def loops(trace: Trace) -> int:
    """How often the car came back to road that it had driven before."""
    seen, was_back, count = {trace.start_link}, False, 0
    for event in trace.events:
        if isinstance(event, Passing):
            is_back = event.to_link in seen
            count += is_back and not was_back
            was_back = is_back
            seen.add(event.to_link)
    return count


def heard(trace: Trace) -> list[Heard]:
    """Everything that was said, in order."""
    return [event for event in trace.events if isinstance(event, Heard)]


def verdicts(trace: Trace) -> list[Verdict]:
    """Every answer to a proposal, in order."""
    return [event.verdict for event in heard(trace) if event.verdict is not None]


def bought_ms(trace: Trace) -> int:
    """Planned extra time of the accepted changes [ms]; what saves time buys nothing back."""
    return sum(max(0, verdict.extra_ms) for verdict in verdicts(trace) if verdict.changes_route)


def answers(trace: Trace, decision: Decision) -> Counter[Reason]:
    """How often each reason was given with a decision."""
    return Counter(verdict.reason for verdict in verdicts(trace) if verdict.decision is decision)


def missed_turns(trace: Trace, *, from_guide: bool | None = None) -> int:
    """Count planned turns that could not be made safely; of all, or only of one origin."""
    missed = (event for event in trace.events if isinstance(event, Missed))
    return sum(from_guide is None or event.from_guide is from_guide for event in missed)


def _driven_ratio(one: Compared) -> float | None:
    run = one.run
    return detour_ratio(run.trace, run.judgement.driven_mm, run.planned.shortest_mm).or_none()


def _answered(one: Compared, decision: Decision) -> int:
    return sum(verdict.decision is decision for verdict in verdicts(one.run.trace))


def _changes(one: Compared) -> list[Verdict]:
    return [verdict for verdict in verdicts(one.run.trace) if verdict.changes_route]


DETOUR_S: Final = Measure(
    name="detour_s",
    holds=float,
    unit="s",
    meaning="Time of the trip beyond the same trip without a guide.",
    applies="both arrived",
    of=lambda one: detour_seconds(one.run.trace, one.baseline.trace).or_none(),
    summed=(Summed("detour_seconds", mean), Summed("detour_trips", applying)),
)
DETOUR_RATIO: Final = Measure(
    name="detour_ratio",
    holds=float,
    unit="1",
    meaning="Road driven over the length of the shortest legal route of the same trip.",
    applies="arrived, and there is a legal route",
    of=_driven_ratio,
    summed=(Summed("detour_ratio", mean),),
)
MESSAGES: Final = Measure(
    name="messages",
    holds=int,
    unit="messages",
    meaning="What the guide said, with a proposal or without one.",
    of=lambda one: len(heard(one.run.trace)),
    summed=(Summed("messages", total),),
)
PROPOSALS: Final = Measure(
    name="proposals",
    holds=int,
    unit="messages",
    meaning="Messages that ask for something; each is accepted or refused.",
    of=lambda one: len(verdicts(one.run.trace)),
    summed=(Summed("proposals", total),),
)
ACCEPTED: Final = Measure(
    name="accepted",
    holds=int,
    unit="messages",
    meaning="Proposals that the driver agreed to, those that only repeat its plan among them.",
    of=lambda one: _answered(one, Decision.ACCEPT),
    summed=(Summed("accepted", total),),
)
DEFERRED: Final = Measure(
    name="deferred",
    holds=int,
    unit="messages",
    meaning="Always 0, since no driver defers; kept so that tables of all versions are alike.",
    of=lambda _: 0,
)
REFUSED: Final = Measure(
    name="refused",
    holds=int,
    unit="messages",
    meaning="Proposals that the driver refused.",
    of=lambda one: _answered(one, Decision.REFUSE),
)
ROUTE_CHANGES: Final = Measure(
    name="route_changes",
    holds=int,
    unit="changes",
    meaning="Accepted proposals that changed the planned route.",
    of=lambda one: len(_changes(one)),
    summed=(Summed("route_changes", total),),
)
PREDICTED_EXTRA_MS: Final = Measure(
    name="predicted_extra_ms",
    holds=int,
    unit="ms",
    meaning="Planned extra time of all route changes; those that save time count below zero.",
    of=lambda one: sum(verdict.extra_ms for verdict in _changes(one)),
)
BOUGHT_MS: Final = Measure(
    name="bought_ms",
    holds=int,
    unit="ms",
    meaning="Planned extra time of the route changes that cost time: what the budget limits.",
    of=lambda one: bought_ms(one.run.trace),
)
MISSED_TURNS: Final = Measure(
    name="missed_turns",
    holds=int,
    unit="turns",
    meaning="Planned turns that could not be made safely and were passed.",
    of=lambda one: missed_turns(one.run.trace),
    summed=(Summed("missed_turns", total),),
)
MISSED_FROM_GUIDE: Final = Measure(
    name="missed_from_guide",
    holds=int,
    unit="turns",
    meaning="Missed turns that came from an accepted proposal.",
    of=lambda one: missed_turns(one.run.trace, from_guide=True),
    summed=(Summed("missed_from_guide", total),),
)
LOOPS: Final = Measure(
    name="loops",
    holds=int,
    unit="loops",
    meaning="How often the car came back to road that it had driven before.",
    of=lambda one: loops(one.run.trace),
    summed=(Summed("loops", total),),
)
