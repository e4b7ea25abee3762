from collections.abc import Iterable
from itertools import pairwise

import pytest

from guiderail.maps.network import LinkId, RoadClass, RoadNetwork
from guiderail.maps.synthetic.networks import arm_link, crossing
from guiderail.sim.contract.draw import TripSeed
from guiderail.sim.world.background.flow import SHORTEST_HEADWAY_MS, WINDOW_MS, TrafficFlow

SEED = TripSeed(3, 4)
LINK = LinkId(0)


def _times(streams: TrafficFlow, windows: Iterable[int]) -> list[int]:
    return [time_ms for window in windows for time_ms in streams.lane_arrivals(LINK, 0, window)]


@pytest.mark.parametrize("flow", [60, 300, 1_200, 1_900, 5_000])
def test_vehicles_of_a_lane_keep_the_shortest_headway(road: RoadNetwork, flow: int) -> None:
    times = _times(TrafficFlow(road, SEED, flow), range(-5, 200))
    assert min(later - time_ms for time_ms, later in pairwise(times)) >= SHORTEST_HEADWAY_MS


@pytest.mark.parametrize("flow", [60, 300, 900, 1_500])
def test_as_many_vehicles_pass_as_were_asked_for(road: RoadNetwork, flow: int) -> None:
    # 100 hours; the sample's own spread is at most 1 / sqrt(6,000) = 1.3 %
    times = _times(TrafficFlow(road, SEED, flow), range(6_000))
    assert len(times) / 100 == pytest.approx(flow, rel=0.05)


def test_no_flow_is_an_empty_road(road: RoadNetwork) -> None:
    assert _times(TrafficFlow(road, SEED, 0), range(100)) == []


def test_what_was_asked_before_changes_no_vehicle(road: RoadNetwork) -> None:
    fresh, asked = TrafficFlow(road, SEED, 300), TrafficFlow(road, SEED, 300)
    for window in (9, 2, 7, -3):
        asked.around(LinkId(1), 2, window * WINDOW_MS)
    assert _times(asked, range(-2, 10)) == _times(fresh, range(-2, 10))


def test_lanes_links_and_trips_have_traffic_of_their_own(road: RoadNetwork) -> None:
    here = TrafficFlow(road, SEED, 300)
    other = TrafficFlow(road, TripSeed(3, 5), 300)
    assert here.lane_arrivals(LINK, 0, 1) != here.lane_arrivals(LINK, 1, 1)
    assert here.lane_arrivals(LINK, 0, 1) != other.lane_arrivals(LINK, 0, 1)


def test_the_road_is_not_empty_when_the_trip_begins(road: RoadNetwork) -> None:
    passed, coming = TrafficFlow(road, SEED, 600).around(LINK, 0, 0)
    assert passed
    assert max(passed) <= 0 < min(coming)


def test_who_passed_is_told_from_who_comes(road: RoadNetwork) -> None:
    streams = TrafficFlow(road, SEED, 300)
    at_ms = streams.lane_arrivals(LINK, 0, 1)[1]
    passed, coming = streams.around(LINK, 0, at_ms)
    assert passed[0] == at_ms
    assert passed == sorted(passed, reverse=True)
    assert coming == sorted(coming)
    assert coming[0] >= at_ms + SHORTEST_HEADWAY_MS


def test_a_lane_keeps_88_to_100_percent_of_the_limit(road: RoadNetwork) -> None:
    speeds = {TrafficFlow(road, TripSeed(i, 0), 0).speed_mm_s(LINK, 0) for i in range(50)}
    assert len(speeds) > 10
    assert min(speeds) >= 0.88 * 13_880 - 20
    assert max(speeds) <= 13_880


def test_arrivals_in_a_span_do_not_depend_on_how_it_is_cut() -> None:
    network = crossing(control="stop", classes={"north": "residential", "south": "residential"})
    south = arm_link(network, "south", inward=True)
    turn = network.turn(south, arm_link(network, "north", inward=False))
    assert turn
    streams = TrafficFlow(network, SEED, 300)
    whole = streams.priority_arrivals(turn, 0, 300_000)
    parts = [streams.priority_arrivals(turn, at, at + 9_999) for at in range(0, 300_000, 10_000)]
    assert whole == [time_ms for part in parts for time_ms in part]
    assert whole


@pytest.mark.parametrize("arm_to", ["north", "east", "west"])
def test_the_road_that_is_crossed_has_priority_not_the_street_beyond(arm_to: str) -> None:
    # Straight on from one residential street into the next, across a secondary road.
    network = crossing(control="stop", classes={"north": "residential", "south": "residential"})
    south = arm_link(network, "south", inward=True)
    turn = network.turn(south, arm_link(network, arm_to, inward=False))
    assert turn
    assert TrafficFlow(network, SEED, 300).major_link(turn).road_class is RoadClass.SECONDARY


@pytest.mark.parametrize("flow", [900, 1_500])
def test_a_busier_road_comes_in_longer_platoons(road: RoadNetwork, flow: int) -> None:
    # Tanner: flow * 1.8 s of the vehicles follow at the shortest headway, 45 and 75 %. A window of
    # a minute cuts long headways off more often than short ones, by about 4 s / 60 s.
    streams, follows, headways = TrafficFlow(road, SEED, flow), 0, 0
    for window in range(3_000):
        times = streams.lane_arrivals(LINK, 0, window)
        headways += max(0, len(times) - 1)
        follows += sum(b - a == SHORTEST_HEADWAY_MS for a, b in pairwise(times))
    assert follows / headways == pytest.approx(flow * 1.8 / 3_600, rel=0.10)
