"""Crashes are caught, and booked to whoever caused them."""

import pytest
from judge_stories import ALLEY, EAST, MAIN, NORTH, SIDE, SOUTH, WRONG, Story, crimes

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Outcome, Passing, Yielding
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.parties import CLEARS_PERMILLE, TOUCHES_PERMILLE


def the_only(story: Story, kind: str) -> Infraction:
    (found,) = story.found(kind)
    return found


def test_driving_into_the_car_ahead_is_egos_fault() -> None:
    crash = the_only(Story().go(5).see(leader_gap_mm=0, leader_speed_mm_s=0), "collision_vehicle")
    assert crash.at_fault
    assert crash.article == "C2"
    assert crash.time_ms == 500
    assert crash.measured("closing_mm_s") == 10_000


def test_one_millimeter_behind_the_car_ahead_is_no_crash() -> None:
    assert Story().go(5).see(leader_gap_mm=1).found("collision_vehicle") == []


def test_a_car_that_runs_into_a_calm_ego_is_logged_and_not_counted() -> None:
    judgement = Story().go(5).see(follower_gap_mm=-20).go(3).judged(Outcome.CRASHED)
    assert [found.kind for found in judgement.others] == [
        "collision_vehicle",
        "trip_failure",
    ]
    assert judgement.breaches == ()
    assert judgement.score == 1.0


def test_braking_for_nothing_provokes_the_rear_hit() -> None:
    crash = Story().go(10, accel=-3_001).go(15).see(follower_gap_mm=0)
    assert the_only(crash, "provoked_rear_end").at_fault
    assert crash.found("collision_vehicle") == []


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(Story().go(10, accel=-3_000), id="exactly 3 m/s^2 provokes nobody"),
        pytest.param(
            Story().go(10, accel=-3_200).go(23),
            id="3.1 s ago is too long ago",
        ),
        pytest.param(
            Story().see(leader_gap_mm=9_000, leader_speed_mm_s=4_000).go(10, accel=-6_000),
            id="a slow leader excuses any braking",
        ),
        pytest.param(
            Story(s_mm=460_000).see(light=Light.RED).go(5, accel=-4_200),
            id="a red light excuses any braking",
        ),
        pytest.param(
            Story(s_mm=160_000, link=SIDE).go(5, accel=-4_200),
            id="a stop sign excuses any braking",
        ),
        pytest.param(
            Story().see(barrier_mm=30_000).go(5, accel=-4_000),
            id="a barrier excuses 4 m/s^2",
        ),
    ],
)
def test_a_rear_hit_after_braking_with_a_cause_is_not_egos_fault(story: Story) -> None:
    crash = the_only(story.go(8).see(follower_gap_mm=0), "collision_vehicle")
    assert not crash.at_fault


def test_a_hazard_does_not_excuse_more_than_4_m_s2() -> None:
    crash = Story().see(barrier_mm=30_000).go(5, accel=-4_001).see(follower_gap_mm=0)
    assert the_only(crash, "provoked_rear_end").at_fault


def test_cutting_in_makes_the_rear_hit_egos_fault() -> None:
    moving = Story().go(5).see(target_lane=1, lateral_permille=900).go(2)
    moving.see(lane=1, lateral_permille=0).go(10).see(follower_gap_mm=0)
    assert the_only(moving, "collision_vehicle").at_fault


def test_a_lane_change_long_ago_is_no_cutting_in() -> None:
    moving = Story().go(5).see(target_lane=1, lateral_permille=900).go(2)
    moving.see(lane=1, lateral_permille=0).go(31).see(follower_gap_mm=0)
    assert not the_only(moving, "collision_vehicle").at_fault


def test_the_width_of_the_cars_says_when_ego_reaches_the_other_lane() -> None:
    # (3.25 - 1.80) / 3.25 = 0.446 and 1.80 / 3.25 = 0.554
    assert TOUCHES_PERMILLE == 450
    assert CLEARS_PERMILLE == 550


