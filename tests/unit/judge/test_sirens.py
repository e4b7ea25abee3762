"""Emergency vehicles: who cuts in front of one or holds it up is convicted, who cannot is not."""

from typing import Any

import pytest
from judge_stories import EAST, MAIN, Story, crimes

from guiderail.sim.contract.lattice import NOTHING
from guiderail.sim.contract.messages import Light
from guiderail.sim.contract.trace import Outcome, YieldingToSiren

# MAIN is 500 m long and has its line at 490 m; the story drives at 10 m/s.


def through(*, heard_mm: int, spare_ms: int = 0, forced_mm_s2: int = 0) -> Story:
    """Go straight on at green; the siren could first be heard so far before the junction."""
    story = Story(s_mm=499_500 - heard_mm).see(light=Light.GREEN)
    ticks = heard_mm // 1_000 + 1
    story.go(ticks, onto=EAST).see(light=Light.NONE).go(20)
    enter = ticks * 100
    story.events.append(_met(enter, spare_ms, forced_mm_s2))
    return story


def _met(enter_ms: int, spare_ms: int, forced_mm_s2: int, **more: Any) -> YieldingToSiren:
    values = {
        "time_ms": enter_ms + 1_500,
        "enter_ms": enter_ms,
        "leave_ms": enter_ms + 1_500,
        "from_link": MAIN,
        "to_link": EAST,
        "arrival_ms": enter_ms + 1_500 + spare_ms,
        "before_ms": -NOTHING,
        "forced_braking_mm_s2": forced_mm_s2,
        "heard_ms": 0,
    }
    return YieldingToSiren(**(values | more))


@pytest.mark.parametrize(
    ("story", "articles"),
    [
        # A second of thought and 10^2 / (2 * 3.05) m: 26.4 m are enough to wait.
        pytest.param(through(heard_mm=27_000), ["R4"], id="could wait"),
        pytest.param(through(heard_mm=25_000), [], id="heard too late"),
        pytest.param(through(heard_mm=60_000, spare_ms=999), ["R4"], id="cut close"),
        pytest.param(through(heard_mm=60_000, spare_ms=1_000), [], id="a second to spare"),
        pytest.param(
            through(heard_mm=60_000, spare_ms=5_000, forced_mm_s2=3_401), ["R4"], id="made it brake"
        ),
    ],
)
def test_a_siren_goes_first_even_against_a_green_light(story: Story, articles: list[str]) -> None:
    assert crimes(story) == articles


def test_a_slippery_road_speaks_for_who_could_not_wait() -> None:
    # 10 m of thought and 100 / (2 * 0.981) m on ice: 61 m.
    for friction, article in ((800, ["R4"]), (100, [])):
        story = through(heard_mm=50_000)
        story.friction_permille = friction
        assert [one for one in crimes(story) if one == "R4"] == article


@pytest.mark.parametrize(
    ("heard_mm", "at_fault"), [pytest.param(60_000, True, id="heard"), (20_000, False)]
)
def test_who_is_hit_by_one_is_at_fault_if_he_could_have_waited(
    heard_mm: int, *, at_fault: bool
) -> None:
    story = through(heard_mm=heard_mm)
    enter = story.events.pop().enter_ms  # type: ignore[union-attr]
    story.rows = [row for row in story.rows if row.time_ms <= enter + 500]
    story.time_ms = enter + 500
    hit = {"leave_ms": story.time_ms, "arrival_ms": story.time_ms, "time_ms": story.time_ms}
    story.events.append(_met(enter, 0, 0, **hit))
    story.see(crossing_gap_mm=-10, crossing_speed_mm_s=8_000)
    judgement = story.judged(Outcome.CRASHED)
    every = (*judgement.infractions, *judgement.others)
    (crash,) = (one for one in every if one.kind == "collision_vehicle")
    assert crash.at_fault is at_fault


