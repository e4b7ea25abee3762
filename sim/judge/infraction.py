"""What the judge hands out: infractions with their evidence, and the judgement of a trip."""

from collections import Counter
from dataclasses import dataclass

from guiderail.maps.network import LinkId
from guiderail.sim.judge.severity import BREACHES, Severity

Evidence = tuple[tuple[str, int], ...]
"""Names and whole numbers, each with its unit in the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Infraction:
    """A rule broken, or something measured, once."""

    article: str
    """Id in :data:`guiderail.sim.judge.taxonomy.TAXONOMY`."""
    kind: str
    """What was done, as the article names it."""
    severity: Severity
    time_ms: int
    """When it began."""
    link: LinkId
    s_mm: int
    at_fault: bool
    """Whether ego caused it; what others did to ego is logged and not counted."""
    weight: float
    lead_ms: int | None
    """Time since the last advice that the driver adopted; None if there was none."""
    is_gate: bool = False
    """Whether it fails a drive as a whole."""
    evidence: Evidence = ()

    def measured(self, name: str) -> int:
        """One number of the evidence."""
        return dict(self.evidence)[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that the judge has to say about one trip."""

    infractions: tuple[Infraction, ...]
    """Caused by ego, in order of time; surrogates and comfort included."""
    others: tuple[Infraction, ...]
    """Caused by somebody else."""
    driven_mm: int
    """Exposure: a rate never travels without it."""
    duration_ms: int

    @property
    def score(self) -> float:
        """1 / (1 + sum of weights), in (0, 1], as CARLA 2.1 has it; the counts say more."""
        return 1.0 / (1.0 + sum(found.weight for found in self.infractions))

    @property
    def passes_gates(self) -> bool:
        """Whether nothing happened that fails a drive as a whole, as nuPlan has it."""
        return not any(found.is_gate for found in self.infractions)

    @property
    def breaches(self) -> tuple[Infraction, ...]:
        """What ego did that breaks a rule (S4 .. S1)."""
        return tuple(found for found in self.infractions if found.severity in BREACHES)

    @property
    def by_severity(self) -> dict[Severity, int]:
        """Number of infractions caused by ego; zeros included."""
        counts = Counter(found.severity for found in self.infractions)
        return {severity: counts[severity] for severity in Severity}
