"""Cars ahead at signs: they stop, wait for a gap of the manual's length, and go."""

from collections.abc import Callable

import pytest

from guiderail.maps.network import Conflict
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.world.traffic.actors import Leader
from guiderail.sim.world.traffic.critical_gaps import SHORTEST_MS, critical_gap_ms, driver_gap_ms
from guiderail.sim.world.world import World

Place = Callable[..., World]
Steps = Callable[..., World]
MINOR = {"north": "residential", "south": "residential"}


def _behind_a_leader(place: Place, control: str, flow: int) -> tuple[World, Leader]:
    network = crossing(control=control, classes=MINOR)
    south = arm_link(network, "south", inward=True)
    world = place(network, south, s_mm=100_000, conditions={"flow_per_hour": flow})
    world.neighbors.leader = leader = Leader(7, 60_000, 10_000)
    return world, leader


def _front_to_line_mm(world: World, leader: Leader) -> int:
    return world.ego.link.stop_line_mm - world.ego.s_mm - leader.gap_mm - 4_500


def test_a_leader_stops_at_the_stop_sign_and_goes_into_an_empty_road(
    place: Place, drive: Steps
) -> None:
    world, leader = _behind_a_leader(place, "stop", 0)
    while leader.speed_mm_s:
        drive(world, 1)
    assert 0 <= _front_to_line_mm(world, leader) <= 3_000
    drive(world, 20)
    assert leader.goes
    assert leader.speed_mm_s > 1_000


def test_a_leader_at_a_give_way_line_need_not_stop(place: Place, drive: Steps) -> None:
    world, leader = _behind_a_leader(place, "give_way", 0)
    while not leader.goes:
        drive(world, 1)
        assert leader.speed_mm_s > 0


def test_a_leader_goes_only_into_a_gap_of_its_own_length(place: Place, drive: Steps) -> None:
    world, leader = _behind_a_leader(place, "stop", 600)
    while not leader.goes:
        drive(world, 1)
    turn = world.approach.yielding
    assert turn
    needed = driver_gap_ms(turn.conflict, turn.major_lanes, TripSeed(1, 2), 7)
    now = world.time_ms
    assert world.setting.flow.priority_arrivals(turn, now, now + needed) == []


def test_critical_gaps_spread_about_the_manuals_value_and_none_is_under_3_s() -> None:
    gaps = [driver_gap_ms(Conflict.LEFT_FROM_MINOR, 2, TripSeed(1, 2), key) for key in range(4_000)]
    assert sum(gaps) / len(gaps) == pytest.approx(7_100, abs=60)
    assert min(gaps) >= SHORTEST_MS
    below = sum(gap < critical_gap_ms(Conflict.LEFT_FROM_MINOR, 2) - 800 for gap in gaps)
    assert below / len(gaps) == pytest.approx(0.159, abs=0.02)  # one standard deviation
