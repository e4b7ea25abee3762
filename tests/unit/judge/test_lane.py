"""Gore areas and lane changes."""

import pytest
from judge_stories import ALLEY, EAST, MAIN, NORTH, Story

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.trace import LaneChange


def moving_over(link: LinkId, from_mm: int, ticks: int) -> Story:
    """Be on the way to lane 1 for some ticks of 1 m, then settled there."""
    story = Story(link=link, s_mm=from_mm).see(target_lane=1)
    story.go(ticks - 1).see(lateral_permille=900).go(1)
    return story.see(lane=1, lateral_permille=0)


def test_moving_over_in_the_last_15_m_before_a_fork_cuts_the_gore() -> None:
    (found,) = moving_over(MAIN, 484_001, ticks=3).found("gore_cut")
    assert found.measured("road_left_mm") == 14_999


def test_a_change_that_ends_15_m_before_the_fork_is_fine() -> None:
    # Its last row under way is at 485,000 mm: exactly 15 m are left.
    assert moving_over(MAIN, 480_000, ticks=6).found("gore_cut") == []


@pytest.mark.parametrize(
    ("link", "from_mm"),
    [
        pytest.param(EAST, 490_000, id="nothing but the way back: turning round parts no lanes"),
        pytest.param(ALLEY, 190_000, id="one way on"),
    ],
)
def test_where_the_road_just_goes_on_there_is_no_gore(link: LinkId, from_mm: int) -> None:
    assert moving_over(link, from_mm, ticks=3).found("gore_cut") == []


def test_taking_a_turn_from_a_lane_not_made_for_it_cuts_the_gore() -> None:
    story = Story(s_mm=499_500).go(2, onto=NORTH)
    assert len(story.found("gore_cut")) == 1


def test_taking_it_from_its_own_lane_is_fine() -> None:
    story = Story(s_mm=499_500).see(lane=1, target_lane=1).go(2, onto=NORTH)
    assert story.found("gore_cut") == []


def test_moving_over_and_turning_at_one_fork_is_one_cut() -> None:
    story = Story(s_mm=490_000).see(target_lane=1).go(12, onto=NORTH)
    assert len(story.found("gore_cut")) == 1


def change(
    lead_mm: int = NOTHING,
    lag_mm: int = NOTHING,
    *,
    lead_mm_s: int = 0,
    lag_mm_s: int = 0,
    speed: int = 10_000,
    friction_permille: int = 800,
) -> Story:
    """Begin one lane change into the gaps given."""
    story = Story(speed=speed, friction_permille=friction_permille).go(5)
    story.events.append(
        LaneChange(
            time_ms=300,
            link=MAIN,
            from_lane=0,
            to_lane=1,
            lead_gap_mm=lead_mm,
            lead_speed_mm_s=lead_mm_s,
            lag_gap_mm=lag_mm,
            lag_speed_mm_s=lag_mm_s,
        )
    )
    return story


@pytest.mark.parametrize(
    ("story", "convicted"),
    [
        # Ego at 10 m/s answers in 0.5 s: 10 * .5 + 2 * .5^2 / 2 + 11^2 / 8 - 10^2 / 16 = 14.125 m.
        pytest.param(change(lead_mm=14_125, lead_mm_s=10_000), 0, id="RSS distance ahead"),
        pytest.param(change(lead_mm=14_124, lead_mm_s=10_000), 1, id="1 mm less ahead"),
        # The other answers in 1 s: 10 + 1 + 12^2 / 8 - 10^2 / 16 = 22.75 m.
        pytest.param(change(lag_mm=22_750, lag_mm_s=10_000), 0, id="RSS distance behind"),
        pytest.param(change(lag_mm=22_749, lag_mm_s=10_000), 1, id="1 mm less behind"),
        pytest.param(change(lag_mm=0), 1, id="alongside a car at rest"),
        pytest.param(change(lead_mm=-1, lead_mm_s=30_000), 1, id="alongside a faster car"),
        pytest.param(change(), 0, id="nobody there"),
        # On snow the same behind: 10 + 1 + (12^2 / 8 - 10^2 / 16) / (300 / 800) = 42.33 m.
        pytest.param(
            change(lag_mm=42_334, lag_mm_s=10_000, friction_permille=300), 0, id="far on snow"
        ),
        pytest.param(
            change(lag_mm=42_333, lag_mm_s=10_000, friction_permille=300), 1, id="near on snow"
        ),
    ],
)
def test_a_lane_change_needs_the_rss_distance_both_ways(story: Story, convicted: int) -> None:
    assert len(story.found("unsafe_lane_change")) == convicted


def test_a_lane_change_must_not_make_the_car_behind_brake_harder_than_3_m_s2() -> None:
    # 30 m/s behind a car at rest: 900 / (2 * gap) is 3 m/s^2 at 150 m; RSS alone asks for 142.5 m.
    assert change(lag_mm=150_000, lag_mm_s=30_000, speed=0).breaches() == []
    (found,) = change(lag_mm=149_999, lag_mm_s=30_000, speed=0).found("unsafe_lane_change")
    assert found.measured("lag_gap_mm") == 149_999


def test_two_unsafe_starts_in_one_tick_are_one_event() -> None:
    story = change(lag_mm=0)
    story.events *= 2
    assert len(story.found("unsafe_lane_change")) == 1
