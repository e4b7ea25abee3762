"""The judgement as a whole: clean runs are silent, every article is tested, the books are right."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge_stories import EAST, LIMIT_MM_S, TOWN, WRONG, Story

from guiderail.sim.contract.errors import KernelError
from guiderail.sim.contract.messages import Decision, Light
from guiderail.sim.contract.trace import Outcome
from guiderail.sim.judge.attribution import guide_induced
from guiderail.sim.judge.infraction import Infraction
from guiderail.sim.judge.referee import judge
from guiderail.sim.judge.severity import Severity
from guiderail.sim.judge.taxonomy import TAXONOMY


def clean_run() -> Story:
    """A calm drive over two links: off, cruise, a change of lane, a green light, a soft stop."""
    story = Story(speed=0, goal=(EAST, 240_000)).see(light=Light.GREEN)
    for accel in (200, 400, 600, 800, 1_000):
        story.go(1, accel=accel)
    story.go(80, accel=1_200).go(1, accel=1_000).go(1, accel=600).go(1, accel=200)
    story.see(target_lane=1).go(50).see(lane=1, target_lane=1)
    while story.link != EAST:
        story.go(1, onto=EAST)
    story.see(light=Light.NONE).go(60)
    for accel in (400, 800, 1_200, 1_600):
        story.go(1, accel=-accel)
    while story.speed >= 2_000:
        story.go(1, accel=-2_000)
    story.go(1, accel=-1_600).go(1, accel=-1_200).go(1, accel=-800)
    while story.speed > 40:
        story.go(1, accel=-400)
    story.go(1, accel=-10 * story.speed)
    story.goal = (EAST, story.s_mm)
    return story


def test_a_clean_run_is_silent() -> None:
    judgement = clean_run().judged()
    assert judgement.infractions == ()
    assert judgement.others == ()
    assert judgement.score == 1.0
    assert set(judgement.by_severity.values()) == {0}


def test_exposure_travels_with_the_judgement() -> None:
    judgement = Story().go(25).judged()
    assert judgement.driven_mm == 25_000
    assert judgement.duration_ms == 2_500


def test_the_score_is_one_over_one_plus_the_weights() -> None:
    # A red light (0.4) and a failed trip (0.4).
    story = Story(s_mm=489_500).see(light=Light.RED).go(2)
    judgement = story.judged(Outcome.TIMED_OUT)
    assert [found.kind for found in judgement.infractions] == ["red_light", "trip_failure"]
    assert judgement.score == pytest.approx(1 / 1.8)
    assert [found.kind for found in judgement.breaches] == ["red_light"]
    assert judgement.by_severity[Severity.S3] == 1


@pytest.mark.parametrize(
    ("speed", "passes"),
    [
        pytest.param(10_000, False, id="10 m in 1 s against a one-way street fail the drive"),
        pytest.param(4_000, True, id="4 m in 1 s weigh, but fail nothing"),
    ],
)
def test_driving_the_wrong_way_fails_the_drive_as_a_whole(speed: int, *, passes: bool) -> None:
    judgement = Story(link=WRONG, speed=speed).go(30).judged()
    assert [found.kind for found in judgement.breaches] == ["wrong_way"]
    assert judgement.passes_gates is passes


def test_a_red_light_weighs_but_is_no_gate() -> None:
    judgement = Story(s_mm=489_500).see(light=Light.RED).go(2).judged()
    assert judgement.passes_gates
    assert judgement.score < 1.0


def test_the_judge_never_changes_the_trace() -> None:
    trace = clean_run().trace()
    before = trace.digest()
    judge(trace, TOWN)
    assert trace.digest() == before


def test_a_trace_without_motion_is_refused() -> None:
    trace = clean_run().trace()
    del trace.motion[:]
    with pytest.raises(KernelError, match="no motion"):
        judge(trace, TOWN)


def test_one_row_is_enough_to_be_judged() -> None:
    assert Story(link=EAST, s_mm=400_000).judged().infractions == ()


def test_an_infraction_knows_the_time_since_the_last_adopted_advice() -> None:
    story = Story(s_mm=480_000).see(light=Light.RED).go(2).hear(Decision.ACCEPT)
    story.go(3).hear(Decision.REFUSE).go(10)
    (found,) = story.found("red_light")
    assert (found.time_ms, found.lead_ms) == (1_000, 800)


def test_without_adopted_advice_there_is_no_lead_time() -> None:
    story = Story(s_mm=480_000).see(light=Light.RED).hear(Decision.REFUSE).go(15)
    story.hear(Decision.ACCEPT)
    (found,) = story.found("red_light")
    assert found.lead_ms is None


def test_every_article_has_its_own_tests() -> None:
    here = Path(__file__).parent
    paths = set(here.glob("test_*.py")) - {here / "test_taxonomy.py"}
    tests = "".join(path.read_text() for path in paths)
    assert {one.kind for one in TAXONOMY.values() if f'"{one.kind}"' not in tests} == set()


def test_only_measures_weigh_nothing() -> None:
    weightless = {Severity.SURROGATE, Severity.COMFORT}
    for article in TAXONOMY.values():
        assert (article.weight == 0) == (article.severity in weightless)
        assert article.source


def red_light(story: Story) -> tuple[Infraction, ...]:
    return story.judged().infractions


def test_an_infraction_is_guide_induced_unless_the_twin_has_one_like_it_there() -> None:
    guided = red_light(Story(s_mm=489_500).see(light=Light.RED).go(2))
    later = red_light(Story(s_mm=480_000).see(light=Light.RED).go(20))
    clean = red_light(clean_run())
    assert [found.kind for found in guide_induced(guided, clean)] == [
        "red_light",
        "trip_failure",
    ]
    assert guide_induced(guided, later) == ()


def test_a_failed_trip_fails_nowhere_in_particular() -> None:
    here = red_light(Story(s_mm=10_000).go(5))
    there = red_light(Story(link=EAST, s_mm=10_000).go(5))
    assert [found.kind for found in here] == ["trip_failure"]
    assert guide_induced(here, there) == ()


ACCELS = st.lists(st.integers(-30, 13).map(lambda step: step * 200), max_size=60)


def wild_drive(accels: list[int], start: int = 8_000) -> Story:
    """Any accelerations, standstill at the worst."""
    story = Story(speed=start).see(light=Light.YELLOW, radius_mm=15_000)
    for accel in accels:
        story.go(1, accel=max(accel, -10 * story.speed))
    return story


@settings(max_examples=60)
@given(accels=ACCELS, copies=st.integers(1, 3), every=st.integers(1, 7))
def test_repeated_samples_do_not_change_the_count(
    accels: list[int], copies: int, every: int
) -> None:
    story = wild_drive(accels)
    once = story.judged()
    story.rows = [
        row for k, row in enumerate(story.rows) for _ in range(1 + copies * (k % every == 0))
    ]
    again = story.judged()
    assert sorted(one.kind for one in again.infractions) == sorted(
        one.kind for one in once.infractions
    )
    assert again.score == pytest.approx(once.score)
    assert again.driven_mm == once.driven_mm


def worst_over_speed(story: Story) -> float:
    """Gravest weight; -1 for no conviction."""
    return max((found.weight for found in story.found("over_speed")), default=-1.0)


@settings(max_examples=60)
@given(accels=ACCELS, slower=st.integers(0, 400).map(lambda step: step * 20))
def test_a_slower_car_is_never_convicted_of_over_speed_when_the_faster_is_not(
    accels: list[int], slower: int
) -> None:
    fast = wild_drive(accels, start=LIMIT_MM_S)
    slow = Story(speed=max(LIMIT_MM_S - slower, 0))
    slow.rows = [replace(row, speed_mm_s=max(row.speed_mm_s - slower, 0)) for row in fast.rows]
    slow.time_ms = fast.time_ms
    assert worst_over_speed(slow) <= worst_over_speed(fast)


@settings(max_examples=30)
@given(accels=ACCELS)
def test_infractions_come_in_order_of_time_and_are_hashable(accels: list[int]) -> None:
    infractions = wild_drive(accels).judged().infractions
    times = [found.time_ms for found in infractions]
    assert times == sorted(times)
    assert len(set(infractions)) == len(infractions)
