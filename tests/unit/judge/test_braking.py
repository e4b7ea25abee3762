"""Braking, standing, comfort."""

from dataclasses import replace

import pytest
from judge_stories import ALLEY, EAST, MAIN, NORTH, SIDE, Story

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import RerouteCause, Rerouted, Yielding

EMERGENCY = "uncaused_emergency_braking"
STANDING = "stop_in_live_lane"


def test_emergency_braking_for_nothing_is_caught() -> None:
    (found,) = Story().go(2).go(5, accel=-5_001).found(EMERGENCY)
    assert found.measured("braking_mm_s2") == 5_001


def met(link: LinkId, arrival_ms: int = NOTHING, before_ms: int = -NOTHING) -> Yielding:
    """Traffic with priority at a turn from a link, whose zone ego enters at 4 s."""
    return Yielding(
        time_ms=6_000,
        enter_ms=4_000,
        leave_ms=6_000,
        from_link=link,
        to_link=EAST,
        arrival_ms=arrival_ms,
        before_ms=before_ms,
        forced_braking_mm_s2=0,
    )


def braking_then(event: Yielding) -> Story:
    story = Story().go(5, accel=-6_000).go(60)
    story.events.append(event)
    return story


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(Story().go(5, accel=-5_000), id="exactly 5 m/s^2"),
        pytest.param(
            # RSS at 10 behind 6 m/s: 10 + 1 + 12^2 / 8 - 6^2 / 16 = 26.75 m; 4^2 / 16 = 1.0 m/s^2.
            Story().see(leader_gap_mm=7_999, leader_speed_mm_s=6_000).go(5, accel=-6_000),
            id="a slower leader",
        ),
        pytest.param(
            Story()
            .see(leader_gap_mm=15_000, leader_speed_mm_s=10_000)
            .go(1)
            .see(leader_speed_mm_s=9_800)
            .go(5, accel=-6_000),
            id="a leader that brakes",
        ),
        pytest.param(
            Story()
            .see(target_lane=1, side_lead_gap_mm=5_000, side_lead_speed_mm_s=6_000)
            .go(5, accel=-6_000),
            id="a slower car in the lane ego moves into",
        ),
        pytest.param(
            # 10 + 10^2 / 4 = 35 m is the comfortable stop.
            Story(s_mm=455_000).see(light=Light.RED).go(5, accel=-6_000),
            id="a red light within the comfortable stop",
        ),
        pytest.param(
            Story(s_mm=455_000).see(light=Light.YELLOW).go(5, accel=-6_000),
            id="a yellow light",
        ),
        pytest.param(Story(link=SIDE, s_mm=165_000).go(5, accel=-6_000), id="a stop sign"),
        pytest.param(Story().see(barrier_mm=35_000).go(5, accel=-6_000), id="a barrier"),
        pytest.param(
            Story().see(crossing_gap_mm=30_000).go(5, accel=-6_000), id="somebody crossing"
        ),
        pytest.param(
            Story().see(oncoming_gap_mm=70_000, oncoming_speed_mm_s=10_000).go(5, accel=-6_000),
            id="somebody head-on",
        ),
        pytest.param(braking_then(met(MAIN, before_ms=3_000)), id="traffic that passes first"),
        pytest.param(braking_then(met(MAIN, arrival_ms=8_000)), id="traffic that comes soon"),
    ],
)
def test_emergency_braking_with_a_cause_is_fine(story: Story) -> None:
    assert story.found(EMERGENCY) == []


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(
            Story().see(leader_gap_mm=8_100, leader_speed_mm_s=6_000).go(1, accel=-6_000),
            id="a leader that hardly closes: 4^2 / 16.2 is less than 1 m/s^2",
        ),
        pytest.param(
            # RSS at 10 behind 0 m/s: 10 + 1 + 12^2 / 8 = 29 m.
            Story().see(leader_gap_mm=29_000, leader_speed_mm_s=0).go(1, accel=-6_000),
            id="a standing car beyond the RSS distance",
        ),
        pytest.param(
            Story(s_mm=454_999).see(light=Light.RED).go(1, accel=-6_000),
            id="a red light still far off",
        ),
        pytest.param(
            Story(s_mm=455_000).see(light=Light.GREEN).go(5, accel=-6_000), id="a green light"
        ),
        pytest.param(Story().see(barrier_mm=35_001).go(1, accel=-6_000), id="a barrier far off"),
        pytest.param(
            Story()
            .see(leader_speed_mm_s=20_000)
            .go(1)
            .see(leader_gap_mm=20_000, leader_speed_mm_s=10_000)
            .go(3, accel=-6_000),
            id="a leader that only just came into view",
        ),
        pytest.param(braking_then(met(MAIN, arrival_ms=8_700)), id="traffic that comes later"),
        pytest.param(braking_then(met(MAIN, before_ms=-100)), id="traffic long gone"),
    ],
)
def test_what_does_not_demand_braking_is_no_cause(story: Story) -> None:
    assert len(story.found(EMERGENCY)) == 1


