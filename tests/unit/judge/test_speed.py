"""Speed limits, curves and one-way streets."""

import pytest
from judge_stories import BACK, EAST, LIMIT_MM_S, MAIN, WRONG, Story

from guiderail.maps.network import LinkId
from guiderail.sim.judge.severity import Severity


def test_one_step_above_the_limit_is_over_speed() -> None:
    (found,) = Story(speed=LIMIT_MM_S + 20).go(10).found("over_speed")
    assert found.severity is Severity.S1
    assert found.measured("most_excess_mm_s") == 20
    assert found.measured("window_ms") == 15_000


def test_over_speed_begins_with_the_first_row_above_the_limit() -> None:
    (found,) = Story(speed=LIMIT_MM_S).go(3).go(1, accel=200).go(3).found("over_speed")
    assert found.time_ms == 400


def test_the_limit_itself_is_fine() -> None:
    assert Story(speed=LIMIT_MM_S).go(10).found("over_speed") == []


def test_the_weight_is_the_mean_excess_over_15_s() -> None:
    # 1 m/s too fast for 6 s is 6 m; the full weight of 0.4 takes 2.23 m/s * 15 s = 33.45 m.
    story = Story(speed=LIMIT_MM_S + 1_000).go(60)
    (found,) = story.found("over_speed")
    assert found.measured("excess_in_window_mm") == 6_000
    assert found.weight == pytest.approx(0.4 * 6 / 33.45)


def test_no_more_than_15_s_count_and_the_weight_has_a_top() -> None:
    (found,) = Story(speed=LIMIT_MM_S + 4_000).go(200).found("over_speed")
    assert found.measured("excess_in_window_mm") == 60_000
    assert found.weight == 0.4


@pytest.mark.parametrize(
    ("excess", "ticks", "severity"),
    [
        # 20 km/h are 5.5556 m/s.
        pytest.param(5_560, 20, Severity.S3, id="20 km/h for 2 s"),
        pytest.param(5_560, 19, Severity.S1, id="20 km/h for 1.9 s"),
        pytest.param(5_540, 50, Severity.S1, id="a little less for long"),
    ],
)
def test_20_km_h_too_fast_for_2_s_is_serious(excess: int, ticks: int, severity: Severity) -> None:
    (found,) = Story(speed=LIMIT_MM_S + excess).go(ticks).found("over_speed")
    assert found.severity is severity


def test_two_short_excesses_do_not_add_up_to_a_long_one() -> None:
    story = Story(speed=LIMIT_MM_S + 5_560).go(15)
    story.speed = LIMIT_MM_S
    story.go(1)
    story.speed = LIMIT_MM_S + 5_560
    (found,) = story.go(15).found("over_speed")
    assert found.severity is Severity.S1


@pytest.mark.parametrize(
    ("speed", "friction_permille", "article"),
    [
        # R = 20 m: 4.89 m/s^2 is 9.889 m/s; 0.85 * 7.848 = 6.671 m/s^2 is 11.551 m/s.
        pytest.param(9_880, 800, None, id="4.881 m/s^2"),
        pytest.param(9_900, 800, "R10", id="4.900 m/s^2"),
        pytest.param(11_540, 800, "R10", id="6.659 m/s^2"),
        pytest.param(11_560, 800, "R10m", id="6.682 m/s^2"),
        # On ice 0.85 * 0.981 = 0.834 m/s^2 is 4.084 m/s.
        pytest.param(4_080, 100, None, id="0.832 m/s^2 on ice"),
        pytest.param(4_100, 100, "R10m", id="0.841 m/s^2 on ice"),
    ],
)
def test_a_curve_has_two_limits(speed: int, friction_permille: int, article: str | None) -> None:
    story = Story(speed=speed, friction_permille=friction_permille).see(radius_mm=20_000)
    found = [turn.article for turn in story.go(1).found("turn_over_speed")]
    assert found == ([article] if article else [])


@pytest.mark.parametrize(
    ("speed", "radius_mm", "article"),
    [
        # 9.78^2 / 19.56 is exactly 4.89, and 11.118^2 / 18.53 exactly 0.85 * 7.848 m/s^2.
        pytest.param(9_780, 19_560, None, id="exactly the comfort bound"),
        pytest.param(11_118, 18_530, "R10", id="exactly 0.85 of the friction"),
    ],
)
def test_the_limit_of_a_curve_itself_is_fine(
    speed: int, radius_mm: int, article: str | None
) -> None:
    found = Story(speed=speed).see(radius_mm=radius_mm).found("turn_over_speed")
    assert [turn.article for turn in found] == ([article] if article else [])


@pytest.mark.parametrize(
    ("speed", "article"),
    [
        pytest.param(2_000, None, id="2.0 m in 1 s"),
        pytest.param(2_020, "R1h", id="2.02 m in 1 s"),
        pytest.param(6_000, "R1h", id="6.0 m in 1 s"),
        pytest.param(6_020, "R1", id="6.02 m in 1 s"),
    ],
)
def test_driving_against_a_one_way_street_counts_by_the_second(
    speed: int, article: str | None
) -> None:
    found = Story(link=WRONG, speed=speed).go(30).found("wrong_way")
    assert [way.article for way in found] == ([article] if article else [])


def test_half_the_breach_has_half_the_weight() -> None:
    (found,) = Story(link=WRONG, speed=4_000).go(30).found("wrong_way")
    assert (found.weight, found.severity) == (0.35, Severity.S3)


def test_road_driven_the_right_way_does_not_count() -> None:
    # 1.9 m of the phantom after the node, at 1 m/s it takes almost 2 s.
    story = Story(s_mm=499_000, speed=1_000).go(29, onto=WRONG)
    assert story.s_mm == 1_900
    assert story.found("wrong_way") == []


def test_the_road_before_and_after_a_node_adds_up() -> None:
    story = Story(link=WRONG, s_mm=298_500, speed=5_000).go(3)
    assert story.go(5, onto=EAST).found("wrong_way") == []
    story = Story(link=WRONG, s_mm=297_600, speed=5_000).go(8, onto=EAST)
    assert [found.article for found in story.found("wrong_way")] == ["R1h"]


@pytest.mark.parametrize("link", [MAIN, EAST, BACK])
def test_the_right_way_is_silent(link: LinkId) -> None:
    assert Story(link=link).go(50).breaches() == []
