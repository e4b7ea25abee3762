"""The envelope against braking a car tick by tick, and against numbers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.sim.contract.lattice import NOTHING, TICK_MS
from guiderail.sim.driver.motion.envelope import (
    STANDSTILL_GAP_MM,
    admission_braking_mm_s2,
    comfort_braking_mm_s2,
    fastest_speed_mm_s,
    follow_gap_mm,
    follow_speed_mm_s,
    hardest_braking_mm_s2,
    next_speed_mm_s,
    rear_gap_is_enough,
    slow_distance_mm,
    stop_distance_mm,
    turn_speed_mm_s,
)

SPEEDS = st.integers(0, 2_500).map(lambda k: 20 * k)  # up to 50 m/s
BRAKINGS = st.integers(1, 50).map(lambda k: 200 * k)
ROADS = st.one_of(st.integers(-100, 5_000), st.integers(0, 600_000))
FRICTIONS = st.integers(0, 1_200)


def braked_tick_by_tick(speed: int, to_speed: int, braking: int) -> int:
    """Road used by a car that brakes each tick, the last time only as hard as it needs [mm]."""
    road = 0
    while speed > to_speed:
        slower = max(to_speed, speed - braking * TICK_MS // 1_000)
        road += (speed + slower) * TICK_MS // 2_000
        speed = slower
    return road


@given(SPEEDS, SPEEDS, BRAKINGS)
def test_slowing_down_takes_as_much_road_as_braking_tick_by_tick(
    speed: int, to_speed: int, braking: int
) -> None:
    expected = braked_tick_by_tick(speed, to_speed, braking)
    assert slow_distance_mm(speed, to_speed, braking) == expected


@given(SPEEDS, BRAKINGS)
def test_stopping_takes_as_much_road_as_braking_tick_by_tick(speed: int, braking: int) -> None:
    assert stop_distance_mm(speed, braking) == braked_tick_by_tick(speed, 0, braking)


@pytest.mark.parametrize(
    ("speed", "braking", "distance"),
    [
        pytest.param(10_000, 2_000, 25_000, id="v^2 / 2b where the ticks come out even"),
        pytest.param(100, 2_000, 5, id="one gentle tick: 100 mm/s * 0.1 s / 2, not v^2 / 2b = 2.5"),
        pytest.param(0, 2_000, 0, id="a standing car needs nothing"),
    ],
)
def test_the_last_gentle_tick_is_counted(speed: int, braking: int, distance: int) -> None:
    assert stop_distance_mm(speed, braking) == distance


def test_an_odd_target_speed_is_rounded_down_to_one_that_a_car_can_have() -> None:
    assert slow_distance_mm(10_000, 6_019, 2_000) == slow_distance_mm(10_000, 6_000, 2_000)


@given(ROADS, SPEEDS, BRAKINGS)
def test_the_fastest_speed_just_meets_the_target_and_one_step_more_does_not(
    road: int, to_speed: int, braking: int
) -> None:
    fastest = fastest_speed_mm_s(road, to_speed, braking)
    assert slow_distance_mm(fastest, to_speed, braking) <= max(road, 0)
    assert slow_distance_mm(fastest + 20, to_speed, braking) > road


@given(ROADS, st.integers(0, 5_000), SPEEDS, BRAKINGS)
def test_more_road_never_allows_less_speed(road: int, more: int, to: int, braking: int) -> None:
    assert fastest_speed_mm_s(road, to, braking) <= fastest_speed_mm_s(road + more, to, braking)


@given(SPEEDS, ROADS, SPEEDS, BRAKINGS)
def test_the_next_speed_counts_the_road_of_the_tick_itself(
    speed: int, road: int, to_speed: int, braking: int
) -> None:
    def used(after: int) -> int:
        return (speed + after) // 20 + slow_distance_mm(after, to_speed, braking)

    after = next_speed_mm_s(speed, road, to_speed, braking)
    if used(to_speed) > road:
        assert after == to_speed
    else:
        assert used(after) <= road < used(after + 20)


@given(SPEEDS, SPEEDS, BRAKINGS)
def test_a_car_that_can_meet_the_target_still_can_after_a_tick_of_that_braking(
    speed: int, to_speed: int, braking: int
) -> None:
    road = slow_distance_mm(speed, to_speed, braking)
    after = next_speed_mm_s(speed, road, to_speed, braking)
    assert road == 0 or after >= max(to_speed, speed - braking // 10)


@pytest.mark.parametrize(
    ("radius_mm", "friction", "speed"),
    [
        pytest.param(8_000, 800, 4_000, id="sqrt(2 m/s^2 * 8 m) = 4 m/s on dry road"),
        pytest.param(8_000, 100, 1_960, id="sqrt(0.490 * 8) = 1.979 m/s on ice, half of mu*g"),
        pytest.param(0, 800, NOTHING, id="no curve, no limit"),
        pytest.param(8_000, 0, 20, id="never 0, or the car would wait for ever"),
    ],
)
def test_turn_speed_is_comfortable_and_on_the_lattice(
    radius_mm: int, friction: int, speed: int
) -> None:
    assert turn_speed_mm_s(radius_mm, friction) == speed


@pytest.mark.parametrize(
    ("friction", "comfort", "admission", "hardest"),
    [
        pytest.param(800, 2_000, 2_400, 7_000, id="dry: 0.9 * 7.848 = 7.06"),
        pytest.param(500, 2_000, 2_400, 4_400, id="wet: half is 2.45, 0.9 * 4.905 = 4.41"),
        pytest.param(300, 1_400, 1_400, 2_600, id="snow: half is 1.47, 0.9 * 2.943 = 2.65"),
        pytest.param(100, 400, 400, 800, id="ice: half is 0.49, 0.9 * 0.981 = 0.88"),
        pytest.param(0, 200, 200, 200, id="never below one step"),
    ],
)
def test_braking_is_bounded_by_friction(
    friction: int, comfort: int, admission: int, hardest: int
) -> None:
    assert comfort_braking_mm_s2(friction) == comfort
    assert admission_braking_mm_s2(friction) == admission
    assert hardest_braking_mm_s2(friction) == hardest


@given(FRICTIONS)
def test_planned_braking_is_never_harder_than_what_the_guard_allows(friction: int) -> None:
    comfort, admission = comfort_braking_mm_s2(friction), admission_braking_mm_s2(friction)
    assert comfort <= admission <= hardest_braking_mm_s2(friction)
    assert comfort % 200 == admission % 200 == 0


def test_following_at_equal_speed_takes_the_rss_gap() -> None:
    # 10 m/s: 5.25 m in 0.5 s, then 11 m/s: 121 / (2*4) = 15.125 m and 5 mm for the gentle last
    # tick, less the leader's 100 / (2*8) = 6.25 m; plus 2 m
    assert follow_gap_mm(10_000, 10_000, 800) == 5_250 + 15_130 - 6_250 + STANDSTILL_GAP_MM


def test_a_speed_limit_caps_the_speed_gained_while_reacting() -> None:
    # 5 m in 0.5 s, then 100 / (2*4) = 12.5 m, less 6.25 m; plus 2 m
    assert follow_gap_mm(10_000, 10_000, 800, 10_000) == 5_000 + 12_500 - 6_250 + STANDSTILL_GAP_MM


def test_a_road_that_grips_better_than_dry_earns_no_smaller_gap() -> None:
    assert follow_gap_mm(10_000, 10_000, 1_200) == follow_gap_mm(10_000, 10_000, 800)


@given(SPEEDS, SPEEDS, FRICTIONS)
def test_a_slower_leader_or_a_wetter_road_never_needs_a_smaller_gap(
    own: int, leader: int, friction: int
) -> None:
    gap = follow_gap_mm(own, leader, friction)
    assert gap >= STANDSTILL_GAP_MM
    assert follow_gap_mm(own, max(0, leader - 20), friction) >= gap
    assert follow_gap_mm(own + 20, leader, friction) >= gap


def smallest_gap_left(follower: int, own: int, braking: int, gap: int) -> float:
    """Gap left when ego stops and the follower answers with 4 m/s^2 after 1.25 s [mm]."""
    step, time, least = 0.005, 0.0, float(gap)
    behind, ahead, left = float(follower), float(own), float(gap)
    while behind > 0 and least > -1_000:
        slower = behind - (4_000 * step if time >= 1.25 else 0)
        left += ahead * step - (behind + max(0.0, slower)) / 2 * step
        behind, ahead, time = max(0.0, slower), max(0.0, ahead - braking * step), time + step
        least = min(least, left)
    return least


@given(
    st.integers(0, 75).map(lambda k: 400 * k),
    st.integers(0, 75).map(lambda k: 400 * k),
    st.integers(1, 30).map(lambda k: 200 * k),
    st.integers(0, 120_000),
)
def test_a_gap_called_enough_is_never_used_up_by_a_follower_who_brakes_with_4(
    follower: int, own: int, braking: int, gap: int
) -> None:
    if rear_gap_is_enough(gap, follower, own, braking):
        assert smallest_gap_left(follower, own, braking, gap) > -150  # small steps are not exact


@pytest.mark.parametrize(
    ("gap_mm", "is_enough"),
    [
        # Both 10 m/s, ego brakes with 2.4: 12.5 + 100 / 8 - 100 / 4.8 = 4.17 m at the end, but the
        # speeds are equal 1.25 + 3 / 1.6 s on: 1.5 * 1.25 + 3^2 / (2 * 1.6) = 4.6875 m.
        pytest.param(4_688, True, id="just enough"),
        pytest.param(4_687, False, id="1 mm short, in the middle of braking and not at its end"),
        pytest.param(NOTHING, True, id="nobody behind"),
    ],
)
def test_the_rear_gap_is_checked_at_the_moment_of_equal_speed(
    *, gap_mm: int, is_enough: bool
) -> None:
    assert rear_gap_is_enough(gap_mm, 10_000, 10_000, 2_400) is is_enough


def test_a_standing_follower_needs_no_gap() -> None:
    assert rear_gap_is_enough(0, 0, 20_000, 2_400)


@pytest.mark.parametrize(
    ("gap_mm", "is_enough"),
    [
        # Ego stops first: 20 m/s * 1.25 s + 400 / 8 = 75 m, less 5^2 / 4.8 = 5.2 m.
        pytest.param(69_792, True, id="just enough"),
        pytest.param(69_790, False, id="short at the end"),
    ],
)
def test_the_rear_gap_is_checked_at_the_end_where_ego_stops_first(
    *, gap_mm: int, is_enough: bool
) -> None:
    assert rear_gap_is_enough(gap_mm, 20_000, 5_000, 2_400) is is_enough


@given(
    gap=st.integers(0, 200_000),
    leader=st.integers(0, 2_000),
    friction=st.sampled_from([800, 500, 300, 100]),
    limit=st.sampled_from([8_320, 13_880, 27_760, NOTHING]),
)
def test_the_speed_for_a_gap_is_the_highest_that_the_gap_is_enough_for(
    gap: int, leader: int, friction: int, limit: int
) -> None:
    speed = follow_speed_mm_s(gap, leader * 20, friction, limit)
    assert speed == 0 or follow_gap_mm(speed, leader * 20, friction, limit) <= gap
    assert follow_gap_mm(speed + 60, leader * 20, friction, limit) > gap or speed >= limit - 20
