"""Where the car ahead has to stop: before a light, or at a sign until it finds a gap."""

from typing import Final

from guiderail.maps.network import Control
from guiderail.sim.contract.messages import Light
from guiderail.sim.world.approach import Approach
from guiderail.sim.world.ego import Ego
from guiderail.sim.world.motion import CAR_LENGTH_MM
from guiderail.sim.world.setting import Setting
from guiderail.sim.world.traffic.actors import EASY_BRAKING_MM_S2, LATEST_BRAKING_MM_S2, Leader
from guiderail.sim.world.traffic.conflict_zone import LINGER_MS
from guiderail.sim.world.traffic.critical_gaps import driver_gap_ms

GAP_SEEN_MM: Final = 4_500
"""A car at a sign decides from here on (SUMO's visibility distance before a minor road's line)."""


def line_ahead_of(
    setting: Setting, ego: Ego, approach: Approach, leader: Leader, time_ms: int
) -> int:
    """
    Road between the leader's front and the line it must stop at [mm]; -1 for none.

    A leader that finds its gap at a sign takes note of it: from then on it goes.
    """
    if approach.plan is None and approach.yielding is None:
        return -1
    road_mm = _road_to_line_mm(ego, leader)
    if road_mm < 0 or leader.goes:
        return -1
    if approach.plan is None:
        leader.goes = _has_gap(setting, ego, approach, leader, road_mm, time_ms)
        return -1 if leader.goes else road_mm
    # Too late to stop: it goes on through the yellow.
    is_late = leader.braking_for(road_mm) > LATEST_BRAKING_MM_S2
    return -1 if is_late or approach.plan.light(time_ms) is Light.GREEN else road_mm


def has_braked_already(ego: Ego, approach: Approach, leader: Leader, time_ms: int) -> bool:
    """
    Whether the car ahead would have stopped at the line before the ego came onto the link.

    It would have seen the line from the last link, so where it now could stop only hard it is not
    there at all.
    """
    if approach.plan is None and approach.yielding is None:
        return False
    if approach.plan is not None and approach.plan.light(time_ms) is Light.GREEN:
        return False
    road_mm = _road_to_line_mm(ego, leader)
    return road_mm >= 0 and leader.braking_for(road_mm) > EASY_BRAKING_MM_S2


def _road_to_line_mm(ego: Ego, leader: Leader) -> int:
    return ego.link.stop_line_mm - ego.s_mm - leader.gap_mm - CAR_LENGTH_MM


def _has_gap(
    setting: Setting, ego: Ego, approach: Approach, leader: Leader, road_mm: int, time_ms: int
) -> bool:
    """Whether the car ahead, at a sign, now finds its gap in the stream with priority."""
    turn, trip = approach.yielding, setting.trip
    is_standing = leader.speed_mm_s == 0 or ego.link.control is Control.GIVE_WAY
    if turn is None or road_mm > GAP_SEEN_MM or not is_standing:
        return False
    needed_ms = driver_gap_ms(turn.conflict, turn.major_lanes, trip.seed, leader.key)
    return not setting.flow.priority_arrivals(turn, time_ms - LINGER_MS, time_ms + needed_ms)
