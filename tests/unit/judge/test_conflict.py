"""The judge's formulas, against published numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiderail.sim.judge.conflict import (
    Rss,
    is_required_deceleration_above,
    is_time_to_collision_below,
    post_encroachment_time,
    required_deceleration,
    rss_longitudinal_distance,
    time_to_collision,
)

SPEEDS_KMH = (30, 50, 70, 90, 110, 130)


def preset(response_ms: int, accel: int, brake_min: int, brake_max: int) -> Rss:
    return Rss(
        response_ms=response_ms,
        accel_mm_s2=accel,
        brake_min_mm_s2=brake_min,
        brake_max_mm_s2=brake_max,
    )


AD_RSS = preset(1_000, 3_500, 4_000, 8_000)


@pytest.mark.parametrize(
    ("rss", "gaps_m"),
    [
        pytest.param(AD_RSS, (23, 41, 63, 89, 119, 152), id="ad-rss"),
        pytest.param(preset(1_940, 5_910, 4_130, 9_500), (71, 106, 145, 188, 235, 287), id="slow"),
        pytest.param(preset(530, 4_100, 4_640, 8_030), (13, 24, 38, 54, 74, 96), id="aggressive"),
        pytest.param(preset(500, 2_000, 4_000, 8_000), (11, 23, 39, 58, 82, 109), id="guarded"),
    ],
)
def test_rss_distances_at_equal_speed_are_the_published_ones(
    rss: Rss, gaps_m: tuple[int, ...]
) -> None:
    speed = np.array([kmh * 1_000_000 // 3_600 for kmh in SPEEDS_KMH])
    distance = rss_longitudinal_distance(speed, speed, rss)
    assert (distance / 1_000).round().astype(int).tolist() == list(gaps_m)


def test_rss_distances_capped_at_the_limit_are_the_published_ones() -> None:
    speed = np.array([kmh * 1_000_000 // 3_600 for kmh in SPEEDS_KMH])
    distance = rss_longitudinal_distance(speed, speed, AD_RSS, limit_mm_s=speed)
    assert (distance / 1_000).round().astype(int).tolist() == [13, 26, 43, 64, 89, 118]


def test_a_cap_half_way_through_the_response_is_a_ramp_and_then_a_plateau() -> None:
    # 10 m/s, limit 11, 2 m/s^2 for 1 s: 0.5 s to the limit (5.25 m), 0.5 s there (5.5 m),
    # 11^2 / 8 = 15.125 m of braking.
    distance = rss_longitudinal_distance(
        np.array([10_000]),
        np.array([0]),
        preset(1_000, 2_000, 4_000, 8_000),
        limit_mm_s=11_000.0,
    )
    assert distance.tolist() == [25_875.0]


def test_rss_is_never_negative() -> None:
    distance = rss_longitudinal_distance(np.array([0]), np.array([30_000]), AD_RSS)
    assert distance.tolist() == [0.0]


@given(
    rear=st.integers(0, 40_000),
    front=st.integers(0, 40_000),
    slower=st.integers(0, 5_000),
    permille=st.integers(50, 1_000),
)
def test_less_grip_and_a_slower_leader_never_shorten_the_rss_distance(
    rear: int, front: int, slower: int, permille: int
) -> None:
    fast, slow = np.array([rear]), np.array([max(front - slower, 0)])
    dry = rss_longitudinal_distance(fast, np.array([front]), AD_RSS)
    assert (rss_longitudinal_distance(fast, slow, AD_RSS) >= dry).all()
    wet = rss_longitudinal_distance(fast, slow, AD_RSS, friction_permille=permille)
    # Where the front car outbrakes the rear one the distance is cut off at the response.
    assert (wet >= 0).all()


def test_time_to_collision_is_gap_over_closing_speed() -> None:
    left = time_to_collision(np.array([20_000, 20_000, 5_000]), np.array([10_000, 0, -10]))
    assert left.tolist() == [2_000.0, math.inf, math.inf]


def test_required_deceleration_is_half_the_squared_speed_over_the_gap() -> None:
    # 10^2 / (2 * 25) = 2 m/s^2; contact needs more than there is; opening needs nothing.
    need = required_deceleration(
        np.array([25_000, 0, 25_000, -5]), np.array([10_000, 10_000, -10_000, 0])
    )
    assert need.tolist() == [2_000.0, math.inf, 0.0, 0.0]


@given(
    gap=st.integers(-1_000, 200_000),
    closing=st.integers(-40_000, 40_000),
    limit=st.integers(1, 20_000),
)
def test_the_exact_limits_agree_with_the_values(gap: int, closing: int, limit: int) -> None:
    gaps, closings = np.array([gap]), np.array([closing])
    if gap > 0:
        below = is_time_to_collision_below(gaps, closings, limit)
        assert below.tolist() == (time_to_collision(gaps, closings) < limit).tolist()
        above = is_required_deceleration_above(gaps, closings, limit)
        assert above.tolist() == (required_deceleration(gaps, closings) > limit).tolist()
    else:
        assert not is_time_to_collision_below(gaps, closings, limit).any()
        assert not is_required_deceleration_above(gaps, closings, limit).any()


def test_post_encroachment_time_is_negative_for_both_at_once() -> None:
    assert post_encroachment_time(5_000, 4_000) == -1_000
