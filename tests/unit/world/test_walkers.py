"""People on foot at the crossing of a turn: they come, look, walk, and are hit only by motion."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.referee import judge
from guiderail.sim.world.background.flow import TrafficFlow
from guiderail.sim.world.hazards.all import the
from guiderail.sim.world.hazards.pedestrians import (
    CARELESS_PPM,
    Crosswalk,
    Pedestrian,
    Pedestrians,
    PedestriansState,
)
from guiderail.sim.world.world import World

Place = Callable[..., World]
NETWORK = crossing(control="none")
SOUTH, EAST = arm_link(NETWORK, "south", inward=True), arm_link(NETWORK, "east", inward=False)
END_MM = NETWORK.link(SOUTH).length_mm
SEED = TripSeed(1, 2)
TURN = Command(0, EAST)


def _near(place: Place, left_mm: int, speed: int) -> World:
    """Place the ego before the turn, at a crossing that nobody comes to by himself."""
    conditions = {"walkers_per_hour": 1}
    world = place(NETWORK, SOUTH, s_mm=END_MM - left_mm, speed=speed, conditions=conditions)
    world.meet(TURN)
    _crosswalk(world).people.clear()
    return world


def _crosswalk(world: World) -> Crosswalk:
    pedestrians = the(Pedestrians, world.hazards)
    assert pedestrians
    assert pedestrians.state.crosswalk
    return pedestrians.state.crosswalk


def _put(world: World, lateral_mm: int, *, walks: bool, speed: int = 1_300) -> Pedestrian:
    walker = Pedestrian(world.time_ms, SEED, 3, 6_500)
    walker.speed_mm_s, walker.lateral_mm, walker.walks, walker.is_careless = (
        speed,
        lateral_mm,
        walks,
        False,
    )
    _crosswalk(world).people.append(walker)
    return walker


def test_as_many_come_as_were_asked_for_and_at_random() -> None:
    streams = TrafficFlow(NETWORK, SEED, 0, walkers_per_hour=60)
    times = streams.walker_arrivals(EAST, 0, 200 * 3_600_000)
    assert len(times) / 200 == pytest.approx(60, rel=0.03)
    gaps = [b - a for a, b in pairwise(times)]
    # Poisson: 63.2 % of the headways are below the mean
    assert sum(gap < 60_000 for gap in gaps) / len(gaps) == pytest.approx(0.632, abs=0.02)


def test_people_walk_at_published_speeds_and_few_are_careless() -> None:
    walkers = [Pedestrian(0, SEED, key, 6_500) for key in range(20_000)]
    paces = [abs(walker.speed_mm_s) for walker in walkers]
    assert sum(paces) / len(paces) == pytest.approx(1_340, abs=10)
    assert min(paces) >= 800
    careless = sum(walker.is_careless for walker in walkers)
    assert careless / len(walkers) == pytest.approx(CARELESS_PPM / 1e6, rel=0.25)


@pytest.mark.parametrize(
    ("speed", "steps_out"),
    # 16 m to the crossing, a second of thought: 5 m/s needs 5 + 4.2 m, 8 m/s needs 8 + 10.7 m
    [pytest.param(5_000, True, id="can stop"), pytest.param(8_000, False, id="cannot stop")],
)
def test_who_looks_steps_out_only_before_a_car_that_can_stop(
    place: Place, speed: int, *, steps_out: bool
) -> None:
    world = _near(place, 10_000, speed)
    walker = _put(world, 0, walks=False)
    world.step(TURN)
    assert walker.walks is steps_out


def test_a_car_that_does_not_stop_hits_the_person_before_it_and_is_convicted(place: Place) -> None:
    # At 5 m/s the crossing, 6 m beyond the node, comes after 1.4 s; from the kerb to the car's
    # strip it is 0.4 m, and 2.4 m wide: the person is in it from 0.3 s to 2.2 s.
    world = _near(place, 1_000, 5_000)
    _put(world, 0, walks=True)
    while world.outcome is None and world.time_ms < 5_000:
        world.step(TURN)
    assert world.outcome is Outcome.CRASHED
    world.trace.outcome = world.outcome
    (crash,) = (found for found in judge(world.trace, NETWORK).infractions if found.article == "C1")
    assert crash.kind == "collision_vru"


def test_a_car_that_stands_is_walked_round_and_hits_nobody(place: Place) -> None:
    world = _near(place, 6_000, 0)
    walker = _put(world, 0, walks=True)
    for _ in range(80):
        world.step(TURN)
    assert world.outcome is None
    assert walker.lateral_mm > 6_500


def test_nobody_walks_into_the_side_of_a_passing_car(place: Place) -> None:
    world = _near(place, 100, 4_000)
    walker = _put(world, 0, walks=False)
    while world.state.hazards["pedestrians"] != PedestriansState(None, TURN.exit_lane):
        world.step(TURN)
    assert world.outcome is None
    assert walker.lateral_mm < 425  # still before the car's side


def test_a_person_is_perceived_with_the_time_until_he_is_in_the_way(place: Place) -> None:
    world = _near(place, 20_000, 5_000)
    assert world.perceive(TURN).walker_mm == NOTHING
    walker = _put(world, 0, walks=False)
    walker.arrives_ms = world.time_ms + 2_000
    seen = world.perceive(TURN)
    # 425 mm from the kerb to the strip at 1.3 m/s
    assert (seen.walker_mm, seen.walker_ms) == (26_000, 2_000 + 326)
    straight_on = Command(0, arm_link(NETWORK, "north", inward=False))
    world.meet(straight_on)
    assert world.perceive(straight_on).walker_mm == NOTHING


def test_arms_meet_the_same_people(place: Place) -> None:
    early, late = (_near(place, left_mm, 0) for left_mm in (60_000, 10_000))
    for world in (early, late):
        _crosswalk(world).known_ms = 0
        for hazard in world.hazards:
            hazard.act(600_000)
    people = [_crosswalk(world).people for world in (early, late)]
    assert [w.arrives_ms for w in people[0]] == [w.arrives_ms for w in people[1]]
