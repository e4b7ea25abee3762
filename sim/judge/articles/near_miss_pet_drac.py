"""N2 and N2m: how much braking was needed, or how close in time two passed one place."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import Yielding, YieldingToSiren
from guiderail.sim.judge.conflict import (
    is_required_deceleration_above,
    post_encroachment_time,
    required_deceleration,
)
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.parties import LANE_PARTIES, Party, is_at_fault
from guiderail.sim.judge.right_of_way import could_have_waited
from guiderail.sim.judge.severity import Severity

DRAC_MM_S2: Final = 3_000
"""Moderate: braking needed to avoid contact (SUMO surrogate measures)."""
DRAC_SEVERE_MM_S2: Final = 3_350
"""Severe (SUMO surrogate measures)."""
PET_MS: Final = 2_000
"""Moderate: time between two in one conflict zone (SUMO surrogate measures)."""
PET_SEVERE_MS: Final = 1_000
"""Severe (SUMO surrogate measures)."""
NEAR_MISS_PET_DRAC: Final = Article(
    id="N2",
    kind="near_miss_pet_drac",
    severity=Severity.SURROGATE,
    weight=0.0,
    source="SUMO surrogate measures",
    meaning="Contact took more than 3.35 m/s^2 to avoid, or two shared a zone within 1 s.",
)
CONFLICT_PET_DRAC: Final = Article(
    id="N2m",
    kind="conflict_pet_drac",
    severity=Severity.SURROGATE,
    weight=0.0,
    source="SUMO measures, moderate",
    meaning="Contact took more than 3 m/s^2 to avoid, or two shared a zone within 2 s.",
)


def near_miss_pet_drac(trip: JudgedTrip) -> Iterator[Infraction]:
    """N2: more than 3.35 m/s^2 needed, or less than 1 s between two in a zone; N2m: 3, 2 s."""
    for party in LANE_PARTIES:
        yield from _braking_needed(trip, party)
    for met in (*trip.events(Yielding), *trip.events(YieldingToSiren)):
        first = post_encroachment_time(met.leave_ms, met.arrival_ms)
        second = post_encroachment_time(met.before_ms, met.enter_ms)
        least = min(first, second)
        if least < PET_MS:
            evidence = (("party", 0), ("post_encroachment_ms", least))
            article = NEAR_MISS_PET_DRAC if least < PET_SEVERE_MS else CONFLICT_PET_DRAC
            own = _is_own(trip, met, follows=second < first)
            yield article.broken_at(trip, trip.row_at(met.enter_ms), evidence, at_fault=own)


def _is_own(trip: JudgedTrip, met: Yielding, *, follows: bool) -> bool:
    """Whether ego could tell: a siren that it follows could be heard, the next perhaps not."""
    if follows or not isinstance(met, YieldingToSiren):
        return True
    return could_have_waited(trip, met)


def _braking_needed(trip: JudgedTrip, party: Party) -> Iterator[Infraction]:
    gap, closing = party.gap_mm(trip), party.closing_mm_s(trip)
    for rows in trip.episodes(is_required_deceleration_above(gap, closing, DRAC_MM_S2)):
        need = required_deceleration(gap[rows], closing[rows])
        severe = is_required_deceleration_above(gap[rows], closing[rows], DRAC_SEVERE_MM_S2).any()
        k = int(rows[0])
        evidence = (
            ("party", party.code),
            ("required_mm_s2", int(min(np.max(need), NOTHING))),
        )
        article = NEAR_MISS_PET_DRAC if severe else CONFLICT_PET_DRAC
        yield article.broken_at(trip, k, evidence, at_fault=is_at_fault(trip, party, k))


RULE: Final = Rule(find=near_miss_pet_drac, articles=(NEAR_MISS_PET_DRAC, CONFLICT_PET_DRAC))
