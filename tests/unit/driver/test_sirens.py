"""The car makes way for a siren: it waits before the junction, and clears the lane."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Perception, Siren
from guiderail.sim.driver.motion.controller import Controller
from guiderail.sim.driver.motion.emergency_response import (
    is_behind,
    moves_over,
    road_to_siren_mm,
    way_speed_mm_s,
)
from guiderail.sim.driver.motion.lookahead import RoadAhead, Step, crossings_of
from guiderail.sim.driver.motion.style import DrivingStyle

FAR = 100_000_000
NODE = 7
# The junction is 300 m ahead of the start of the link, its waiting place 4 m before it.


@pytest.fixture
def ahead(free_road: RoadAhead) -> RoadAhead:
    lanes, crossing = (0, 1), (NODE, 296_000, 300_000)
    return replace(
        free_road,
        wanted_lanes=lanes,
        continuing_lanes=lanes,
        lanes_end_mm=300_000,
        crossings=(crossing,),
    )


def _near(seen: Perception, left_mm: int, speed: int, *sirens: Siren) -> Perception:
    return seen.but(s_mm=300_000 - left_mm, speed_mm_s=speed, sirens=sirens)


def _road(seen: Perception, ahead: RoadAhead) -> int:
    return road_to_siren_mm(seen, ahead, 2_400, 7_800)


def test_the_car_waits_where_it_would_wait_for_others(ahead: RoadAhead, seen: Perception) -> None:
    coming = Siren(NODE, 9_000, 10_500)
    assert _road(_near(seen, 100_000, 13_880, coming), ahead) == 96_000
    assert _road(_near(seen, 4_000, 0, coming), ahead) == 0
    assert _road(_near(seen, 100_000, 13_880), ahead) == NOTHING


def test_one_at_another_junction_is_let_be(ahead: RoadAhead, seen: Perception) -> None:
    assert _road(_near(seen, 100_000, 13_880, Siren(8, 9_000, 10_500)), ahead) == NOTHING


def test_one_that_is_through_in_time_costs_nothing(ahead: RoadAhead, seen: Perception) -> None:
    # 100 m at 15.88 m/s at best: 6.3 s, one of them kept.
    for until_ms, road in ((5_297, NOTHING), (5_298, 96_000)):
        near = _near(seen, 100_000, 13_880, Siren(NODE, until_ms - 1_500, until_ms))
        assert _road(near, ahead) == road


def test_who_can_wait_calmly_does_not_hurry_through_however_far_it_is(
    ahead: RoadAhead, seen: Perception
) -> None:
    assert _road(_near(seen, 60_000, 13_880, Siren(NODE, 10_000, 11_500)), ahead) == 56_000


def test_who_is_too_close_to_wait_calmly_goes_on_if_he_is_clear_in_time(
    ahead: RoadAhead, seen: Perception
) -> None:
    # A calm stop takes 40 m; from 35 m the zone is clear after 47.5 m, counted at 8 m/s, 5.9 s,
    # 0.75 s later by the pedal, and 1.8 s are kept.
    for from_ms, waits in ((8_490, False), (8_480, True)):
        near = _near(seen, 35_000, 13_880, Siren(NODE, from_ms, from_ms + 1_500))
        assert (_road(near, ahead) < NOTHING) is waits


def test_who_stands_beyond_the_waiting_place_clears_the_junction_while_he_can(
    ahead: RoadAhead, seen: Perception
) -> None:
    # 14.5 m from a standstill take 4.9 s at 1.2 m/s^2, and 0.75 s by the pedal; 1.8 s are kept.
    for from_ms, waits in ((7_600, False), (7_300, True)):
        near = _near(seen, 2_000, 0, Siren(NODE, from_ms, from_ms + 1_500))
        assert (_road(near, ahead) < NOTHING) is waits


def test_who_cannot_stop_even_hard_goes_on(ahead: RoadAhead, seen: Perception) -> None:
    # 13.88^2 / (2 * 3.6) = 26.8 m
    for left_mm, waits in ((29_000, True), (26_000, False)):
        near = _near(seen, left_mm, 13_880, Siren(NODE, 2_000, 3_500))
        assert (_road(near, ahead) < NOTHING) is waits


def test_who_has_braked_to_the_last_spot_does_not_roll_on(
    ahead: RoadAhead, seen: Perception
) -> None:
    # 1.34 m/s needs 0.25 m: the last spot, 1.5 m before the junction, is behind, the junction not.
    near = _near(seen, 333, 1_340, Siren(NODE, 1_500, 3_000))
    assert _road(near, ahead) <= 0
    assert Controller(DrivingStyle(), 800).accel_mm_s2(near, ahead, NOTHING) < 0


def test_the_controller_brakes_for_it(ahead: RoadAhead, seen: Perception) -> None:
    near = _near(seen, 50_000, 13_880, Siren(NODE, 6_000, 7_500))
    assert Controller(DrivingStyle(), 800).accel_mm_s2(near, ahead, NOTHING) < 0
    alone = near.but(sirens=())
    assert Controller(DrivingStyle(), 800).accel_mm_s2(alone, ahead, NOTHING) == 0


def test_a_link_too_short_to_wait_on_is_waited_for_before(town: SimpleNamespace) -> None:
    network = town.network
    long, turn = network.link(LinkId(0)), network.turns_from(LinkId(0))[0]
    # A third of the link is kept before its end: a car of 4.5 m fits, and a meter, from 8.25 m on.
    for length_mm, place in ((8_200, 296_000), (9_300, 306_200)):
        short = long.__class__(
            **{name: getattr(long, name) for name in long.__slots__}
            | {"length_mm": length_mm, "stop_line_mm": length_mm, "to_node": 9}
        )
        steps = [Step(long, 0, turn), Step(short, 300_000, turn)]
        assert crossings_of(steps)[1] == (9, place, 300_000 + length_mm)


# -- from behind ----------------------------------------------------------------------------------


def test_the_car_slows_to_half_the_limit_for_one_behind(ahead: RoadAhead, seen: Perception) -> None:
    behind = seen.but(siren_gap_mm=80_000, siren_lane=0)
    assert is_behind(behind)
    limit = ahead.link.speed_mm_s
    assert way_speed_mm_s(behind, ahead) == limit // 2 // 20 * 20
    assert Controller(DrivingStyle(), 800).accel_mm_s2(behind, ahead, NOTHING) < 0


def test_it_does_not_slow_down_before_it_is_clear_of_those_whose_gap_it_took(
    ahead: RoadAhead, seen: Perception
) -> None:
    gap = replace(ahead, yield_mm=296_000)
    behind = seen.but(siren_gap_mm=80_000, siren_lane=0)
    controller = Controller(DrivingStyle(), 800)
    too_late_to_wait = behind.but(s_mm=280_000)
    controller.accel_mm_s2(too_late_to_wait, gap, NOTHING)
    assert controller.accel_mm_s2(too_late_to_wait, replace(gap, goal_mm=FAR), NOTHING) == 0
    controller.enter(LinkId(1))
    for s_mm, slows in ((12_000, False), (12_600, True)):
        accel = controller.accel_mm_s2(behind.but(s_mm=s_mm), ahead, NOTHING)
        assert (accel < 0) is slows


def test_one_in_another_lane_needs_no_room(ahead: RoadAhead, seen: Perception) -> None:
    beside = seen.but(siren_gap_mm=80_000, siren_lane=1)
    assert not is_behind(beside)
    assert way_speed_mm_s(beside, ahead) == NOTHING


@pytest.mark.parametrize(
    ("values", "over"),
    [
        pytest.param({"siren_gap_mm": 80_000}, True, id="far behind"),
        pytest.param({"siren_gap_mm": 40_000}, False, id="too close to change before it"),
        pytest.param({"siren_gap_mm": 80_000, "s_mm": 220_000}, False, id="no room before the end"),
        pytest.param({"siren_gap_mm": 80_000, "lane": 0}, False, id="at the kerb already"),
    ],
)
def test_a_lane_at_the_kerb_is_taken_where_there_is_room_for_it(
    ahead: RoadAhead, seen: Perception, values: dict[str, int], *, over: bool
) -> None:
    lane = values.get("lane", 1)
    behind = seen.but(**({"lane": lane, "siren_lane": lane, "target_lane": lane} | values))
    assert moves_over(behind, ahead) is over
    assert (way_speed_mm_s(behind, ahead) == NOTHING) is over