def test_a_cause_is_remembered_for_one_second() -> None:
    story = Story().see(barrier_mm=35_000).go(1).see(barrier_mm=NOTHING)
    story.rows[0] = replace(story.rows[0], barrier_mm=35_000)
    assert story.go(9, accel=-5_200).found(EMERGENCY) == []
    assert len(story.go(1, accel=-5_200).found(EMERGENCY)) == 1


def standing(seconds: int = 6, link: LinkId = MAIN, s_mm: int = 200_000, **columns: int) -> Story:
    """Stand for some time, then drive off."""
    story = Story(link=link, s_mm=s_mm, speed=0).see(**columns)
    return story.wait(seconds * 1_000).go(10, accel=2_000)


def test_standing_for_more_than_5_s_without_a_reason_is_caught() -> None:
    (found,) = standing(6).found(STANDING)
    assert found.measured("stood_ms") == 6_000


def test_standing_for_5_s_is_fine() -> None:
    assert standing(5).found(STANDING) == []


def test_a_trip_that_ends_standing_counts_to_its_end() -> None:
    story = Story(s_mm=200_000, speed=0)
    story.time_ms = 5_001
    assert len(story.found(STANDING)) == 1
    story.time_ms = 5_000
    assert story.found(STANDING) == []


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(
            standing(leader_gap_mm=15_000, leader_speed_mm_s=2_000), id="in a creeping queue"
        ),
        pytest.param(standing(s_mm=475_000, light=Light.RED), id="15 m before a red light"),
        pytest.param(
            standing(s_mm=475_000, light=Light.GREEN), id="where a turn may have to yield"
        ),
        pytest.param(standing(link=SIDE, s_mm=180_000), id="15 m before a stop sign"),
        pytest.param(standing(link=ALLEY, s_mm=180_000), id="15 m before a give-way line"),
        pytest.param(standing(barrier_mm=15_000), id="before a barrier"),
        pytest.param(standing(oncoming_gap_mm=15_000), id="face to face"),
        pytest.param(standing(crossing_gap_mm=9_000), id="somebody crosses"),
        pytest.param(standing(link=EAST, s_mm=385_000), id="at the goal"),
        pytest.param(standing(minimal_risk=1), id="after a minimal risk maneuver"),
    ],
)
def test_standing_with_a_reason_is_fine(story: Story) -> None:
    assert story.found(STANDING) == []


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(
            standing(leader_gap_mm=15_001, leader_speed_mm_s=0), id="the queue is far ahead"
        ),
        pytest.param(
            standing(leader_gap_mm=9_000, leader_speed_mm_s=2_020), id="the queue has driven off"
        ),
        pytest.param(standing(s_mm=474_999, light=Light.RED), id="too far from the red light"),
        pytest.param(standing(link=SIDE, s_mm=179_999), id="too far from the stop sign"),
        pytest.param(standing(barrier_mm=15_001), id="too far from the barrier"),
        pytest.param(standing(link=EAST, s_mm=384_999), id="too far from the goal"),
        pytest.param(standing(link=EAST, s_mm=490_000), id="at a node where nobody has priority"),
    ],
)
def test_a_reason_too_far_away_is_none(story: Story) -> None:
    assert len(story.found(STANDING)) == 1


@pytest.mark.parametrize(
    ("s_mm", "light", "convicted"),
    [
        pytest.param(475_000, Light.RED, 0, id="15 m before a red light"),
        pytest.param(475_000, Light.YELLOW, 0, id="15 m before a yellow light"),
        pytest.param(490_000, Light.RED, 0, id="with the bumper on the line"),
        pytest.param(490_001, Light.RED, 1, id="with the bumper over the line"),
        pytest.param(474_999, Light.RED, 1, id="too far from the line"),
        pytest.param(475_000, Light.GREEN, 1, id="before a green light"),
    ],
)
def test_only_a_light_close_ahead_excuses_who_goes_straight_on(
    s_mm: int, light: Light, convicted: int
) -> None:
    story = Story(s_mm=s_mm, speed=0).see(light=light).wait(6_000)
    story.see(light=Light.GREEN).go(90, accel=1_000, onto=EAST)
    assert len(story.found(STANDING)) == convicted


