"""Wrong way, too fast, closed: what happens to a car that should not have gone there."""

from collections.abc import Callable

import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing, straight_road
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import Outcome, Passing
from guiderail.sim.judge.referee import judge
from guiderail.sim.world.traffic.actors import Oncoming
from guiderail.sim.world.world import BARRIER_AT_MM, TURN_BACK_MS, World

Place = Callable[..., World]
Steps = Callable[..., World]
ONEWAY = crossing(oneway={"east": "in"}, has_ring=True)
SOUTH, EAST = arm_link(ONEWAY, "south", inward=True), arm_link(ONEWAY, "east", inward=False)
PLAIN = crossing(has_ring=True)
FROM_SOUTH = arm_link(PLAIN, "south", inward=True)
RIGHT = arm_link(PLAIN, "east", inward=False)
END_MM = PLAIN.link(FROM_SOUTH).length_mm


def _turn_right(place: Place, drive: Steps, speed: int, friction: int = 800) -> World:
    """Take a right turn of 8 m radius."""
    knobs = {"friction_permille": friction}
    world = place(PLAIN, FROM_SOUTH, s_mm=END_MM - 1, speed=speed, conditions=knobs)
    return drive(world, 40, next_link=RIGHT)


def test_driving_against_a_one_way_street_meets_its_traffic(place: Place, drive: Steps) -> None:
    knobs = {"flow_per_hour": 900}
    world = place(ONEWAY, SOUTH, s_mm=399_000, speed=5_000, conditions=knobs)
    drive(world, 5, next_link=EAST)
    assert world.ego.link.against_oneway
    assert world.neighbors.leader is world.neighbors.follower is None
    assert world.neighbors.oncoming
    assert world.neighbors.oncoming.gap_mm > 0


def test_head_on_contact_ends_the_trip(place: Place, drive: Steps) -> None:
    world = place(ONEWAY, EAST, speed=10_000)
    world.neighbors.oncoming = Oncoming(7, 80_000, 10_000)
    drive(world, 100)
    assert world.outcome is Outcome.CRASHED
    kinds = {str(found.kind) for found in judge(world.trace, ONEWAY).infractions}
    assert {"collision_vehicle", "wrong_way"} <= kinds


def test_stopping_in_time_saves_from_a_head_on_crash(place: Place, drive: Steps) -> None:
    # At 60 m: 1.2 s * 10 m/s + 10^2 / (2 * 6) = 20 m for the other, 10^2 / (2 * 5) = 10 m for ego
    world = place(ONEWAY, EAST, speed=10_000)
    world.neighbors.oncoming = Oncoming(7, 80_000, 10_000)
    drive(world, 15)
    drive(world, 200, accel=-5_000)
    assert world.outcome is None
    assert world.neighbors.oncoming is None  # it backed out of the way


def test_who_is_coming_does_not_vanish_at_a_node(place: Place) -> None:
    world = place(ONEWAY, EAST, speed=10_000)
    coming = world.neighbors.oncoming = Oncoming(7, 30_000, 10_000)
    world.traffic.enter(world.ego, world.approach, 0, all_stay=True)
    assert world.neighbors.oncoming is coming


@pytest.mark.parametrize(
    ("friction", "holds"),
    # v^2 / R > mu * g slips: sqrt(7.848 * 8) = 7.923 m/s, sqrt(2.943 * 8) = 4.852 m/s
    [(800, 7_920), (300, 4_840)],
)
def test_a_curve_is_left_exactly_when_the_tires_cannot_hold_it(
    place: Place, drive: Steps, friction: int, holds: int
) -> None:
    assert _turn_right(place, drive, holds, friction).outcome is None
    slipped = _turn_right(place, drive, holds + 20, friction)
    assert slipped.outcome is Outcome.CRASHED
    assert "run_off" in {str(found.kind) for found in judge(slipped.trace, PLAIN).infractions}


def test_a_curve_ends_with_its_arc(place: Place, drive: Steps) -> None:
    # A quarter of a circle of 8 m: 12.57 m
    world = _turn_right(place, drive, 5_000)
    in_curve = world.trace.column("radius_mm") > 0
    assert world.trace.column("s_mm")[in_curve].max() <= 12_566
    assert (
        world.trace.column("s_mm")[~in_curve & (world.trace.column("link") == RIGHT)].min()
        >= 12_566
    )


def test_grip_is_shared_between_turning_and_braking(place: Place, drive: Steps) -> None:
    # 7^2 / 8 = 6.125 sideways leaves sqrt(7.8^2 - 6.125^2) = 4.83 along, on the lattice 4.8
    world = place(PLAIN, FROM_SOUTH, s_mm=END_MM - 1, speed=7_000)
    drive(world, 1, next_link=RIGHT)
    world.ego.accel_mm_s2 = -7_000
    drive(world, 1, accel=-7_800)
    assert world.ego.accel_mm_s2 == -4_800


def test_a_closed_street_is_barred(place: Place, drive: Steps) -> None:
    closed = frozenset({LinkId(RIGHT)})
    world = place(PLAIN, FROM_SOUTH, s_mm=END_MM - 1, speed=5_000, closed=closed)
    drive(world, 100, next_link=RIGHT)
    assert world.outcome is Outcome.CRASHED
    # 15 m in, at 0.5 m a tick
    assert BARRIER_AT_MM < world.ego.s_mm <= BARRIER_AT_MM + 500
    assert world.trace.column("barrier_mm")[-1] < 0


def test_a_car_before_a_barrier_can_turn_round(place: Place, drive: Steps) -> None:
    closed = frozenset({LinkId(RIGHT)})
    world = place(PLAIN, FROM_SOUTH, s_mm=END_MM - 1, speed=5_000, closed=closed)
    drive(world, 6, next_link=RIGHT)
    drive(world, 60, accel=-2_000)
    stood_at_mm, link = world.ego.s_mm, world.ego.link
    drive(world, TURN_BACK_MS // 100, turn_back=True)
    assert world.ego.link.id == link.reverse
    assert world.ego.s_mm == world.ego.link.length_mm - stood_at_mm
    assert world.ego.barrier_mm == NOTHING


def test_the_end_of_the_road_is_no_road(place: Place, drive: Steps) -> None:
    network = straight_road(100_000, is_oneway=True)
    world = drive(place(network, speed=10_000), 200)
    assert world.outcome is Outcome.CRASHED
    assert world.ego.s_mm > 100_000


def test_passing_a_node_is_noted(place: Place, drive: Steps) -> None:
    world = place(PLAIN, FROM_SOUTH, s_mm=END_MM - 1_250, speed=5_000)
    drive(world, 5, next_link=RIGHT)
    noted = next(event for event in world.trace.events if isinstance(event, Passing))
    assert (noted.time_ms, noted.from_link, noted.to_link) == (300, FROM_SOUTH, RIGHT)
    assert world.ego.s_mm == 1_250


@pytest.mark.parametrize(("offset_mm", "outcome"), [(5_000, Outcome.ARRIVED), (5_001, None)])
def test_standing_within_five_meters_of_the_goal_is_having_arrived(
    place: Place, drive: Steps, road: RoadNetwork, offset_mm: int, outcome: Outcome | None
) -> None:
    world = place(road, s_mm=100_000, goal_mm=100_000 + offset_mm)
    assert drive(world, 1).outcome is outcome


def test_a_trip_ends_at_its_time_limit(place: Place, drive: Steps, road: RoadNetwork) -> None:
    world = drive(place(road, time_limit_ms=2_000), 50)
    assert (world.outcome, world.trace.end_ms) == (Outcome.TIMED_OUT, 2_000)
