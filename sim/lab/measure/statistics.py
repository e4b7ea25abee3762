"""
Intervals: no estimate leaves the lab without one.

Trips are the unit of chance. Events of one trip, and the same trip at several rates, belong
together, so means and rates use the spread between trips; zero events get their upper bound, never
a bare zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE: Final = 0.95
"""Chance that an interval holds the truth; the usual convention."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its bounds; ``valid`` is False where nothing was observed."""

    value: float
    low: float
    high: float
    valid: bool = True


ABSENT: Final = Interval(0.0, 0.0, 0.0, valid=False)


def share(count: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """Exact interval of a probability (Clopper and Pearson 1934)."""
    from scipy import stats  # noqa: PLC0415  half a second that no worker needs

    if trials == 0:
        return ABSENT
    result = stats.binomtest(count, trials).proportion_ci(confidence, method="exact")
    return Interval(count / trials, float(result.low), float(result.high))


def poisson_rate(count: int, exposure: float, confidence: float = CONFIDENCE) -> Interval:
    """
    Exact interval of events per unit of exposure, if events were independent (Garwood 1936).

    Zero events get the one-sided bound: below is nothing, so all the doubt lies above.

    Examples
    --------
    >>> round(poisson_rate(0, 1.0).high, 2)
    3.0
    """
    from scipy import stats  # noqa: PLC0415  half a second that no worker needs

    if exposure <= 0:
        return ABSENT
    if count == 0:
        return Interval(0.0, 0.0, float(-np.log1p(-confidence)) / exposure)
    tail = (1 - confidence) / 2
    low = stats.chi2.ppf(tail, 2 * count) / 2
    high = stats.chi2.ppf(1 - tail, 2 * count + 2) / 2
    return Interval(count / exposure, float(low) / exposure, float(high) / exposure)


def rate_upper_bound(count: int, runs: int, confidence: float = CONFIDENCE) -> float:
    """
    One-sided upper bound of a probability per run (Clopper and Pearson).

    Examples
    --------
    >>> round(rate_upper_bound(0, 1_000), 5)
    0.00299
    """
    from scipy import stats  # noqa: PLC0415  half a second that no worker needs

    if runs <= 0 or count >= runs:
        return 1.0
    return float(stats.beta.ppf(confidence, count + 1, runs - count))


def anytime_upper_bound(count: int, runs: int, confidence: float = CONFIDENCE) -> float:
    """
    Upper bound of a probability per run that holds at every look of a growing sample at once.

    The upper end of :func:`anytime_share`. Looking at an ordinary bound until it pleases makes
    false claims far more often than it admits.

    Examples
    --------
    >>> round(anytime_upper_bound(0, 1_000), 4)  # 1 - (20 * 1001) ** -0.001
    0.0099
    """
    return anytime_share(count, runs, confidence).high


def anytime_share(count: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """
    Interval of a probability that holds at every look of a growing sample at once.

    All ``p`` are kept for which the uniform beta mixture has not multiplied its wealth by ``1 / (1
    - confidence)`` against ``p`` (Ville's inequality; Robbins 1970).

    Examples
    --------
    >>> interval = anytime_share(3, 1_000)
    >>> round(interval.low, 5), round(interval.high, 4)
    (7e-05, 0.0164)
    """
    from scipy import optimize, special  # noqa: PLC0415  half a second that no worker needs

    if trials <= 0:
        return Interval(0.0, 0.0, 1.0, valid=False)
    mixture = float(special.betaln(1 + count, 1 + trials - count))
    limit = float(-np.log1p(-confidence))
    best = count / trials

    def excess(p: float) -> float:
        wealth = mixture - float(special.xlogy(count, p) + special.xlog1py(trials - count, -p))
        return wealth - limit

    # The mixture never beats the best fixed p, so the wealth at ``best`` is below the limit.
    low = optimize.brentq(excess, _TINY, best, xtol=_TINY) if count else 0.0
    high = optimize.brentq(excess, best or _TINY, 1 - _TINY, xtol=_TINY) if count < trials else 1.0
    return Interval(best, float(low), float(high))


_TINY: Final = 1e-12


def anytime_mean(values: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """
    Mean with an interval that may be looked at as often as one likes while the sample grows.

    Asymptotic, since the spread is estimated (Waudby-Smith and others 2024, "Time-uniform central
    limit theory and asymptotic confidence sequences"): below :data:`_ENOUGH` values it promises
    nothing. It is narrowest at about :data:`_SHARPEST` values.
    """
    array = np.asarray(values, dtype=np.float64)
    size = len(array)
    if size == 0:
        return ABSENT
    if size < _ENOUGH:
        return Interval(float(array.mean()), -np.inf, np.inf)
    alpha = 1 - confidence
    rho2 = (-2 * np.log(alpha) + np.log(1 - 2 * np.log(alpha))) / _SHARPEST
    grown = size * rho2 + 1
    reach = array.std(ddof=1) * np.sqrt(2 * grown / (size**2 * rho2) * np.log(grown**0.5 / alpha))
    return Interval(float(array.mean()), float(array.mean() - reach), float(array.mean() + reach))


_ENOUGH: Final = 30
"""Values from which an estimated spread may be trusted; the usual rule of thumb."""
_SHARPEST: Final = 200
"""Number of values at which :func:`anytime_mean` is narrowest."""


def mean_of_trips(values: ArrayLike, trips: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """
    Mean with a t-interval whose unit is the trip.

    Parameters
    ----------
    values
        One number per run, shape (n_runs,).
    trips
        Which trip each run belongs to, shape (n_runs,); the runs of one trip are not independent.
    confidence
        Chance that the interval holds the truth.
    """
    array = np.asarray(values, dtype=np.float64)
    sums, counts = _by_trip(array, trips), _by_trip(np.ones_like(array), trips)
    return _ratio(sums, counts, confidence)


def rate_of_trips(
    counts: ArrayLike, exposure: ArrayLike, trips: ArrayLike, confidence: float = CONFIDENCE
) -> Interval:
    """
    Events per unit of exposure, with an interval that allows for events that come in clusters.

    The wider of two intervals on each side: the exact one for independent events, which is right
    for few events, and the one from the spread between trips, which is right for clustered ones.

    Parameters
    ----------
    counts, exposure
        Events and exposure of each run, shape (n_runs,).
    trips
        Which trip each run belongs to, shape (n_runs,).
    confidence
        Chance that the interval holds the truth.
    """
    events, road = np.asarray(counts, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    exact = poisson_rate(round(events.sum()), float(road.sum()), confidence)
    if not exact.valid or exact.value == 0:
        return exact
    spread = _ratio(_by_trip(events, trips), _by_trip(road, trips), confidence)
    if not np.isfinite(spread.high):
        return exact
    return Interval(exact.value, max(0.0, min(exact.low, spread.low)), max(exact.high, spread.high))


class MeanInterval(TypedDict):
    """A mean in a results file; null where a number does not apply, never 0."""

    mean: float | None
    low: float | None
    high: float | None


class RateInterval(TypedDict):
    """A rate or share in a results file; null where a number does not apply, never 0."""

    value: float | None
    low: float | None
    high: float | None


def as_mean(interval: Interval) -> MeanInterval:
    """Three numbers of a mean for a results file."""
    middle, low, high = _numbers(interval)
    return {"mean": middle, "low": low, "high": high}


def as_rate(interval: Interval) -> RateInterval:
    """Three numbers of a rate or share for a results file."""
    middle, low, high = _numbers(interval)
    return {"value": middle, "low": low, "high": high}


def _numbers(interval: Interval) -> Iterator[float | None]:
    for number in (interval.value, interval.low, interval.high):
        yield float(number) if interval.valid and np.isfinite(number) else None


def _by_trip(values: Floats, trips: ArrayLike) -> Floats:
    _, place = np.unique(np.asarray(trips), return_inverse=True)
    return np.bincount(place, weights=values).astype(np.float64)


def _ratio(tops: Floats, bottoms: Floats, confidence: float) -> Interval:
    """Ratio of sums over trips, its spread linearized (Cochran 1977, section 2.11)."""
    from scipy import stats  # noqa: PLC0415  half a second that no worker needs

    size, total = len(tops), float(bottoms.sum())
    if size == 0 or total <= 0:
        return ABSENT
    value = float(tops.sum()) / total
    if size == 1:
        return Interval(value, -np.inf, np.inf)
    variance = float(((tops - value * bottoms) ** 2).sum()) * size / (size - 1) / total**2
    reach = float(stats.t.ppf((1 + confidence) / 2, size - 1)) * variance**0.5
    return Interval(value, value - reach, value + reach)
