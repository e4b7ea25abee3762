"""What the road ahead demands, worked out by hand on the crossing of ``synthetic/networks.py``."""

import pytest

from guiderail.maps.compile.compiler import compile_network
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing, straight_road
from guiderail.maps.synthetic.sketch import Sketch
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.driver.motion.envelope import turn_speed_mm_s
from guiderail.sim.driver.motion.lookahead import (
    Lookahead,
    RoadAhead,
    clear_mm,
    nearest_lane,
    yield_point_mm,
)

ARM = 400_000


def look(network: RoadNetwork, *arms: str, lane: int = 0, goal_mm: int = 50_000) -> RoadAhead:
    """Look from the end of one arm onto others; the first is driven inward."""
    first, *rest = arms
    route = (
        arm_link(network, first, inward=True),
        *(arm_link(network, arm, inward=False) for arm in rest),
    )
    lookahead = Lookahead(network, route[-1], goal_mm, lambda radius: turn_speed_mm_s(radius, 800))
    return lookahead.look(route, lane)


def test_a_turn_is_a_limit_shortly_before_its_node() -> None:
    # Radius 8 m at 2 m/s^2: 4 m/s, 0.8 m before the node.
    ahead = look(crossing(has_ring=True), "south", "east")
    assert ahead.limits[0] == (ARM - 800, 4_000)


def test_going_straight_on_is_limited_by_the_next_street_alone() -> None:
    ahead = look(crossing(has_ring=True), "south", "north")
    assert ahead.limits[0] == (ARM - 800, 13_880)


def test_the_goal_on_the_next_link_is_a_place_to_stop_at() -> None:
    assert look(crossing(has_ring=True), "south", "north").stop_mm == ARM + 50_000


def test_the_goal_on_this_link_is_its_own_demand() -> None:
    lookahead = Lookahead(straight_road(), LinkId(0), 70_000, lambda _: NOTHING)
    ahead = lookahead.look((LinkId(0),), 0)
    assert (ahead.goal_mm, ahead.turn, ahead.is_stranded) == (70_000, None, False)


def test_a_light_rules_at_its_line() -> None:
    ahead = look(crossing(control="signal", has_ring=True), "south", "north")
    assert ahead.light_mm == ARM - 8_000
    assert ahead.next_light_mm == NOTHING


def test_the_light_of_the_next_link_is_told_from_its_own() -> None:
    network = crossing(control="signal", has_ring=True)
    here = arm_link(network, "south", inward=True)
    north = arm_link(network, "north", inward=False)
    before = next(link for link in network.all_links if network.turn(link.id, here))
    lookahead = Lookahead(network, north, 0, lambda _: NOTHING)
    ahead = lookahead.look((before.id, here, north), 0)
    assert ahead.light_mm == NOTHING
    assert ahead.next_light_mm == before.length_mm + ARM - 8_000


def test_a_light_farther_on_demands_a_stop_until_it_can_be_seen() -> None:
    network = crossing(control="signal", has_ring=True, arm_mm=40_000)
    here = arm_link(network, "south", inward=True)
    before = next(link for link in network.all_links if network.turn(link.id, here))
    first = next(link for link in network.all_links if network.turn(link.id, before.id))
    lookahead = Lookahead(network, here, 0, lambda _: NOTHING)
    ahead = lookahead.look((first.id, before.id, here, arm_link(network, "north", inward=False)), 0)
    assert ahead.stop_mm <= first.length_mm + before.length_mm + 40_000 - 8_000 - 1_000


def test_a_stop_sign_has_its_line_and_its_yield_point() -> None:
    ahead = look(crossing(control="stop", has_ring=True), "south", "north")
    assert (ahead.sign_mm, ahead.yield_mm) == (ARM - 10_000, ARM - 11_000)


def test_the_road_with_priority_yields_to_nobody_going_straight() -> None:
    ahead = look(crossing(control="stop", has_ring=True), "east", "west")
    assert (ahead.sign_mm, ahead.yield_mm) == (NOTHING, NOTHING)


