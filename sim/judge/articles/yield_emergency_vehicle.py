"""R15: an emergency vehicle from behind held up."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.judge.conflict import Flags
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.parties import takes_lane
from guiderail.sim.judge.severity import Severity

HELD_MS: Final = 5_000
"""Longer than this nobody may hold one up: one lane change; this project's choice."""
HELD_PERCENT: Final = 90
"""One that drives slower than this share of what it wants is held up; this project's choice."""
BEHIND_MM: Final = 10_000

BEHIND_MS: Final = 2_000
"""By a car at most 10 m and 2 s ahead of it; this project's choice."""
ASIDE_PERMILLE: Final = 1_000
"""A car at the edge of its lane, at half the limit or less, has made way; this project's choice."""
YIELD_EMERGENCY_VEHICLE: Final = Article(
    id="R15",
    kind="yield_emergency_vehicle",
    severity=Severity.S3,
    weight=0.4,
    source="CARLA 2.1; 5 s are this project's",
    meaning="The car held up an emergency vehicle behind it for more than 5 s.",
)


def yield_emergency_vehicle(trip: JudgedTrip) -> Iterator[Infraction]:
    """R15: one from behind held up for more than 5 s by a car that does not make way."""
    if not trip.trace.sirens:
        return
    held = _holds_up(trip)
    lasted = trip.time_ms - trip.since_ms(held)
    for found in trip.episodes(held & (lasted > HELD_MS)):
        speed, wish = trip.siren("speed_mm_s")[found], trip.siren("wish_mm_s")[found]
        evidence = (("held_ms", int(lasted[found].max())), ("lost_mm_s", int((wish - speed).max())))
        yield YIELD_EMERGENCY_VEHICLE.broken_at(trip, int(found[0]), evidence)


def _holds_up(trip: JudgedTrip) -> Flags:
    gap, speed = trip.siren("gap_mm"), trip.siren("speed_mm_s")
    is_close = (gap > 0) & (gap <= BEHIND_MM + speed * BEHIND_MS // 1000)
    is_slowed = speed * 100 < trip.siren("wish_mm_s") * HELD_PERCENT
    is_aside = trip.siren("aside_permille") >= ASIDE_PERMILLE
    made_way = is_aside & (2 * trip.speed_mm_s <= trip.limit_mm_s)
    return np.asarray(is_close & is_slowed & takes_lane(trip) & ~made_way)


RULE: Final = Rule(find=yield_emergency_vehicle, articles=(YIELD_EMERGENCY_VEHICLE,))