@pytest.mark.parametrize(("onto", "lane", "convicted"), [(EAST, 0, 1), (NORTH, 1, 0)])
def test_the_turn_taken_says_whether_ego_had_to_wait(
    onto: LinkId, lane: int, convicted: int
) -> None:
    story = Story(s_mm=499_000, speed=0).see(lane=lane, target_lane=lane, light=Light.GREEN)
    story.wait(8_000).go(20, accel=2_000, onto=onto)
    assert len(story.found(STANDING)) == convicted


@pytest.mark.parametrize(("changes_ms", "convicted"), [(4_000, 0), (20_000, 1)])
def test_a_route_that_changes_during_the_wait_hides_which_turn_was_meant(
    changes_ms: int, convicted: int
) -> None:
    # Straight on needs no waiting; who was told so only now may have waited to turn.
    story = Story(s_mm=499_000, speed=0).see(light=Light.GREEN)
    story.events.append(Rerouted(time_ms=changes_ms, route=(MAIN, EAST), cause=RerouteCause.GUIDE))
    story.wait(8_000).go(20, accel=2_000, onto=EAST)
    assert len(story.found(STANDING)) == convicted


def test_an_excuse_that_ends_starts_the_clock() -> None:
    # 20 s of red, then 6 s of green, 30 m before a line where the car then goes straight on.
    story = Story(s_mm=480_000, speed=0).see(light=Light.RED)
    story.wait(20_000).see(light=Light.GREEN)
    story.wait(6_000).go(60, accel=2_000, onto=EAST)
    (found,) = story.found(STANDING)
    assert found.measured("stood_ms") == 6_000


@pytest.mark.parametrize(("back_mm", "convicted"), [(500, 0), (501, 1)])
def test_reversing_more_than_half_a_meter_is_caught(back_mm: int, convicted: int) -> None:
    story = Story().go(5)
    story.s_mm -= 1_000 + back_mm
    assert len(story.go(1).found(STANDING)) == convicted


@pytest.mark.parametrize(
    ("accel", "ticks", "events"),
    [
        pytest.param(-3_001, 2, 1, id="3.001 m/s^2 for 0.2 s"),
        pytest.param(-3_001, 1, 0, id="3.001 m/s^2 for 0.1 s"),
        pytest.param(-3_000, 9, 0, id="3.0 m/s^2 for long"),
    ],
)
def test_hard_braking_lasts_a_fifth_of_a_second(accel: int, ticks: int, events: int) -> None:
    found = Story().go(3).go(ticks, accel=accel).go(2).found("hard_brake")
    assert [brake.weight for brake in found] == [0] * events


def bounds(story: Story) -> set[str]:
    """Comfort bounds that were exceeded."""
    found = story.found("discomfort")
    return {name for one in found for name, rows in one.evidence if rows}


@pytest.mark.parametrize(
    ("story", "exceeded"),
    [
        pytest.param(Story().go(1, accel=413).go(1, accel=0), set(), id="jerk 4.13 m/s^3"),
        pytest.param(Story().go(1, accel=414), {"jerk_rows"}, id="jerk 4.14 m/s^3"),
        pytest.param(
            Story(speed=0).go(9, accel=2_400), set(), id="2.4 m/s^2 from a standing start"
        ),
        pytest.param(Story(speed=0).go(1, accel=2_401), {"along_rows"}, id="2.401 m/s^2"),
        pytest.param(Story(speed=405).go(1, accel=-4_050), set(), id="4.05 m/s^2"),
        pytest.param(Story(speed=406).go(1, accel=-4_051), {"along_rows"}, id="4.051 m/s^2"),
        pytest.param(
            Story(speed=9_900).see(radius_mm=20_000).go(1), {"lateral_rows"}, id="4.9 across"
        ),
        pytest.param(Story(speed=9_780).see(radius_mm=19_560).go(1), set(), id="4.89 across"),
        # 3.8 m/s in a circle of 4 m: 0.95 rad/s and 3.6 m/s^2.
        pytest.param(Story(speed=3_800).see(radius_mm=4_000).go(1), set(), id="0.95 rad/s"),
        pytest.param(
            Story(speed=3_801).see(radius_mm=4_000).go(1), {"yaw_rate_rows"}, id="more than that"
        ),
    ],
)
def test_comfort_has_four_bounds(story: Story, exceeded: set[str]) -> None:
    assert bounds(story) == exceeded


def test_a_turn_taken_earlier_says_nothing_about_the_wait() -> None:
    # From SIDE onto EAST ego had to yield; the end of EAST is no place to wait.
    story = Story(link=SIDE, s_mm=199_500).go(2, onto=EAST)
    story.s_mm, story.speed = 490_000, 0
    story.record().wait(6_000)
    assert len(story.go(10, accel=2_000).found(STANDING)) == 1
