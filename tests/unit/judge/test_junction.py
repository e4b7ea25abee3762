"""Lights, stop signs, right of way and turns."""

from dataclasses import replace

import pytest
from judge_stories import (
    ALLEY,
    BACK,
    EAST,
    MAIN,
    NORTH,
    SIDE,
    SOUTH,
    TOWN,
    WEST,
    WRONG,
    Story,
)

from guiderail.maps.network import LinkId
from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Passing, Yielding
from guiderail.sim.judge.articles.red_light import could_have_stopped
from guiderail.sim.judge.judged_trip import JudgedTrip

LINE_MM = 490_000


def over_the_line(light: Light) -> Story:
    """Cross the line of MAIN, at 490 m, in the third of four ticks."""
    return Story(s_mm=LINE_MM - 2_500).see(light=light).go(4)


def test_crossing_the_line_on_red_is_running_the_light() -> None:
    (found,) = over_the_line(Light.RED).found("red_light")
    assert found.time_ms == 200
    assert found.measured("speed_mm_s") == 10_000


@pytest.mark.parametrize("light", [Light.GREEN, Light.NONE])
def test_crossing_the_line_without_a_red_is_fine(light: Light) -> None:
    assert over_the_line(light).found("red_light") == []


def test_standing_with_the_bumper_on_the_line_is_not_crossing_it() -> None:
    story = Story(s_mm=LINE_MM - 1_000).see(light=Light.RED).go(1)
    assert story.s_mm == LINE_MM
    assert story.found("red_light") == []


def test_the_light_that_turns_red_behind_ego_does_not_count() -> None:
    story = over_the_line(Light.GREEN).see(light=Light.RED).go(5)
    assert story.found("red_light") == []


def test_the_light_of_the_tick_counts_not_the_one_after_it() -> None:
    # Red when the tick began, green when it ended: the line was crossed on red.
    story = Story(s_mm=LINE_MM - 500).see(light=Light.RED).go(1).see(light=Light.GREEN).go(2)
    assert len(story.found("red_light")) == 1


def test_leaving_the_link_on_red_crosses_its_line() -> None:
    story = Story(s_mm=489_990, speed=20_000).see(light=Light.RED)
    story.s_mm = 499_000
    story.go(1, onto=EAST)
    assert len(story.found("red_light")) == 1


@pytest.mark.parametrize("barrier_mm", [NOTHING, 60_000])
def test_turning_round_at_the_node_on_red_crosses_the_line(barrier_mm: int) -> None:
    story = Story(s_mm=489_000, speed=120_000).see(light=Light.RED, barrier_mm=barrier_mm)
    assert len(story.go(1, onto=WEST).found("red_light")) == 1


def test_turning_round_on_the_spot_before_a_barrier_does_not() -> None:
    story = Story(s_mm=400_000, speed=0).see(light=Light.RED, barrier_mm=5_000)
    story.link, story.s_mm = WEST, 100_000
    assert story.wait(15_000).found("red_light") == []


def test_a_start_on_the_line_after_skipped_rows_needs_a_red_at_its_end() -> None:
    waiting = Story(s_mm=LINE_MM, speed=0).see(light=Light.RED)
    waiting.time_ms += 20_000
    assert waiting.go(1, accel=2_000).see(light=Light.GREEN).found("red_light") == []
    waiting.rows[-1] = replace(waiting.rows[-1], light=Light.RED)
    assert len(waiting.found("red_light")) == 1


@pytest.mark.parametrize(
    ("road_mm", "convicted"),
    [
        # 10 m/s: 10 m of thought, then 10^2 / (2 * 3.05) = 16.393 m of braking.
        pytest.param(26_394, 1, id="3.05 m/s^2 would have been enough"),
        pytest.param(26_393, 0, id="1 mm short: going on is right"),
        pytest.param(9_000, 0, id="past before the driver can react"),
    ],
)
def test_yellow_is_for_those_who_can_stop(road_mm: int, convicted: int) -> None:
    story = Story(s_mm=LINE_MM - road_mm - 1_000).see(light=Light.GREEN).go(1)
    story.see(light=Light.YELLOW).go(30, onto=EAST)
    assert len(story.found("red_light")) == convicted


