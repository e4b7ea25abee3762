"""The whole driver on real and made-up streets, driven by the world."""

from dataclasses import replace
from typing import Any

import pytest

from guiderail.agents.baseline import Silent
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import (
    Advice,
    Ask,
    Decision,
    Observation,
    Perception,
    Proposal,
    Reason,
)
from guiderail.sim.contract.ports import Driver
from guiderail.sim.contract.trace import Heard, Missed, Outcome, Passing, Rerouted, Trace
from guiderail.sim.contract.trip import Conditions, Trip
from guiderail.sim.driver.arms import arms, make_driver
from guiderail.sim.driver.guard.budget import Budget
from guiderail.sim.driver.motion.style import DrivingStyle
from guiderail.sim.driver.pilot import Pilot
from guiderail.sim.world.clock import simulate

SOUTH, NORTH, EAST, WEST = "south", "north", "east", "west"


class Speaker:
    """Says one thing, once, when the car is on a link and near enough to its end."""

    name = "speaker"

    def __init__(self, latency_ms: int = 100, **wanted: Any) -> None:
        self._wanted = {"ask": Ask.TURN} | wanted
        self._latency_ms = latency_ms
        self._said = False

    def advise(self, seen: Observation) -> Advice | None:
        """Speak at the first occasion."""
        if self._said:
            return None
        self._said = True
        proposal = Proposal(seen_ms=seen.time_ms, **self._wanted)
        return Advice(words="Turn.", proposal=proposal, latency_ms=self._latency_ms)


def trip_over(network: RoadNetwork, start: str, end: str, **more: Any) -> Trip:
    """Go from one arm of a crossing to another on empty roads."""
    known: dict[str, Any] = {
        "seed": TripSeed(1, 2),
        "origin": arm_link(network, start, inward=True),
        "origin_mm": 100_000,
        "goal": arm_link(network, end, inward=False),
        "goal_mm": 200_000,
        "goal_name": "goal",
        "conditions": Conditions(flow_per_hour=0),
        "time_limit_ms": 900_000,
    }
    return Trip(**known | more)


def drive(arm: str, network: RoadNetwork, trip: Trip, guide: Any = None) -> Trace:
    driver = make_driver(arm, network, RouteOracle(network), trip, Budget())
    silent = Silent(network, trip.seed, closed=trip.closed, rate=0)
    return simulate(network, trip, driver, guide or silent)


def links_of(trace: Trace) -> list[int]:
    passed = [event for event in trace.events if isinstance(event, Passing)]
    return [trace.start_link, *(event.to_link for event in passed)]


def told(trace: Trace, kind: type) -> list[Any]:
    return [event for event in trace.events if isinstance(event, kind)]


@pytest.fixture(scope="module")
def plain() -> RoadNetwork:
    return crossing(has_ring=True)


@pytest.mark.parametrize("arm", arms())
def test_every_arm_drives_to_the_goal_when_nobody_speaks(plain: RoadNetwork, arm: str) -> None:
    trace = drive(arm, plain, trip_over(plain, SOUTH, WEST))
    assert trace.outcome is Outcome.ARRIVED
    assert told(trace, Missed) == []


@pytest.mark.parametrize("goal_mm", [90_000, 150_000])
def test_a_goal_on_the_first_link_is_reached_round_the_block_if_it_is_behind(
    plain: RoadNetwork, goal_mm: int
) -> None:
    south = arm_link(plain, SOUTH, inward=True)
    trace = drive("no_guide", plain, trip_over(plain, SOUTH, WEST, goal=south, goal_mm=goal_mm))
    assert trace.outcome is Outcome.ARRIVED
    assert (len(links_of(trace)) > 1) == (goal_mm < 100_000)


def test_a_turn_back_before_a_barrier_leads_to_the_goal_another_way(plain: RoadNetwork) -> None:
    east = arm_link(plain, EAST, inward=False)
    trip = trip_over(plain, SOUTH, EAST, goal=arm_link(plain, WEST, inward=True))
    closed = replace(trip, closed=frozenset({east}))
    trace = drive("no_guide", plain, closed)
    assert trace.outcome is Outcome.ARRIVED
    assert east not in links_of(trace)


def pilot(network: RoadNetwork, trip: Trip, **style: Any) -> Pilot:
    return Pilot(
        network,
        RouteOracle(network),
        origin=(trip.origin, trip.origin_mm),
        goal=(trip.goal, trip.goal_mm),
        goal_name="goal",
        style=DrivingStyle(**style),
        friction_permille=800,
    )


@pytest.fixture
def wide() -> RoadNetwork:
    return crossing(lanes=2, control="signal", has_ring=True)


