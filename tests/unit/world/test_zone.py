"""What becomes of a car in a conflict zone follows from two motions."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest

from guiderail.maps.network import Control, Link, LinkId, RoadNetwork, Turn
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import Outcome, Yielding
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import Severity
from guiderail.sim.world.background.flow import TrafficFlow
from guiderail.sim.world.traffic.conflict_zone import conflict_zone, zone_mm
from guiderail.sim.world.world import World

Place = Callable[..., World]
Steps = Callable[..., World]
MINOR = {"north": "residential", "south": "residential"}
CROSSING = crossing(control="give_way", classes=MINOR, has_ring=True)
SOUTH, NORTH = arm_link(CROSSING, "south", inward=True), arm_link(CROSSING, "north", inward=False)
END_MM = CROSSING.link(SOUTH).length_mm
ARRIVALS: list[int] = []


@pytest.fixture(autouse=True)
def _arrivals() -> Iterator[None]:
    """Let exactly the vehicles of the list have priority."""
    ARRIVALS.clear()
    with patch.object(TrafficFlow, "priority_arrivals", lambda *_: list(ARRIVALS)):
        yield


def _turn() -> Turn:
    turn = CROSSING.turn(SOUTH, NORTH)
    assert turn
    return turn


def _yielding(world: World) -> Yielding:
    return next(event for event in world.trace.events if isinstance(event, Yielding))


def _cross(place: Place, drive: Steps, arrives_ms: int, speed: int = 5_000) -> World:
    """Pass the node after half a second."""
    ARRIVALS.append(500 + arrives_ms)
    world = place(CROSSING, SOUTH, s_mm=END_MM - speed // 2 + 1, speed=speed)
    return drive(world, 60, next_link=NORTH)


def test_an_empty_crossing_is_left_after_its_length(place: Place, drive: Steps) -> None:
    # 8 m and the car's own 4.5 m at 5 m/s: 2.5 s
    world = place(CROSSING, SOUTH, s_mm=END_MM - 2_499, speed=5_000)
    met = _yielding(drive(world, 60, next_link=NORTH))
    assert (met.enter_ms, met.leave_ms) == (500, 3_000)
    assert (met.arrival_ms, met.before_ms) == (NOTHING, -NOTHING)


def test_the_time_to_the_next_vehicle_is_recorded(place: Place, drive: Steps) -> None:
    met = _yielding(_cross(place, drive, 6_000))
    assert met.leave_ms == 3_000
    # It brakes a little for the ego in its way, so it comes later than the 6.5 s it was due.
    assert 6_500 <= met.arrival_ms <= 7_500
    assert 0 < met.forced_braking_mm_s2 <= 1_600


def test_the_time_since_the_last_vehicle_is_recorded(place: Place, drive: Steps) -> None:
    # It passed at -0.5 s and was out of the zone 0.8 s later.
    met = _yielding(_cross(place, drive, -1_000))
    assert met.before_ms == 300


def test_a_vehicle_in_the_zone_is_hit(place: Place, drive: Steps) -> None:
    world = _cross(place, drive, -200)
    assert world.outcome is Outcome.CRASHED
    assert world.time_ms == 500


def test_a_vehicle_that_cannot_stop_any_more_hits(place: Place, drive: Steps) -> None:
    # 1 s at 13.9 m/s; it reacts after 1 s
    world = _cross(place, drive, 1_000)
    assert world.outcome is Outcome.CRASHED
    assert _yielding(world).arrival_ms == world.time_ms
    assert any(found.severity is Severity.S4 for found in judge(world.trace, CROSSING).infractions)


def test_a_vehicle_far_off_waits_for_a_car_that_stops_in_its_way(
    place: Place, drive: Steps
) -> None:
    ARRIVALS.append(5_500)
    world = place(CROSSING, SOUTH, s_mm=END_MM - 2_499, speed=5_000)
    drive(world, 10, next_link=NORTH)
    drive(world, 600, accel=-5_000)
    assert world.ego.speed_mm_s == 0
    assert world.outcome is None
    assert world.trace.column("crossing_gap_mm")[-1] >= 500


def test_the_ego_own_motion_counts_once_in_the_tick_that_enters(road: RoadNetwork) -> None:
    zone = conflict_zone(_turn(), TrafficFlow(CROSSING, (1, 2), 0), 0, 500)  # type: ignore[arg-type]
    assert not zone.advance(11_999)
    assert zone.advance(1)


@pytest.mark.parametrize(
    ("length_mm", "zone"),
    [
        pytest.param(400_000, 12_500, id="8 m and the car"),
        pytest.param(14_000, 10_000, id="a place to wait, 4 m before the next node"),
        pytest.param(3_000, 4_500, id="at least the car"),
    ],
)
def test_a_short_link_between_carriageways_is_a_place_to_wait(length_mm: int, zone: int) -> None:
    assert zone_mm(_link(length_mm)) == zone


def _link(length_mm: int, **more: Any) -> Link:
    network = crossing(arm_mm=400_000)
    known = network.link(LinkId(0))
    return type(known)(
        **{name: getattr(known, name) for name in known.__dataclass_fields__}
        | {"length_mm": length_mm, "stop_line_mm": length_mm, **more}
    )


def test_a_car_that_waits_at_a_light_is_clear_of_the_zone_behind_it() -> None:
    # The line stands 9.4 m in; cars stop about a meter before it, at most two.
    link = _link(14_761, control=Control.SIGNAL, stop_line_mm=9_357)
    assert zone_mm(link) == 7_357
