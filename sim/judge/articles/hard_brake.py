"""N3: hard braking, for whatever reason."""

from collections.abc import Iterator
from typing import Final

from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip, unbroken_runs
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

HARD_MM_S2: Final = 3_000
"""A hard-brake event [mm/s^2]."""
HARD_MS: Final = 200
"""For at least this long [ms]: two ticks; this project's choice."""
HARD_BRAKE: Final = Article(
    id="N3",
    kind="hard_brake",
    severity=Severity.SURROGATE,
    weight=0.0,
    source="hard-brake event 3 m/s^2",
    meaning="The car braked harder than 3 m/s^2 for at least 0.2 s.",
)


def hard_brake(trip: JudgedTrip) -> Iterator[Infraction]:
    """N3: harder than 3 m/s^2 for at least 0.2 s."""
    flags = trip.accel_mm_s2 < -HARD_MM_S2
    for first, last in unbroken_runs(flags):
        lasted = int(trip.time_ms[last] - trip.time_ms[first]) + TICK_MS
        flags[first : last + 1] &= lasted >= HARD_MS
    for rows in trip.episodes(flags):
        hardest = int(-trip.accel_mm_s2[rows].min())
        yield HARD_BRAKE.broken_at(trip, int(rows[0]), (("braking_mm_s2", hardest),))


RULE: Final = Rule(find=hard_brake, articles=(HARD_BRAKE,))