def test_a_lane_change_is_looked_for_first_and_then_begun(
    wide: RoadNetwork, seen: Perception
) -> None:
    one = pilot(wide, trip_over(wide, SOUTH, WEST))
    now = seen.but(link=one.planner.link, s_mm=100_000)
    first, second = one.drive(now), one.drive(now.but(time_ms=60_100))
    assert (first.lane_step, first.look) == (0, 1)
    assert (second.lane_step, second.look) == (1, 1)


def test_without_a_gap_the_turn_is_given_up_at_the_last_call(
    wide: RoadNetwork, seen: Perception
) -> None:
    one = pilot(wide, trip_over(wide, SOUTH, WEST))
    one.planner.news()
    now = seen.but(link=one.planner.link, side_lag_gap_mm=0, side_lag_speed_mm_s=14_000)
    for s_mm in range(100_000, 345_000, 5_000):
        assert one.drive(now.but(s_mm=s_mm)).lane_step == 0
    missed, rerouted = one.planner.news()
    assert (missed.wanted, missed.from_guide) == (arm_link(wide, WEST, inward=False), False)
    assert rerouted.route[-1] == arm_link(wide, WEST, inward=False)


def test_a_car_that_obeys_changes_lanes_without_asking_for_a_safe_gap(
    wide: RoadNetwork, seen: Perception
) -> None:
    one = pilot(wide, trip_over(wide, SOUTH, NORTH), obeys=True)
    west = wide.turn(one.planner.link, arm_link(wide, WEST, inward=False))
    assert west is not None
    route = one.planner.route_with_turn(west)
    assert route is not None
    one.planner.adopt(route, "guide", 0, from_guide=True)
    close = seen.but(link=one.planner.link, s_mm=380_000, side_lag_gap_mm=500)
    one.drive(close)
    assert one.drive(close).lane_step == 1
    assert one.drive(close.but(side_lag_gap_mm=-500)).lane_step == 0


def test_a_new_route_too_close_to_join_is_missed_for_another(
    plain: RoadNetwork, seen: Perception
) -> None:
    one = pilot(plain, trip_over(plain, SOUTH, NORTH))
    close = seen.but(link=one.planner.link, s_mm=390_000)
    one.drive(close)
    one.planner.see_closed(frozenset({arm_link(plain, NORTH, inward=False)}), 0)
    assert one.planner.next_link() != arm_link(plain, NORTH, inward=False)
    one.planner.news()
    one.drive(close)
    # 10 m before the node at 50 km/h neither turn can be made calmly: braking hard is what is left.
    assert one.drive(close).accel_mm_s2 < -2_400


def test_a_car_with_nowhere_to_go_makes_the_minimal_risk_maneuver(
    plain: RoadNetwork, seen: Perception
) -> None:
    one = pilot(plain, trip_over(plain, SOUTH, NORTH))
    now = seen.but(link=one.planner.link, s_mm=350_000)
    everything = frozenset(link.id for link in plain.all_links)
    command = one.drive(now.but(closed=everything))
    assert command.minimal_risk
    assert command.next_link == -1
    assert command.accel_mm_s2 < 0


def test_standing_before_a_barrier_is_having_to_turn_round(
    plain: RoadNetwork, seen: Perception
) -> None:
    one = pilot(plain, trip_over(plain, SOUTH, NORTH))
    now = seen.but(link=one.planner.link, s_mm=300_000, barrier_mm=2_000)
    assert not one.drive(now).turn_back
    assert one.drive(now.but(speed_mm_s=0)).turn_back


# -- guarded ----------------------------------------------------------------------------------


def test_the_guarded_car_drives_what_it_accepts(plain: RoadNetwork) -> None:
    south, west = arm_link(plain, SOUTH, inward=True), arm_link(plain, WEST, inward=False)
    trace = drive("guarded", plain, trip_over(plain, SOUTH, NORTH), Speaker(at=south, onto=west))
    (heard,) = told(trace, Heard)
    assert heard.verdict.decision is Decision.ACCEPT
    assert links_of(trace)[1] == west
    assert trace.outcome is Outcome.ARRIVED


def test_a_refusal_leaves_no_trace_in_the_motion(plain: RoadNetwork) -> None:
    south, west = arm_link(plain, SOUTH, inward=True), arm_link(plain, WEST, inward=False)
    trip = trip_over(plain, SOUTH, NORTH)
    late = drive("guarded", plain, trip, Speaker(24_000, at=south, onto=west))
    (heard,) = told(late, Heard)
    assert heard.verdict.reason is Reason.TOO_LATE
    assert late.motion == drive("no_guide", plain, trip).motion


# -- arms that obey ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oneway() -> RoadNetwork:
    return crossing(
        has_ring=True,
        oneway={WEST: "in"},
        restrictions=[("no_right_turn", SOUTH, EAST)],
    )


