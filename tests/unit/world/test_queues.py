"""Queues before incidents: as long as demand and capacity say, and as slow as a jam is."""

from collections.abc import Callable

import pytest

from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.trip import Bottleneck
from guiderail.sim.world.background.flow import TrafficFlow
from guiderail.sim.world.background.queues import Queues, queue_speed_mm_s
from guiderail.sim.world.world import World

Place = Callable[..., World]
Steps = Callable[..., World]
# Every arm is 400 m long, two lanes each way.
NETWORK = crossing(control="none", lanes=2)
SOUTH, NORTH = arm_link(NETWORK, "south", inward=True), arm_link(NETWORK, "north", inward=False)
MINUTE = 60_000


def incident(**more: int) -> Bottleneck:
    """One lane of two is open for half an hour and lets 1,260 of 2,160 cars through."""
    facts = {
        "from_ms": 0,
        "until_ms": 30 * MINUTE,
        "capacity_per_hour": 1_260,
        "demand_per_hour": 2_160,
    }
    return Bottleneck(upstream=(NORTH, SOUTH), **(facts | more))


def queues(**more: int) -> tuple[Queues, Bottleneck]:
    one = incident(**more)
    return Queues(NETWORK, (one,)), one


@pytest.mark.parametrize(
    ("minutes", "cars"),
    # 900 an hour more than pass: 15 a minute; afterwards 3,600 - 2,160 an hour fewer: 24 a minute.
    [(-5, 0), (0, 0), (10, 150), (30, 450), (40, 210), (49, 0)],
)
def test_a_queue_grows_by_what_does_not_pass_and_shrinks_when_the_road_is_free(
    minutes: int, cars: int
) -> None:
    made, one = queues()
    assert made.cars(one, minutes * MINUTE) == pytest.approx(cars, abs=1)


def test_it_is_as_long_as_its_cars_are_apart() -> None:
    made, one = queues()
    # 630 an hour and lane at 1.62 m/s are 9.26 m apart; 150 cars stand in two lanes.
    assert made.length_mm(one, 10 * MINUTE) == pytest.approx(75 * 9_257, rel=0.001)


@pytest.mark.parametrize(
    ("flow", "kmh"),
    # flow / (143 - flow / 18) cars per km; at capacity 1,800 / (143 - 100)
    [(0, 0.07), (630, 5.83), (900, 9.69), (1_800, 42.0)],
)
def test_the_less_passes_the_slower_is_the_queue(flow: int, kmh: float) -> None:
    assert queue_speed_mm_s(flow) * 3.6 / 1_000 == pytest.approx(kmh, abs=0.05)


def test_a_link_is_slow_once_the_queue_reaches_its_middle() -> None:
    made, one = queues()
    at_ms = {minute: minute * MINUTE for minute in (1, 4, 8, 11, 40)}
    assert {k: made.length_mm(one, t) // 1_000 for k, t in at_ms.items()} == {
        1: 69,
        4: 277,
        8: 555,
        11: 763,
        40: 971,
    }
    north = [made.speed_mm_s(NORTH, at_ms[k], 13_880) for k in (4, 8, 40)]
    assert north == [1_620, 1_620, 11_660]
    south = [made.speed_mm_s(SOUTH, at_ms[k], 13_880) for k in (4, 8, 11)]
    assert south == [13_880, 13_880, 1_620]


def test_where_all_can_pass_only_the_link_of_the_incident_is_slower() -> None:
    made, one = queues(demand_per_hour=1_260)
    assert made.cars(one, 20 * MINUTE) == 0
    # BPR at capacity: 1 / 1.15.
    assert made.speed_mm_s(NORTH, 20 * MINUTE, 11_500) == 10_000
    assert made.speed_mm_s(NORTH, 31 * MINUTE, 11_500) == 11_500
    assert made.speed_mm_s(SOUTH, 20 * MINUTE, 11_500) == 11_500
    elsewhere = arm_link(NETWORK, "east", inward=True)
    assert [made.affects(link) for link in (SOUTH, NORTH, elsewhere)] == [True, True, False]


def test_lanes_are_as_slow_as_the_queue_that_is_there_when_the_ego_comes() -> None:
    streams = TrafficFlow(NETWORK, TripSeed(1, 2), 300)
    free = streams.speed_mm_s(NORTH, 0)
    streams = TrafficFlow(NETWORK, TripSeed(1, 2), 300)
    streams.queues, _ = queues()
    assert streams.speed_mm_s(NORTH, 0) <= free
    for minute, speed in ((10, 1_620), (60, free)):
        assert streams.enter(NORTH, minute * MINUTE) is (speed < free)
        assert streams.speed_mm_s(NORTH, 0) == speed


def test_the_ego_is_held_up_by_the_cars_of_the_queue(place: Place, drive: Steps) -> None:
    """It comes to the end of the queue behind a car at the pace of the queue, and far from it."""
    slow = incident(from_ms=-20 * MINUTE)
    place_it = {"s_mm": 390_000, "speed": 10_000, "conditions": {"flow_per_hour": 900}}
    for bottlenecks, pace in (((slow,), 1_620), ((), 12_000)):
        world = place(NETWORK, SOUTH, bottlenecks=bottlenecks, **place_it)
        world.neighbors.leader = None
        drive(world, 12, next_link=NORTH)
        leader = world.neighbors.leader
        assert world.ego.link.id == NORTH
        assert world.trace.queued == ([(SOUTH, 0), (NORTH, 1_100)] if bottlenecks else [])
        if bottlenecks:
            assert leader is not None
            # 1.3 s, 3 m and (10^2 - 1.62^2) / 6 m are kept by an ordinary driver.
            assert leader.speed_mm_s == leader.wish_mm_s == pace
            assert 28_000 < leader.gap_mm < 33_000
        else:
            assert leader is None or leader.wish_mm_s > pace // 2