def test_a_yellow_that_takes_exactly_3_05_m_s2_can_be_obeyed() -> None:
    # 6.1 m/s: 6.1 m of thought, then 6.1^2 / (2 * 3.05) = 6.1 m of braking.
    story = Story(s_mm=LINE_MM - 12_200, speed=6_100).see(light=Light.YELLOW).go(21)
    (found,) = story.found("red_light")
    assert found.measured("onset_line_mm") == 12_200


def test_yellow_on_ice_asks_for_no_more_than_ice_holds() -> None:
    # 10^2 / (2 * 0.981) = 50.97 m: at 60 m of road braking for 50 m cannot be asked.
    story = Story(s_mm=LINE_MM - 60_000, friction_permille=100).see(light=Light.YELLOW)
    assert story.go(70, onto=EAST).found("red_light") == []


@pytest.mark.parametrize("road_mm", [0, 5, 100])
def test_who_stands_before_the_line_can_obey_any_yellow(road_mm: int) -> None:
    story = Story(s_mm=LINE_MM - road_mm, speed=0).see(light=Light.YELLOW).go(8, accel=2_000)
    (found,) = story.found("red_light")
    assert found.measured("onset_line_mm") == road_mm


def test_a_yellow_already_on_counts_from_where_ego_first_saw_it() -> None:
    ride = JudgedTrip(Story(s_mm=LINE_MM - 26_394).see(light=Light.YELLOW).go(28).trace(), TOWN)
    (tick,) = ride.line_crossings.tolist()
    assert could_have_stopped(ride, tick)


def at_the_stop_sign(lowest: int, before_mm: int) -> Story:
    """Slow down before the line of SIDE, at 195 m, and go on."""
    story = Story(link=SIDE, s_mm=195_000 - before_mm, speed=lowest)
    return story.go(30, accel=2_000)


def test_rolling_over_a_stop_line_at_walking_pace_is_caught() -> None:
    (found,) = at_the_stop_sign(lowest=100, before_mm=3_000).found("stop_sign")
    assert found.measured("lowest_mm_s") == 100


def test_a_stop_within_4_m_of_the_line_counts() -> None:
    assert at_the_stop_sign(lowest=80, before_mm=4_000).found("stop_sign") == []


def test_a_stop_too_far_before_the_line_does_not_count() -> None:
    assert len(at_the_stop_sign(lowest=0, before_mm=4_001).found("stop_sign")) == 1


def test_a_stop_sign_passed_between_two_rows_is_caught() -> None:
    story = Story(link=SIDE, s_mm=190_900, speed=41_000).go(2)
    assert len(story.found("stop_sign")) == 1


def yielding(
    onto: LinkId = NORTH,
    arrival_ms: int = NOTHING,
    before_ms: int = -NOTHING,
    forced_mm_s2: int = 0,
) -> Story:
    """Leave the zone of a turn at 3 s, having entered it at 1 s."""
    story = Story(link=EAST).go(40)
    story.events.append(
        Yielding(
            time_ms=3_000,
            enter_ms=1_000,
            leave_ms=3_000,
            from_link=MAIN,
            to_link=onto,
            arrival_ms=arrival_ms,
            before_ms=before_ms,
            forced_braking_mm_s2=forced_mm_s2,
        )
    )
    return story


