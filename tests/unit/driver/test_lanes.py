"""When a lane is changed, and when it is too late for it."""

import pytest

from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light, Perception
from guiderail.sim.driver.motion.lanes import (
    gaps_are_safe,
    has_room,
    is_alone,
    is_last_call,
    lag_gap_mm,
    wanted_step,
)
from guiderail.sim.driver.motion.lookahead import Lookahead, RoadAhead

ARM = 400_000


@pytest.fixture(scope="module")
def ahead() -> RoadAhead:
    """Look along 400 m to a left turn from the left lane."""
    network = crossing(lanes=2, control="signal", has_ring=True)
    route = arm_link(network, "south", inward=True), arm_link(network, "west", inward=False)
    return Lookahead(network, route[-1], 0, lambda _: NOTHING).look(route, 0)


@pytest.mark.parametrize(("lane", "step"), [(0, 1), (1, 0), (2, 0), (3, -1)])
def test_the_next_step_leads_toward_the_wanted_lanes(lane: int, step: int) -> None:
    assert wanted_step(lane, 1, 2) == step


def test_a_change_at_the_limit_has_room_while_it_ends_25_m_before_the_gore(
    seen: Perception, ahead: RoadAhead
) -> None:
    # At 50 km/h, 13.88 m/s on the lattice: 5.5 s are 76.34 m, and 25 m more.
    now = seen.but(speed_mm_s=13_880, light=Light.GREEN)
    assert has_room(now.but(s_mm=ARM - 101_340), ahead)
    assert not has_room(now.but(s_mm=ARM - 101_339), ahead)
    # a person who takes 8 s for it: 8.5 s and 25 m
    assert has_room(now.but(s_mm=ARM - 142_980), ahead, 8_000)
    assert not has_room(now.but(s_mm=ARM - 142_979), ahead, 8_000)


def test_a_car_that_speeds_up_meanwhile_ends_its_change_16_m_before_the_gore(
    seen: Perception, ahead: RoadAhead
) -> None:
    # From 10 m/s at 1.2 m/s^2: 50 m and 15 m in 5 s, and 16 m more.
    now = seen.but(speed_mm_s=10_000, light=Light.GREEN)
    assert has_room(now.but(s_mm=ARM - 81_000), ahead)
    assert not has_room(now.but(s_mm=ARM - 80_999), ahead)


@pytest.mark.parametrize(
    "what",
    [
        {"speed_mm_s": 3_980},
        {"light": Light.RED},
        {"light": Light.YELLOW},
        {"leader_gap_mm": 30_000, "leader_speed_mm_s": 4_000},
    ],
)
def test_a_change_that_could_end_half_way_is_not_begun(
    seen: Perception, ahead: RoadAhead, what: dict[str, int]
) -> None:
    now = seen.but(speed_mm_s=10_000)
    assert has_room(now, ahead)
    assert not has_room(now.but(**what), ahead)


def test_the_car_behind_is_given_its_rss_distance() -> None:
    # 10 m in 1 s, 1 m gained, 12^2 / 8 = 18 m to stop, less the ego's 6.25 m, and 4 m kept.
    assert lag_gap_mm(10_000, 10_000) == 26_750


def test_on_snow_the_car_behind_is_given_more() -> None:
    # Three eighths of the grip: 18 and 6.25 m become 48 and 16.67 m.
    assert lag_gap_mm(10_000, 10_000, 300) == pytest.approx(46_333, abs=1)


def test_a_much_faster_car_is_given_the_road_to_brake_calmly() -> None:
    # 1.3 s at 20 m/s and (400 - 25) / 4.8 m.
    assert lag_gap_mm(20_000, 5_000) == max(26_000 + 78_125, 20_000 + 1_000 + 58_937) + 4_000


def test_gaps_are_safe_only_on_both_ends(seen: Perception) -> None:
    now = seen.but(speed_mm_s=10_000)
    lag = now.but(side_lag_gap_mm=26_750, side_lag_speed_mm_s=10_000)
    assert gaps_are_safe(now, 13_880)
    assert gaps_are_safe(lag, 13_880)
    assert not gaps_are_safe(lag.but(side_lag_gap_mm=26_749), 13_880)
    assert not gaps_are_safe(now.but(side_lead_gap_mm=15_000, side_lead_speed_mm_s=8_000), 13_880)
    assert not gaps_are_safe(lag.but(friction_permille=300), 13_880)


def test_a_slow_car_reckons_with_a_fast_one_just_out_of_sight(seen: Perception) -> None:
    # At 110 km/h: 30.5 m in 1 s and 116.6 m to stop, less 1.6 m at 5 m/s or 52.6 m at 29 m/s.
    assert not gaps_are_safe(seen.but(speed_mm_s=5_000), 30_540)
    assert gaps_are_safe(seen.but(speed_mm_s=29_000), 30_540)


def test_the_last_call_comes_before_braking_to_a_stop_has_to_begin(
    seen: Perception, ahead: RoadAhead
) -> None:
    # At 10 m/s: 25 m to stop at 2 m/s^2, 6 m for 0.6 s, 12 m kept.
    now = seen.but(speed_mm_s=10_000, s_mm=ARM - 43_000)
    assert is_last_call(now, ahead, 2_000)
    assert not is_last_call(now.but(s_mm=ARM - 43_001), ahead, 2_000)


def test_being_alone_is_nobody_alongside(seen: Perception) -> None:
    assert is_alone(seen)
    assert is_alone(seen.but(side_lead_gap_mm=1, side_lag_gap_mm=1))
    assert not is_alone(seen.but(side_lead_gap_mm=0))
    assert not is_alone(seen.but(side_lag_gap_mm=-2_000))
