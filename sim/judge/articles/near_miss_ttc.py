"""
N1 and N1m: how little time was left.

A *near miss* is what naturalistic studies call a near-crash: no time left for anything but a sharp
evasion. A *conflict* is the moderate step below it, as traffic engineers count them. Neither breaks
a rule or weighs anything.
"""

from collections.abc import Iterator
from typing import Final

from guiderail.sim.judge.conflict import is_time_to_collision_below, time_to_collision
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.parties import LANE_PARTIES, is_at_fault
from guiderail.sim.judge.severity import Severity

TTC_MS: Final = 1_500
"""Moderate (SUMO's own default is 3.0 s)."""
TTC_SEVERE_MS: Final = 950
"""Severe (nuPlan)."""
NEAR_MISS_TTC: Final = Article(
    id="N1",
    kind="near_miss_ttc",
    severity=Severity.SURROGATE,
    weight=0.0,
    source="nuPlan time to collision",
    meaning="Less than 0.95 s were left to contact if both had kept their speed.",
)
CONFLICT_TTC: Final = Article(
    id="N1m",
    kind="conflict_ttc",
    severity=Severity.SURROGATE,
    weight=0.0,
    source="SUMO surrogate measures, moderate",
    meaning="Less than 1.5 s were left to contact if both had kept their speed.",
)


def near_miss_ttc(trip: JudgedTrip) -> Iterator[Infraction]:
    """N1: less than 0.95 s to contact if both keep their speed; N1m, a conflict: below 1.5 s."""
    for party in LANE_PARTIES:
        gap, closing = party.gap_mm(trip), party.closing_mm_s(trip)
        for rows in trip.episodes(is_time_to_collision_below(gap, closing, TTC_MS)):
            left = time_to_collision(gap[rows], closing[rows])
            severe = is_time_to_collision_below(gap[rows], closing[rows], TTC_SEVERE_MS).any()
            k = int(rows[0])
            evidence = (
                ("party", party.code),
                ("time_to_collision_ms", int(left.min())),
            )
            article = NEAR_MISS_TTC if severe else CONFLICT_TTC
            yield article.broken_at(trip, k, evidence, at_fault=is_at_fault(trip, party, k))


RULE: Final = Rule(find=near_miss_ttc, articles=(NEAR_MISS_TTC, CONFLICT_TTC))
