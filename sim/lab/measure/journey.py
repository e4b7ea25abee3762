"""Which trip it was, who drove and who spoke, how it ended, and how long it took."""

from typing import Any, Final

import pyarrow.compute as pc

from guiderail.sim.contract.trace import Outcome
from guiderail.sim.lab.measure.measure import Compared, Measure, Summed
from guiderail.sim.lab.measure.metrics import has_arrived
from guiderail.sim.lab.measure.over_trips import applying, counts, kilometers
from guiderail.sim.lab.measure.statistics import RateInterval, as_rate, share


def _baseline_ms(one: Compared) -> int | None:
    baseline = one.baseline.trace
    return baseline.end_ms if has_arrived(baseline) else None


def _arrived(trips: Any, column: str) -> int:
    return int(pc.sum(pc.equal(trips[column], Outcome.ARRIVED.value)).as_py() or 0)


def _arrived_share(trips: Any, column: str) -> RateInterval:
    return as_rate(share(_arrived(trips, column), len(trips)))


ARM: Final = Measure(
    name="arm",
    holds=str,
    meaning="Who drives: no_guide, guarded, or one of the cars that obey.",
    of=lambda one: one.run.arm,
)
RATE: Final = Measure(
    name="rate",
    holds=float,
    unit="1",
    meaning="Probability of an error per message, of guides that can be told to err.",
    of=lambda one: one.run.rate,
)
TRIP: Final = Measure(
    name="trip",
    holds=int,
    meaning="Number of the trip in its scenario; the same number is the same trip in every arm.",
    of=lambda one: one.run.planned.index,
)
GUIDE: Final = Measure(
    name="guide", holds=str, meaning="Name of the guide that spoke.", of=lambda one: one.run.guide
)
ORIGIN: Final = Measure(
    name="origin",
    holds=int,
    meaning="Link of the map on which the trip starts.",
    of=lambda one: one.run.planned.trip.origin,
)
GOAL: Final = Measure(
    name="goal",
    holds=int,
    meaning="Link of the map on which the goal lies.",
    of=lambda one: one.run.planned.trip.goal,
)
GOAL_NAME: Final = Measure(
    name="goal_name",
    holds=str,
    meaning="What the goal is called.",
    of=lambda one: one.run.planned.trip.goal_name,
)
OUTCOME: Final = Measure(
    name="outcome",
    holds=str,
    meaning="How the trip ended: arrived, crashed or timed_out.",
    of=lambda one: one.run.trace.outcome.value,
    summed=(
        Summed("arrived", _arrived),
        Summed("arrived_share", _arrived_share),
        Summed("outcomes", counts),
    ),
)
TIME_MS: Final = Measure(
    name="time_ms",
    holds=int,
    unit="ms",
    meaning="Simulated time from the start to the end of the trip.",
    of=lambda one: one.run.trace.end_ms,
)
DRIVEN_MM: Final = Measure(
    name="driven_mm",
    holds=int,
    unit="mm",
    meaning="Road driven: the exposure of every rate per 1,000 km.",
    of=lambda one: one.run.judgement.driven_mm,
    summed=(Summed("km", kilometers),),
)
FREE_FLOW_MS: Final = Measure(
    name="free_flow_ms",
    holds=int,
    unit="ms",
    meaning="Time of the fastest open route at the speed limit, without lights and traffic.",
    of=lambda one: one.run.planned.free_flow_ms,
)
SHORTEST_MM: Final = Measure(
    name="shortest_mm",
    holds=int,
    unit="mm",
    meaning="Length of the shortest open and legal route.",
    applies="there is such a route",
    of=lambda one: one.run.planned.shortest_mm,
)
BASELINE_MS: Final = Measure(
    name="baseline_ms",
    holds=int,
    unit="ms",
    meaning="Time of the same trip without a guide.",
    applies="the trip without a guide arrived",
    of=_baseline_ms,
)
CLOSED_LINKS: Final = Measure(
    name="closed_links",
    holds=int,
    unit="links",
    meaning="Links of the map that are closed during the whole trip.",
    of=lambda one: len(one.run.planned.trip.closed),
)
GUIDE_LOST: Final = Measure(
    name="guide_lost",
    holds=str,
    meaning="What the guide raised; it was silent from then on.",
    applies="the guide failed",
    of=lambda one: one.run.lost or None,
    summed=(Summed("guides_lost", applying),),
)
DIGEST: Final = Measure(
    name="digest",
    holds=str,
    meaning="Name of all that happened: the first 32 hexadecimal digits of the trace's SHA-256.",
    of=lambda one: one.run.trace.digest()[:32],
)
