"""When to change lanes, and when it is too late for it: the lateral half of the controller."""

from typing import Final

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import LANE_CHANGE_MS, Light, Perception
from guiderail.sim.driver.motion.envelope import (
    DRY_PERMILLE,
    REACTION_ACCEL_MM_S2,
    RSS_BRAKING_MM_S2,
    RSS_LEADER_BRAKING_MM_S2,
    follow_gap_mm,
    stop_distance_mm,
)
from guiderail.sim.driver.motion.lookahead import RoadAhead
from guiderail.sim.driver.motion.style import CALM_THROTTLE_MM_S2, SLACK_MS

IN_HAND_MS: Final = 500
"""Kept in hand beyond the time that a lane change takes."""
GORE_MM: Final = 25_000
"""A lane change ends this far before the end of the link, at the latest."""
LEAST_GORE_MM: Final = 16_000
"""And this far at least if the car speeds up all the while."""
SLOWEST_MM_S: Final = 4_000
"""Below this speed a change would take too much road or stop half-way: it waits."""
QUEUE_MM: Final = 30_000
"""A slow car ahead within this distance is a queue that may cut the change short."""
LAST_CALL_MM: Final = 12_000
"""Kept between the last call for the right lane and the point where braking to a stop would
begin."""
SIGHT_MM: Final = 100_000
"""How far back a driver is sure to see a car (lower end of 100 .. 150 m in clear weather)."""
RSS_REACTION_MS: Final = 1_000
"""Reaction of the car behind that RSS counts on (arXiv:1708.06374)."""
RSS_GAIN_MM_S: Final = REACTION_ACCEL_MM_S2 * RSS_REACTION_MS // 1_000
"""Speed that it may gain meanwhile."""
LAG_REACTION_MS: Final = 1_300
LAG_MARGIN_MM: Final = 4_000
LAG_BRAKING_MM_S2: Final = 2_400
"""What the car behind in the target lane may be asked for; 3 m/s^2 is unsafe."""


def wanted_step(lane: int, first: int, last: int) -> int:
    """Direction of the next lane change: +1 to the left, -1 to the right, 0 for none."""
    if lane < first:
        return 1
    return -1 if lane > last else 0


def has_room(seen: Perception, ahead: RoadAhead, change_ms: int = LANE_CHANGE_MS) -> bool:
    """Whether a lane change begun now ends well before the gore and is not cut short by a queue."""
    left_mm = ahead.lanes_end_mm - seen.s_mm
    if left_mm < seen.speed_mm_s * (change_ms + IN_HAND_MS) // 1_000 + GORE_MM:
        return False
    if left_mm < _road_mm(seen.speed_mm_s, ahead.link.speed_mm_s, change_ms) + LEAST_GORE_MM:
        return False
    if seen.speed_mm_s < SLOWEST_MM_S or seen.light in (Light.RED, Light.YELLOW):
        return False
    return seen.leader_gap_mm > QUEUE_MM or seen.leader_speed_mm_s > SLOWEST_MM_S


def _road_mm(speed_mm_s: int, limit_mm_s: int, change_ms: int) -> int:
    """Road that a lane change takes at most: a car below the limit speeds up meanwhile [mm]."""
    gained_mm = CALM_THROTTLE_MM_S2 * change_ms * change_ms // 2_000_000
    at_limit_mm = max(speed_mm_s, limit_mm_s) * change_ms // 1_000
    return min(speed_mm_s * change_ms // 1_000 + gained_mm, at_limit_mm)


def gaps_are_safe(seen: Perception, limit_mm_s: int) -> bool:
    """
    Whether the gaps on the side looked to keep RSS distances, ahead and behind.

    Just out of sight somebody may come at the limit (RSS, occlusion): a car much slower than that
    speeds up first.
    """
    speed_mm_s = seen.speed_mm_s
    lead_needs_mm = follow_gap_mm(speed_mm_s, seen.side_lead_speed_mm_s, seen.friction_permille)
    if seen.side_lead_gap_mm < lead_needs_mm + LAG_MARGIN_MM:
        return False
    if seen.side_lag_gap_mm >= NOTHING:
        # It drives at the limit already and gains nothing while it reacts.
        return lag_gap_mm(limit_mm_s, speed_mm_s, gains=False) <= SIGHT_MM + LAG_MARGIN_MM
    lag_mm_s = seen.side_lag_speed_mm_s
    return seen.side_lag_gap_mm >= lag_gap_mm(lag_mm_s, speed_mm_s, seen.friction_permille)


def lag_gap_mm(
    lag_mm_s: int, speed_mm_s: int, friction_permille: int = DRY_PERMILLE, *, gains: bool = True
) -> int:
    """
    Gap that a car behind in the target lane has to be given [mm].

    The larger of RSS (reaction 1 s, braking 4 against 8 m/s^2 on dry road) and what calm braking to
    the ego's speed takes.

    Examples
    --------
    >>> lag_gap_mm(10_000, 10_000)  # 11 m while it reacts, 18 m to stop less 6.25 m, 4 m left
    26750
    """
    friction_permille = max(1, min(friction_permille, DRY_PERMILLE))
    own_mm_s2 = RSS_LEADER_BRAKING_MM_S2 * friction_permille // DRY_PERMILLE
    its_mm_s2 = RSS_BRAKING_MM_S2 * friction_permille // DRY_PERMILLE
    gained_mm_s = lag_mm_s + RSS_GAIN_MM_S * gains
    rolled_mm = (lag_mm_s + gained_mm_s) * RSS_REACTION_MS // 2_000
    rss_mm = rolled_mm + gained_mm_s**2 // (2 * its_mm_s2) - speed_mm_s**2 // (2 * own_mm_s2)
    closing_mm = max(0, lag_mm_s**2 - speed_mm_s**2) // (2 * LAG_BRAKING_MM_S2)
    calm_mm = lag_mm_s * LAG_REACTION_MS // 1_000 + closing_mm
    return max(rss_mm, calm_mm) + LAG_MARGIN_MM


def is_last_call(seen: Perception, ahead: RoadAhead, braking_mm_s2: int) -> bool:
    """Whether the car is where it must settle for a turn that its lane allows."""
    left_mm = ahead.link.length_mm - seen.s_mm
    stop_mm = stop_distance_mm(seen.speed_mm_s, braking_mm_s2)
    return left_mm <= stop_mm + seen.speed_mm_s * SLACK_MS // 1_000 + LAST_CALL_MM


def is_alone(seen: Perception) -> bool:
    """Whether nobody is alongside: all that a car without a guard asks for."""
    return (seen.side_lead_gap_mm > 0 or seen.side_lead_gap_mm == NOTHING) and (
        seen.side_lag_gap_mm > 0
    )