@pytest.mark.parametrize(
    ("who", "lateral", "crashes"),
    [
        ("side_lead", 440, 0),
        ("side_lead", 450, 1),
        ("side_lag", 440, 0),
        ("side_lag", 450, 1),
        ("leader", 550, 1),
        ("leader", 560, 0),
        ("follower", 550, 1),
        ("follower", 560, 0),
    ],
)
def test_while_changing_lane_ego_meets_only_whom_it_reaches(
    who: str, lateral: int, crashes: int
) -> None:
    story = Story().see(target_lane=1, lateral_permille=lateral).go(2).see(**{f"{who}_gap_mm": -1})
    found = story.found("collision_vehicle")
    assert [crash.at_fault for crash in found] == [True] * crashes


@pytest.mark.parametrize(
    ("link", "at_fault"),
    [
        pytest.param(WRONG, True, id="ego drives against the one-way street"),
        pytest.param(EAST, False, id="the other came over to ego's side"),
    ],
)
def test_a_head_on_crash_is_booked_to_whoever_drives_the_wrong_way(
    link: LinkId,
    at_fault: bool,  # noqa: FBT001  a parametrized case
) -> None:
    crash = Story(link=link).go(2).see(oncoming_gap_mm=0, oncoming_speed_mm_s=8_000)
    assert the_only(crash, "collision_vehicle").at_fault is at_fault


def crossing(from_link: LinkId, onto: LinkId, length_mm: int, light: Light = Light.NONE) -> Story:
    """Drive onto a link and be hit in the conflict zone."""
    lane = 1 if onto == NORTH else 0
    story = Story(link=from_link, s_mm=length_mm - 12_500).see(
        lane=lane, target_lane=lane, light=light
    )
    story.go(14, onto=onto).see(light=Light.NONE)
    return story.see(crossing_gap_mm=0, crossing_speed_mm_s=8_000)


def just_after(from_link: LinkId, onto: LinkId) -> Story:
    """Be hit at the very start, just after a turn."""
    story = Story(link=onto).see(crossing_gap_mm=0, crossing_speed_mm_s=8_000)
    story.events.append(
        Passing(time_ms=0, from_link=from_link, to_link=onto, from_lane=1, speed_mm_s=10_000)
    )
    return story


@pytest.mark.parametrize(
    ("story", "at_fault"),
    [
        pytest.param(crossing(MAIN, NORTH, 500_000, Light.GREEN), True, id="left on plain green"),
        pytest.param(crossing(MAIN, EAST, 500_000, Light.GREEN), False, id="straight on green"),
        pytest.param(crossing(MAIN, EAST, 500_000, Light.RED), True, id="straight on red"),
        pytest.param(crossing(MAIN, SOUTH, 500_000, Light.GREEN), True, id="a banned turn"),
        pytest.param(crossing(ALLEY, EAST, 200_000), False, id="nobody has priority there"),
        pytest.param(crossing(ALLEY, NORTH, 200_000), True, id="a turn that does not exist"),
        pytest.param(just_after(MAIN, NORTH), True, id="in the tick of the turn itself"),
        pytest.param(just_after(ALLEY, EAST), False, id="no line crossed so far"),
        pytest.param(
            Story().see(crossing_gap_mm=0), False, id="hit out of nowhere, before any turn"
        ),
    ],
)
def test_a_crash_in_the_zone_is_egos_fault_if_it_had_to_yield(
    story: Story,
    at_fault: bool,  # noqa: FBT001  a parametrized case
) -> None:
    assert the_only(story, "collision_vehicle").at_fault is at_fault


def test_the_zone_that_ego_is_in_says_which_turn_counts() -> None:
    story = crossing(MAIN, NORTH, 500_000, Light.GREEN)
    story.events.append(
        Yielding(
            time_ms=story.time_ms,
            enter_ms=story.time_ms,
            leave_ms=story.time_ms,
            from_link=ALLEY,
            to_link=EAST,
            arrival_ms=NOTHING,
            before_ms=-NOTHING,
            forced_braking_mm_s2=0,
        )
    )
    assert not the_only(story, "collision_vehicle").at_fault


def test_a_zone_left_long_ago_says_nothing_about_a_crash() -> None:
    story = crossing(MAIN, NORTH, 500_000, Light.GREEN)
    story.events.append(
        Yielding(
            time_ms=100,
            enter_ms=0,
            leave_ms=100,
            from_link=ALLEY,
            to_link=EAST,
            arrival_ms=NOTHING,
            before_ms=-NOTHING,
            forced_braking_mm_s2=0,
        )
    )
    assert the_only(story, "collision_vehicle").at_fault