@pytest.mark.parametrize("arm", ["obeying_machine", "obeying_human"])
@pytest.mark.parametrize("onto", [WEST, EAST])
def test_who_obeys_makes_illegal_and_wrong_way_turns(
    oneway: RoadNetwork, arm: str, onto: str
) -> None:
    south, wrong = arm_link(oneway, SOUTH, inward=True), arm_link(oneway, onto, inward=False)
    guide = Speaker(at=south, onto=wrong)
    trace = drive(arm, oneway, trip_over(oneway, SOUTH, NORTH), guide)
    (heard,) = told(trace, Heard)
    assert heard.verdict.reason is Reason.OBEYED
    assert links_of(trace)[1] == wrong
    assert oneway.link(wrong).against_oneway == (onto == WEST)


@pytest.mark.parametrize("onto", [WEST, EAST])
def test_the_guarded_car_makes_none_of_them(oneway: RoadNetwork, onto: str) -> None:
    south, wrong = arm_link(oneway, SOUTH, inward=True), arm_link(oneway, onto, inward=False)
    guide = Speaker(at=south, onto=wrong)
    trace = drive("guarded", oneway, trip_over(oneway, SOUTH, NORTH), guide)
    assert links_of(trace)[1] == arm_link(oneway, NORTH, inward=False)


@pytest.mark.parametrize("arm", ["obeying_machine", "obeying_human"])
def test_an_invented_place_cannot_be_driven_to(plain: RoadNetwork, arm: str) -> None:
    trip = trip_over(plain, SOUTH, NORTH)
    trace = drive(arm, plain, trip, Speaker(ask=Ask.GO_TO, place="Atlantis"))
    (heard,) = told(trace, Heard)
    assert heard.verdict.reason is Reason.UNKNOWN_PLACE
    assert trace.motion == drive(arm, plain, trip).motion


@pytest.mark.parametrize(
    "wanted",
    [
        {"ask": Ask.AVOID, "road": "North Road"},
        {"ask": Ask.TAKE_ROAD, "road": "West Road"},
        {"ask": Ask.CANCEL},
    ],
)
def test_who_obeys_understands_every_request(plain: RoadNetwork, wanted: dict[str, Any]) -> None:
    goal = arm_link(plain, EAST, inward=True)
    trip = trip_over(plain, SOUTH, NORTH, goal=goal)
    trace = drive("obeying_machine", plain, trip, Speaker(**wanted))
    (heard,) = told(trace, Heard)
    assert heard.verdict.reason is Reason.OBEYED
    assert trace.outcome is Outcome.ARRIVED


def human(plain: RoadNetwork) -> tuple[Driver, Trip]:
    trip = trip_over(plain, SOUTH, NORTH)
    return make_driver("obeying_human", plain, RouteOracle(plain), trip, Budget()), trip


def test_a_person_acts_0_7_to_1_9_s_after_the_last_word(
    plain: RoadNetwork, seen: Perception
) -> None:
    driver, trip = human(plain)
    now = seen.but(link=trip.origin, s_mm=100_000, time_ms=1_000)
    west = arm_link(plain, WEST, inward=False)
    driver.hear(Proposal(ask=Ask.TURN, seen_ms=0, at=trip.origin, onto=west), now)
    acted = []
    for time_ms in range(1_000, 4_000, 100):
        driver.command(now.but(time_ms=time_ms))
        if driver.route()[1] == west:
            acted.append(time_ms)
    assert 1_700 <= acted[0] <= 2_900
    assert any(isinstance(event, Rerouted) for event in driver.news())
    assert driver.remaining_ms() > 0


def perceived_ms(driver: Any, now: Perception, since_ms: int) -> int:
    """How old the traffic is that a person goes by, after a while on the road."""
    for time_ms in range(since_ms - 4_000, since_ms + 1, 100):
        blurred = driver._blurred(now.but(time_ms=time_ms, leader_gap_mm=time_ms))  # noqa: SLF001
    return since_ms - int(blurred.leader_gap_mm)


def test_a_person_knows_how_much_nearer_a_car_head_on_has_come_meanwhile(
    plain: RoadNetwork, seen: Perception
) -> None:
    driver, trip = human(plain)
    for tick in range(20):  # both at 10 m/s: 1 m and 1 m in every tick
        now = seen.but(
            link=trip.origin,
            time_ms=100 * tick,
            s_mm=100_000 + 1_000 * tick,
            oncoming_gap_mm=90_000 - 2_000 * tick,
            oncoming_speed_mm_s=10_000,
        )
        blurred = driver._blurred(now)  # noqa: SLF001
    assert blurred.oncoming_gap_mm == 90_000 - 2_000 * 19
    gone = driver._blurred(now.but(time_ms=2_000, oncoming_gap_mm=NOTHING))  # noqa: SLF001
    assert gone.oncoming_gap_mm == 90_000 - 2_000 * 19 - 1_000  # it is 0.7 s until that is noticed


