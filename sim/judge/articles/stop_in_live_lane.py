"""R12: standing or reversing in traffic without a reason."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.judge.causes import Causes
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip, unbroken_runs
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

STANDING_MS: Final = 5_000
"""Standing for longer than this needs a reason [ms]; this project's choice."""
REVERSING_MM: Final = 500
"""Rolling back farther than this is reversing [mm]; this project's choice."""
STOP_IN_LIVE_LANE: Final = Article(
    id="R12",
    kind="stop_in_live_lane",
    severity=Severity.S3,
    weight=0.4,
    source="CARLA blocked; traffic law",
    meaning="The car stood for more than 5 s without a reason, or reversed more than 0.5 m.",
)


def stop_in_live_lane(trip: JudgedTrip) -> Iterator[Infraction]:
    """R12: standing for more than 5 s without a reason, or reversing more than 0.5 m."""
    for first, last in unbroken_runs((trip.speed_mm_s == 0) & ~Causes(trip).standing):
        stood = _stood_ms(trip, first, last)
        if stood > STANDING_MS:
            yield STOP_IN_LIVE_LANE.broken_at(
                trip, first, (("stood_ms", stood), ("reversed_mm", 0))
            )
    back = np.where(trip.leaves, 0, -np.diff(trip.s_mm))
    for rows in trip.episodes(np.concatenate((back > 0, np.zeros(1, np.bool_)))):
        reversed_mm = int(back[rows].sum())
        if reversed_mm > REVERSING_MM:
            evidence = (("stood_ms", 0), ("reversed_mm", reversed_mm))
            yield STOP_IN_LIVE_LANE.broken_at(trip, int(rows[0]), evidence)


def _stood_ms(trip: JudgedTrip, first: int, last: int) -> int:
    """How long ego stood: the tick that ends the stop already moves it."""
    if last + 1 < len(trip.time_ms):
        end = int(trip.time_ms[last + 1]) - TICK_MS
    else:
        end = int(trip.time_ms[last] + trip.held_ms[last])
    return end - int(trip.time_ms[first])


RULE: Final = Rule(find=stop_in_live_lane, articles=(STOP_IN_LIVE_LANE,))