def test_one_crash_with_many_rows_counts_once() -> None:
    story = Story().go(2).see(leader_gap_mm=0).go(20)
    assert len(story.found("collision_vehicle")) == 1


def test_two_crashes_far_apart_count_twice() -> None:
    # 6 s and 60 m lie between them: more than 5 s and more than 5 m.
    story = Story().see(leader_gap_mm=0).go(1).see(leader_gap_mm=NOTHING).go(59)
    assert len(story.see(leader_gap_mm=0).found("collision_vehicle")) == 2


@pytest.mark.parametrize(
    ("speed", "ticks", "crashes"),
    [
        pytest.param(2_000, 50, 1, id="10 m, 5.0 s: the same event"),
        pytest.param(2_000, 51, 2, id="10.2 m, 5.1 s: another one"),
        pytest.param(500, 100, 1, id="5.00 m, 10 s: the same event"),
        pytest.param(520, 100, 2, id="5.20 m, 10 s: another one"),
    ],
)
def test_within_5_s_or_5_m_it_is_the_same_event(speed: int, ticks: int, crashes: int) -> None:
    story = Story(speed=speed).see(leader_gap_mm=0).go(1).see(leader_gap_mm=NOTHING)
    story.go(ticks - 1).see(leader_gap_mm=0)
    assert len(story.found("collision_vehicle")) == crashes


def test_braking_in_a_crash_provokes_nobody() -> None:
    story = Story().see(leader_gap_mm=0).go(3, accel=-6_000).see(follower_gap_mm=0)
    assert story.found("provoked_rear_end") == []
    assert [crash.at_fault for crash in story.found("collision_vehicle")] == [True, False]


def test_sliding_out_of_a_curve_is_running_off() -> None:
    # On 0.8 the tires hold 7.848 m/s^2: in a curve of 12 m up to 9.704 m/s.
    slide = the_only(Story(speed=9_720).see(radius_mm=12_000).go(2), "run_off")
    assert slide.measured("lateral_mm_s2") == 7_873  # 9.72^2 / 12


def test_a_curve_that_the_tires_just_hold_is_no_running_off() -> None:
    assert Story(speed=9_700).see(radius_mm=12_000).go(2).found("run_off") == []


@pytest.mark.parametrize(
    ("accel", "slides"),
    [
        pytest.param(-6_000, 0, id="5.0 across and 6.0 along: 7.81 of 7.848"),
        pytest.param(-6_200, 1, id="5.0 across and 6.2 along: 7.96 of 7.848"),
    ],
)
def test_braking_in_a_curve_shares_the_grip(accel: int, slides: int) -> None:
    story = Story(speed=10_000).see(radius_mm=20_000).go(1, accel=accel)
    assert len(story.found("run_off")) == slides


def test_using_the_grip_to_the_last_bit_is_no_running_off() -> None:
    # 3 * 1.962 across and 4 * 1.962 along are exactly 5 * 1.962 = 9.81 m/s^2.
    story = Story(speed=5_886, friction_permille=1_000).see(radius_mm=5_886)
    assert story.go(1, accel=-7_848).found("run_off") == []


def test_braking_before_the_curve_is_not_braking_in_it() -> None:
    story = Story(speed=10_620).go(1, accel=-6_200).see(radius_mm=20_000)
    assert story.found("run_off") == []


@pytest.mark.parametrize(("barrier_mm", "off"), [(0, 0), (-1, 1)])
def test_driving_through_a_barrier_is_running_off(barrier_mm: int, off: int) -> None:
    assert len(Story().go(2).see(barrier_mm=barrier_mm).found("run_off")) == off


@pytest.mark.parametrize(("past_mm", "off"), [(0, 0), (1, 1)])
def test_ending_beyond_the_end_of_a_road_is_running_off(past_mm: int, off: int) -> None:
    story = Story(link=NORTH, s_mm=499_000 + past_mm).go(1)
    assert len(story.found("run_off")) == off


def test_a_crash_of_egos_own_making_is_a_failed_trip_of_its_own() -> None:
    story = Story().go(2).see(leader_gap_mm=0)
    assert crimes(story) == ["C2"]
    assert story.judged(Outcome.CRASHED).others == ()
