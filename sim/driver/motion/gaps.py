"""Gaps in the streams with priority, of cars and of people: when a car may go, and when not."""

from math import isqrt
from typing import Final

from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.contract.messages import Light, Perception
from guiderail.sim.driver.motion.envelope import stop_distance_mm
from guiderail.sim.driver.motion.lookahead import (
    CAR_LENGTH_MM,
    CLEAR_AFTER_NODE_MM,
    LINE_MARGIN_MM,
    RoadAhead,
)
from guiderail.sim.driver.motion.style import (
    BUILD_UP_MS,
    CALM_JERK_MM_S2,
    CALM_THROTTLE_MM_S2,
    SLACK_MS,
    DrivingStyle,
)

GAP_BEFORE_MS: Final = 2_000
"""Earliest entry after a vehicle with priority reaches the zone: it needs 0.8 s to leave, 1 s is
kept."""
GAP_AFTER_MS: Final = 1_800
"""Latest clearing before the next one arrives."""
AFTER_CAR_MS: Final = 500
"""Nobody on foot is in the way so soon after the car."""
STOPS_BEYOND_MM: Final = 8_000
"""A place to stop at so close beyond the zone slows the car down while it is still clearing it."""
STOPS_BEYOND_MS: Final = 2_000
"""What that costs."""
APPROACH_GAIN_MM_S: Final = 2_000
LEAST_APPROACH_MM_S: Final = 4_000
"""Mean speed over the road to the node, for the earliest entry: what the car drives and this much
more, or the least that a start from standstill gives (decisions of this project)."""
CLEARING_MM_S: Final = 8_000
"""No faster speed is counted on while the zone is cleared (a decision of this project)."""
QUEUE_MM_S: Final = 3_000
"""A car ahead that is slower than this stands in a queue, or nearly."""
LAST_SPOT_MM: Final = 500
"""A car that stands beyond the yield point can still wait this far before the node."""

ONCOMING_REACTION_MS: Final = 1_200
ONCOMING_BRAKING_MM_S2: Final = 6_000
"""What is expected of a car head-on: hard braking on dry road (a decision of this project)."""
MOUTH_MS: Final = 4_000
"""Nobody drives into a street that somebody leaves within this time."""


def waiting_point_mm(seen: Perception, ahead: RoadAhead, braking_mm_s2: int) -> int:
    """Where to wait for a gap: the yield point, or as far beyond it as this braking ends."""
    speed_mm_s = seen.speed_mm_s
    stop_mm = stop_distance_mm(speed_mm_s, braking_mm_s2) + speed_mm_s * BUILD_UP_MS // 1_000
    return max(ahead.yield_mm, min(seen.s_mm + stop_mm, last_spot_mm(ahead)))


def last_spot_mm(ahead: RoadAhead) -> int:
    """Last place before the node at which a car can still wait."""
    return ahead.link.length_mm - LAST_SPOT_MM


def gap_is_long_enough(
    seen: Perception, ahead: RoadAhead, style: DrivingStyle, gap_permille: int
) -> bool:
    """
    Whether the car may go into the streams that have priority.

    Parameters
    ----------
    seen, ahead
        What is perceived, and what the planned road demands.
    style
        Whether the driver computes when the zone is clear, or takes the gaps of people.
    gap_permille
        Share of their critical gap that people under time pressure put up with.
    """
    left_mm = ahead.link.length_mm - seen.s_mm
    if _would_stand_in_zone(seen, ahead, left_mm):
        return False
    entry_ms = soonest_ms(seen.speed_mm_s, left_mm)
    needed_ms = clear_ms(seen, ahead, left_mm + ahead.clear_mm) + GAP_AFTER_MS
    if ahead.stop_mm - seen.s_mm < left_mm + ahead.clear_mm + STOPS_BEYOND_MM:
        needed_ms += STOPS_BEYOND_MS
    if seen.corner_ms < needed_ms:
        return False  # somebody just out of sight would be there too soon
    if style.critical_gap_ms is not None and ahead.turn is not None:
        wait_mm = max(0, ahead.yield_mm - seen.s_mm)
        waits_ms = wait_mm * 1_000 // max(seen.speed_mm_s, LEAST_APPROACH_MM_S)
        # The manual's gap is for brisk starts: a calm one must be clear in time as well.
        critical_ms = max(style.critical_gap_ms(ahead.turn), needed_ms - waits_ms)
        needed_ms = waits_ms + critical_ms * gap_permille // 1_000
    return all(at + GAP_BEFORE_MS <= entry_ms or at >= needed_ms for at in seen.priority_ms)


