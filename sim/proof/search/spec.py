"""
The specification: what must never happen in one tick, clause by clause.

It looks at the motion and the map alone. An import rule keeps it away from the driver, the world
and the judge: a clause that shared a formula with the guard would repeat its mistakes.
"""

from collections.abc import Callable
from typing import Final

from guiderail.maps.network import Control, RoadNetwork
from guiderail.sim.proof.search.arena import NO_RIVAL, RIVAL_STAYS_TICKS, Step

Clause = Callable[[Step, RoadNetwork], bool]
"""Whether one tick breaks it."""

LATERAL_MM_S2: Final = 4_890
"""Hardest lateral acceleration of a turn (nuPlan)."""
HARD_MM_S2: Final = 3_000
"""Braking harder than this without a cause is a fault (hard-brake event, 3 m/s^2)."""
CLEAR_TICKS: Final = 10
"""Time kept between leaving a zone and the arrival of who has priority: 1 s."""
OVER_MM_S: Final = 560
"""2 km/h over the limit are borne."""


def no_road(step: Step, _: RoadNetwork) -> bool:
    """The link ended and no road was there."""
    return step.ran_off


def illegal_turn(step: Step, _: RoadNetwork) -> bool:
    """A banned turn was made."""
    return step.turn is not None and step.turn.ban is not None


def wrong_lane(step: Step, _: RoadNetwork) -> bool:
    """A turn was made from a lane that does not lead there, or in the middle of a lane change."""
    turn, before = step.turn, step.before
    if turn is None:
        return False
    return not turn.first_lane <= before.lane <= turn.last_lane


def turn_too_fast(step: Step, _: RoadNetwork) -> bool:
    """A turn was entered with more lateral acceleration than comfort allows anybody."""
    turn, speed = step.turn, step.after.speed
    return turn is not None and speed * speed > LATERAL_MM_S2 * turn.radius_mm > 0


def red_light(step: Step, network: RoadNetwork) -> bool:
    """The stop line was crossed while the light was red."""
    link = network.link(step.before.link)
    if link.control is not Control.SIGNAL or step.before.light != NO_RIVAL:
        return False
    crossed = step.turn is not None or step.after.s_mm > link.stop_line_mm
    return step.before.s_mm <= link.stop_line_mm and crossed


def stop_sign(step: Step, network: RoadNetwork) -> bool:
    """The node behind a stop sign was passed without a stop at its line."""
    is_sign = network.link(step.before.link).control is Control.STOP
    return is_sign and step.turn is not None and not step.before.has_stopped


def failure_to_yield(step: Step, _: RoadNetwork) -> bool:
    """The car is in the zone less than a second before, or while, who has priority is there."""
    after = step.after
    if not (after.zone_mm or step.before.zone_mm):
        return False
    return -RIVAL_STAYS_TICKS <= after.rival < CLEAR_TICKS


def hard_braking(step: Step, _: RoadNetwork) -> bool:
    """Braking beyond 3 m/s^2 with neither a light nor anybody with priority as its cause."""
    before, after = step.before, step.after
    is_free = before.light <= 0 and before.rival == after.rival == NO_RIVAL
    return is_free and after.accel < -HARD_MM_S2


def over_speed(step: Step, network: RoadNetwork) -> bool:
    """More than 2 km/h above the limit, unless it is slowing down for a new one."""
    after = step.after
    too_fast = after.speed > network.link(after.link).speed_mm_s + OVER_MM_S
    return too_fast and after.accel >= 0


def unsafe_lane_change(step: Step, _: RoadNetwork) -> bool:
    """A lane change began though somebody was beside."""
    before, after = step.before, step.after
    begins = after.target_lane != after.lane and before.target_lane == before.lane
    return begins and not before.is_beside_free


CLAUSES: Final[dict[str, Clause]] = {
    clause.__name__: clause
    for clause in (
        no_road,
        illegal_turn,
        wrong_lane,
        turn_too_fast,
        red_light,
        stop_sign,
        failure_to_yield,
        hard_braking,
        over_speed,
        unsafe_lane_change,
    )
}
"""Every safety clause, by name."""


def broken(step: Step, network: RoadNetwork) -> list[str]:
    """Names of the clauses that one tick breaks."""
    return [name for name, clause in CLAUSES.items() if clause(step, network)]
