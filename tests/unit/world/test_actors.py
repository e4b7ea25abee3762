"""The vehicles around the ego, each in a world of its own."""

from collections.abc import Callable
from itertools import count
from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.maps.network import RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.conflict import is_time_to_collision_below
from guiderail.sim.world.traffic.actors import (
    HARD_BRAKE_MS,
    STANDSTILL_GAP_MM,
    CrossTraffic,
    Follower,
    Leader,
    Oncoming,
)
from guiderail.sim.world.traffic.lines import has_braked_already, line_ahead_of
from guiderail.sim.world.world import World

SEED = TripSeed(1, 2)
GRIP = 7_800
Place = Callable[..., World]
Steps = Callable[..., World]


def _line_ahead(world: World, leader: Leader) -> int:
    return line_ahead_of(world.setting, world.ego, world.approach, leader, world.time_ms)


def _followed(world: World, headway_ms: int) -> World:
    """Put a car behind, at the headway that it keeps."""
    gap_mm = STANDSTILL_GAP_MM + world.ego.speed_mm_s * headway_ms // 1_000
    world.neighbors.follower = Follower(7, gap_mm, world.ego.speed_mm_s, SEED)
    world.neighbors.follower.headway_ms = headway_ms
    return world


def _closest_ms(world: World) -> bool:
    """Whether the car behind was ever less than 1.5 s from contact."""
    gap = world.trace.column("follower_gap_mm")
    closing = world.trace.column("follower_speed_mm_s") - world.trace.column("speed_mm_s")
    return bool(is_time_to_collision_below(gap, closing, 1_500).any())


@pytest.mark.parametrize("headway_ms", [1_000, 1_250, 1_500, 2_000])
@pytest.mark.parametrize("speed", [5_000, 8_320, 13_880, 19_440])
def test_comfortable_braking_brings_the_car_behind_in_no_need(
    place: Place, drive: Steps, road: RoadNetwork, headway_ms: int, speed: int
) -> None:
    world = _followed(place(road, speed=speed), headway_ms)
    drive(world, 300, accel=-2_400)
    assert world.outcome is None
    assert not _closest_ms(world)
    assert world.neighbors.follower
    assert world.neighbors.follower.is_at_rest()
    assert world.neighbors.follower.gap_mm >= STANDSTILL_GAP_MM - 100


@pytest.mark.parametrize("headway_ms", [1_000, 1_500, 2_000])
def test_an_attentive_driver_stops_even_behind_full_braking(
    place: Place, drive: Steps, road: RoadNetwork, headway_ms: int
) -> None:
    world = _followed(place(road, speed=13_880, conditions={"lapses_ppm": 0}), headway_ms)
    drive(world, 200, accel=-GRIP)
    assert world.outcome is None


