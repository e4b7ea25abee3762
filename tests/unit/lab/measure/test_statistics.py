"""Intervals agree with closed forms, published numbers and the library's bootstrap."""

import math

import numpy as np
import pytest
from scipy import special, stats

from guiderail.sim.lab.measure.statistics import (
    anytime_mean,
    anytime_share,
    anytime_upper_bound,
    as_mean,
    mean_of_trips,
    poisson_rate,
    rate_of_trips,
    rate_upper_bound,
    share,
)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 0.0037), (1, 2.5e-5, 0.0056), (3, 0.0006, 0.0087), (10, 0.0048, 0.0183)],
)
def test_a_share_of_1000_has_the_published_clopper_pearson_interval(
    count: int, low: float, high: float
) -> None:
    interval = share(count, 1_000)
    assert interval.low == pytest.approx(low, abs=6e-5)
    assert interval.high == pytest.approx(high, abs=6e-5)


def test_no_event_in_n_runs_allows_one_minus_the_nth_root_of_a_twentieth() -> None:
    for runs in (1, 100, 1_000, 10_000):
        expected = -math.expm1(math.log(0.05) / runs)
        assert rate_upper_bound(0, runs) == pytest.approx(expected, rel=1e-9)


def test_all_events_or_no_runs_allow_everything() -> None:
    assert rate_upper_bound(3, 3) == 1.0
    assert rate_upper_bound(0, 0) == 1.0
    assert anytime_upper_bound(3, 3) == 1.0


@pytest.mark.parametrize(("count", "bound"), [(1, 4.74), (2, 6.30), (5, 10.5)])
def test_the_one_sided_poisson_bound_is_the_published_one(count: int, bound: float) -> None:
    # The upper end of a two-sided 90 % interval is the one-sided 95 % bound.
    assert poisson_rate(count, 1.0, 0.90).high == pytest.approx(bound, abs=0.02)


def test_zero_events_are_shown_as_three_per_exposure_never_as_zero() -> None:
    interval = poisson_rate(0, 2.0)
    assert (interval.value, interval.low) == (0.0, 0.0)
    assert interval.high == pytest.approx(-math.log(0.05) / 2)


def test_a_rate_without_exposure_is_not_valid() -> None:
    assert not poisson_rate(0, 0.0).valid
    assert not rate_of_trips([], [], []).valid
    assert not share(0, 0).valid
    assert not mean_of_trips([], []).valid


def test_the_anytime_bound_of_zero_events_has_its_closed_form() -> None:
    for runs in (10, 1_000, 100_000):
        expected = -math.expm1(-math.log(20 * (runs + 1)) / runs)
        assert anytime_upper_bound(0, runs) == pytest.approx(expected, rel=1e-6)


def test_the_anytime_bound_lies_above_the_fixed_bound_and_the_estimate() -> None:
    for count in (0, 1, 7, 60):
        bound = anytime_upper_bound(count, 100)
        assert rate_upper_bound(count, 100) < bound < 1
        assert bound > count / 100


def test_looking_at_every_run_the_anytime_bound_keeps_its_promise_and_the_fixed_one_does_not() -> (
    None
):
    source = np.random.default_rng(5)
    truth, campaigns, looks = 0.05, 300, range(20, 400, 10)
    fixed = anytime = 0
    for _ in range(campaigns):
        counts = np.cumsum(source.random(400) < truth)
        fixed += any(rate_upper_bound(int(counts[n - 1]), n) < truth for n in looks)
        anytime += any(anytime_upper_bound(int(counts[n - 1]), n) < truth for n in looks)
    assert fixed / campaigns > 0.08
    assert anytime / campaigns <= 0.05


def test_the_ends_of_the_anytime_share_are_where_the_wealth_is_twenty() -> None:
    # B(1+k, 1+n-k) / (p^k (1-p)^(n-k)) = 1 / 0.05 at both ends (Ville)
    for count, trials in ((1, 10), (7, 40), (39, 40)):
        interval = anytime_share(count, trials)
        for p in {interval.low, interval.high} - {1.0}:
            fixed = p**count * (1 - p) ** (trials - count)
            assert special.beta(1 + count, 1 + trials - count) / fixed == pytest.approx(
                20, rel=1e-5
            )


