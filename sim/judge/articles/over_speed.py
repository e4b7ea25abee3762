"""R9 and R9m: faster than the speed limit."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.judge.conflict import Longs
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

OVER_SPEED_WINDOW_MS: Final = 15_000
"""Too much speed is averaged over this window: one nuPlan scenario."""
OVER_SPEED_FULL_MM_S: Final = 2_230
"""A mean excess of this over the window has the full weight [mm/s] (nuPlan)."""
MAJOR_KMH: Final = 20
"""More than this above the limit is a major excess [km/h]; this project's choice."""
MAJOR_MS: Final = 2_000
"""For at least this long [ms]; this project's choice."""
OVER_SPEED: Final = Article(
    id="R9",
    kind="over_speed",
    severity=Severity.S1,
    weight=0.4,
    source="nuPlan speed compliance",
    meaning="The car drove faster than the speed limit.",
)
OVER_SPEED_MAJOR: Final = Article(
    id="R9m",
    kind="over_speed",
    severity=Severity.S3,
    weight=0.4,
    source="this project: 20 km/h over for 2 s",
    meaning="The car drove more than 20 km/h above the speed limit for at least 2 s.",
)


def over_speed(trip: JudgedTrip) -> Iterator[Infraction]:
    """R9: faster than the limit; the weight grows with the excess, averaged over 15 s."""
    excess = np.maximum(trip.speed_mm_s - trip.limit_mm_s, 0)
    if not excess.any():
        return
    within = _within_window(trip, excess * trip.held_ms)
    much = excess * 9 > MAJOR_KMH * 2_500  # 9 km/h are exactly 2,500 mm/s
    major = much & (trip.time_ms - trip.since_ms(much) >= MAJOR_MS)
    for rows in trip.episodes(excess > 0):
        yield _over_speed(
            trip, rows, excess, int(within[rows].max()), is_major=bool(major[rows].any())
        )


def _over_speed(
    trip: JudgedTrip, rows: Longs, excess: Longs, within: int, *, is_major: bool
) -> Infraction:
    full = OVER_SPEED_FULL_MM_S * OVER_SPEED_WINDOW_MS
    most = OVER_SPEED.weight
    return (OVER_SPEED_MAJOR if is_major else OVER_SPEED).broken_at(
        trip,
        int(rows[0]),
        (
            ("most_excess_mm_s", int(excess[rows].max())),
            ("excess_in_window_mm", within // 1000),
            ("window_ms", OVER_SPEED_WINDOW_MS),
        ),
        weight=most if is_major else most * min(1.0, within / full),
    )


def _within_window(trip: JudgedTrip, area: Longs) -> Longs:
    """Sum over the window that ends with each row."""
    total = np.concatenate((np.zeros(1, np.int64), np.cumsum(area)))
    end = trip.time_ms + trip.held_ms
    first = np.searchsorted(trip.time_ms, end - OVER_SPEED_WINDOW_MS, "left")
    return np.asarray(total[1:] - total[np.minimum(first, np.arange(len(end)))])


RULE: Final = Rule(find=over_speed, articles=(OVER_SPEED, OVER_SPEED_MAJOR))
