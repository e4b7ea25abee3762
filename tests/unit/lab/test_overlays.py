"""Works and incidents in a scenario: off by default, bit for bit; on, they harm nobody."""

from itertools import pairwise
from typing import Any

import pytest

from guiderail.maps.library.load import load_map
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing import RouteOracle
from guiderail.maps.routing.overlays import is_harmless, planned_works
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.trip import Trip
from guiderail.sim.lab.experiment.scenario import Scenario, make_scenario
from guiderail.sim.lab.experiment.trips import TripMaker


@pytest.fixture(scope="module")
def helsinki() -> RoadNetwork:
    return load_map("helsinki")


def maker(network: RoadNetwork, **closures: Any) -> TripMaker:
    scenario = make_scenario({"closures": {"mean": 0.0, "stale": 0.0, **closures}})
    return TripMaker(network, RouteOracle(network), scenario)


def ever_closed(trip: Trip) -> frozenset[LinkId]:
    return trip.closed.union(*(one.links for one in trip.closings if one.until_ms > 0))


def test_a_scenario_without_works_and_incidents_makes_the_trips_it_always_made() -> None:
    # The text that trips are seeded with, as it was before these keys existed.
    assert Scenario().shared_part() == (
        '{"closures":{"mean":0.5,"stale":0.3},'
        '"conditions":{"flow_per_hour":300,"friction":0.8,"hidden_share":0.2,"hour":-1,'
        '"lapses_ppm":1000,"sight_m":100.0,"walkers_per_hour":60},'
        '"od":{"max_s":90.0,"min_s":30.0}}'
    )
    assert (
        '"works_percent":1.0' in make_scenario({"closures": {"works_percent": 1.0}}).shared_part()
    )


def test_sirens_and_queues_change_no_trip_before_they_are_asked_for() -> None:
    unused = {"conditions": {"emergency_per_hour": 0}, "closures": {"queues": False}}
    assert make_scenario(unused).shared_part() == Scenario().shared_part()
    sirens = make_scenario({"conditions": {"emergency_per_hour": 1}})
    assert sirens.shared_part() != Scenario().shared_part()
    without, with_queues = (
        make_scenario({"closures": {"incidents": 1.0, "queues": on}}) for on in (False, True)
    )
    assert without.shared_part() != with_queues.shared_part()


def test_incidents_that_leave_a_lane_open_are_bottlenecks_where_queues_are_asked_for(
    helsinki: RoadNetwork,
) -> None:
    trips = [maker(helsinki, incidents=100.0, queues=True).planned(i).trip for i in range(10)]
    found = [one for trip in trips for one in trip.bottlenecks]
    assert len(found) > 20
    for one in found:
        lanes = helsinki.link(one.upstream[0]).lanes
        assert 0 < one.capacity_per_hour <= round(0.85 * 1_800 * lanes)
        # 300 an hour and lane on a secondary road, at most four times as many on a motorway.
        assert one.demand_per_hour <= 1_200 * lanes
        for link, before in pairwise(one.upstream):
            turn = helsinki.turn(before, link)
            assert turn is not None
            assert turn.ban is None
    unasked = [maker(helsinki, incidents=100.0).planned(i).trip for i in range(10)]
    assert all(trip.bottlenecks == () for trip in unasked)


def test_a_saturated_road_brings_no_more_than_it_carries(town: RoadNetwork) -> None:
    scenario = make_scenario(
        {
            "closures": {"mean": 0.0, "incidents": 100.0, "queues": True},
            "conditions": {"flow_per_hour": 2_000},
        }
    )
    trips = TripMaker(town, RouteOracle(town), scenario)
    found = [one for i in range(5) for one in trips.planned(i).trip.bottlenecks]
    full = [one.demand_per_hour / town.link(one.upstream[0]).lanes for one in found]
    assert max(full) == 1_800


def test_works_are_the_same_on_every_trip_but_where_it_starts_and_ends(
    helsinki: RoadNetwork,
) -> None:
    trips = [maker(helsinki, works_percent=2.0).planned(i).trip for i in range(20)]
    planned = planned_works(helsinki, 1, 2.0)
    works = frozenset(link for event in planned.events for link in event.links)
    for trip in trips:
        assert trip.closed <= works
        assert trip.closed.isdisjoint({trip.origin, trip.goal})
        assert trip.reported_closed == trip.closed
        assert is_harmless(helsinki, trip.closed)
    assert works in {trip.closed for trip in trips}


def test_works_that_reports_miss_are_as_many_as_the_share_says(helsinki: RoadNetwork) -> None:
    trip = maker(helsinki, works_percent=4.0, stale=0.5).planned(0).trip
    assert frozenset() < trip.reported_closed < trip.closed


def test_incidents_close_roads_here_and_there_and_harm_nobody(helsinki: RoadNetwork) -> None:
    trips = [maker(helsinki, incidents=1_000.0, mean=0.5).planned(i).trip for i in range(20)]
    assert len({trip.closings for trip in trips}) > 10
    assert all(is_harmless(helsinki, ever_closed(trip)) for trip in trips)
    assert all(ever_closed(trip).isdisjoint({trip.origin, trip.goal}) for trip in trips)
    again = [maker(helsinki, incidents=1_000.0, mean=0.5).planned(i).trip for i in (5, 3)]
    assert again == [trips[5], trips[3]]


def test_at_the_published_rate_incidents_are_rare(helsinki: RoadNetwork) -> None:
    made = maker(helsinki, incidents=1.0)
    closed = [ever_closed(made.planned(i).trip) for i in range(30)]
    assert sum(map(bool, closed)) < 15


def test_incidents_begin_and_end_during_trips_and_are_known_two_minutes_later(
    helsinki: RoadNetwork,
) -> None:
    made = maker(helsinki, incidents=1_000.0)
    trips = [made.planned(i).trip for i in range(40)]
    closings = [one for trip in trips for one in trip.closings]
    assert any(0 < one.from_ms < 600_000 for one in closings)
    assert any(0 < one.until_ms < 600_000 for one in closings)
    assert {one.reported_from_ms - one.from_ms for one in closings} == {120_000}
    assert {one.reported_until_ms - one.until_ms for one in closings} == {120_000}


def test_incidents_that_no_report_knows_are_true_all_the_same(helsinki: RoadNetwork) -> None:
    made = maker(helsinki, incidents=1_000.0, stale=1.0)
    trips = [made.planned(i).trip for i in range(10)]
    closings = [one for trip in trips for one in trip.closings]
    assert any(map(ever_closed, trips))
    assert all(one.reported_until_ms <= one.reported_from_ms for one in closings)


def test_too_many_works_are_refused_by_name() -> None:
    with pytest.raises(ScenarioError, match=r"works_percent: 50\.0 is above the largest value, 20"):
        make_scenario({"closures": {"works_percent": 50.0}})
