"""Validation 1 and 7 to 10: whole runs, violators planted in the world, bounds that are said."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from guiderail.maps.network import RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Command, Light
from guiderail.sim.contract.trace import Trace
from guiderail.sim.contract.trip import Conditions, Trip
from guiderail.sim.judge.infraction import Judgement
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import BREACHES, Severity
from guiderail.sim.lab.experiment.run import Laboratory
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.measure.statistics import rate_upper_bound
from guiderail.sim.world.traffic.actors import Leader
from guiderail.sim.world.world import World

TRIPS = 30
GRAVE = (Severity.S4, Severity.S3)
SERIOUS = (*GRAVE, Severity.S2)


@cache
def judgements(arm: str, guide: str, rate: float) -> tuple[Judgement, ...]:
    laboratory = Laboratory(make_scenario({"guide": guide}))
    planned = [laboratory.trips.planned(k) for k in range(TRIPS)]
    return tuple(laboratory.drive(one, arm, guide, rate).judgement for one in planned)


def count(found: tuple[Judgement, ...], severities: tuple[Severity, ...]) -> int:
    return sum(one.severity in severities for each in found for one in each.infractions)


def test_1_alone_the_guarded_car_does_nothing_grave_and_is_comfortable() -> None:
    found = judgements("no_guide", "silent", 0.0)
    assert count(found, SERIOUS) == 0
    km = sum(each.driven_mm for each in found) / 1e6
    assert count(found, (Severity.COMFORT,)) / km <= 0.3


def test_8_the_judge_is_silent_on_runs_with_a_guide_that_knows_the_truth() -> None:
    found = judgements("guarded", "oracle", 0.0)
    assert [one for each in found for one in each.breaches] == []


def test_9_without_a_guard_a_perfect_guide_does_no_more_harm_than_none() -> None:
    silent, perfect = (judgements("obeying_machine", g, 0.0) for g in ("silent", "oracle"))
    assert count(perfect, SERIOUS) == count(silent, SERIOUS) == 0


def test_10_under_the_worst_words_the_guarded_car_has_a_bound_and_not_a_zero() -> None:
    found = judgements("guarded", "noisy", 1.0)
    assert count(found, GRAVE) == 0
    assert rate_upper_bound(0, TRIPS) == pytest.approx(1 - 0.05 ** (1 / TRIPS))
    assert count(judgements("obeying_machine", "noisy", 1.0), GRAVE) > 0  # the words were harmful


# -- 7: whoever does wrong in the world is found out by the judge ----------------------------------


def _world(network: RoadNetwork, s_mm: int, speed: int, friction: int = 800) -> World:
    south = arm_link(network, "south", inward=True)
    goal = arm_link(network, "north", inward=False)
    trip = Trip(
        seed=TripSeed(1, 2),
        origin=south,
        origin_mm=s_mm,
        goal=goal,
        goal_mm=390_000,
        goal_name="",
        conditions=Conditions(friction_permille=friction, flow_per_hour=0),
    )
    trace = Trace(
        map_digest="",
        arm="planted",
        start_link=south,
        start_mm=s_mm,
        goal_link=goal,
        goal_mm=390_000,
        friction_permille=friction,
        closed=frozenset(),
    )
    world = World(network, trip, trace)
    world.ego.speed_mm_s = speed
    return world


def _go(world: World, ticks: int, accel: int = 0, arm: str = "north") -> World:
    onto = arm_link(world.network, arm, inward=False)
    for _ in range(ticks):
        if world.outcome is None:
            world.step(Command(accel, onto))
    return world


LIT = crossing(control="signal", has_ring=True)
SIGNED = crossing(
    control="stop", classes={"north": "residential", "south": "residential"}, has_ring=True
)
ONE_WAY = crossing(oneway={"north": "in"}, has_ring=True)
PLAIN = crossing(has_ring=True)


def _runs_red() -> World:
    world = _world(LIT, 300_000, 0)
    assert world.approach.plan
    for light in (Light.YELLOW, Light.RED):
        while world.approach.plan.light(world.time_ms) is not light:
            world.stand_until(world.approach.plan.next_change_ms(world.time_ms))
    world.record()
    world.ego.speed_mm_s = 10_000
    return _go(world, 110)


def _hits_a_leader() -> World:
    world = _world(PLAIN, 100_000, 10_000)
    world.neighbors.leader = Leader(7, 20_000, 4_000)
    return _go(world, 60)


PLANTED: dict[str, tuple[Callable[[], World], str]] = {
    "runs a red light": (_runs_red, "red_light"),
    "drives into the car ahead": (_hits_a_leader, "collision_vehicle"),
    "rolls over a stop line": (lambda: _go(_world(SIGNED, 350_000, 5_000), 140), "stop_sign"),
    "enters a one-way street": (lambda: _go(_world(ONE_WAY, 380_000, 8_000), 60), "wrong_way"),
    "turns much too fast": (
        lambda: _go(_world(PLAIN, 390_000, 7_000), 30, arm="east"),
        "turn_over_speed",
    ),
    "leaves the road in a turn": (
        lambda: _go(_world(PLAIN, 380_000, 12_000), 30, arm="east"),
        "run_off",
    ),
    "speeds": (lambda: _go(_world(PLAIN, 10_000, 20_000), 60), "over_speed"),
    "brakes for nothing": (
        lambda: _go(_world(PLAIN, 10_000, 13_000), 30, -7_800),
        "uncaused_emergency_braking",
    ),
    "stops for nothing": (
        lambda: _go(_world(PLAIN, 10_000, 0), 80),
        "stop_in_live_lane",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_7_a_violator_planted_in_the_world_is_convicted(name: str) -> None:
    make, kind = PLANTED[name]
    world = make()
    world.trace.outcome = world.outcome or world.trace.outcome
    assert kind in [one.kind for one in judge(world.trace, world.network).infractions]


def test_7_who_does_nothing_wrong_in_the_same_worlds_is_not() -> None:
    for network in (PLAIN, ONE_WAY):
        world = _go(_world(network, 100_000, 12_000), 100)
        found: Any = judge(world.trace, network).infractions
        assert [one.kind for one in found if one.severity in BREACHES] == []
