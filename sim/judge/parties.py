"""
Who ego can meet, in which lane, and whether ego brought itself into contact with them.

A lane change occupies two lanes for a while: its share says in which of them ego can be touched.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.judge.conflict import Flags, Longs
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.judge.right_of_way import took_the_way

CAR_WIDTH_MM: Final = 1_800
"""Width of a passenger car without mirrors; 1.7 to 1.9 m is usual."""
LANE_WIDTH_MM: Final = 3_250
"""Width of an urban lane; 3.0 to 3.5 m is usual."""
TOUCHES_PERMILLE: Final = round((LANE_WIDTH_MM - CAR_WIDTH_MM) * 20 / LANE_WIDTH_MM) * 50
"""From here on ego, moving over, reaches a car in the target lane: 446, to the nearest 50."""
CLEARS_PERMILLE: Final = round(CAR_WIDTH_MM * 20 / LANE_WIDTH_MM) * 50
"""Up to here it still reaches a car in the old lane: 554, to the nearest 50."""
RECENT_MS: Final = 3_000
"""How far back a braking or a lane change is looked for behind a rear hit [ms];
this project's choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody whom ego can meet, as the columns name them."""

    name: str
    code: int
    """How the evidence names it."""
    is_behind: bool = False
    is_beside: bool = False
    """In the lane that ego moves into, so there is nobody to meet before it is reached."""
    meets_head_on: bool = False

    def gap_mm(self, trip: JudgedTrip) -> Longs:
        """Gap to it [mm]; ``NOTHING`` where it is not in the way."""
        gap, lateral = trip.column(f"{self.name}_gap_mm"), trip.lateral_permille
        if self.is_beside:
            return np.where(lateral >= TOUCHES_PERMILLE, gap, NOTHING)
        if self.meets_head_on:
            return gap
        return np.where(lateral <= CLEARS_PERMILLE, gap, NOTHING)

    def closing_mm_s(self, trip: JudgedTrip) -> Longs:
        """Speed at which the gap shrinks if nobody brakes [mm/s]."""
        other = trip.column(f"{self.name}_speed_mm_s")
        if self.meets_head_on:
            return trip.speed_mm_s + other
        return other - trip.speed_mm_s if self.is_behind else trip.speed_mm_s - other


LEADER: Final = Party(name="leader", code=1)
FOLLOWER: Final = Party(name="follower", code=2, is_behind=True)
SIDE_LEAD: Final = Party(name="side_lead", code=3, is_beside=True)
SIDE_LAG: Final = Party(name="side_lag", code=4, is_behind=True, is_beside=True)
ONCOMING: Final = Party(name="oncoming", code=5, meets_head_on=True)
LANE_PARTIES: Final = (LEADER, FOLLOWER, SIDE_LEAD, SIDE_LAG, ONCOMING)
CROSSING: Final = Party(name="crossing", code=6, meets_head_on=True)
SIREN_CODE: Final = 7
"""How the evidence names an emergency vehicle from behind."""


def is_at_fault(trip: JudgedTrip, party: Party, k: int) -> bool:
    """Whether ego brought itself into contact with this party, braking aside."""
    if party is FOLLOWER:
        return has_moved_over(trip, k)
    if party is ONCOMING:
        return bool(trip.is_against[k]) or has_moved_over(trip, k)
    if party is CROSSING:
        return took_the_way(trip, k)
    return True


def has_moved_over(trip: JudgedTrip, k: int) -> bool:
    """Whether ego was changing lane within the last 3 s."""
    return bool(trip.is_changing[trip.rows_back(k, RECENT_MS)].any())


def takes_lane(trip: JudgedTrip) -> Flags:
    """Whether ego is in the lane of the one from behind, or on its way into it."""
    lane = trip.siren("lane")
    stays = (trip.column("lane") == lane) & (trip.lateral_permille < CLEARS_PERMILLE)
    comes = trip.is_changing & (trip.lateral_permille > TOUCHES_PERMILLE)
    return np.asarray(stays | (comes & (trip.column("target_lane") == lane)))
