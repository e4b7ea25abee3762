"""Trips are made from what all arms share, within the scenario's limits, and always possible."""

from typing import Any

import pytest

from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle, StretchFinder, stays_connected
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.lab.experiment.scenario import make_scenario
from guiderail.sim.lab.experiment.shortest_paths import ShortestLengths
from guiderail.sim.lab.experiment.trips import PlannedTrip, TripMaker, link_goals, place_goals

OD = {"min_s": 60, "max_s": 240}


@pytest.fixture(scope="module")
def routes(town: RoadNetwork) -> RouteOracle:
    """Make the routes of the town once."""
    return RouteOracle(town)


def maker(town: RoadNetwork, routes: RouteOracle, **values: Any) -> TripMaker:
    return TripMaker(town, routes, make_scenario({"od": OD, **values}))


@pytest.fixture(scope="module")
def planned(town: RoadNetwork, routes: RouteOracle) -> list[PlannedTrip]:
    """Make trips with many closures."""
    many = maker(town, routes, closures={"mean": 2.0, "stale": 0.5})
    return [many.planned(k) for k in range(60)]


def test_a_trip_takes_as_long_as_the_scenario_asks(
    planned: list[PlannedTrip], routes: RouteOracle
) -> None:
    for one in planned:
        tree = routes.tree(one.trip.goal)
        assert 60_000 <= tree.cost_to_go_ms[one.trip.origin] <= 240_000


def test_neither_origin_nor_goal_is_closed_and_the_goal_stays_within_reach(
    planned: list[PlannedTrip], town: RoadNetwork
) -> None:
    for one in planned:
        assert not one.trip.closed & {one.trip.origin, one.trip.goal}
        assert stays_connected(town, one.trip.closed)
        assert one.shortest_mm is not None


def test_roads_are_closed_from_junction_to_junction(
    planned: list[PlannedTrip], town: RoadNetwork
) -> None:
    finder = StretchFinder(town)
    for closed in (one.trip.closed for one in planned):
        whole = (found for found in map(finder.around, closed) if found <= closed)
        assert frozenset().union(*whole) == closed


def test_closures_occur_about_as_often_as_asked(planned: list[PlannedTrip]) -> None:
    spared = sum(not one.trip.closed for one in planned) / len(planned)
    assert 0.03 < spared < 0.30  # e**-2 = 0.14, since the mean asked for is 2


def test_half_of_the_closures_are_reported_and_others_are_reported_that_are_open(
    planned: list[PlannedTrip],
) -> None:
    closed = sum(len(one.trip.closed) for one in planned)
    known = sum(len(one.trip.closed & one.trip.reported_closed) for one in planned)
    haunted = sum(bool(one.trip.reported_closed - one.trip.closed) for one in planned)
    assert 0.3 < known / closed < 0.7
    assert 0.4 < haunted / len(planned) < 0.85  # 1 - 1/e = 0.63, since the mean of those is 1


def test_without_stale_reports_the_reports_are_the_truth(
    town: RoadNetwork, routes: RouteOracle
) -> None:
    honest = maker(town, routes, closures={"mean": 2.0, "stale": 0.0})
    for trip in (honest.planned(k).trip for k in range(20)):
        assert trip.reported_closed == trip.closed


def test_without_closures_nothing_is_closed_or_reported(
    town: RoadNetwork, routes: RouteOracle
) -> None:
    trip = maker(town, routes, closures={"mean": 0.0}).planned(0).trip
    assert trip.closed == trip.reported_closed == frozenset()


def test_arms_rates_guide_and_number_of_trips_do_not_change_a_trip(
    town: RoadNetwork, routes: RouteOracle
) -> None:
    one = maker(town, routes, arms=["guarded"], rates=[1], guide="oracle", trips=3)
    other = maker(town, routes, arms=["obeying_human"], rates=[0, 0.5], trips=300)
    assert one.planned(7) == other.planned(7)


def test_a_trip_does_not_depend_on_the_trips_made_before(
    town: RoadNetwork, routes: RouteOracle
) -> None:
    forwards, backwards = maker(town, routes), maker(town, RouteOracle(town))
    last_first = [backwards.planned(k) for k in reversed(range(8))]
    assert [forwards.planned(k) for k in range(8)] == last_first[::-1]
    assert forwards.goal_of(5) == forwards.planned(5).trip.goal


def test_another_seed_makes_other_trips(town: RoadNetwork, routes: RouteOracle) -> None:
    one, other = maker(town, routes, seed=1), maker(town, routes, seed=2)
    assert [one.planned(k) for k in range(4)] != [other.planned(k) for k in range(4)]


def test_a_map_without_such_long_trips_says_how_long_its_longest_is(
    town: RoadNetwork, routes: RouteOracle
) -> None:
    with pytest.raises(ScenarioError, match=r"no trip of 9000 to 9999 s: its longest takes \d+ s"):
        maker(town, routes, od={"min_s": 9_000, "max_s": 9_999}).planned(0)


def test_a_trip_fails_after_300_s_and_ten_times_its_free_flow_time(
    planned: list[PlannedTrip],
) -> None:
    for one in planned:
        assert one.trip.time_limit_ms == 300_000 + 10 * one.free_flow_ms


def test_goals_leave_room_to_stop(town: RoadNetwork) -> None:
    for goal in (*place_goals(town), *link_goals(town)):
        link = town.link(goal.link)
        assert link.in_world
        assert 20_000 <= goal.offset_mm <= link.length_mm - 10_000


def test_the_shortest_length_is_that_of_the_shortest_route_that_a_search_by_hand_finds(
    town: RoadNetwork,
) -> None:
    lengths = ShortestLengths(town)
    origin = next(link for link in town.all_links if link.in_world and link.length_mm > 50_000)
    second = town.turns_from(origin.id)[0].to_link
    middle = town.link(second).length_mm // 2
    found = lengths.between(origin.id, 10_000, second, middle, frozenset())
    assert found == origin.length_mm - 10_000 + middle


def test_a_closed_goal_has_no_length(town: RoadNetwork) -> None:
    inside = [link.id for link in town.all_links if link.in_world]
    origin, goal = inside[0], inside[-1]
    assert ShortestLengths(town).between(origin, 0, goal, 1, frozenset({LinkId(goal)})) is None