def test_nothing_seen_leaves_every_share_possible() -> None:
    assert (anytime_share(0, 0).low, anytime_share(0, 0).high) == (0.0, 1.0)
    assert not anytime_share(0, 0).valid
    assert anytime_share(0, 50).low == 0.0
    assert anytime_share(50, 50).high == 1.0


def test_looking_at_every_trip_the_anytime_mean_of_skewed_values_keeps_its_promise() -> None:
    # Delays are skewed: exponential ones of mean 1, looked at 38 times, 300 campaigns.
    source = np.random.default_rng(17)
    wrong = students = 0
    for _ in range(300):
        values = source.exponential(size=400)
        looks = range(30, 401, 10)
        seen = [anytime_mean(values[:n]) for n in looks]
        wrong += any(not one.low <= 1 <= one.high for one in seen)
        fixed = [mean_of_trips(values[:n], np.arange(n)) for n in looks]
        students += any(not one.low <= 1 <= one.high for one in fixed)
    assert wrong / 300 <= 0.05
    assert students / 300 > 0.15  # the same looks at a plain interval


def test_the_anytime_mean_of_too_few_trips_promises_nothing() -> None:
    assert not anytime_mean([]).valid
    assert anytime_mean(np.arange(29)).high == math.inf
    assert anytime_mean(np.arange(30)).high < 60


def test_a_mean_over_single_runs_is_the_students_t_interval() -> None:
    values = np.array([3.0, 5.0, 4.0, 8.0, 10.0])
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    interval = mean_of_trips(values, np.arange(5))
    assert interval.value == 6.0
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_repeating_a_trip_at_five_rates_does_not_narrow_the_mean() -> None:
    values, trips = np.array([3.0, 5.0, 4.0, 8.0, 10.0]), np.arange(5)
    once = mean_of_trips(values, trips)
    often = mean_of_trips(np.tile(values, 5), np.tile(trips, 5))
    assert (often.value, often.low, often.high) == pytest.approx((once.value, once.low, once.high))


def test_a_single_trip_has_a_mean_and_no_interval() -> None:
    assert as_mean(mean_of_trips([4.0], [0])) == {"mean": 4.0, "low": None, "high": None}


def test_what_does_not_apply_is_null_in_json_never_zero() -> None:
    assert as_mean(mean_of_trips([], [])) == {"mean": None, "low": None, "high": None}


def test_the_rate_interval_agrees_with_the_bootstrap_by_trip_for_clustered_events() -> None:
    source = np.random.default_rng(3)
    counts = source.poisson(source.gamma(0.3, 3.0, size=200))
    exposure = source.uniform(1.0, 2.0, size=200)
    interval = rate_of_trips(counts, exposure, np.arange(200))
    again = stats.bootstrap(
        (counts, exposure),
        lambda k, road, axis: k.sum(axis) / road.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=2_000,
        method="percentile",
        random_state=source,
    ).confidence_interval
    assert interval.low == pytest.approx(again.low, rel=0.1)
    assert interval.high == pytest.approx(again.high, rel=0.1)


def test_the_rate_interval_is_never_narrower_than_the_exact_one() -> None:
    interval = rate_of_trips([1, 0, 0, 0], [1.0, 1.0, 1.0, 1.0], range(4))
    exact = poisson_rate(1, 4.0)
    assert interval.low <= exact.low
    assert interval.high >= exact.high


def test_the_intervals_of_a_rate_cover_the_truth_as_often_as_they_say() -> None:
    source = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        counts = source.poisson(source.gamma(0.5, 2.0, size=80))
        interval = rate_of_trips(counts, np.ones(80), np.arange(80))
        hits += interval.low <= 1.0 <= interval.high
    # Strongly clustered, 80 trips: a little short of 95 %, as the bootstrap is.
    assert hits / 400 > 0.9
