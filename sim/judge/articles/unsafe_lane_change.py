"""R7: a lane change into a gap that was too small."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.trace import LaneChange
from guiderail.sim.judge.conflict import (
    RSS_EGO,
    RSS_OTHER,
    Rss,
    is_required_deceleration_above,
    rss_longitudinal_distance,
)
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

FOLLOWER_BRAKING_MM_S2: Final = 3_000
"""What a lane change may at most demand of the car behind (SUMO, UN R157)."""
UNSAFE_LANE_CHANGE: Final = Article(
    id="R7",
    kind="unsafe_lane_change",
    severity=Severity.S3,
    weight=0.4,
    source="RSS; SUMO; UN R157",
    meaning="The car changed lanes inside the RSS distance, or made the car behind brake hard.",
)


def unsafe_lane_change(trip: JudgedTrip) -> Iterator[Infraction]:
    """R7: begun inside the RSS distance of the target lane, or making the car behind brake hard."""
    flags = np.zeros(len(trip.time_ms), np.bool_)
    worst: dict[int, LaneChange] = {}
    for change in trip.events(LaneChange):
        k = trip.row_at(change.time_ms)
        if _is_unsafe(trip, change, k):
            flags[k] = True
            worst.setdefault(k, change)
    for rows in trip.episodes(flags):
        change = worst[int(rows[0])]
        yield UNSAFE_LANE_CHANGE.broken_at(
            trip,
            int(rows[0]),
            (
                ("to_lane", change.to_lane),
                ("lead_gap_mm", change.lead_gap_mm),
                ("lag_gap_mm", change.lag_gap_mm),
                ("lag_speed_mm_s", change.lag_speed_mm_s),
            ),
        )


def _is_unsafe(trip: JudgedTrip, change: LaneChange, k: int) -> bool:
    if min(change.lead_gap_mm, change.lag_gap_mm) <= 0:
        return True  # alongside, where the RSS distance to a faster car may be 0
    speed = int(trip.speed_mm_s[k])
    limit = float(trip.network.links.speed_mm_s[change.link])
    ahead = _distance(trip, speed, change.lead_speed_mm_s, RSS_EGO, limit)
    behind = _distance(trip, change.lag_speed_mm_s, speed, RSS_OTHER, limit)
    if change.lead_gap_mm < ahead or change.lag_gap_mm < behind:
        return True
    gap, closing = np.array(change.lag_gap_mm), np.array(change.lag_speed_mm_s - speed)
    return bool(is_required_deceleration_above(gap, closing, FOLLOWER_BRAKING_MM_S2))


def _distance(trip: JudgedTrip, rear: int, front: int, rss: Rss, limit: float) -> float:
    distance = rss_longitudinal_distance(
        np.array(rear),
        np.array(front),
        rss,
        limit_mm_s=limit,
        friction_permille=trip.trace.friction_permille,
    )
    return float(distance)


RULE: Final = Rule(find=unsafe_lane_change, articles=(UNSAFE_LANE_CHANGE,))
