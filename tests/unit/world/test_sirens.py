"""Emergency vehicles cross junctions and come from behind; what follows is motion alone."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from unittest.mock import patch

import pytest

from guiderail.maps.network import LinkId
from guiderail.maps.synthetic.networks import arm_link, crossing, straight_road
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Command, Siren
from guiderail.sim.contract.trace import Outcome, SirenSample, YieldingToSiren
from guiderail.sim.judge.referee import judge
from guiderail.sim.world.background.flow import TrafficFlow
from guiderail.sim.world.hazards.all import the
from guiderail.sim.world.hazards.emergency_vehicles import (
    EmergencyVehicles,
    VehicleBehind,
)
from guiderail.sim.world.hazards.junctions import junctions_ahead, junctions_of
from guiderail.sim.world.world import World

Place = Callable[..., World]
Steps = Callable[..., World]
CROSSING = crossing(control="signal", has_ring=True)
SOUTH, NORTH = arm_link(CROSSING, "south", inward=True), arm_link(CROSSING, "north", inward=False)
END_MM = CROSSING.link(SOUTH).length_mm
CENTER = CROSSING.link(SOUTH).to_node
SEED = TripSeed(1, 2)
ON = {"emergency_per_hour": 1}
CROSSES, BEHIND = TrafficFlow.sirens_at, TrafficFlow.sirens_behind
COMING: dict[str, list[int]] = {}


@pytest.fixture(autouse=True)
def _coming() -> Iterator[None]:
    """Let exactly those come that a test wants: at the center, and behind."""
    COMING.clear()

    def at(_: TrafficFlow, node: int, first: int, last: int) -> list[int]:
        return [t for t in COMING.get("center", []) if node == CENTER and first <= t <= last]

    def behind(_: TrafficFlow, _link: int, first: int, last: int) -> list[int]:
        return [t for t in COMING.get("behind", []) if first <= t <= last]

    with (
        patch.object(TrafficFlow, "sirens_at", at),
        patch.object(TrafficFlow, "sirens_behind", behind),
    ):
        yield


def _sirens(world: World) -> EmergencyVehicles:
    emergency = the(EmergencyVehicles, world.hazards)
    assert emergency is not None
    return emergency


def _met(world: World) -> YieldingToSiren:
    (met,) = (event for event in world.trace.events if isinstance(event, YieldingToSiren))
    return met


# -- across ---------------------------------------------------------------------------------------


def test_one_is_heard_100_m_away_as_the_crow_flies_and_noted_in_the_trace(place: Place) -> None:
    # 60 m before the junction: 80 m of its own way, 8 s at 10 m/s.
    for arrives_ms, heard in ((8_000, (Siren(CENTER, 8_000, 9_500),)), (8_001, ())):
        COMING["center"] = [arrives_ms]
        world = place(CROSSING, SOUTH, s_mm=END_MM - 60_000, conditions=ON)
        assert world.perceive(Command(0, NORTH)).sirens == heard
        noted = [(0, 60_000, NOTHING, 0, 0, -1, 0)] if heard else []
        assert list(world.trace.sirens) == [value for row in noted for value in row]


def test_without_the_option_nobody_listens(place: Place) -> None:
    COMING["center"] = COMING["behind"] = [0]
    world = place(CROSSING, SOUTH, s_mm=END_MM - 60_000)
    assert the(EmergencyVehicles, world.hazards) is None
    assert world.perceive(Command(0, NORTH)).sirens == ()


def _cross(place: Place, drive: Steps, arrives_ms: int) -> World:
    """Drive 10 m and into the junction at 5 m/s, which is entered at 2 s and clear at 4.5 s."""
    COMING["center"] = [arrives_ms]
    world = place(CROSSING, SOUTH, s_mm=END_MM - 9_999, speed=5_000, conditions=ON)
    return drive(world, 60, next_link=NORTH)


def test_a_junction_crossed_long_before_or_after_one_is_no_harm(place: Place, drive: Steps) -> None:
    met = _met(_cross(place, drive, 9_000))
    assert (met.enter_ms, met.leave_ms, met.heard_ms) == (2_000, 4_500, 0)
    assert met.arrival_ms >= 9_000
    met = _met(_cross(place, drive, 400))
    assert (met.before_ms, met.arrival_ms) == (1_900, NOTHING)


def test_one_that_ego_cuts_off_brakes_a_second_late_and_the_judge_convicts(
    place: Place, drive: Steps
) -> None:
    world = _cross(place, drive, 4_200)
    met = _met(world)
    # 22 m away when ego comes: 10 m of reaction, then 100 / (2 * 11) m/s^2.
    assert world.outcome is None
    assert met.heard_ms == 0
    assert 3_400 < met.forced_braking_mm_s2 <= 5_400
    assert "R4" in {found.article for found in judge(world.trace, CROSSING).infractions}


def test_one_that_cannot_brake_any_more_hits_the_ego(place: Place, drive: Steps) -> None:
    world = _cross(place, drive, 2_900)
    assert world.outcome is Outcome.CRASHED
    assert {"R4", "C2"} <= {one.article for one in judge(world.trace, CROSSING).infractions}


def test_where_a_road_is_merely_cut_in_two_nobody_crosses() -> None:
    road = straight_road(1_000_000)
    assert junctions_of(road) == frozenset()
    assert CENTER in junctions_of(CROSSING)
    assert (END_MM, CENTER) in junctions_ahead(
        CROSSING, CROSSING.link(SOUTH), junctions_of(CROSSING)
    )


# -- from behind ----------------------------------------------------------------------------------


def _chased(place: Place, drive: Steps, ticks: int, *, aside: bool, speed: int = 6_000) -> World:
    """Drive in the only lane, limit 50 km/h, while one comes up from behind."""
    COMING["behind"] = [0]
    road = straight_road(2_000_000)
    world = place(road, speed=speed, conditions=ON)
    _sirens(world).state.looked_until_ms = -1
    _sirens(world).record(0)
    return drive(world, ticks, aside=aside)


def _held(world: World) -> SirenSample:
    rows = list(world.trace.sirens)
    return SirenSample(*rows[-len(SirenSample._fields) :])


def test_one_that_is_held_up_stays_behind_and_touches_nobody(place: Place, drive: Steps) -> None:
    world = _chased(place, drive, 300, aside=False)
    last = _held(world)
    assert world.outcome is None
    assert (last.speed_mm_s, last.wish_mm_s) == (6_000, 17_340)
    assert 2_000 <= last.gap_mm <= 6_000
    (found,) = (
        one for one in judge(world.trace, world.network).infractions if one.article == "R15"
    )
    assert found.measured("lost_mm_s") == 11_340


def test_it_passes_a_car_that_is_slow_and_aside_and_is_gone(place: Place, drive: Steps) -> None:
    # 100 m and two car lengths at 17.3 - 6 m/s: 9.6 s.
    world = _chased(place, drive, 100, aside=True)
    assert world.outcome is None
    assert _sirens(world).state.behind is None
    assert judge(world.trace, world.network).breaches == ()


def test_it_does_not_pass_a_car_that_is_aside_but_fast(place: Place, drive: Steps) -> None:
    world = _chased(place, drive, 300, aside=True, speed=8_000)
    assert _sirens(world).state.behind is not None


def test_who_pulls_back_right_before_it_is_touched(place: Place, drive: Steps) -> None:
    # 4 m behind and 11 m/s faster, it cannot stop any more.
    world = _chased(place, drive, 84, aside=True)
    behind = _sirens(world).state.behind
    assert behind is not None
    assert 3_000 < behind.gap_mm < 6_000
    drive(world, 20, aside=False)
    assert world.outcome is Outcome.CRASHED
    crash = next(one for one in judge(world.trace, world.network).infractions)
    assert (crash.article, crash.at_fault) == ("C2", True)


def test_a_car_that_has_changed_lanes_is_passed(place: Place, drive: Steps) -> None:
    COMING["behind"] = [100]
    world = place(straight_road(2_000_000, 2), speed=13_000, conditions=ON)
    world.ego.lane = world.ego.target_lane = 1
    drive(world, 10)
    drive(world, 1, lane_step=-1)
    drive(world, 290)
    assert _sirens(world).state.behind is None
    assert world.outcome is None


def test_cars_between_it_and_the_ego_make_way(place: Place, drive: Steps) -> None:
    COMING["behind"] = [100]
    world = place(straight_road(2_000_000), speed=6_000, conditions=ON | {"flow_per_hour": 600})
    world.neighbors.follower = None
    drive(world, 200)
    assert _sirens(world).state.behind is not None
    assert world.neighbors.follower is None


def test_one_that_turns_off_is_gone_and_one_that_stays_takes_over_the_new_limit(
    place: Place,
) -> None:
    world = place(CROSSING, SOUTH, conditions=ON)
    sirens, world.ego.link = _sirens(world), CROSSING.link(NORTH)
    kept = 0
    for key in range(1_000):
        sirens.state.behind = VehicleBehind(key, 5_000, 0)
        sirens.enter(0, goes_on=False)
        sirens.state.last = None
        if sirens.state.behind:
            kept += 1
            assert sirens.state.behind.wish_mm_s == 17_340
    assert kept / 1_000 == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("why", ["it is beside the ego already", "the ego turns round"])
def test_nobody_is_left_behind_a_junction_where(place: Place, why: str) -> None:
    world = place(CROSSING, SOUTH, conditions=ON)
    sirens = _sirens(world)
    onto = NORTH if why.startswith("it") else CROSSING.link(SOUTH).reverse
    for key in range(20):
        world.ego.link = CROSSING.link(SOUTH)
        sirens.enter(0, goes_on=False)
        behind = sirens.state.behind = VehicleBehind(key, 5_000, 0)
        behind.gap_mm = -100 if onto == NORTH else 10_000
        world.ego.link = CROSSING.link(LinkId(onto))
        sirens.enter(0, goes_on=False)
        assert sirens.state.behind is None


# -- the streams ----------------------------------------------------------------------------------


def test_as_many_come_as_were_asked_for_and_at_random() -> None:
    streams = TrafficFlow(CROSSING, SEED, 0, emergency_per_hour=60)
    hours = 200
    for times in (
        CROSSES(streams, CENTER, 0, hours * 3_600_000),
        BEHIND(streams, LinkId(3), 0, hours * 3_600_000),
    ):
        assert len(times) / hours == pytest.approx(60, rel=0.03)
        gaps = [b - a for a, b in pairwise(times)]
        # Poisson: 63.2 % of the headways are below the mean
        assert sum(gap < 60_000 for gap in gaps) / len(gaps) == pytest.approx(0.632, abs=0.02)
