"""Worlds placed by hand: empty roads unless a test puts somebody there."""

from collections.abc import Callable
from typing import Any

import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import straight_road
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.trace import Trace
from guiderail.sim.contract.trip import Conditions, Trip
from guiderail.sim.world.world import World

Place = Callable[..., World]
Steps = Callable[..., World]


@pytest.fixture(scope="session")
def road() -> RoadNetwork:
    """Two kilometers straight ahead, three lanes each way, 50 km/h."""
    return straight_road(2_000_000, 3)


@pytest.fixture
def trip_on() -> Callable[..., Trip]:
    def make(network: RoadNetwork, origin: int = 0, **more: Any) -> Trip:
        knobs = {"flow_per_hour": 0} | more.pop("conditions", {})
        known: dict[str, Any] = {
            "seed": TripSeed(1, 2),
            "origin": LinkId(origin),
            "origin_mm": 0,
            "goal": LinkId(origin),
            "goal_mm": network.link(LinkId(origin)).length_mm,
            "goal_name": "goal",
            "conditions": Conditions(**knobs),
        }
        return Trip(**known | more)

    return make


@pytest.fixture
def place(trip_on: Callable[..., Trip]) -> Place:
    """Put the ego somewhere at some speed; other words are those of a trip."""

    def make(
        network: RoadNetwork, link: int = 0, s_mm: int = 0, speed: int = 0, **more: Any
    ) -> World:
        trip = trip_on(network, link, origin_mm=s_mm, **more)
        trace = Trace(
            map_digest="",
            arm="hand",
            start_link=trip.origin,
            start_mm=s_mm,
            goal_link=trip.goal,
            goal_mm=trip.goal_mm,
            friction_permille=trip.conditions.friction_permille,
            closed=trip.closed,
        )
        world = World(network, trip, trace)
        world.ego.speed_mm_s = speed
        return world

    return make


@pytest.fixture
def drive() -> Steps:
    """Give the same command for so many ticks, or until the trip ends."""

    def steps(world: World, ticks: int, accel: int = 0, next_link: int = -1, **more: Any) -> World:
        for _ in range(ticks):
            if world.outcome is not None:
                break
            world.step(Command(accel, LinkId(next_link), **more))
        return world

    return steps
