"""R3: a stop sign passed without a stop."""

from collections.abc import Iterator
from typing import Final

from guiderail.maps.network import Control
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

STOP_WITHIN_MM: Final = 4_000
"""A stop counts this close before the line (CARLA)."""
STOPPED_MM_S: Final = 100
"""Slower than this is stopped (CARLA)."""
STOP_SIGN: Final = Article(
    id="R3",
    kind="stop_sign",
    severity=Severity.S2,
    weight=0.25,
    source="CARLA, 0.1 m/s within 4 m",
    meaning="The car did not come to a stop in the last 4 m before a stop sign.",
)


def stop_sign(trip: JudgedTrip) -> Iterator[Infraction]:
    """R3: never below 0.1 m/s in the last 4 m before the line of a stop sign."""
    crossings = trip.line_crossings
    for tick in crossings[trip.control[crossings] == Control.STOP].tolist():
        rows = slice(trip.visit_start(tick), tick + 1)
        slowest = trip.speed_mm_s[rows][trip.line_ahead_mm[rows] <= STOP_WITHIN_MM]
        # No row in the last 4 m means faster than 40 m/s there.
        lowest = int(slowest.min()) if slowest.size else int(trip.speed_mm_s[tick])
        if lowest >= STOPPED_MM_S:
            yield STOP_SIGN.broken_at(trip, tick, (("lowest_mm_s", lowest),))


RULE: Final = Rule(find=stop_sign, articles=(STOP_SIGN,))
