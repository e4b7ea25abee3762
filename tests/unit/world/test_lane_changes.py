"""Changing lane takes time and both lanes; who is beside is met there."""

from collections.abc import Callable

import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.trace import COLUMN, LaneChange, Outcome
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import Severity
from guiderail.sim.world.traffic.actors import Follower, Leader
from guiderail.sim.world.traffic.neighbors import Traffic
from guiderail.sim.world.world import World

SEED = TripSeed(1, 2)
Place = Callable[..., World]
Steps = Callable[..., World]


def _changing(place: Place, drive: Steps, road: RoadNetwork, speed: int = 10_000) -> World:
    """Begin to move over to the left, with nobody there."""
    return drive(place(road, speed=speed), 1, lane_step=1)


def test_a_lane_change_takes_five_seconds(place: Place, drive: Steps, road: RoadNetwork) -> None:
    world = drive(_changing(place, drive, road), 60)
    lanes = world.trace.table()[:, [COLUMN["lane"], COLUMN["target_lane"]]]
    assert (lanes[1:50] == (0, 1)).all()
    assert (lanes[50:] == (1, 1)).all()


def test_a_driver_may_take_another_time_for_it(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    slow = drive(place(road, speed=10_000), 1, lane_step=1, change_ms=7_950)
    assert drive(slow, 78).ego.lane == 0
    assert drive(slow, 1).ego.lane == 1
    quick = drive(place(road, speed=10_000), 1, lane_step=1, change_ms=0)
    assert (drive(quick, 18).ego.lane, drive(quick, 1).ego.lane) == (
        0,
        1,
    )  # 2 s, whatever was asked for


def test_a_car_moves_over_evenly(place: Place, drive: Steps, road: RoadNetwork) -> None:
    world = drive(_changing(place, drive, road), 48)
    assert world.trace.column("lateral_permille")[1:].tolist() == list(range(20, 1_000, 20))


def test_a_creeping_car_does_not_move_sideways(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    world = drive(_changing(place, drive, road, speed=980), 100)
    assert world.ego.lateral_ms == 0
    assert (world.ego.lane, world.ego.target_lane) == (0, 1)


@pytest.mark.parametrize("step", [-1, 3])
def test_there_is_no_lane_beside_the_road(
    place: Place, drive: Steps, road: RoadNetwork, step: int
) -> None:
    world = drive(place(road, speed=10_000), 1, lane_step=step)
    assert world.ego.target_lane == world.ego.lane == 0
    assert not world.trace.events


def test_only_one_lane_change_at_a_time(place: Place, drive: Steps, road: RoadNetwork) -> None:
    world = drive(_changing(place, drive, road), 10, lane_step=1)
    assert world.ego.target_lane == 1
    assert len(world.trace.events) == 1


def test_contact_beside_counts_once_the_other_lane_is_reached(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    # 45 % of 3.25 m is 1.46 m: what a 1.8 m wide car has between it and the next lane's car
    world = _changing(place, drive, road)
    world.neighbors.side_lead = Leader(7, -2_000, 10_000)
    drive(world, 60)
    assert world.outcome is Outcome.CRASHED
    assert world.trace.column("lateral_permille")[-1] == 460
    assert any(found.severity is Severity.S4 for found in judge(world.trace, road).infractions)


def test_contact_behind_counts_until_the_old_lane_is_left(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    world = drive(_changing(place, drive, road), 25)
    world.neighbors.leader = Leader(7, 500, 5_000)
    drive(world, 10)
    assert world.outcome is Outcome.CRASHED
    late = drive(_changing(place, drive, road), 27)
    late.neighbors.leader = Leader(7, -500, 5_000)
    drive(late, 1)
    assert late.outcome is None


def test_who_was_beside_is_then_ahead_and_behind(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    world = _changing(place, drive, road)
    neighbors = world.neighbors
    lead, lag = Leader(7, 20_000, 10_000), Follower(8, 20_000, 10_000, SEED)
    neighbors.leader, neighbors.follower = Leader(1, 9_000, 10_000), None
    neighbors.side_lead, neighbors.side_lag = lead, lag
    drive(world, 50)
    assert (neighbors.leader, neighbors.follower) == (lead, lag)
    assert neighbors.side_lead is neighbors.side_lag is None


def test_the_gaps_at_the_start_are_those_that_were_seen(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    world = place(road, s_mm=500_000, speed=10_000, conditions={"flow_per_hour": 900})
    lead, lag = Traffic(world.setting, world.neighbors).beside(
        world.ego.link.id, 1, world.ego.s_mm, world.time_ms
    )
    assert lead
    assert lag
    drive(world, 1, lane_step=1)
    noted = next(event for event in world.trace.events if isinstance(event, LaneChange))
    assert (noted.lead_gap_mm, noted.lag_gap_mm) == (lead.gap_mm, lag.gap_mm)


def test_the_car_behind_in_the_new_lane_makes_room(
    place: Place, drive: Steps, road: RoadNetwork
) -> None:
    world = _changing(place, drive, road, speed=8_000)
    world.neighbors.side_lag = Follower(8, 15_000, 13_880, SEED)
    drive(world, 100)
    assert world.outcome is None
    assert world.neighbors.follower
    assert world.neighbors.follower.speed_mm_s < 9_000


def test_an_overtaken_car_beside_is_behind_from_then_on(place: Place, road: RoadNetwork) -> None:
    # Its front is 2 * 4.5 m + 0.5 m behind where its rear would touch the ego's front.
    world = place(road, conditions={"flow_per_hour": 0})
    neighbors, world.ego.target_lane = world.neighbors, 1
    neighbors.side_lead = Leader(7, -9_500, 0)
    world.step(Command(0, LinkId(-1)))
    assert neighbors.side_lead is None
    assert neighbors.side_lag
    assert neighbors.side_lag.gap_mm == 500


def test_an_overtaking_car_beside_is_ahead_from_then_on(place: Place, road: RoadNetwork) -> None:
    world = place(road, conditions={"flow_per_hour": 0})
    neighbors, world.ego.target_lane = world.neighbors, 1
    neighbors.side_lag = Follower(7, -9_200, 0, SEED)
    neighbors.side_lag.wish_mm_s = 0
    world.step(Command(0, LinkId(-1)))
    assert neighbors.side_lag is None
    assert neighbors.side_lead
    assert neighbors.side_lead.gap_mm == 200


def _turns_right(place: Place, drive: Steps, flow: int) -> tuple[World, RoadNetwork]:
    """Turn right from the leftmost of three lanes."""
    network = crossing(lanes=3, has_ring=True)
    south, east = arm_link(network, "south", inward=True), arm_link(network, "east", inward=False)
    end_mm = network.link(south).length_mm
    world = place(
        network, south, s_mm=end_mm - 999, speed=5_000, conditions={"flow_per_hour": flow}
    )
    world.ego.lane = world.ego.target_lane = 2
    return drive(world, 5, next_link=east), network


def test_turning_from_the_wrong_lane_sweeps_across_the_others(place: Place, drive: Steps) -> None:
    world, _ = _turns_right(place, drive, flow=0)
    swept = [event for event in world.trace.events if isinstance(event, LaneChange)]
    assert [(event.from_lane, event.to_lane) for event in swept] == [(2, 1), (1, 0)]
    assert world.outcome is None


def test_sweeping_into_a_car_beside_is_a_crash(place: Place, drive: Steps) -> None:
    alongside = (Leader(7, -1_000, 5_000), None)
    original = Traffic.beside
    Traffic.beside = lambda *_: alongside  # type: ignore[method-assign]
    try:
        world, network = _turns_right(place, drive, flow=0)
    finally:
        Traffic.beside = original  # type: ignore[method-assign]
    assert world.outcome is Outcome.CRASHED
    kinds = {str(found.kind) for found in judge(world.trace, network).infractions}
    assert "collision_vehicle" in kinds
