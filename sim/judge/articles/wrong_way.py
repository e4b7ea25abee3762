"""R1 and R1h: driving against a one-way street."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.judge.conflict import Longs
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.severity import Severity

WRONG_WAY_WINDOW_MS: Final = 1_000
"""The way is summed over this window (nuPlan)."""

WRONG_WAY_FULL_MM: Final = 6_000
"""Driven against the direction within the window: the full weight (nuPlan)."""
WRONG_WAY_HALF_MM: Final = 2_000
"""The same: half the weight (nuPlan)."""
WRONG_WAY: Final = Article(
    id="R1",
    kind="wrong_way",
    severity=Severity.S3,
    weight=0.7,
    source="nuPlan driving direction, 6 m in 1 s",
    meaning="The car drove more than 6 m within 1 s against a one-way street.",
    is_gate=True,
)
WRONG_WAY_HALF: Final = Article(
    id="R1h",
    kind="wrong_way",
    severity=Severity.S3,
    weight=0.35,
    source="nuPlan driving direction, 2 m in 1 s",
    meaning="The car drove more than 2 m within 1 s against a one-way street.",
)


def wrong_way(trip: JudgedTrip) -> Iterator[Infraction]:
    """R1: over 2 m (half weight) or 6 m (full) within 1 s on a link against a one-way street."""
    if not trip.is_against.any():
        return
    driven = _driven_against(trip)
    first = np.searchsorted(trip.time_ms, trip.time_ms - WRONG_WAY_WINDOW_MS, "left")
    within = driven - driven[first]
    for rows in trip.episodes(within > WRONG_WAY_HALF_MM):
        most = int(within[rows].max())
        article = WRONG_WAY if most > WRONG_WAY_FULL_MM else WRONG_WAY_HALF
        yield article.broken_at(
            trip,
            int(rows[0]),
            (("most_in_1_s_mm", most), ("driven_mm", int(driven[rows[-1]] - driven[rows[0]]))),
        )


def _driven_against(trip: JudgedTrip) -> Longs:
    """Road driven on links against a one-way street since the start [mm], shape (n_rows,)."""
    against = trip.is_against
    on_link = np.where(~trip.leaves & against[:-1], np.diff(trip.s_mm), 0)
    # Turning round on the spot covers no road.
    passes = trip.leaves & ~trip.turned_round
    left = np.where(passes & against[:-1], trip.length_mm[:-1] - trip.s_mm[:-1], 0)
    came = np.where(passes & against[1:], trip.s_mm[1:], 0)
    driven = np.cumsum(np.maximum(on_link, 0) + np.maximum(left, 0) + came)
    return np.concatenate((np.zeros(1, np.int64), driven))


RULE: Final = Rule(find=wrong_way, articles=(WRONG_WAY, WRONG_WAY_HALF))
