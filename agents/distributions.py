"""
Distributions as integer tables, made once, so that no float decides anything inside a trip.

A draw of 64 bits picks a row (the inverse distribution function at the middle of the row). The
same draw in a table of larger values gives a larger value: that is what couples a trip at two
hallucination rates.
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np

from guiderail.sim.contract.draw import below
from guiderail.sim.contract.errors import ScenarioError
from guiderail.sim.contract.lattice import TICK_MS

Table = tuple[int, ...]

MILLION: Final = 1_000_000
_LATENCY_ROWS: Final = 1_024
"""Of the table: neighboring rows differ by less than a tick in the middle of the distribution."""
_COMPETENCE_ROWS: Final = 4_096
"""More rows than for latency: at low rates all the error sits in the last few percent of trips."""


def pick(table: Table, word: int) -> int:
    """Look a 64-bit draw up in an inverse table."""
    return table[below(word, len(table))]


@lru_cache(maxsize=64)
def latency_table(median_ms: int, sigma_permille: int) -> Table:
    """
    Lognormal latencies [ms], rounded up to whole ticks: a guide is never faster than its draw.

    Parameters
    ----------
    median_ms
        Half of the replies take longer [ms].
    sigma_permille
        Standard deviation of the logarithm, in thousandths; 0 for a constant.
    """
    normal = NormalDist()
    sigma = sigma_permille / 1_000
    rows = ((k + 0.5) / _LATENCY_ROWS for k in range(_LATENCY_ROWS))
    exact = (median_ms * math.exp(sigma * normal.inv_cdf(row)) for row in rows)
    return tuple(math.ceil(ms / TICK_MS) * TICK_MS for ms in exact)


@lru_cache(maxsize=256)
def competence_table(rate_ppm: int, rho_permille: int) -> Table:
    """
    Chance of an error per utterance [ppm] of trips from the best guided to the worst guided.

    Parameters
    ----------
    rate_ppm
        Mean over all trips [ppm].
    rho_permille
        Intraclass correlation of the errors of one trip, in thousandths: 0 for independent errors,
        below 1,000.

    Notes
    -----
    Beta(a, b) with a = mu (1 - rho) / rho and b = (1 - mu) (1 - rho) / rho makes the number of
    errors of a trip beta-binomial. Rates 0 and 1 are exact. Row for row the table grows with the
    rate.
    """
    if rho_permille == 0 or rate_ppm in {0, MILLION}:
        return (rate_ppm,)
    # Here, since it is slow to load and a silent guide needs none of it.
    from scipy.special import betaincinv  # noqa: PLC0415

    mean, rho = rate_ppm / MILLION, rho_permille / 1_000
    weight = (1 - rho) / rho
    rows = (np.arange(_COMPETENCE_ROWS) + 0.5) / _COMPETENCE_ROWS
    chance = betaincinv(mean * weight, (1 - mean) * weight, rows)
    return tuple(np.rint(chance * MILLION).astype(np.int64).tolist())


def ppm(share: float, name: str) -> int:
    """
    Turn a share in [0, 1] into parts per million.

    Raises
    ------
    ScenarioError
        When it is no share.
    """
    if not 0 <= share <= 1:
        raise ScenarioError(f"{name} is {share}: it must lie in 0 .. 1")
    return round(share * MILLION)
