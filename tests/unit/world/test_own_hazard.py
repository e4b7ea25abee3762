"""A hazard from outside: one class and one entry; the world senses, touches and records it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from guiderail.maps.network import RoadNetwork
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.world.hazards import all as hazards
from guiderail.sim.world.hazards.hazard import Hazard
from guiderail.sim.world.world import World

Place = Callable[..., World]
Steps = Callable[..., World]
PLACE_MM, LEAVES_MS = 30_000, 5_000


@dataclass
class DeerState:
    """A deer on the road, until it leaves."""

    stands: bool = True


class Deer(Hazard):
    """Stands 30 m from the start of the road for five seconds."""

    name = "deer"

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self.state: DeerState = DeerState()

    def act(self, time_ms: int) -> None:
        """Leave in time."""
        self.state.stands = time_ms < LEAVES_MS

    def ahead_mm(self) -> int:
        """Road to it."""
        return PLACE_MM - self.ego.s_mm if self.state.stands else NOTHING

    def touches(self) -> bool:
        """Whether the car has come to where it stands."""
        return self.ahead_mm() <= 0

    def record(self, time_ms: int) -> tuple[int, ...]:
        """Road to it, while it is there."""
        del time_ms
        return (self.ahead_mm(),) if self.state.stands else ()


@pytest.fixture
def with_deer(place: Place, road: RoadNetwork, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Put the ego on a road with a deer."""
    monkeypatch.setattr(hazards, "HAZARDS", (*hazards.HAZARDS, Deer))
    return lambda **more: place(road, **more)


def test_a_hazard_of_ones_own_is_seen_as_what_bars_the_way(with_deer: Place) -> None:
    world = with_deer(speed=10_000)
    assert world.perceive(Command(0, world.ego.link.id)).barrier_mm == PLACE_MM


def test_it_is_seen_no_farther_than_the_driver_sees(with_deer: Place) -> None:
    world = with_deer(conditions={"sight_mm": 20_000})
    assert world.perceive(Command(0, world.ego.link.id)).barrier_mm == NOTHING


def test_a_car_that_drives_into_it_crashes_and_one_that_waits_does_not(
    with_deer: Place, drive: Steps
) -> None:
    fast, slow = with_deer(speed=10_000), with_deer(speed=5_000)
    assert drive(fast, 40).outcome is Outcome.CRASHED
    assert fast.time_ms == 3_000
    assert drive(slow, 80).outcome is None  # at 5 m/s it has left after 25 m


def test_the_trace_holds_what_it_recorded_and_another_digest(
    with_deer: Place, drive: Steps, place: Place, road: RoadNetwork
) -> None:
    world = drive(with_deer(speed=5_000), 60)
    rows = world.trace.hazards["deer"]
    assert rows[0] == (0, PLACE_MM)
    assert rows[1] == (100, PLACE_MM - 500)
    assert len(rows) == LEAVES_MS // 100
    kept = dict(world.trace.hazards)
    with_rows = world.trace.digest()
    world.trace.hazards.clear()
    assert world.trace.digest() != with_rows
    world.trace.hazards.update(kept)
    assert world.trace.digest() == with_rows
