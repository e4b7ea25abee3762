"""The purpose of a trip: to be there, in time."""

import pytest
from judge_stories import EAST, MAIN, NORTH, SOUTH, TOWN, Story

from guiderail.maps.network import LinkId
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.articles.trip_failure import position
from guiderail.sim.judge.infraction import Infraction


def failure(story: Story, outcome: Outcome = Outcome.ARRIVED) -> list[Infraction]:
    judgement = story.judged(outcome)
    return [found for found in judgement.infractions if found.kind == "trip_failure"]


def there() -> Story:
    """End at the goal, EAST at 400 m."""
    return Story(link=EAST, s_mm=390_000).go(10)


@pytest.mark.parametrize("outcome", [Outcome.CRASHED, Outcome.TIMED_OUT])
def test_a_trip_that_did_not_arrive_has_failed(outcome: Outcome) -> None:
    (found,) = failure(there(), outcome)
    assert found.measured("arrived") == 0
    assert found.weight == 0.4


def test_a_trip_that_arrived_has_not_failed() -> None:
    assert failure(there()) == []


@pytest.mark.parametrize(
    ("link", "s_mm", "failed"),
    [
        pytest.param(EAST, 200_000, 0, id="200 m short on the same street"),
        pytest.param(EAST, 199_999, 1, id="1 mm more"),
        pytest.param(NORTH, 100_000, 1, id="round the corner: 412 m as the crow flies"),
    ],
)
def test_arriving_more_than_200_m_away_is_no_arrival(link: LinkId, s_mm: int, failed: int) -> None:
    story = Story(link=link, s_mm=s_mm)
    assert len(failure(story)) == failed


def test_the_distance_to_the_goal_is_a_straight_line() -> None:
    # 500 m east and 100 m north of the goal's 900 m east: sqrt(400^2 + 100^2) = 412.3 m.
    (found,) = failure(Story(link=NORTH, s_mm=100_000))
    assert found.measured("away_mm") == 412_310
    assert position(TOWN, SOUTH, 250_000) == (500_000, -250_000)


def test_close_by_on_another_street_is_there() -> None:
    story = Story(link=NORTH, s_mm=100_000, goal=(EAST, 50_000))
    assert failure(story) == []


@pytest.mark.parametrize(("late_ms", "failed"), [(0, 0), (1, 1)])
def test_a_late_arrival_is_a_failure(late_ms: int, failed: int) -> None:
    story = Story(link=EAST, s_mm=400_000, speed=0, time_limit_ms=300_000)
    story.time_ms = 300_000 + late_ms
    assert len(failure(story)) == failed


def test_a_failed_trip_is_booked_at_its_end() -> None:
    (found,) = failure(Story(link=MAIN).go(7))
    assert found.time_ms == 700