@pytest.mark.parametrize(
    ("story", "convicted"),
    [
        pytest.param(yielding(arrival_ms=3_999), 1, id="0.999 s to spare"),
        pytest.param(yielding(arrival_ms=4_000), 0, id="1 s to spare"),
        pytest.param(yielding(forced_mm_s2=3_401), 1, id="forced to brake at 3.401 m/s^2"),
        pytest.param(yielding(forced_mm_s2=3_400), 0, id="forced to brake at 3.4 m/s^2"),
        pytest.param(yielding(before_ms=900), 0, id="0.1 s behind it: it went first"),
        pytest.param(yielding(onto=EAST, arrival_ms=3_100), 0, id="no duty to yield"),
        pytest.param(yielding(onto=BACK, arrival_ms=3_100), 1, id="a turn out of nowhere"),
        pytest.param(yielding(), 0, id="nobody there"),
    ],
)
def test_traffic_with_priority_is_let_pass(story: Story, convicted: int) -> None:
    assert len(story.found("failure_to_yield")) == convicted


@pytest.mark.parametrize(
    ("story", "missed", "severe"),
    [
        pytest.param(yielding(before_ms=-1_000), 0, 0, id="2 s behind it"),
        pytest.param(yielding(before_ms=-999), 1, 0, id="1.999 s behind it"),
        pytest.param(yielding(before_ms=1), 1, 1, id="0.999 s behind it"),
        pytest.param(yielding(arrival_ms=5_000), 0, 0, id="2 s before it"),
        pytest.param(yielding(arrival_ms=4_000), 1, 0, id="1 s before it"),
    ],
)
def test_short_times_between_two_in_a_zone_are_near_misses(
    story: Story, missed: int, severe: int
) -> None:
    near, conflicts = ("near_miss_pet_drac", "conflict_pet_drac")[:: 1 if severe else -1]
    assert [found.weight for found in story.found(near)] == [0] * missed
    assert story.found(conflicts) == []


def turning(onto: LinkId, lane: int = 0) -> Story:
    return Story(s_mm=499_500).see(lane=lane, target_lane=lane, light=Light.GREEN).go(2, onto=onto)


@pytest.mark.parametrize(
    ("onto", "ban"),
    [
        pytest.param(SOUTH, 1, id="a sign forbids it"),
        pytest.param(ALLEY, -1, id="there is no way through"),
    ],
)
def test_a_turn_that_is_not_allowed_is_caught(onto: LinkId, ban: int) -> None:
    (found,) = turning(onto).found("illegal_turn")
    assert found.measured("ban") == ban
    assert found.link == MAIN


def test_an_allowed_turn_is_silent() -> None:
    assert turning(EAST).breaches() == []
    assert turning(NORTH, lane=1).breaches() == []


def test_turning_against_a_one_way_street_is_left_to_wrong_way() -> None:
    assert turning(WRONG).found("illegal_turn") == []


def test_turning_onto_a_closed_road_is_caught() -> None:
    story = turning(EAST)
    story.closed = frozenset({EAST})
    (found,) = story.found("illegal_turn")
    assert found.measured("closed") == 1


def test_starting_on_a_closed_road_is_no_turn() -> None:
    assert Story(closed=frozenset({MAIN})).go(3).found("illegal_turn") == []


def test_turning_round_before_a_barrier_is_no_turn_and_crosses_no_line() -> None:
    story = Story(link=EAST, s_mm=14_000, speed=0, closed=frozenset({EAST}))
    story.see(barrier_mm=1_000).wait(15_000)
    story.link, story.s_mm = BACK, 486_000
    story.see().go(10, accel=2_000)
    story.rows[1] = replace(story.rows[1], link=BACK, s_mm=486_000)
    assert story.breaches() == []


def test_a_passing_at_the_very_start_is_judged_at_the_first_row() -> None:
    story = Story(link=SOUTH)
    story.events.append(
        Passing(time_ms=0, from_link=MAIN, to_link=SOUTH, from_lane=0, speed_mm_s=10_000)
    )
    assert len(story.found("illegal_turn")) == 1


def test_a_stop_at_the_sign_then_a_drive_on_is_clean() -> None:
    story = Story(link=SIDE, s_mm=193_000, speed=0).wait(2_000)
    assert story.go(40, accel=2_000, onto=EAST).breaches() == []
