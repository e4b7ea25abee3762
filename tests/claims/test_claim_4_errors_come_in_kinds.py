"""
C4: guides err in kinds, and the kinds differ in what they cost.

A wrong road, a wrong direction, a forbidden turn, a stale map, a late word and a turn from a far
lane each harm a car that obeys; an invented place harms nobody, since it cannot be driven to. None
of them harms the guarded car. Errors are clustered by trip, not independent.
"""

from dataclasses import replace
from statistics import pvariance
from typing import Any

import pytest

from guiderail.agents import makers
from guiderail.agents.noisy import Noisy
from guiderail.sim.contract.draw import TripSeed

TRIPS = 8
HARMFUL = {
    "wrong_link",
    "wrong_direction",
    "illegal_turn",
    "stale_map",
    "bad_timing",
    "lane_far",
}


def drive(town: Any, arm: str, kind: str) -> list[Any]:
    trips = [replace(trip, time_limit_ms=600_000) for trip in town.trips(TRIPS, seed=4)]
    return list(town.drive_all(arm, trips, getattr(makers, f"only_{kind}"), 1.0))


@pytest.mark.parametrize("kind", sorted(HARMFUL))
def test_a_kind_of_error_harms_the_car_that_obeys(helsinki: Any, kind: str) -> None:
    assert any(outing.grave for outing in drive(helsinki, "obeying_machine", kind))


@pytest.mark.parametrize("kind", sorted({*HARMFUL, "invented_place"}))
def test_no_kind_of_error_harms_the_guarded_car(helsinki: Any, kind: str) -> None:
    outings = drive(helsinki, "guarded", kind)
    assert any(outing.heard for outing in outings)
    assert not any(outing.grave for outing in outings)


def test_an_invented_place_cannot_be_driven_to_by_anybody(helsinki: Any) -> None:
    outings = drive(helsinki, "obeying_machine", "invented_place")
    assert any(outing.heard for outing in outings)
    assert not any(outing.grave for outing in outings)


def test_wrong_way_driving_comes_from_words_about_directions_alone(helsinki: Any) -> None:
    late = drive(helsinki, "obeying_machine", "bad_timing")
    wrong = drive(helsinki, "obeying_machine", "wrong_direction")
    assert not any("wrong_way" in outing.kinds for outing in late)
    assert any("wrong_way" in outing.kinds for outing in wrong)


def test_errors_are_clustered_by_trip(helsinki: Any) -> None:
    """At a rate of 20 % most trips are far from 20 %: variance 0.45 * 0.2 * 0.8 = 0.072."""
    guides = [
        Noisy(helsinki.network, TripSeed(k, 7), closed=frozenset(), rate=0.2) for k in range(400)
    ]
    chances = [guide.error_ppm / 1_000_000 for guide in guides]
    assert pvariance(chances) == pytest.approx(0.072, rel=0.2)
