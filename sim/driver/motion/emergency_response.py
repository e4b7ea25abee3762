"""
Making way for emergency vehicles with siren: before a junction that one crosses, and in the lane.

Nobody hurries to be through before one comes: who can stop stops, and waits until it is through.
"""

from typing import Final

from guiderail.sim.contract.lattice import NOTHING, SPEED_STEP_MM_S
from guiderail.sim.contract.messages import Perception, Siren
from guiderail.sim.driver.motion.envelope import stop_distance_mm
from guiderail.sim.driver.motion.gaps import GAP_AFTER_MS, clear_ms, soonest_ms
from guiderail.sim.driver.motion.lanes import has_room
from guiderail.sim.driver.motion.lookahead import CLEAR_AFTER_NODE_MM, RoadAhead
from guiderail.sim.driver.motion.style import BUILD_UP_MS

AFTER_MS: Final = 1_000
"""Kept between it and the earliest entry behind it."""
LAST_SPOT_MM: Final = 1_500
"""Aimed at so far before the node at the latest: hard braking may end half a meter beyond."""
SIREN_BRAKING_MM_S2: Final = 3_600
"""Hardest braking for a siren: beyond 4 m/s^2 it would be a danger to those behind."""
MOVES_OVER_MM: Final = 40_000
"""A change to the lane at the kerb begins only if it is still so far behind: it takes 5 s."""


def road_to_siren_mm(
    seen: Perception, ahead: RoadAhead, calm_mm_s2: int, hardest_mm_s2: int
) -> int:
    """
    Road left to where to wait for emergency vehicles that cross the planned road [mm].

    Parameters
    ----------
    seen, ahead
        What is perceived, and what the planned road holds.
    calm_mm_s2, hardest_mm_s2
        Calm braking, and all that the road holds [mm/s^2].

    Returns
    -------
    ``NOTHING`` where none is in the way, or where it is too late to wait.
    """
    for node, place_mm, node_mm in ahead.crossings:
        for siren in seen.sirens:
            if siren.node == node:
                road_mm = _road_to_wait_mm(seen, ahead, siren, place_mm, node_mm, calm_mm_s2)
                stop_mm = stop_distance_mm(seen.speed_mm_s, min(SIREN_BRAKING_MM_S2, hardest_mm_s2))
                if road_mm < NOTHING and seen.s_mm + stop_mm <= node_mm:
                    return road_mm
    return NOTHING


def _road_to_wait_mm(
    seen: Perception, ahead: RoadAhead, siren: Siren, place_mm: int, node_mm: int, calm_mm_s2: int
) -> int:
    """Road to the waiting place of one junction; NOTHING if it is through, or ego will be."""
    speed_mm_s, wait_mm, left_mm = seen.speed_mm_s, place_mm - seen.s_mm, node_mm - seen.s_mm
    entry_ms = soonest_ms(speed_mm_s, left_mm)
    if siren.until_ms + AFTER_MS <= entry_ms:
        return NOTHING
    reached_mm = stop_distance_mm(speed_mm_s, calm_mm_s2) + speed_mm_s * BUILD_UP_MS // 1_000
    needed_ms = clear_ms(seen, ahead, left_mm + CLEAR_AFTER_NODE_MM)
    # Beyond its waiting place a car may stand in the way of others: it goes on if it can.
    if reached_mm > wait_mm and needed_ms + GAP_AFTER_MS <= siren.from_ms:
        return NOTHING
    return max(wait_mm, min(reached_mm, left_mm - LAST_SPOT_MM))


def is_behind(seen: Perception) -> bool:
    """Whether one comes from behind in the car's own lane, which it is not leaving already."""
    return seen.siren_gap_mm < NOTHING and seen.siren_lane == seen.target_lane


def moves_over(seen: Perception, ahead: RoadAhead) -> bool:
    """Whether there is a lane toward the kerb that the route can spare, and room to change."""
    is_far = seen.siren_gap_mm > MOVES_OVER_MM
    return is_far and seen.lane > ahead.wanted_lanes[0] and has_room(seen, ahead)


def way_speed_mm_s(seen: Perception, ahead: RoadAhead) -> int:
    """Speed at which the car lets one pass beside it: half the limit; NOTHING if it need not."""
    if not is_behind(seen) or moves_over(seen, ahead):
        return NOTHING
    half_mm_s = ahead.link.speed_mm_s // 2
    return half_mm_s - half_mm_s % SPEED_STEP_MM_S
