"""Roads that close and open while a trip is under way, on a crossing of four arms."""

from collections.abc import Callable

import pytest

from guiderail.maps.network import LinkId
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command, Perception
from guiderail.sim.contract.trace import Passing
from guiderail.sim.contract.trip import Closing
from guiderail.sim.judge.articles.illegal_turn import illegal_turn
from guiderail.sim.judge.judged_trip import JudgedTrip
from guiderail.sim.world.hazards.closures import NEVER
from guiderail.sim.world.world import BARRIER_AT_MM, World

Place = Callable[..., World]
Steps = Callable[..., World]
NETWORK = crossing()
SOUTH, EAST = arm_link(NETWORK, "south", inward=True), arm_link(NETWORK, "east", inward=False)
END_MM = NETWORK.link(SOUTH).length_mm
LOOK = Command(0, EAST)


def closing(from_ms: int, until_ms: int, *, lag_ms: int = 0, link: LinkId = EAST) -> Closing:
    return Closing(
        links=frozenset({link}),
        from_ms=from_ms,
        until_ms=until_ms,
        reported_from_ms=from_ms + lag_ms,
        reported_until_ms=until_ms + lag_ms,
    )


def look(world: World) -> Perception:
    """Let come what is due, and look."""
    world.meet(LOOK)
    return world.perceive(LOOK)


def closed_at(world: World, time_ms: int) -> frozenset[LinkId]:
    world.state.time_ms = time_ms
    look(world)
    return world.closures.now


def test_a_road_is_closed_from_its_first_moment_to_before_its_last(place: Place) -> None:
    world = place(NETWORK, SOUTH, closings=(closing(5_000, 9_000),))
    at = {time_ms: bool(closed_at(world, time_ms)) for time_ms in (0, 4_900, 5_000, 8_900, 9_000)}
    assert at == {0: False, 4_900: False, 5_000: True, 8_900: True, 9_000: False}
    assert world.trace.closed_between == [(EAST, 5_000, 9_000)]


def test_what_is_closed_all_the_time_stays_so(place: Place) -> None:
    world = place(NETWORK, SOUTH, closed=frozenset({EAST}), closings=(closing(0, 1_000),))
    assert closed_at(world, 500) == closed_at(world, 2_000) == frozenset({EAST})
    assert world.trace.closed_between == []


def test_a_closure_that_began_before_the_trip_is_there_at_its_start(place: Place) -> None:
    world = place(NETWORK, SOUTH, closings=(closing(-60_000, 3_000),))
    assert closed_at(world, 0) == frozenset({EAST})


def test_reports_follow_two_minutes_later_and_are_wrong_meanwhile(place: Place) -> None:
    world = place(NETWORK, SOUTH, closings=(closing(0, 300_000, lag_ms=120_000),))
    times = (0, 119_999, 120_000, 419_999, 420_000)
    told = [bool(world.closures.reported(time_ms)) for time_ms in times]
    assert told == [False, False, True, True, False]


def test_a_closure_is_seen_when_it_is_there_and_within_60_meters(place: Place) -> None:
    world = place(NETWORK, SOUTH, s_mm=END_MM - 60_000, closings=(closing(5_000, NEVER),))
    assert look(world).closed == frozenset()
    world.state.time_ms = 5_000
    assert look(world).closed == frozenset({EAST})


def test_no_road_is_closed_in_the_face_of_a_moving_car(place: Place) -> None:
    world = place(NETWORK, SOUTH, s_mm=END_MM - 60_000, speed=10_000, closings=(closing(0, NEVER),))
    assert look(world).closed == frozenset()
    world.ego.s_mm = END_MM - 60_001
    world.state.time_ms = 100
    look(world)
    assert world.closures.now == frozenset({EAST})
    assert world.trace.closed_between == [(EAST, 100, NEVER)]


def test_a_standing_car_may_find_the_road_before_it_closed(place: Place) -> None:
    world = place(NETWORK, SOUTH, s_mm=END_MM - 5_000, closings=(closing(0, NEVER),))
    assert look(world).closed == frozenset({EAST})


@pytest.mark.parametrize(("from_ms", "is_barred"), [(0, True), (600_000, False)])
def test_a_car_that_enters_a_road_finds_a_barrier_only_while_it_is_closed(
    from_ms: int, place: Place, *, is_barred: bool
) -> None:
    world = place(NETWORK, SOUTH, s_mm=END_MM - 100, closings=(closing(from_ms, NEVER),))
    look(world)
    world.ego.speed_mm_s = 5_000
    world.step(LOOK)
    assert world.ego.link.id == EAST
    assert world.ego.barrier_mm == (BARRIER_AT_MM - world.ego.s_mm if is_barred else NOTHING)


def test_a_barrier_goes_when_the_road_opens(place: Place, drive: Steps) -> None:
    world = place(NETWORK, SOUTH, s_mm=END_MM - 100, closings=(closing(0, 1_000),))
    look(world)
    world.ego.speed_mm_s = 1_000
    drive(world, 2, next_link=EAST)
    assert world.ego.barrier_mm < NOTHING
    world.state.time_ms = 1_000
    assert look(world).barrier_mm == NOTHING


@pytest.mark.parametrize(
    ("passed_ms", "is_convicted"), [(5_000, False), (5_100, True), (9_000, True), (9_100, False)]
)
def test_the_judge_convicts_who_enters_a_road_while_it_is_closed(
    passed_ms: int, place: Place, *, is_convicted: bool
) -> None:
    trace = place(NETWORK, SOUTH, s_mm=END_MM - 100).trace
    trace.closed_between.append((EAST, 5_000, 9_000))
    trace.events.append(
        Passing(time_ms=passed_ms, from_link=SOUTH, to_link=EAST, from_lane=0, speed_mm_s=5_000)
    )
    assert bool(list(illegal_turn(JudgedTrip(trace, NETWORK)))) is is_convicted