@pytest.mark.parametrize(("heard_mm", "at_fault"), [(60_000, True), (20_000, False)])
def test_who_is_missed_by_one_has_part_in_it_if_he_could_have_waited(
    heard_mm: int, *, at_fault: bool
) -> None:
    judgement = through(heard_mm=heard_mm, spare_ms=500).judged()
    every = (*judgement.infractions, *judgement.others)
    (near,) = (one for one in every if one.kind == "near_miss_pet_drac")
    assert near.at_fault is at_fault


def test_who_follows_one_closely_through_the_junction_has_heard_it() -> None:
    story = through(heard_mm=60_000)
    enter = story.events.pop().enter_ms  # type: ignore[union-attr]
    alone = {"arrival_ms": NOTHING, "heard_ms": enter}
    story.events.append(_met(enter, 0, 0, before_ms=enter - 1_600, **alone))
    (near,) = story.found("conflict_pet_drac")
    assert near.measured("post_encroachment_ms") == 1_600
    assert near.at_fault


def behind(**more: int) -> Story:
    """Drive at 8 m/s, limit 13.88, before one that wants 17 m/s."""
    heard = {"gap_mm": 12_000, "speed_mm_s": 8_000, "wish_mm_s": 17_000, "lane": 0} | more
    return Story(speed=8_000).hear_siren(**heard)


@pytest.mark.parametrize(
    ("story", "count"),
    [
        pytest.param(behind(), 1, id="stays in front"),
        pytest.param(behind(gap_mm=26_001), 0, id="2 s and 10 m ahead"),
        pytest.param(behind(lane=1), 0, id="another lane"),
        pytest.param(behind(speed_mm_s=15_300), 0, id="not slowed"),
        pytest.param(behind(aside_permille=1_000), 1, id="aside, but too fast to be passed"),
        pytest.param(behind(gap_mm=-100, aside_permille=1_000), 0, id="being passed"),
    ],
)
def test_who_holds_one_up_for_more_than_5_s_is_convicted(story: Story, count: int) -> None:
    assert len(story.go(80).found("yield_emergency_vehicle")) == count


def test_who_slows_down_at_the_edge_of_the_lane_has_made_way() -> None:
    heard = {"gap_mm": 12_000, "speed_mm_s": 6_000, "wish_mm_s": 17_000, "lane": 0}
    for aside, count in ((1_000, 0), (950, 1)):
        story = Story(speed=6_940).hear_siren(**heard, aside_permille=aside)
        assert len(story.go(80).found("yield_emergency_vehicle")) == count


def test_pulling_out_into_one_that_passes_is_a_crash_of_the_own_making() -> None:
    story = Story(speed=6_000).hear_siren(gap_mm=-2_000, speed_mm_s=14_000, lane=0)
    story.hear_siren(aside_permille=1_000).go(5)
    assert story.found("collision_vehicle") == []
    (crash,) = story.hear_siren(aside_permille=450).go(2).found("collision_vehicle")
    assert (crash.article, crash.at_fault) == ("C2", True)


def test_being_run_into_by_one_from_behind_is_not() -> None:
    story = Story().go(40).hear_siren(gap_mm=-10, speed_mm_s=14_000, lane=0)
    (crash,) = story.found("collision_vehicle")
    assert not crash.at_fault


def test_a_siren_is_a_reason_to_stand_and_to_brake_hard() -> None:
    standing = Story(speed=0, s_mm=300_000)
    assert len(standing.wait(9_000).found("stop_in_live_lane")) == 1
    for node_mm, count in ((60_000, 0), (60_001, 1)):
        story = Story(speed=0, s_mm=300_000).hear_siren(node_mm=node_mm)
        for _ in range(60):
            story.wait(100)
        assert len(story.found("stop_in_live_lane")) == count
    braking = Story().hear_siren(node_mm=30_000).go(10, accel=-6_000)
    assert braking.found("uncaused_emergency_braking") == []
