"""N4: more than passengers like."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.judge.conflict import Flags
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

ACCEL_MOST_MM_S2: Final = 2_400

BRAKING_MOST_MM_S2: Final = 4_050

LATERAL_MOST_MM_S2: Final = 4_890

JERK_MOST_MM_S3: Final = 4_130

YAW_RATE_MOST_MRAD_S: Final = 950
"""Comfort bounds of nuPlan, from expert drivers; compared as published."""
DISCOMFORT: Final = Article(
    id="N4",
    kind="discomfort",
    severity=Severity.COMFORT,
    weight=0.0,
    source="nuPlan comfort bounds",
    meaning="The car exceeded a comfort bound: acceleration, braking, lateral, jerk or yaw rate.",
)


def discomfort(trip: JudgedTrip) -> Iterator[Infraction]:
    """
    N4: a comfort bound of nuPlan exceeded.

    Left out are the jerk of the ticks in which the car comes to rest or starts, and all that
    follows from the jump of the curvature where a curve begins (lateral jerk, yaw acceleration):
    roads have transition curves there, this map has none.
    """
    curve = trip.radius_mm > 0
    radius = np.maximum(trip.radius_mm, 1)
    lateral = curve & (trip.speed_mm_s * trip.speed_mm_s > LATERAL_MOST_MM_S2 * radius)
    yaw = curve & (trip.speed_mm_s * 1000 > YAW_RATE_MOST_MRAD_S * radius)
    along = (trip.accel_mm_s2 > ACCEL_MOST_MM_S2) | (trip.accel_mm_s2 < -BRAKING_MOST_MM_S2)
    jerk = _jerky(trip)
    for rows in trip.episodes(lateral | yaw | along | jerk):
        bounds = {"lateral": lateral, "yaw_rate": yaw, "along": along, "jerk": jerk}
        evidence = tuple((f"{name}_rows", int(flag[rows].sum())) for name, flag in bounds.items())
        yield DISCOMFORT.broken_at(trip, int(rows[0]), evidence)


def _jerky(trip: JudgedTrip) -> Flags:
    change = np.abs(np.diff(trip.accel_mm_s2)) * 1000
    moves = (trip.speed_mm_s[1:] > 0) & (trip.speed_mm_s[:-1] > 0)
    return np.concatenate((np.zeros(1, np.bool_), moves & (change > JERK_MOST_MM_S3 * TICK_MS)))


RULE: Final = Rule(find=discomfort, articles=(DISCOMFORT,))
