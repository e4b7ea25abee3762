"""
Near misses and conflicts: how little time or braking was left. They break no rule, weigh nothing.

A *near miss* is what naturalistic studies call a near-crash: no time left for anything but a sharp
evasion. A *conflict* is the moderate step below it, as traffic engineers count them; ordinary gaps
taken at junctions make many of those.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import Yielding, YieldingToSiren
from guiderail.sim.judge.articles.contact import LANE_PARTIES, Party, is_at_fault
from guiderail.sim.judge.articles.emergency_vehicles import could_have_waited
from guiderail.sim.judge.conflict import (
    is_required_deceleration_above,
    is_time_to_collision_below,
    post_encroachment_time,
    required_deceleration,
    time_to_collision,
)
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.ride import Ride

TTC_MS: Final = 1_500
"""Moderate (SUMO's own default is 3.0 s)."""
TTC_SEVERE_MS: Final = 950
"""Severe (nuPlan)."""
DRAC_MM_S2: Final = 3_000
DRAC_SEVERE_MM_S2: Final = 3_350
PET_MS: Final = 2_000
PET_SEVERE_MS: Final = 1_000


def near_miss_ttc(ride: Ride) -> Iterator[Infraction]:
    """N1: less than 0.95 s to contact if both keep their speed; N1m, a conflict: below 1.5 s."""
    for party in LANE_PARTIES:
        gap, closing = party.gap(ride), party.closing(ride)
        for rows in ride.episodes(is_time_to_collision_below(gap, closing, TTC_MS)):
            left = time_to_collision(gap[rows], closing[rows])
            severe = is_time_to_collision_below(gap[rows], closing[rows], TTC_SEVERE_MS).any()
            k = int(rows[0])
            evidence = (
                ("party", party.code),
                ("time_to_collision_ms", int(left.min())),
            )
            yield ride.infraction(
                "N1" if severe else "N1m", k, evidence, at_fault=is_at_fault(ride, party, k)
            )


def near_miss_pet_drac(ride: Ride) -> Iterator[Infraction]:
    """N2: more than 3.35 m/s^2 needed, or less than 1 s between two in a zone; N2m: 3, 2 s."""
    for party in LANE_PARTIES:
        yield from _braking_needed(ride, party)
    for met in (*ride.events(Yielding), *ride.events(YieldingToSiren)):
        first = post_encroachment_time(met.leave_ms, met.arrival_ms)
        second = post_encroachment_time(met.before_ms, met.enter_ms)
        least = min(first, second)
        if least < PET_MS:
            evidence = (("party", 0), ("post_encroachment_ms", least))
            article = "N2" if least < PET_SEVERE_MS else "N2m"
            own = _is_own(ride, met, follows=second < first)
            yield ride.infraction(article, ride.row_at(met.enter_ms), evidence, at_fault=own)


def _is_own(ride: Ride, met: Yielding, *, follows: bool) -> bool:
    """Whether ego could tell: a siren that it follows could be heard, the next perhaps not."""
    if follows or not isinstance(met, YieldingToSiren):
        return True
    return could_have_waited(ride, met)


def _braking_needed(ride: Ride, party: Party) -> Iterator[Infraction]:
    gap, closing = party.gap(ride), party.closing(ride)
    for rows in ride.episodes(is_required_deceleration_above(gap, closing, DRAC_MM_S2)):
        need = required_deceleration(gap[rows], closing[rows])
        severe = is_required_deceleration_above(gap[rows], closing[rows], DRAC_SEVERE_MM_S2).any()
        k = int(rows[0])
        evidence = (
            ("party", party.code),
            ("required_mm_s2", int(min(np.max(need), NOTHING))),
        )
        yield ride.infraction(
            "N2" if severe else "N2m", k, evidence, at_fault=is_at_fault(ride, party, k)
        )
