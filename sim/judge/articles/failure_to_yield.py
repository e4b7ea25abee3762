"""R4: the way of traffic with priority was taken."""

from collections.abc import Iterator
from typing import Final

from guiderail.maps.network import Conflict
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import Yielding, YieldingToSiren
from guiderail.sim.judge.conflict import post_encroachment_time
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.right_of_way import could_have_waited
from guiderail.sim.judge.severity import Severity

CLEARANCE_MS: Final = 1_000
"""Time that must lie between ego clearing a zone and the arrival of traffic with priority
(SUMO surrogate measures)."""
FORCED_BRAKING_MM_S2: Final = 3_400
"""Braking that may at most be forced on traffic with priority (AASHTO, 11.2 ft/s^2)."""
FAILURE_TO_YIELD: Final = Article(
    id="R4",
    kind="failure_to_yield",
    severity=Severity.S3,
    weight=0.5,
    source="HCM; SUMO surrogate measures; RSS",
    meaning="The car went less than 1 s before traffic with priority, or made it brake hard.",
)


def failure_to_yield(trip: JudgedTrip) -> Iterator[Infraction]:
    """
    R4: traffic with priority came within 1 s of ego clearing the zone, or had to brake hard.

    Passing within 1 s behind it is no failure: it had gone first. That is a near miss only. An
    emergency vehicle with siren has priority everywhere, over who could hear it in time to wait.
    """
    for met in (*trip.events(Yielding), *trip.events(YieldingToSiren)):
        if not _has_to_yield(trip, met):
            continue
        arrives = met.arrival_ms < NOTHING
        spare = post_encroachment_time(met.leave_ms, met.arrival_ms)
        if (arrives and spare < CLEARANCE_MS) or met.forced_braking_mm_s2 > FORCED_BRAKING_MM_S2:
            yield FAILURE_TO_YIELD.broken_at(
                trip,
                trip.row_at(met.enter_ms),
                (
                    ("spare_ms", spare if arrives else NOTHING),
                    ("forced_braking_mm_s2", met.forced_braking_mm_s2),
                    ("to_link", met.to_link),
                ),
            )


def _has_to_yield(trip: JudgedTrip, met: Yielding) -> bool:
    if isinstance(met, YieldingToSiren):
        return could_have_waited(trip, met)
    turn = trip.network.turn(met.from_link, met.to_link)
    return turn is None or turn.conflict is not Conflict.NONE


RULE: Final = Rule(find=failure_to_yield, articles=(FAILURE_TO_YIELD,))
