"""Works and incidents: at the rate asked for, harmless if planned, late or missing in reports."""

import dataclasses
import math

import numpy as np
import pytest

from guiderail.maps.errors import MapError
from guiderail.maps.network import LinkId, RoadNetwork
from guiderail.maps.routing.closable import leaves_lanes_open, stays_connected
from guiderail.maps.routing.overlays import (
    DURATIONS_MIN,
    HOUR_MS,
    HOURLY_PERMILLE,
    LANE_SHARES,
    LONGEST_HOURS,
    REPORT_LAG_MS,
    Event,
    Overlay,
    capacity_left,
    incident_rate,
    incidents,
    lognormal_parameters,
    planned_works,
)
from guiderail.maps.synthetic.networks import straight_road


def closed(overlay: Overlay, time_ms: int) -> frozenset[LinkId]:
    active = (one for one in overlay.events if one.start_ms <= time_ms < one.end_ms)
    return frozenset().union(*(one.links for one in active if one.closes))


def is_ever_reported(event: Event) -> bool:
    return event.reported_from_ms < event.reported_until_ms


@pytest.fixture(scope="module")
def many(the_town: RoadNetwork) -> tuple[Event, ...]:
    """Incidents of seven busy hours at 1,000 times the published rate."""
    flow = [1_000] * the_town.link_count
    return incidents(the_town, 1, 17 * HOUR_MS, flow, factor=1_000).events


def test_works_close_the_share_asked_for_and_harm_nobody(network: RoadNetwork) -> None:
    works = planned_works(network, 1, 1.0)
    shut = closed(works, 0)
    world = network.links.in_world == 1
    share = network.links.length_mm[sorted(shut)].sum() / network.links.length_mm[world].sum()
    longest = max(network.links.length_mm[sorted(one.links)].sum() for one in works.events)
    assert 0.01 <= share < 0.01 + longest / network.links.length_mm[world].sum()
    assert stays_connected(network, shut)
    assert leaves_lanes_open(network, shut)


def test_more_works_are_added_to_the_same_ones(the_town: RoadNetwork) -> None:
    few, many = (planned_works(the_town, 3, percent).events for percent in (1, 8))
    assert many[: len(few)] == few
    assert len(many) > len(few)
    assert planned_works(the_town, 4, 1).events != few
    assert planned_works(the_town, 3, 0) == Overlay()


def test_works_that_no_report_knows_are_there_all_the_same(the_town: RoadNetwork) -> None:
    known, secret = (planned_works(the_town, 1, 5, missing=share) for share in (0, 1))
    assert closed(known, 0) == closed(secret, 0) != frozenset()
    assert all(map(is_ever_reported, known.events))
    assert not any(map(is_ever_reported, secret.events))


def test_a_kilometer_with_1000_vehicles_an_hour_has_46_incidents_in_10000_hours() -> None:
    road = straight_road(1_000_000)
    assert incident_rate(road, [1_000] * road.link_count)[0] == pytest.approx(46e-4)


def test_incidents_come_as_often_as_the_rate_and_the_hours_say(
    the_town: RoadNetwork, many: tuple[Event, ...]
) -> None:
    rate = incident_rate(the_town, [1_000] * the_town.link_count).sum() * 1_000
    hours = range(17 - LONGEST_HOURS, 18)
    expected = sum(rate * HOURLY_PERMILLE[hour] * 24 / sum(HOURLY_PERMILLE) for hour in hours)
    assert expected > 500
    assert abs(len(many) - expected) < 5 * math.sqrt(expected)


def test_lanes_and_durations_are_those_of_the_table(many: tuple[Event, ...]) -> None:
    shoulder = [one for one in many if one.lanes_closed == 0]
    share, count = LANE_SHARES[0], len(many)
    spread = math.sqrt(share * (1 - share) / count)
    assert len(shoulder) / count == pytest.approx(share, abs=5 * spread)
    minutes = [(one.end_ms - one.start_ms) / 60_000 for one in shoulder]
    mean, deviation = DURATIONS_MIN[0]
    assert np.mean(minutes) == pytest.approx(mean, abs=5 * deviation / math.sqrt(len(minutes)))


@pytest.mark.parametrize(
    ("lanes", "closed", "left"),
    # HCM, Exhibit 11-22, per open lane, times the lanes that are open.
    [
        (2, 0, 0.81),
        (3, 0, 0.83),
        (2, 1, 0.70 / 2),
        (3, 1, 0.74 * 2 / 3),
        (3, 2, 0.51 / 3),
        (4, 3, 0.52 / 4),
        (5, 2, 0.50 * 3 / 5),
        (1, 0, 0.81),
    ],
)
def test_an_incident_leaves_the_published_capacity(lanes: int, closed: int, left: float) -> None:
    assert capacity_left(lanes, closed) == pytest.approx(left)


def test_a_lognormal_of_mean_34_and_deviation_15_1_has_them() -> None:
    mu, sigma = lognormal_parameters(34.0, 15.1)
    assert math.exp(mu + sigma**2 / 2) == pytest.approx(34.0)
    assert math.sqrt(math.expm1(sigma**2)) * 34.0 == pytest.approx(15.1)


def test_only_an_incident_on_all_lanes_closes_a_link(
    the_town: RoadNetwork, many: tuple[Event, ...]
) -> None:
    assert {one.closes for one in many} == {False, True}
    for one in many:
        (link,) = one.links
        assert one.closes is (one.lanes_closed == the_town.link(link).lanes)


def test_reports_of_incidents_come_and_go_two_minutes_late(many: tuple[Event, ...]) -> None:
    one = next(one for one in many if one.closes)
    assert one.reported_from_ms == one.start_ms + REPORT_LAG_MS
    assert one.reported_until_ms == one.end_ms + REPORT_LAG_MS


def test_an_hour_has_the_same_incidents_whichever_moment_is_asked_for(
    the_town: RoadNetwork, many: tuple[Event, ...]
) -> None:
    flow = [1_000] * the_town.link_count
    later = incidents(the_town, 1, 20 * HOUR_MS, flow, factor=1_000).events
    both = range(14 * HOUR_MS, 18 * HOUR_MS)
    assert [e for e in many if e.start_ms in both] == [e for e in later if e.start_ms in both]
    assert incidents(the_town, 2, 20 * HOUR_MS, flow, factor=1_000).events != later


def test_incidents_that_nobody_reports_happen_all_the_same(
    the_town: RoadNetwork, many: tuple[Event, ...]
) -> None:
    flow = [1_000] * the_town.link_count
    secret = incidents(the_town, 1, 17 * HOUR_MS, flow, factor=1_000, missing=1)
    unknown = [dataclasses.replace(e, reported_from_ms=0, reported_until_ms=0) for e in many]
    assert len(secret.events) == len(unknown)
    assert closed(secret, 17 * HOUR_MS) == closed(Overlay(many), 17 * HOUR_MS)
    assert not any(map(is_ever_reported, secret.events))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda road: planned_works(road, 1, 21.0), "percent of works is 21.0: it must be 0 to 20"),
        (lambda road: planned_works(road, 1, float("nan")), "must be 0 to 20"),
        (lambda road: planned_works(road, 1, 1, missing=2), "missing reports is 2: it must be 0"),
        (lambda road: incidents(road, 1, -1, [0, 0]), "time of incidents is -1"),
        (lambda road: incidents(road, 1, 0, [0]), "1 flows for a map of 2 links"),
        (lambda road: incidents(road, 1, 0, [0, 0], factor=-1), "factor of incidents is -1"),
    ],
)
def test_shares_out_of_bounds_are_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(MapError, match=message):
        call(straight_road())
