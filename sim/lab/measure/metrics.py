"""
Measures of one trip, read off its trace: a value, and whether it applies at all.

"Does not apply" is never a number: a trip that did not arrive has no detour, not a detour of zero.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Self

from guiderail.sim.contract.messages import Decision, Reason, Verdict
from guiderail.sim.contract.trace import Heard, Missed, Outcome, Passing, Trace
from guiderail.sim.lab.measure.energy import energy_kwh


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


def detour_kwh(trace: Trace, baseline: Trace) -> Metric:
    """Energy beyond the same trip without a guide [kWh]; applies where both arrived."""
    if not (has_arrived(trace) and has_arrived(baseline)):
        return Metric.absent()
    return Metric(energy_kwh(trace) - energy_kwh(baseline))


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
