"""Validation 3, 4 and 5: capacity of a stop approach, BPR speeds, and a yellow long enough."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.maps.network import Conflict, Turn
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.world.background.capacity import CAPACITY_PER_HOUR, bpr_speed_mm_s
from guiderail.sim.world.background.flow import TrafficFlow
from guiderail.sim.world.background.signals import all_red_ms, yellow_ms
from guiderail.sim.world.traffic.critical_gaps import critical_gap_ms

HOURS = 60
FOLLOW_UP_MS = {
    Conflict.LEFT_FROM_MAJOR: 2_200,
    Conflict.RIGHT_FROM_MINOR: 3_300,
    Conflict.THROUGH_FROM_MINOR: 4_000,
    Conflict.LEFT_FROM_MINOR: 3_500,
}
"""Time between two cars that use the same gap, from a queue; up to 4 lanes (HCM, exhibit 20-18)."""
MINOR = {"north": "residential", "south": "residential"}
CROSSING = crossing(control="stop", classes=MINOR)
SOUTH = arm_link(CROSSING, "south", inward=True)


def _turn(arm: str) -> Turn:
    turn = CROSSING.turn(SOUTH, arm_link(CROSSING, arm, inward=False))
    assert turn
    return turn


def served_per_hour(turn: Turn, flow_per_hour: int) -> float:
    """Let a queue that never ends go through the gaps of the world's own stream."""
    streams = TrafficFlow(CROSSING, TripSeed(7, 7), flow_per_hour // max(1, turn.major_lanes))
    critical = critical_gap_ms(turn.conflict, turn.major_lanes)
    follow_up = FOLLOW_UP_MS[turn.conflict]
    arrivals = streams.priority_arrivals(turn, 0, HOURS * 3_600_000)
    served, ready_ms = 0, 0
    for at_ms in arrivals:
        room_ms = at_ms - ready_ms
        if room_ms >= critical:
            served += 1 + (room_ms - critical) // follow_up
        ready_ms = at_ms
    return served / HOURS


def hcm_capacity(flow_per_hour: int, critical_s: float, follow_up_s: float) -> float:
    """Potential capacity, HCM equation 20-32 [vehicles/h]."""
    flow = flow_per_hour / 3_600
    missed = math.exp(-flow * critical_s) / (1 - math.exp(-flow * follow_up_s))
    return flow_per_hour * missed


@pytest.mark.parametrize("arm", ["east", "north", "west"])
@pytest.mark.parametrize("flow", [200, 400, 600])
def test_a_stop_approach_serves_as_many_as_the_capacity_manual_says(arm: str, flow: int) -> None:
    turn = _turn(arm)
    critical = critical_gap_ms(turn.conflict, turn.major_lanes) / 1_000
    follow_up = FOLLOW_UP_MS[turn.conflict] / 1_000
    expected = hcm_capacity(flow, critical, follow_up)
    assert served_per_hour(turn, flow) == pytest.approx(expected, rel=0.10)


@pytest.mark.parametrize(
    ("conflict", "lanes", "critical"),
    [
        (Conflict.LEFT_FROM_MAJOR, 1, 4_100),
        (Conflict.RIGHT_FROM_MINOR, 2, 6_200),
        (Conflict.THROUGH_FROM_MINOR, 4, 6_500),
        (Conflict.LEFT_FROM_MINOR, 4, 7_500),
        (Conflict.LEFT_FROM_MINOR, 6, 6_400),
    ],
)
def test_gaps_are_the_base_values_of_the_manual(
    conflict: Conflict, lanes: int, critical: int
) -> None:
    assert critical_gap_ms(conflict, lanes) == critical


def test_at_capacity_the_bpr_speed_is_the_free_speed_over_1_15() -> None:
    # 1.15 * 10.00 m/s = 11.50 m/s: exact on the lattice
    assert bpr_speed_mm_s(11_500, CAPACITY_PER_HOUR) == 10_000
    assert bpr_speed_mm_s(23_000, CAPACITY_PER_HOUR) == 20_000


def test_the_bpr_speed_is_free_on_an_empty_road_and_falls_with_the_flow() -> None:
    speeds = [bpr_speed_mm_s(13_880, flow) for flow in range(0, 2_400, 100)]
    assert speeds[0] == 13_880
    assert speeds == sorted(speeds, reverse=True)
    # At twice the capacity: 1 + 0.15 * 16 = 3.4
    assert bpr_speed_mm_s(34_000, 2 * CAPACITY_PER_HOUR) == 10_000


@given(speed=st.integers(250, 1_800).map(lambda k: k * 20), road_mm=st.integers(0, 200_000))
def test_no_car_is_in_a_red_run_that_it_could_not_avoid(speed: int, road_mm: int) -> None:
    # At the onset of yellow: stop with 3.05 m/s^2 after 1 s, or be over the line before red.
    stops = speed + speed * speed / (2 * 3_050) <= road_mm
    passes = speed * yellow_ms(speed) / 1_000 >= road_mm
    assert stops or passes


@given(speed=st.integers(250, 1_800).map(lambda k: k * 20))
def test_who_crosses_the_line_as_red_begins_is_clear_before_the_others_start(speed: int) -> None:
    # 60 ft of junction and 20 ft of car
    assert speed * all_red_ms(speed) / 1_000 >= 24_400