def soonest_ms(speed_mm_s: int, road_mm: int) -> int:
    """
    Earliest time at which the car could be at a place if it hurried [ms].

    Examples
    --------
    >>> soonest_ms(8_000, 20_000)  # 20 m at 8 + 2 m/s
    2000
    """
    return road_mm * 1_000 // max(speed_mm_s + APPROACH_GAIN_MM_S, LEAST_APPROACH_MM_S)


def _would_stand_in_zone(seen: Perception, ahead: RoadAhead, left_mm: int) -> bool:
    """Whether a queue, a light or people beyond the node would keep the car in the zone."""
    if seen.walker_mm < NOTHING and yields_to_walker(seen, ahead):
        return True
    clear_mm = left_mm + CLEAR_AFTER_NODE_MM
    is_queue = seen.leader_gap_mm < clear_mm and seen.leader_speed_mm_s < QUEUE_MM_S
    is_short = ahead.next_light_mm - LINE_MARGIN_MM - seen.s_mm < left_mm + ahead.clear_mm
    return is_queue or (is_short and seen.next_light is not Light.GREEN)


def yields_to_walker(seen: Perception, ahead: RoadAhead) -> bool:
    """Whether somebody on foot would be in the way before the car is past the crossing."""
    passed_ms = clear_ms(seen, ahead, seen.walker_mm + CAR_LENGTH_MM)
    return seen.walker_ms < passed_ms + AFTER_CAR_MS


def clear_ms(seen: Perception, ahead: RoadAhead, road_mm: int) -> int:
    """Time until the rear has left the conflict zone, starting calmly [ms]."""
    missing_mm_s2 = max(0, CALM_THROTTLE_MM_S2 - seen.accel_mm_s2)
    slack_ms = SLACK_MS + missing_mm_s2 * TICK_MS // (2 * CALM_JERK_MM_S2)
    top_mm_s = min(ahead.limits[0][1] if ahead.limits else ahead.link.speed_mm_s, CLEARING_MM_S)
    speed_mm_s = min(seen.speed_mm_s, top_mm_s)
    gaining_ms = (top_mm_s - speed_mm_s) * 1_000 // CALM_THROTTLE_MM_S2
    gained_mm = (speed_mm_s + top_mm_s) * gaining_ms // 2_000
    if gained_mm >= road_mm:
        end_mm_s = isqrt(speed_mm_s * speed_mm_s + 2 * CALM_THROTTLE_MM_S2 * road_mm)
        return (end_mm_s - speed_mm_s) * 1_000 // CALM_THROTTLE_MM_S2 + slack_ms
    return gaining_ms + (road_mm - gained_mm) * 1_000 // max(top_mm_s, 1) + slack_ms


def oncoming_room_mm(seen: Perception) -> int:
    """Road left to stop in if the car head-on reacts in 1.2 s and brakes hard [mm]."""
    other_mm_s = seen.oncoming_speed_mm_s
    its_way_mm = other_mm_s * ONCOMING_REACTION_MS // 1_000
    its_way_mm += other_mm_s * other_mm_s // (2 * ONCOMING_BRAKING_MM_S2)
    return seen.oncoming_gap_mm - its_way_mm - LINE_MARGIN_MM


def mouth_is_taken(seen: Perception, ahead: RoadAhead) -> bool:
    """Whether somebody is about to come out of the street that the car would enter head-on."""
    left_mm = ahead.link.length_mm - seen.s_mm
    near_mm = left_mm + seen.oncoming_speed_mm_s * MOUTH_MS // 1_000
    return not ahead.link.against_oneway and seen.oncoming_gap_mm < near_mm
