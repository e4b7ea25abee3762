"""
C2 and C2b: contact with another vehicle, and who caused it.

Fault follows nuPlan's classes: whoever drives into somebody ahead, moves into an occupied lane,
takes the way of traffic with priority or drives against a one-way street is at fault; whoever is
hit from behind is not, unless the braking was provoked.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from guiderail.sim.judge.causes import Causes
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.law import Article, Rule
from guiderail.sim.judge.parties import (
    CROSSING,
    FOLLOWER,
    LANE_PARTIES,
    RECENT_MS,
    SIREN_CODE,
    Party,
    has_moved_over,
    is_at_fault,
    takes_lane,
)
from guiderail.sim.judge.severity import Severity

PROVOKING_MM_S2: Final = 3_000
"""Braking harder than this without any cause provokes a rear hit (hard-brake event)."""
HAZARD_BRAKING_MM_S2: Final = 4_000
"""The same before a hazard; a leader or a red light excuses any. This project's choice."""
BESIDE_PERMILLE: Final = 500
"""Farther aside than this, a car is passed without contact; this project's choice."""
PASSING_MM: Final = 9_000
"""An emergency vehicle is beside the ego for two car lengths of 4.5 m."""
COLLISION_VEHICLE: Final = Article(
    id="C2",
    kind="collision_vehicle",
    severity=Severity.S4,
    weight=0.7,
    source="nuPlan at-fault classes; CARLA 2.1",
    meaning="The car touched another vehicle.",
    is_gate=True,
)
PROVOKED_REAR_END: Final = Article(
    id="C2b",
    kind="provoked_rear_end",
    severity=Severity.S4,
    weight=0.5,
    source="this project; hard-brake event 3 m/s^2",
    meaning="The car was hit from behind after it had braked hard without a cause.",
)


def collisions(trip: JudgedTrip) -> Iterator[Infraction]:
    """Contact with cars in the lanes around, crossing ones, and emergency vehicles from behind."""
    for party in (*LANE_PARTIES, CROSSING):
        for rows in trip.episodes(party.gap_mm(trip) <= 0):
            yield _collision(trip, party, int(rows[0]))
    yield from _with_emergency_vehicles(trip)


def _collision(trip: JudgedTrip, party: Party, k: int) -> Infraction:
    provoked = party is FOLLOWER and not has_moved_over(trip, k) and _provoked(trip, k)
    evidence = (
        ("party", party.code),
        ("closing_mm_s", int(party.closing_mm_s(trip)[k])),
        ("speed_mm_s", int(trip.speed_mm_s[k])),
        ("hardest_braking_mm_s2", int(trip.accel_mm_s2[trip.rows_back(k, RECENT_MS)].min())),
    )
    at_fault = provoked or is_at_fault(trip, party, k)
    article = PROVOKED_REAR_END if provoked else COLLISION_VEHICLE
    return article.broken_at(trip, k, evidence, at_fault=at_fault)


def _provoked(trip: JudgedTrip, k: int) -> bool:
    """Whether ego braked hard for nothing, or harder than a hazard excuses, in the last 3 s."""
    causes, rows = Causes(trip), trip.rows_back(k, RECENT_MS)
    braking = -trip.accel_mm_s2[rows]
    limit = np.where(causes.hazard[rows], HAZARD_BRAKING_MM_S2, PROVOKING_MM_S2)
    excused = causes.leader[rows] | causes.stop_line[rows]
    return bool(((braking > limit) & ~excused).any())


def _with_emergency_vehicles(trip: JudgedTrip) -> Iterator[Infraction]:
    """Contact with one from behind; ego's fault if it moved into its way."""
    if not trip.trace.sirens:
        return
    gap = trip.siren("gap_mm")
    beside = (gap <= 0) & (gap >= -PASSING_MM) & takes_lane(trip)
    for rows in trip.episodes(beside & (trip.siren("aside_permille") < BESIDE_PERMILLE)):
        k = int(rows[0])
        evidence = (
            ("party", SIREN_CODE),
            ("closing_mm_s", int(trip.siren("speed_mm_s")[k] - trip.speed_mm_s[k])),
            ("speed_mm_s", int(trip.speed_mm_s[k])),
        )
        yield COLLISION_VEHICLE.broken_at(trip, k, evidence, at_fault=_moved_sideways(trip, k))


def _moved_sideways(trip: JudgedTrip, k: int) -> bool:
    """Whether ego changed lanes or left the edge of its lane within the last 3 s."""
    rows = trip.rows_back(k, RECENT_MS)
    aside = trip.siren("aside_permille")[rows]
    return bool(trip.is_changing[rows].any() or (np.diff(aside) < 0).any())


RULE: Final = Rule(find=collisions, articles=(COLLISION_VEHICLE, PROVOKED_REAR_END))