def test_without_a_line_a_yielding_car_waits_4_m_before_the_node() -> None:
    network = crossing(has_ring=True)
    link = network.link(arm_link(network, "east", inward=True))
    assert yield_point_mm(link) == ARM - 4_000


@pytest.mark.parametrize(("arm_mm", "expected"), [(400_000, 12_500), (9_000, 7_334)])
def test_the_zone_to_clear_ends_at_the_next_place_to_wait(arm_mm: int, expected: int) -> None:
    # 8 m and 4.5 m of car; two thirds of a street of 11 m.
    network = crossing(arm_mm=arm_mm)
    link = network.link(arm_link(network, "east", inward=True))
    assert clear_mm(link) == expected


def test_before_a_light_the_place_to_wait_is_its_line() -> None:
    network = crossing(control="signal", arm_mm=17_000)
    link = network.link(arm_link(network, "east", inward=True))
    assert clear_mm(link) == link.stop_line_mm - 1_000


def test_the_lanes_wanted_are_those_of_the_turn() -> None:
    network = crossing(lanes=2, control="signal", has_ring=True)
    assert look(network, "south", "west").wanted_lanes == (1, 1)
    assert look(network, "south", "east").wanted_lanes == (0, 0)
    assert look(network, "south", "north").wanted_lanes == (0, 1)


def test_lanes_are_wanted_through_several_links() -> None:
    # South to north keeps the lane; turning left at the end of the north arm wants the left one.
    network = crossing(lanes=2, has_ring=True, arm_mm=60_000)
    here = arm_link(network, "south", inward=True)
    north = arm_link(network, "north", inward=False)
    left = max(network.turns_from(north), key=lambda turn: turn.first_lane)
    lookahead = Lookahead(network, left.to_link, 0, lambda _: NOTHING)
    ahead = lookahead.look((here, north, left.to_link), 0)
    assert left.first_lane == 1
    assert (ahead.wanted_lanes, ahead.exit_lanes) == ((1, 1), (1, 1))
    assert ahead.stop_mm <= 60_000 + 60_000 - 4_000


def test_a_lane_suits_if_the_turn_may_be_made_from_it() -> None:
    ahead = look(crossing(lanes=2, control="signal", has_ring=True), "south", "west")
    assert (ahead.allows_turn_from(0), ahead.allows_turn_from(1)) == (False, True)


def test_where_no_road_is_planned_any_lane_suits_and_the_car_is_stranded() -> None:
    network = crossing(has_ring=True)
    lookahead = Lookahead(network, LinkId(0), 0, lambda _: NOTHING)
    ahead = lookahead.look((arm_link(network, "south", inward=True),), 0)
    assert ahead.is_stranded
    assert ahead.allows_turn_from(0)


@pytest.mark.parametrize(
    ("allowed", "wanted", "lane"), [((0, 2), (1, 1), 1), ((0, 0), (1, 2), 0), ((1, 2), (0, 0), 1)]
)
def test_the_nearest_allowed_lane_is_taken(
    allowed: tuple[int, int], wanted: tuple[int, int], lane: int
) -> None:
    assert nearest_lane(allowed, wanted) == lane


def narrowing() -> RoadNetwork:
    """One way, 300 m on three lanes, then 300 m on two."""
    sketch = Sketch()
    parts = [((0, 0), (300_000, 0), "3"), ((300_000, 0), (600_000, 0), "2")]
    for start, end, lanes in parts:
        sketch.way([start, end], highway="secondary", oneway="yes", lanes=lanes)
    return compile_network(sketch.elements("narrowing"))


def test_of_three_lanes_that_become_two_the_last_ends_and_is_not_wanted() -> None:
    lookahead = Lookahead(narrowing(), LinkId(1), 100_000, lambda _: NOTHING)
    ahead = lookahead.look((LinkId(0), LinkId(1)), 2)
    assert ahead.wanted_lanes == (0, 1)
    assert [ahead.lane_ends(lane) for lane in range(3)] == [False, False, True]
    assert ahead.allows_turn_from(2)
