"""What the driver cannot see, it slows down for; whom it sees on foot, it lets pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Perception
from guiderail.sim.driver.motion.controller import Controller
from guiderail.sim.driver.motion.envelope import sight_speed_mm_s, stop_distance_mm
from guiderail.sim.driver.motion.lookahead import RoadAhead
from guiderail.sim.driver.motion.style import DrivingStyle


@given(sight_mm=st.integers(3_000, 300_000), friction=st.sampled_from((800, 500, 300, 100)))
def test_from_the_speed_for_a_sight_the_car_stops_within_it(sight_mm: int, friction: int) -> None:
    speed = sight_speed_mm_s(sight_mm, friction)
    braking = max(200, 4_000 * friction // 800 // 200 * 200)
    assert speed // 2 + stop_distance_mm(speed, braking) <= sight_mm


@pytest.mark.parametrize(
    ("sight_m", "friction", "kmh"),
    # v = sqrt((b/2)^2 + 2 * b * (sight - 2 m)) - b/2 with b = 4 * friction / 0.8 on the lattice
    [(100, 800, 93.8), (50, 800, 63.7), (30, 800, 47.2), (50, 300, 39.3), (50, 100, 21.6)],
)
def test_fog_and_ice_cost_speed(sight_m: int, friction: int, kmh: float) -> None:
    assert sight_speed_mm_s(sight_m * 1_000, friction) * 3.6 / 1_000 == pytest.approx(kmh, abs=0.2)


def test_no_sight_is_a_crawl_and_never_a_standstill() -> None:
    assert sight_speed_mm_s(0, 800) == 20


def _accel(free_road: RoadAhead, seen: Perception, **more: int) -> int:
    return Controller(DrivingStyle(), 800).accel_mm_s2(seen.but(**more), free_road, NOTHING)


def test_the_car_slows_down_in_fog(free_road: RoadAhead, seen: Perception) -> None:
    assert _accel(free_road, seen, speed_mm_s=13_880) == 0
    assert _accel(free_road, seen, speed_mm_s=13_880, sight_mm=25_000) < 0


@pytest.mark.parametrize(
    ("walker_ms", "brakes"),
    # 18 m and 4.5 m of car at 8 m/s are 2.8 s, with some slack for both
    [(0, True), (2_000, True), (8_000, False)],
)
def test_people_who_would_be_in_the_way_are_let_pass(
    free_road: RoadAhead, seen: Perception, walker_ms: int, *, brakes: bool
) -> None:
    accel = _accel(free_road, seen, speed_mm_s=8_000, walker_mm=18_000, walker_ms=walker_ms)
    assert (accel < 0) is brakes
