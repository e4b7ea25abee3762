"""
Making way for emergency vehicles with siren: before a junction that one crosses, and in the lane.

Nobody hurries to be through before one comes: who can stop stops, and waits until it is through.
"""

from typing import Final

from guiderail.sim.contract.lattice import NOTHING, SPEED_STEP_MM_S
from guiderail.sim.contract.messages import Perception, Siren
from guiderail.sim.driver.motion.envelope import stop_distance_mm
from guiderail.sim.driver.motion.gaps import GAP_AFTER_MS, clear_ms
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


def road_to_siren(seen: Perception, ahead: RoadAhead, calm: int, hardest: int) -> int:
    """
    Road left to where to wait for emergency vehicles that cross the planned road [mm].

    Parameters
    ----------
    seen, ahead
        What is perceived, and what the planned road holds.
    calm, hardest
        Calm braking, and all that the road holds [mm/s^2].

    Returns
    -------
    ``NOTHING`` where none is in the way, or where it is too late to wait.
    """
    for node, wait_mm, node_mm in ahead.crossings:
        for siren in seen.sirens:
            if siren.node == node:
                road = _road_to_wait(seen, ahead, siren, wait_mm, node_mm, calm)
                stop = stop_distance_mm(seen.speed_mm_s, min(SIREN_BRAKING_MM_S2, hardest))
                if road < NOTHING and seen.s_mm + stop <= node_mm:
                    return road
    return NOTHING


def _road_to_wait(
    seen: Perception, ahead: RoadAhead, siren: Siren, wait_mm: int, node_mm: int, calm: int
) -> int:
    """Road to the waiting place of one junction; NOTHING if it is through, or ego will be."""
    speed, wait, left = seen.speed_mm_s, wait_mm - seen.s_mm, node_mm - seen.s_mm
    soonest = left * 1_000 // max(speed + 2_000, 4_000)
    if siren.until_ms + AFTER_MS <= soonest:
        return NOTHING
    reached = stop_distance_mm(speed, calm) + speed * BUILD_UP_MS // 1_000
    clear = clear_ms(seen, ahead, left + CLEAR_AFTER_NODE_MM)
    # Beyond its waiting place a car may stand in the way of others: it goes on if it can.
    if reached > wait and clear + GAP_AFTER_MS <= siren.from_ms:
        return NOTHING
    return max(wait, min(reached, left - LAST_SPOT_MM))


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
    half = ahead.link.speed_mm_s // 2
    return half - half % SPEED_STEP_MM_S
