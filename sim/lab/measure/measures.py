"""
The list of measures: the columns of the trip table, in their order.

A new measure is one file with a :class:`~guiderail.sim.lab.measure.measure.Measure` and one line
here. One from outside is registered before the first trip, in every process that runs trips.
"""

from typing import Any, Final

from guiderail.sim.lab.measure import energy, harm, journey, metrics, time_accounts
from guiderail.sim.lab.measure.measure import Measure

MEASURES: Final[list[Measure[Any]]] = [
    journey.ARM,
    journey.RATE,
    journey.TRIP,
    journey.GUIDE,
    journey.ORIGIN,
    journey.GOAL,
    journey.GOAL_NAME,
    journey.OUTCOME,
    journey.TIME_MS,
    journey.DRIVEN_MM,
    journey.FREE_FLOW_MS,
    journey.SHORTEST_MM,
    journey.BASELINE_MS,
    metrics.DETOUR_S,
    metrics.DETOUR_RATIO,
    energy.ENERGY_KWH,
    energy.DETOUR_KWH,
    metrics.MESSAGES,
    metrics.PROPOSALS,
    metrics.ACCEPTED,
    metrics.DEFERRED,
    metrics.REFUSED,
    metrics.ROUTE_CHANGES,
    metrics.PREDICTED_EXTRA_MS,
    metrics.BOUGHT_MS,
    metrics.MISSED_TURNS,
    metrics.MISSED_FROM_GUIDE,
    metrics.LOOPS,
    *time_accounts.BOOKED,
    *time_accounts.DETOUR_BY_CAUSE.values(),
    journey.CLOSED_LINKS,
    *harm.BY_CLASS,
    harm.SURROGATES,
    harm.SCORE,
    harm.PASSES_GATES,
    harm.INDUCED,
    harm.INDUCED_SERIOUS,
    journey.GUIDE_LOST,
    journey.DIGEST,
]


def register(measure: Measure[Any]) -> None:
    """
    Add a measure as the last column of the trip table.

    Raises
    ------
    ValueError
        When there is a column of that name.
    """
    if any(measure.name == known.name for known in MEASURES):
        raise ValueError(f"there is a measure {measure.name!r} already: choose another name")
    MEASURES.append(measure)