def test_a_late_word_flusters_and_the_fluster_fades(plain: RoadNetwork, seen: Perception) -> None:
    driver, trip = human(plain)
    now = seen.but(link=trip.origin, s_mm=360_000, time_ms=10_000)
    assert perceived_ms(driver, now, 10_000) == 700
    west = arm_link(plain, WEST, inward=False)
    driver.hear(Proposal(ask=Ask.TURN, seen_ms=9_000, at=trip.origin, onto=west), now)
    at_once = perceived_ms(driver, now, 14_000)
    assert 700 + 400 <= at_once <= 700 + 1_500
    assert 700 < perceived_ms(driver, now, 18_000) < at_once
    assert perceived_ms(driver, now, 90_000) == 700


def test_a_word_in_good_time_flusters_nobody(plain: RoadNetwork, seen: Perception) -> None:
    driver, trip = human(plain)
    now = seen.but(link=trip.origin, s_mm=100_000, time_ms=10_000)
    west = arm_link(plain, WEST, inward=False)
    driver.hear(Proposal(ask=Ask.TURN, seen_ms=9_000, at=trip.origin, onto=west), now)
    assert perceived_ms(driver, now, 14_000) == 700


# -- arms -------------------------------------------------------------------------------------


def test_an_unknown_arm_is_named_with_those_that_exist(plain: RoadNetwork) -> None:
    trip = trip_over(plain, SOUTH, NORTH)
    with pytest.raises(ScenarioError, match=r"no arm named 'reckless'.*guarded"):
        make_driver("reckless", plain, RouteOracle(plain), trip, Budget())


def test_people_differ_in_how_fast_they_take_curves(plain: RoadNetwork) -> None:
    speeds = set()
    for k in range(30):
        trip = trip_over(plain, SOUTH, NORTH, seed=TripSeed(k, 1))
        driver: Any = make_driver("obeying_human", plain, RouteOracle(plain), trip, Budget())
        speeds.add(driver._pilot.turn_speed_mm_s(8_000))  # noqa: SLF001
    assert len(speeds) > 5
    # The root of 1.5 .. 3.5 m/s^2 times 8 m
    assert 3_400 < min(speeds) <= max(speeds) < 5_300


def test_a_goal_rolled_past_is_driven_to_again(plain: RoadNetwork, seen: Perception) -> None:
    south = arm_link(plain, SOUTH, inward=True)
    one = pilot(plain, trip_over(plain, SOUTH, NORTH, goal=south, goal_mm=300_000))
    now = seen.but(link=south, s_mm=305_000)
    assert one.drive(now).next_link == -1
    assert one.drive(now.but(s_mm=305_001)).next_link != -1
    assert (one.planner.route[0], one.planner.route[-1]) == (south, south)


def test_any_route_can_be_joined_from_a_standstill_and_few_from_close_by(
    plain: RoadNetwork, seen: Perception
) -> None:
    one = pilot(plain, trip_over(plain, SOUTH, EAST))
    close = seen.but(link=one.planner.link, s_mm=390_000)
    assert one.can_drive(one.planner.route, close.but(speed_mm_s=0))
    assert one.can_drive(one.planner.route, close.but(s_mm=300_000))
    assert not one.can_drive(one.planner.route, close)


def test_a_car_past_waiting_may_still_be_told_what_lies_beyond_its_turn(seen: Perception) -> None:
    # 10 m before the node at 12 m/s: too late for any turn, but not for one at the next node.
    ring = crossing(control="give_way", has_ring=True)
    one = pilot(ring, trip_over(ring, SOUTH, NORTH))
    link = one.planner.link
    close = seen.but(link=link, s_mm=ring.link(link).length_mm - 10_000)
    one.drive(close)
    planner, ahead = one.planner, one.planner.next_link()
    beyond = [planner.route_with_turn(turn) for turn in ring.turns_from(LinkId(ahead))]
    elsewhere = [planner.route_with_turn(turn) for turn in ring.turns_from(link)]
    assert len(set(beyond)) > 1
    assert all(route is not None and one.can_drive(route, close) for route in beyond)
    assert not any(
        route and one.can_drive(route, close) for route in elsewhere if route != planner.route
    )


def test_a_reroute_in_mid_road_settles_for_what_can_still_be_made(
    seen: Perception,
) -> None:
    # Left is too close by now, straight on is still possible.
    lit = crossing(control="signal", has_ring=True)
    one = pilot(lit, trip_over(lit, SOUTH, NORTH))
    close = seen.but(link=one.planner.link, s_mm=385_000)
    one.drive(close)
    west = lit.turn(one.planner.link, arm_link(lit, WEST, inward=False))
    assert west is not None
    one.planner.adopt(one.planner.route_with_turn(west) or (), "closure", 0)
    assert one.drive(close).next_link == arm_link(lit, NORTH, inward=False)
