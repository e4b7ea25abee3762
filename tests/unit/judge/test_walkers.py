"""People on foot: whoever drives into somebody is convicted, whoever stops short is not."""

import pytest
from judge_stories import Story

from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.severity import Severity


def test_driving_over_a_crossing_with_somebody_before_the_car_is_a_crash() -> None:
    story = Story().go(5).see(walker_gap_mm=-20, walker_aside_mm=0)
    (crash,) = story.found("collision_vru")
    assert (crash.article, crash.severity, crash.at_fault) == ("C1", Severity.S4, True)
    assert crash.measured("speed_mm_s") == 10_000
    assert not story.judged(Outcome.CRASHED).passes_gates


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(Story().go(5).see(walker_gap_mm=1, walker_aside_mm=0), id="1 mm short"),
        pytest.param(Story().go(5).see(walker_gap_mm=-20, walker_aside_mm=1), id="1 mm aside"),
        pytest.param(Story().go(5).see(walker_gap_mm=-4_501, walker_aside_mm=0), id="past it"),
        pytest.param(
            Story(speed=100).see(walker_gap_mm=0, walker_aside_mm=0), id="as good as still"
        ),
    ],
)
def test_who_stops_short_passes_beside_or_stands_hits_nobody(story: Story) -> None:
    assert story.found("collision_vru") == []


def test_somebody_on_the_crossing_is_a_reason_to_brake_hard_and_to_stand() -> None:
    seen = Story().see(walker_gap_mm=14_000, walker_aside_mm=0).go(10, accel=-6_000)
    assert seen.found("uncaused_emergency_braking") == []
    waiting = Story(speed=0, s_mm=300_000).see(walker_gap_mm=12_000).go(80)
    assert waiting.found("stop_in_live_lane") == []
    alone = Story().go(10, accel=-6_000)
    assert len(alone.found("uncaused_emergency_braking")) == 1
