"""RSS distance, operational domain and sight, beyond the planted pairs of ``test_taxonomy``."""

import pytest
from judge_stories import EAST, MAIN, Story

BREACH = "rss_breach"


def behind(gap_mm: int, ahead: int = 10_000) -> Story:
    """Follow at 10 m/s; safe is 14.125 m behind a car as fast."""
    return Story().see(leader_gap_mm=gap_mm, leader_speed_mm_s=ahead)


def test_who_is_cut_in_on_breaks_nothing() -> None:
    assert behind(30_000).go(5).see(leader_gap_mm=5_000).go(30).found(BREACH) == []
    assert behind(5_000).go(30).found(BREACH) == []


def test_who_drops_back_after_a_cut_in_and_comes_close_again_does() -> None:
    story = behind(5_000).go(10).see(leader_gap_mm=15_000).go(10)
    story.see(leader_gap_mm=14_500).go(1).see(leader_gap_mm=14_100).go(20)
    assert len(story.found(BREACH)) == 1


def test_the_weight_grows_with_the_time_and_is_full_at_2_s() -> None:
    for ticks, weight in ((15, 0.1), (25, 0.2), (60, 0.2)):
        story = behind(14_200).go(1).see(leader_gap_mm=14_100).go(ticks)
        story.see(leader_gap_mm=14_200).go(1)
        (found,) = story.found(BREACH)
        # The first 0.5 s are granted.
        assert found.weight == pytest.approx(weight)
        assert found.measured("short_of_mm") == 25


def test_on_a_wet_road_less_braking_is_a_proper_response_and_more_room_is_needed() -> None:
    # 4 m/s^2 * 0.5 / 0.8 = 2.5 m/s^2; 5.25 + 11^2 / 5 - 10^2 / 10 = 19.45 m.
    story = Story(friction_permille=500).see(leader_gap_mm=19_500, leader_speed_mm_s=10_000).go(1)
    story.see(leader_gap_mm=19_300).go(4)
    assert story.go(10, accel=-2_500).found(BREACH) == []
    assert len(behind(19_300).found(BREACH)) == 0


def test_standing_close_to_somebody_is_no_breach() -> None:
    story = Story(speed=0).see(leader_gap_mm=1_000, leader_speed_mm_s=0)
    assert story.wait(20_000).found(BREACH) == []


@pytest.mark.parametrize(
    ("story", "count"),
    [
        pytest.param(Story(friction_permille=99).go(110), 1, id="less grip than ice"),
        pytest.param(Story(friction_permille=100).go(110), 0, id="ice"),
        pytest.param(Story().see(sight_mm=19_999).go(110), 1, id="fog"),
        pytest.param(Story().see(sight_mm=20_000).go(110), 0, id="less fog"),
        pytest.param(
            Story(friction_permille=99).see(minimal_risk=1).go(110), 0, id="slowing to a stop"
        ),
        pytest.param(Story(closed=frozenset({EAST})).go(110), 0, id="another link is closed"),
    ],
)
def test_leaving_the_domain_without_a_minimal_risk_maneuver(story: Story, count: int) -> None:
    assert len(story.found("odd_exit_unhandled")) == count


def test_a_stop_ends_the_time_outside_the_domain() -> None:
    story = Story(closed=frozenset({MAIN}), speed=2_000).go(90).go(1, accel=-20_000)
    story.go(1).go(1, accel=2_000).go(90)
    assert story.found("odd_exit_unhandled") == []


def test_sight_is_measured_with_the_grip_that_is_there() -> None:
    # 5 + 100 / (2 * 0.981) = 56 m on ice.
    for friction, count in ((800, 0), (100, 1)):
        story = Story(friction_permille=friction).see(sight_mm=50_000).go(5)
        assert len(story.found("sight_overrun")) == count


@pytest.mark.parametrize(
    ("begins_ms", "ends_ms", "count"),
    [
        pytest.param(100, 20_000, 1, id="closed before ego came"),
        pytest.param(300, 20_000, 0, id="closed round ego"),
        pytest.param(100, 10_200, 0, id="open again in time"),
    ],
)
def test_a_closure_that_begins_during_the_trip_is_outside_the_domain_as_well(
    begins_ms: int, ends_ms: int, count: int
) -> None:
    # Ego comes onto EAST at 0.2 s, having driven over the last meter of MAIN.
    story = Story(s_mm=498_500).go(2, onto=EAST).go(105)
    story.closed_between.append((EAST, begins_ms, ends_ms))
    assert len(story.found("odd_exit_unhandled")) == count
