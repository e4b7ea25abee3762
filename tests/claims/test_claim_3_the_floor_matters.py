"""
C3: without that floor the same words cause danger.

Same seeds, same words: a machine and a person who obey drive as carefully as the guarded car while
nobody speaks, and commit grave infractions of several kinds when spoken to, more of them the more
often the guide is wrong.
"""

from typing import Any

import pytest

from guiderail.agents.noisy import Noisy
from guiderail.sim.contract.trace import Outcome

TRIPS = 10
OBEYING = ("obeying_machine", "obeying_human")


@pytest.fixture(scope="module", params=OBEYING)
def by_rate(request: pytest.FixtureRequest, helsinki: Any) -> dict[float, list[Any]]:
    """Drive the same trips with an obeying car at three rates of error."""
    trips = helsinki.trips(TRIPS, seed=3)
    return {r: helsinki.drive_all(request.param, trips, Noisy, r) for r in (0.0, 0.4, 1.0)}


def grave(outings: list[Any]) -> int:
    return sum(len(outing.grave) for outing in outings)


@pytest.mark.parametrize("arm", OBEYING)
def test_an_obeying_car_without_a_guide_is_a_careful_one(helsinki: Any, arm: str) -> None:
    for trip in helsinki.trips(TRIPS, seed=3):
        twin = helsinki.drive(arm, trip)
        assert (twin.trace.outcome, twin.kinds) == (Outcome.ARRIVED, set())


def test_a_perfect_guide_does_no_harm_even_to_a_car_that_obeys(
    by_rate: dict[float, list[Any]],
) -> None:
    assert grave(by_rate[0.0]) == 0


def test_wrong_words_make_an_obeying_car_dangerous_in_several_ways(
    by_rate: dict[float, list[Any]],
) -> None:
    kinds = set().union(*(outing.kinds for outing in by_rate[1.0]))
    assert len(kinds) >= 3
    assert "wrong_way" in kinds


def test_harm_grows_with_the_rate_of_error(by_rate: dict[float, list[Any]]) -> None:
    assert 0 < grave(by_rate[0.4]) < grave(by_rate[1.0])


def test_the_guarded_car_hears_the_same_and_does_no_harm(helsinki: Any) -> None:
    trips = helsinki.trips(TRIPS, seed=3)
    assert grave(helsinki.drive_all("guarded", trips, Noisy, 1.0)) == 0


def test_an_obeying_car_still_stops_at_red(by_rate: dict[float, list[Any]]) -> None:
    """It is no strawman: what it breaks it was told to, and nobody told it to run a light."""
    for outings in by_rate.values():
        assert all("red_light" not in outing.kinds for outing in outings)
