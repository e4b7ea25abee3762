"""Validation 2: a car of this world stops within 2 % of the closed form of its braking."""

import pytest

from guiderail.maps.synthetic.networks import straight_road
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import TICK_MS
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.trace import Trace
from guiderail.sim.contract.trip import Conditions, Trip
from guiderail.sim.world.world import World

ROAD = straight_road(3_000_000, 1)
JERK = 12.0
"""Build-up of the brakes in this world [m/s^3]; UN R157's models have 12.65."""


def closed_form_m(speed: float, braking: float, reaction_s: float) -> float:
    """Way of reaction, of a linear build-up and of constant braking [m]."""
    ramp_s = braking / JERK
    after = speed - braking * ramp_s / 2
    ramp = speed * ramp_s - braking * ramp_s**2 / 6
    return speed * reaction_s + ramp + after**2 / (2 * braking)


def driven_m(speed_mm_s: int, friction_permille: int, reaction_s: float) -> float:
    """Way of the world's car from when it should brake until it stands [m]."""
    conditions = Conditions(friction_permille=friction_permille, flow_per_hour=0)
    start = ROAD.all_links[0].id
    ends = {"origin": start, "origin_mm": 0, "goal": start, "goal_mm": 2_900_000}
    trip = Trip(seed=TripSeed(1, 2), goal_name="", conditions=conditions, **ends)
    trace = Trace(
        map_digest="",
        arm="",
        start_link=start,
        start_mm=0,
        goal_link=start,
        goal_mm=2_900_000,
        friction_permille=friction_permille,
        closed=frozenset(),
    )
    world = World(ROAD, trip, trace)
    world.ego.speed_mm_s = speed_mm_s
    for _ in range(round(reaction_s * 1_000 / TICK_MS)):
        world.step(Command(0, start))
    while world.ego.speed_mm_s:
        world.step(Command(-20_000, start))
    return world.ego.s_mm / 1_000


@pytest.mark.parametrize("kmh", [30, 50, 70, 90, 110, 130])
@pytest.mark.parametrize("friction_permille", [816, 500, 300, 100])
def test_full_braking_takes_the_road_of_the_closed_form(kmh: int, friction_permille: int) -> None:
    speed_mm_s = kmh * 10_000 // 36 // 20 * 20
    braking = friction_permille * 9_810 // 1_000 // 200 * 200 / 1_000
    expected = closed_form_m(speed_mm_s / 1_000, braking, 0.5)
    assert driven_m(speed_mm_s, friction_permille, 0.5) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(("kmh", "meters"), [(30, 11), (50, 23), (70, 39), (90, 59), (110, 83)])
def test_dry_emergency_stops_are_those_of_the_published_table(kmh: int, meters: int) -> None:
    # 8 m/s^2 after 0.5 s and a build-up of 12.65 m/s^3, printed in whole meters
    assert driven_m(kmh * 10_000 // 36 // 20 * 20, 816, 0.5) == pytest.approx(meters, abs=0.8)


def test_stop_distance_grows_with_speed_and_with_one_over_friction() -> None:
    ways = [[driven_m(v, mu, 0.5) for v in range(5_000, 30_000, 5_000)] for mu in (800, 500, 300)]
    assert all(row == sorted(row) for row in ways)
    assert all(a < b < c for a, b, c in zip(*ways, strict=True))
