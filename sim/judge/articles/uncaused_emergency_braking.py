"""R11: emergency braking without a reason."""

from collections.abc import Iterator
from typing import Final

from guiderail.sim.judge.causes import Causes
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

EMERGENCY_MM_S2: Final = 5_000
"""Emergency braking [mm/s^2] (UN R157)."""
UNCAUSED_EMERGENCY_BRAKING: Final = Article(
    id="R11",
    kind="uncaused_emergency_braking",
    severity=Severity.S2,
    weight=0.25,
    source="UN R157; hard-brake event",
    meaning="The car braked harder than 5 m/s^2 with no leader, hazard, red light or stop sign.",
)


def uncaused_emergency_braking(trip: JudgedTrip) -> Iterator[Infraction]:
    """R11: harder than 5 m/s^2 with no leader, hazard, red light or stop sign."""
    flags = trip.accel_mm_s2 < -EMERGENCY_MM_S2
    if flags.any():
        causes = Causes(trip)
        flags &= ~(causes.leader | causes.stop_line | causes.hazard)
    for rows in trip.episodes(flags):
        hardest = int(-trip.accel_mm_s2[rows].min())
        yield UNCAUSED_EMERGENCY_BRAKING.broken_at(
            trip, int(rows[0]), (("braking_mm_s2", hardest),)
        )


RULE: Final = Rule(find=uncaused_emergency_braking, articles=(UNCAUSED_EMERGENCY_BRAKING,))