def test_full_braking_before_a_lapsing_driver_close_behind_ends_in_a_crash(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    # The lapse costs 1.5 s * 13.9 m/s = 21 m; the gap is 15.9 m.
    world = _followed(place(road, speed=13_880, conditions={"lapses_ppm": 1_000_000}), 1_000)
    drive(world, 200, accel=-8_000)
    assert world.outcome is Outcome.CRASHED
    assert world.trace.column("follower_gap_mm")[-1] <= 0


def test_a_lapse_needs_a_braking_to_miss(place: Place, drive: Steps, road: RoadNetwork) -> None:
    world = _followed(place(road, speed=13_880, conditions={"lapses_ppm": 1_000_000}), 1_000)
    drive(world, 100)
    assert world.neighbors.follower
    assert world.neighbors.follower.lapse_ticks == 0


def test_who_brakes_already_does_not_lapse() -> None:
    follower = Follower(7, 30_000, 13_880, SEED)
    follower.accel_mm_s2 = -2_000
    follower.notice_braking(SEED, 1_000, 1_000_000)
    assert follower.lapse_ticks == 0


def test_the_car_behind_starts_again_after_the_ego(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    world = _followed(place(road, speed=8_320), 1_500)
    drive(world, 100, accel=-2_400)
    drive(world, 100, accel=1_000)
    assert world.neighbors.follower
    assert world.neighbors.follower.speed_mm_s > 5_000
    assert world.neighbors.follower.gap_mm > STANDSTILL_GAP_MM


def test_headways_are_one_to_two_seconds() -> None:
    headways = {Follower(key, 0, 0, SEED).headway_ms for key in range(500)}
    assert min(headways) >= 1_000
    assert max(headways) <= 2_000
    assert len(headways) > 300


def test_a_leader_keeps_its_pace_and_brakes_gently_for_a_slower_road() -> None:
    leader = Leader(7, 30_000, 13_880)
    leader.step(100, SEED, -1, GRIP)
    assert (leader.speed_mm_s, leader.accel_mm_s2) == (13_880, 0)
    leader.wish_mm_s = 8_320
    leader.step(200, SEED, -1, GRIP)
    assert leader.accel_mm_s2 == -2_000


def test_a_leader_rarely_brakes_hard_for_a_moment() -> None:
    # 60 per million and second: in 200,000 s about 12 times, of two seconds each
    hard, leader = 0, Leader(7, 30_000, 13_880)
    for time_ms in range(0, 200_000_000, 1_000):
        leader.speed_mm_s = 13_880
        leader.step(time_ms, SEED, -1, GRIP)
        hard += leader.accel_mm_s2 == -6_000
    assert 8 <= hard <= 40
    assert HARD_BRAKE_MS == 1_400


def test_a_leader_stops_at_red_and_goes_on_at_green(place: Place, drive: Steps) -> None:
    network = crossing(control="signal")
    world = place(network, arm_link(network, "south", inward=True), s_mm=200_000)
    _advance_to(world, Light.YELLOW)
    _advance_to(world, Light.RED)
    world.neighbors.leader = leader = Leader(7, 60_000, 10_000)
    drive(world, 200)
    front_mm = world.ego.s_mm + leader.gap_mm + 4_500
    assert leader.is_at_rest(world.time_ms)
    assert world.ego.link.stop_line_mm - 3_000 <= front_mm <= world.ego.link.stop_line_mm
    _advance_to(world, Light.GREEN)
    drive(world, 50)
    assert leader.speed_mm_s > 5_000


def _advance_to(world: World, light: Light) -> None:
    assert world.approach.plan
    while world.approach.plan.light(world.time_ms) is not light:
        world.stand_until(world.approach.plan.next_change_ms(world.time_ms))


def test_a_leader_too_close_to_stop_goes_on_through_yellow(place: Place) -> None:
    # 13.9^2 / (2 * 3.4) = 28 m are needed, 20 m are left
    network = crossing(control="signal")
    world = place(network, arm_link(network, "south", inward=True), s_mm=300_000)
    _advance_to(world, Light.YELLOW)
    gap_mm = world.ego.link.stop_line_mm - 300_000 - 4_500 - 20_000
    world.neighbors.leader = leader = Leader(7, gap_mm, 13_880)
    leader.step(world.time_ms, SEED, _line_ahead(world, leader), GRIP)
    assert leader.accel_mm_s2 == 0


@pytest.mark.parametrize(
    ("gap_mm", "speed", "gap_left_mm"),
    [(60_000, 13_880, 500), (30_000, 8_320, 500), (5_000, 2_000, 400)],
)
def test_a_crossing_vehicle_waits_short_of_a_car_in_its_way(
    gap_mm: int, speed: int, gap_left_mm: int
) -> None:
    crossing_car = CrossTraffic(gap_mm, speed)
    for _ in range(400):
        crossing_car.step(GRIP)
    assert crossing_car.speed_mm_s == 0
    assert crossing_car.gap_mm >= gap_left_mm


def test_a_crossing_vehicle_that_is_surprised_too_late_hits() -> None:
    # 1 s of reaction at 13.9 m/s uses up more than the 12 m
    crossing_car = CrossTraffic(12_000, 13_880)
    for _ in range(30):
        crossing_car.step(GRIP)
    assert crossing_car.gap_mm <= 0


def test_the_hardest_braking_forced_on_a_crossing_vehicle_is_kept() -> None:
    # After 1 s: 13.9^2 / (2 * (40 - 13.9 - 1)) = 3.84 m/s^2, on the lattice 4.0, then much the same
    crossing_car = CrossTraffic(40_000, 13_880)
    for _ in range(60):
        crossing_car.step(GRIP)
    assert 3_800 <= crossing_car.hardest_mm_s2 <= 4_400


def test_an_oncoming_vehicle_sees_the_ego_brakes_waits_and_gives_way() -> None:
    oncoming = Oncoming(7, 100_000, 10_000)
    seen = next(tick for tick in count() if oncoming.gap_mm <= 60_000 or oncoming.step(GRIP))
    assert seen == 40  # 40 m at 10 m/s
    for _ in range(12):
        oncoming.step(GRIP)
    assert oncoming.speed_mm_s == 10_000  # 1.2 s of reaction
    oncoming.step(GRIP)
    assert oncoming.speed_mm_s == 9_400
    for _ in range(100):
        oncoming.step(GRIP)
    assert oncoming.speed_mm_s == 0
    assert oncoming.has_gone()


@pytest.mark.parametrize("grip", [800, 2_800, 4_800])
def test_nobody_brakes_harder_than_the_road_holds(grip: int) -> None:
    leader, follower = Leader(7, 5_000, 13_880), Follower(7, 3_000, 13_880, SEED)
    oncoming, crossing_car = Oncoming(7, 20_000, 13_880), CrossTraffic(20_000, 13_880)
    for tick in range(20):
        leader.step(tick * 100, SEED, 10_000, grip)
        follower.step(0, grip)
        speed = oncoming.speed_mm_s
        oncoming.step(grip)
        crossing_car.step(grip)
        assert max(-leader.accel_mm_s2, -follower.accel_mm_s2, crossing_car.hardest_mm_s2) <= grip
        assert speed - oncoming.speed_mm_s <= grip // 10


def test_a_leader_has_braked_on_the_last_link_for_a_light_on_this_one(place: Place) -> None:
    # 10^2 / (2 * 15) = 3.3 m/s^2 is no stop for a light that was in sight all along.
    network = crossing(control="signal")
    south = arm_link(network, "south", inward=True)
    world = place(network, south, s_mm=300_000)
    _advance_to(world, Light.YELLOW)
    _advance_to(world, Light.RED)
    for room_mm, stays in ((16_000, False), (30_000, True)):
        gap_mm = world.ego.link.stop_line_mm - 300_000 - 4_500 - room_mm
        leader = Leader(7, gap_mm, 10_000)
        gone = has_braked_already(world.ego, world.approach, leader, world.time_ms)
        assert gone is not stays


def test_a_car_behind_rests_only_when_all_it_remembers_is_rest() -> None:
    # 0.6 s of reaction and 1.5 s of a lapse: what it saw that long ago may still move it.
    follower = Follower(7, 3_000, 0, SEED)
    rested = []
    for _ in range(24):
        follower.step(0, GRIP)
        rested.append(follower.is_at_rest())
    assert rested.index(True) == 21
    follower.gap_mm += 100
    follower.step(0, GRIP)
    assert not follower.is_at_rest()


def test_nobody_rests_while_somebody_around_will_move(place: Place, road: RoadNetwork) -> None:
    world = place(road)
    assert world.others_rest()
    world.neighbors.leader = Leader(7, 5_000, 0)
    assert world.others_rest()
    world.neighbors.leader.hard_until_ms = 500
    assert not world.others_rest()
    world.neighbors.leader, world.neighbors.oncoming = None, Oncoming(7, 50_000, 0)
    assert not world.others_rest()
    world.neighbors.oncoming, world.neighbors.side_lead = None, Leader(7, 5_000, 0)
    assert not world.others_rest()


def test_nobody_rests_while_a_car_waits_for_the_ego_to_leave_the_zone(
    place: Place, drive: Steps
) -> None:
    network = crossing(control="stop", classes={"north": "residential", "south": "residential"})
    south = arm_link(network, "south", inward=True)
    world = place(network, south, s_mm=network.link(south).length_mm - 1, speed=5_000)
    drive(world, 1, next_link=arm_link(network, "north", inward=False))
    assert not world.others_rest()


@given(
    wish=st.integers(0, 2_000).map(lambda k: k * 20),
    speed=st.integers(0, 2_000).map(lambda k: k * 20),
    ego=st.integers(0, 2_000).map(lambda k: k * 20),
    gap_mm=st.integers(-20_000, 150_000),
    key=st.integers(0, 50),
)
def test_a_follower_takes_the_smaller_of_wish_and_safe_speed(
    wish: int, speed: int, ego: int, gap_mm: int, key: int
) -> None:
    follower = Follower(key, gap_mm, wish, SEED)
    follower.speed_mm_s = speed
    reach = 4_400 * follower.headway_ms // 1_000
    square = reach**2 + ego**2 + 2 * 4_400 * (gap_mm - 2_000)
    safe = max(0, isqrt(max(0, square)) - reach)
    error = min(wish, safe) - speed
    may_start = speed > 0 or gap_mm > 3_500
    gaining = min(1_400, error * 2 // 200 * 200) if may_start else 0
    wanted = follower._wanted(gap_mm, ego)  # noqa: SLF001
    assert wanted == (gaining if error >= 0 else error * 5 // 200 * 200)


@pytest.mark.parametrize("friction", [500, 300, 100])
def test_a_driver_behind_keeps_the_distance_that_the_road_allows(
    place: Place, drive: Steps, road: RoadNetwork, friction: int
) -> None:
    # On ice 4.4 m/s^2 cannot be had: who planned with it would slide into the ego.
    knobs = {"friction_permille": friction, "lapses_ppm": 0}
    world = place(road, speed=8_320, conditions=knobs)
    world.neighbors.follower = Follower(7, 12_000, 8_320, SEED)
    drive(world, 150)  # the distance that it now finds for itself
    drive(world, 200, accel=-world.setting.grip_mm_s2 // 2)
    assert world.outcome is None
