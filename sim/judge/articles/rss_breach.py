"""R8: too close behind the car ahead."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.judge.conflict import (
    FULL_GRIP_PERMILLE,
    RSS_EGO,
    Flags,
    Longs,
    rss_longitudinal_distance,
)
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.parties import LEADER
from guiderail.sim.judge.severity import Severity

FULL_BREACH_MS: Final = 2_000
"""An RSS breach this long has the full weight; it grows up to there."""
CUT_IN_MM: Final = 500
"""A gap that shrinks by this much more than both speeds explain has another car in it;
this project's choice."""
RSS_BREACH: Final = Article(
    id="R8",
    kind="rss_breach",
    severity=Severity.S2,
    weight=0.2,
    source="RSS; arXiv 1708.06374",
    meaning="The car was closer to the one ahead than its RSS distance, and did not brake for it.",
)


def rss_breach(trip: JudgedTrip) -> Iterator[Infraction]:
    """
    R8: closer to the car ahead than RSS allows, with no proper response within rho.

    The proper response is braking with b_min at least, or standing, until the distance is safe
    again. Who was cut in on has no fault: a gap that jumps, or one too small from the first row
    that shows it, opens no case until it was safe once.
    """
    gap, ahead = LEADER.gap_mm(trip), trip.column("leader_speed_mm_s")
    needed = rss_longitudinal_distance(
        trip.speed_mm_s,
        ahead,
        RSS_EGO,
        limit_mm_s=trip.limit_mm_s,
        friction_permille=trip.trace.friction_permille,
    )
    own = (gap < needed) & ~_after_cut_in(trip, gap, ahead, gap < needed)
    owed = own & (trip.time_ms - trip.since_ms(own) >= RSS_EGO.response_ms)
    grip = min(FULL_GRIP_PERMILLE, trip.trace.friction_permille)
    braking = -trip.accel_mm_s2 * FULL_GRIP_PERMILLE >= RSS_EGO.brake_min_mm_s2 * grip
    wrong = owed & ~braking & (trip.speed_mm_s > 0)
    for rows in trip.episodes(wrong):
        lasted = int(trip.held_ms[rows].sum())
        evidence = (
            ("gap_mm", int(gap[rows].min())),
            ("short_of_mm", int((needed[rows] - gap[rows]).max())),
            ("lasted_ms", lasted),
        )
        weight = RSS_BREACH.weight * min(1.0, lasted / FULL_BREACH_MS)
        yield RSS_BREACH.broken_at(trip, int(rows[0]), evidence, weight=weight)


def _after_cut_in(trip: JudgedTrip, gap: Longs, ahead: Longs, dangerous: Flags) -> Flags:
    """Rows since somebody came into the gap, as long as it has not been safe in between."""
    closing = (trip.speed_mm_s[:-1] - ahead[:-1]) * np.diff(trip.time_ms) // 1000
    came = np.ones(len(gap), np.bool_)
    came[1:] = (gap[:-1] >= NOTHING) | (gap[1:] < gap[:-1] - closing - CUT_IN_MM)
    came[1:] |= trip.is_changing[1:] != trip.is_changing[:-1]
    rows = np.arange(len(gap))
    last = np.maximum.accumulate(np.where(came & dangerous, rows, -1))
    safe = np.maximum.accumulate(np.where(dangerous, -1, rows))
    return np.asarray(last > safe)


RULE: Final = Rule(find=rss_breach, articles=(RSS_BREACH,))
