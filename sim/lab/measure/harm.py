"""What the car broke on a trip, and what of it was the guide's doing."""

from typing import Final

from guiderail.sim.judge.severity import BREACHES, SERIOUS, Severity
from guiderail.sim.lab.measure.measure import Compared, Measure, Summed
from guiderail.sim.lab.measure.over_trips import mean, per_1000_km, share_of_trips, total


def _count(severity: Severity) -> Measure[int]:
    return Measure(
        name=severity.lower(),
        holds=int,
        unit="infractions",
        meaning=f"Infractions of class {severity} that the car caused.",
        of=lambda one: one.run.judgement.by_severity[severity],
    )


def _induced(one: Compared, severities: frozenset[Severity]) -> int:
    return sum(found.severity in severities for found in one.induced)


BY_CLASS: Final = tuple(_count(severity) for severity in Severity if severity in BREACHES)
SURROGATES: Final = Measure(
    name="surrogates",
    holds=int,
    unit="events",
    meaning="Near misses, conflicts and hard brakings that the car caused; they break no rule.",
    of=lambda one: one.run.judgement.by_severity[Severity.SURROGATE],
)
SCORE: Final = Measure(
    name="score",
    holds=float,
    unit="1",
    meaning="1 / (1 + sum of the weights of what the car caused), as in CARLA 2.1.",
    of=lambda one: one.run.judgement.score,
    summed=(Summed("score", mean),),
)
PASSES_GATES: Final = Measure(
    name="passes_gates",
    holds=bool,
    meaning="Whether the trip had no contact, no loss of the road and no wrong way (nuPlan).",
    of=lambda one: one.run.judgement.passes_gates,
    summed=(Summed("passes_gates", share_of_trips),),
)
INDUCED: Final = Measure(
    name="induced",
    holds=int,
    unit="infractions",
    meaning="Infractions of S4 to S1 that the same car with a silent guide does not have.",
    of=lambda one: _induced(one, BREACHES),
)
INDUCED_SERIOUS: Final = Measure(
    name="induced_s2",
    holds=int,
    unit="infractions",
    meaning="Infractions of S4 to S2 that the same car with a silent guide does not have.",
    of=lambda one: _induced(one, SERIOUS),
    summed=(
        Summed("guide_induced_serious", total),
        Summed("induced_serious_per_1000_km", per_1000_km),
    ),
)
