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
QUEUE_MM_S: Final = 3_000
"""A car ahead that is slower than this stands in a queue, or nearly."""
LAST_SPOT_MM: Final = 500
"""A car that stands beyond the yield point can still wait this far before the node."""


def waiting_point_mm(seen: Perception, ahead: RoadAhead, braking: int) -> int:
    """Where to wait for a gap: the yield point, or as far beyond it as this braking ends."""
    speed = seen.speed_mm_s
    reached = seen.s_mm + stop_distance_mm(speed, braking) + speed * BUILD_UP_MS // 1_000
    return max(ahead.yield_mm, min(reached, last_spot_mm(ahead)))


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
    soonest = left_mm * 1_000 // max(seen.speed_mm_s + 2_000, 4_000)
    needed = clear_ms(seen, ahead, left_mm + ahead.clear_mm) + GAP_AFTER_MS
    if ahead.stop_mm - seen.s_mm < left_mm + ahead.clear_mm + STOPS_BEYOND_MM:
        needed += STOPS_BEYOND_MS
    if seen.corner_ms < needed:
        return False  # somebody just out of sight would be there too soon
    if style.critical_gap_ms is not None and ahead.turn is not None:
        waits = max(0, ahead.yield_mm - seen.s_mm) * 1_000 // max(seen.speed_mm_s, 4_000)
        # The manual's gap is for brisk starts: a calm one must be clear in time as well.
        critical = max(style.critical_gap_ms(ahead.turn), needed - waits)
        needed = waits + critical * gap_permille // 1_000
    return all(at + GAP_BEFORE_MS <= soonest or at >= needed for at in seen.priority_ms)


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
    clear = clear_ms(seen, ahead, seen.walker_mm + CAR_LENGTH_MM)
    return seen.walker_ms < clear + AFTER_CAR_MS


def clear_ms(seen: Perception, ahead: RoadAhead, road_mm: int) -> int:
    """Time until the rear has left the conflict zone, starting calmly [ms]."""
    missing = max(0, CALM_THROTTLE_MM_S2 - seen.accel_mm_s2)
    slack = SLACK_MS + missing * TICK_MS // (2 * CALM_JERK_MM_S2)
    top = min(ahead.limits[0][1] if ahead.limits else ahead.link.speed_mm_s, 8_000)
    speed = min(seen.speed_mm_s, top)
    gaining_ms = (top - speed) * 1_000 // CALM_THROTTLE_MM_S2
    gained_mm = (speed + top) * gaining_ms // 2_000
    if gained_mm >= road_mm:
        end = isqrt(speed * speed + 2 * CALM_THROTTLE_MM_S2 * road_mm)
        return (end - speed) * 1_000 // CALM_THROTTLE_MM_S2 + slack
    return gaining_ms + (road_mm - gained_mm) * 1_000 // max(top, 1) + slack
