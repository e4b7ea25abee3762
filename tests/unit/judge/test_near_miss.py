"""Near misses are logged, weigh nothing, and are booked like crashes."""

import pytest
from judge_stories import WRONG, Story

from guiderail.sim.judge.severity import Severity


@pytest.mark.parametrize(
    ("gap_mm", "severe"),
    [
        # Closing at 10 m/s.
        pytest.param(15_000, None, id="1.5 s"),
        pytest.param(14_999, 0, id="a little less than 1.5 s"),
        pytest.param(9_500, 0, id="0.95 s"),
        pytest.param(9_499, 1, id="a little less than 0.95 s"),
    ],
)
def test_time_to_collision_has_two_limits(gap_mm: int, severe: int | None) -> None:
    story = Story().see(leader_gap_mm=gap_mm)
    assert len(story.found("near_miss_ttc")) == (severe == 1)
    assert len(story.found("conflict_ttc")) == (severe == 0)


@pytest.mark.parametrize(
    ("gap_mm", "severe"),
    [
        # Closing at 6 m/s: 36 / (2 * 6) = 3 and 36 / (2 * 5.373) = 3.35 m/s^2.
        pytest.param(6_000, None, id="3.0 m/s^2"),
        pytest.param(5_999, 0, id="a little more than 3.0 m/s^2"),
        pytest.param(5_374, 0, id="3.35 m/s^2"),
        pytest.param(5_373, 1, id="a little more than 3.35 m/s^2"),
    ],
)
def test_required_deceleration_has_two_limits(gap_mm: int, severe: int | None) -> None:
    story = Story().see(leader_gap_mm=gap_mm, leader_speed_mm_s=4_000)
    assert len(story.found("near_miss_pet_drac")) == (severe == 1)
    assert len(story.found("conflict_pet_drac")) == (severe == 0)


def test_a_follower_that_comes_too_close_is_not_egos_near_miss() -> None:
    judgement = Story().see(follower_gap_mm=5_000, follower_speed_mm_s=20_000).judged()
    assert {found.kind for found in judgement.others} == {
        "near_miss_ttc",
        "near_miss_pet_drac",
    }
    assert judgement.by_severity[Severity.SURROGATE] == 0


def test_head_on_both_speeds_close_the_gap() -> None:
    # 10 + 10 m/s leave 29 m in 1.45 s.
    story = Story(link=WRONG).see(oncoming_gap_mm=29_000, oncoming_speed_mm_s=10_000)
    (found,) = story.found("conflict_ttc")
    assert found.measured("time_to_collision_ms") == 1_450
    assert found.at_fault


def test_a_car_beside_is_near_only_once_ego_reaches_its_lane() -> None:
    story = Story().see(target_lane=1, lateral_permille=440, side_lead_gap_mm=5_000)
    assert story.found("near_miss_ttc") == []
    assert len(story.see(lateral_permille=450).found("near_miss_ttc")) == 1


def test_contact_is_a_crash_and_no_near_miss() -> None:
    assert Story().see(leader_gap_mm=0).found("near_miss_ttc") == []
