"""What an article of the law is, and the rule of the judge that finds it broken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from guiderail.maps.network import LinkId
from guiderail.sim.judge.infraction import Evidence, Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """
    One kind of infraction.

    Weights are on the scale of the CARLA leaderboard 2.1; they rank nothing by themselves.
    """

    id: str
    """Short name; a letter behind the number marks a lighter or graver variant."""
    kind: str
    """What was done; the identifier in code and results."""
    severity: Severity
    weight: float
    """Penalty c in the score 1 / (1 + sum of c); the most, where it grows with the breach."""
    source: str
    meaning: str
    """One sentence for a reader."""
    is_gate: bool = False
    """Whether it fails a drive as a whole, as in nuPlan."""

    def broken_at(
        self,
        trip: JudgedTrip,
        k: int,
        evidence: Evidence = (),
        *,
        at_fault: bool = True,
        weight: float | None = None,
    ) -> Infraction:
        """Write down an infraction that began at row ``k`` of a trip."""
        time_ms = int(trip.time_ms[k])
        return Infraction(
            article=self.id,
            kind=self.kind,
            severity=self.severity,
            time_ms=time_ms,
            link=LinkId(int(trip.link[k])),
            s_mm=int(trip.s_mm[k]),
            at_fault=at_fault,
            weight=self.weight if weight is None else weight,
            lead_ms=trip.lead_ms(time_ms),
            is_gate=self.is_gate,
            evidence=evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One computation of the judge, and all articles that it may find broken."""

    find: Callable[[JudgedTrip], Iterator[Infraction]]
    articles: tuple[Article, ...]
