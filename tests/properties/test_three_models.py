"""
Braking distance exists three times: physics, the driver's envelope, the judge's check.

No formula is shared. The envelope must never be more optimistic than physics, and the judge never
more lenient.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiderail.sim.driver.motion import envelope
from guiderail.sim.judge.conflict import (
    RSS_EGO,
    is_required_deceleration_above,
    is_time_to_collision_below,
    rss_longitudinal_distance,
)
from guiderail.sim.world import motion

SPEEDS = st.integers(0, 2_000).map(lambda steps: steps * 20)
FRICTIONS = st.sampled_from((1_000, 800, 500, 300, 100))
BRAKINGS = st.integers(1, 39).map(lambda steps: steps * 200)


def _stop_mm(speed: int, braking: int, grip: int, last: int = 0) -> int:
    """Road to a standstill in the world, brakes building up from the acceleration ``last``."""
    road, accel = 0, last
    while speed:
        moved, speed, accel = motion.advance(speed, motion.granted(-braking, accel, grip))
        road += moved
    return road


@given(speed=SPEEDS, friction=FRICTIONS)
def test_the_driver_stops_within_its_reaction_and_its_envelope(speed: int, friction: int) -> None:
    braking = envelope.hardest_braking_mm_s2(friction)
    planned = envelope.stop_distance_mm(speed, braking)
    reacting = speed * envelope.REACTION_MS // 1_000
    grip = motion.grip_mm_s2(friction)
    assert _stop_mm(speed, braking, grip) <= planned + reacting


@given(speed=SPEEDS, braking=BRAKINGS)
def test_braking_that_has_built_up_stops_exactly_as_planned(speed: int, braking: int) -> None:
    planned = envelope.stop_distance_mm(speed, braking)
    assert planned - 200 <= _stop_mm(speed, braking, 7_800, last=-braking) <= planned + 1


@given(speed=SPEEDS, friction=FRICTIONS)
def test_the_driver_never_counts_on_more_than_the_tires_hold(speed: int, friction: int) -> None:
    grip = motion.grip_mm_s2(friction)
    assert envelope.hardest_braking_mm_s2(friction) <= grip
    assert envelope.comfort_braking_mm_s2(friction) <= grip
    assert envelope.admission_braking_mm_s2(friction) <= grip


@given(radius=st.integers(3_500, 500_000), friction=FRICTIONS)
def test_a_planned_turn_is_far_from_slipping(radius: int, friction: int) -> None:
    speed = envelope.turn_speed_mm_s(radius, friction)
    limit = friction * 9_810 // 1_000 * radius
    assert 2 * speed * speed <= limit or speed == 20


@given(speed=SPEEDS, to_speed=SPEEDS, braking=BRAKINGS)
def test_slowing_down_takes_no_more_road_than_planned(
    speed: int, to_speed: int, braking: int
) -> None:
    planned = envelope.slow_distance_mm(speed, to_speed, braking)
    road, accel = 0, -braking
    while speed > to_speed:
        wish = min(braking, (speed - to_speed) * 10)
        moved, speed, accel = motion.advance(speed, motion.granted(-wish, accel, 7_800))
        road += moved
        if wish < braking:
            break  # the gentle tick lands on the speed, whatever the brakes have built up
    assert road <= planned + 1


def _rear_stops_clear(gap: int, own: int, leader: int, friction: int) -> bool:
    """Whether, in the world, a car that reacts late stays behind one that brakes fully."""
    grip, accel, lead_accel = motion.grip_mm_s2(friction), 0, -motion.grip_mm_s2(friction)
    wait = envelope.REACTION_MS
    while own:
        wish = 0 if wait > 0 else -envelope.hardest_braking_mm_s2(friction)
        wait -= 100
        moved, own, accel = motion.advance(own, motion.granted(wish, accel, grip))
        ahead, leader, lead_accel = motion.advance(leader, lead_accel)
        gap += ahead - moved
        if gap <= 0:
            return False
    return True


@settings(max_examples=200)
@given(own=SPEEDS, leader=SPEEDS, friction=FRICTIONS)
def test_the_gap_that_the_driver_keeps_survives_the_worst_braking(
    own: int, leader: int, friction: int
) -> None:
    assert _rear_stops_clear(envelope.follow_gap_mm(own, leader, friction), own, leader, friction)


@settings(max_examples=200)
@given(own=SPEEDS, leader=SPEEDS, friction=FRICTIONS)
def test_a_gap_that_the_judge_calls_safe_survives_the_worst_braking(
    own: int, leader: int, friction: int
) -> None:
    distance = rss_longitudinal_distance(
        np.array([own]), np.array([leader]), RSS_EGO, friction_permille=friction
    )
    gap = int(distance[0]) + 1
    assert _rear_stops_clear(gap, own, leader, friction)


@given(gap=st.integers(1, 100_000), speed=SPEEDS.filter(lambda speed: speed > 0), limit=BRAKINGS)
def test_what_the_judge_lets_pass_as_braking_does_stop(gap: int, speed: int, limit: int) -> None:
    closing = np.array([speed])
    if not is_required_deceleration_above(np.array([gap]), closing, limit)[0]:
        # At a standing target; the tick may cost b * dt^2 / 8, and one mm of rounding per tick.
        slack = limit // 800 + 1
        assert _stop_mm(speed, limit, max(limit, 200), last=-limit) <= gap + slack


@pytest.mark.parametrize("speed", [5_000, 13_880, 25_000])
def test_time_to_collision_is_the_time_that_the_world_takes(speed: int) -> None:
    gap = speed * 12 // 10  # 1.2 s
    ticks = 0
    while gap > 0:
        gap -= motion.advance(speed, 0)[0]
        ticks += 1
    assert ticks == 12
    whole = np.array([speed * 12 // 10])
    assert is_time_to_collision_below(whole, np.array([speed]), 1_201)[0]
    assert not is_time_to_collision_below(whole, np.array([speed]), 1_200)[0]
