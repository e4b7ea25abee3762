"""
Distributions of a draw, as integer tables of quantiles: a float is rounded here, never in a step.

World and drivers both draw people from them. The tables end: rare tails are events of their own.
"""

import math
from functools import cache
from statistics import NormalDist
from typing import Final

from guiderail.sim.contract.draw import below

SIZE: Final = 1_024


@cache
def _exponential() -> tuple[int, ...]:
    return tuple(round(-1_000 * math.log1p(-(i + 0.5) / SIZE)) for i in range(SIZE))


@cache
def _normal() -> tuple[int, ...]:
    return tuple(round(1_000 * NormalDist().inv_cdf((i + 0.5) / SIZE)) for i in range(SIZE))


def exponential_permille(word: int) -> int:
    """Unit exponential [1/1000] of a draw."""
    return _exponential()[below(word, SIZE)]


def normal_permille(word: int) -> int:
    """Standard normal [1/1000] of a draw; ends at 3.3 standard deviations."""
    return _normal()[below(word, SIZE)]


@cache
def _logistic() -> tuple[int, ...]:
    shares = ((i + 0.5) / SIZE for i in range(SIZE))
    return tuple(round(1_000 * math.log(share / (1 - share))) for share in shares)


def logistic_permille(word: int) -> int:
    """Standard logistic [1/1000] of a draw; ends at +-7.6."""
    return _logistic()[below(word, SIZE)]


@cache
def _log_normal(sigma_permille: int) -> tuple[int, ...]:
    return tuple(round(1_000 * math.exp(sigma_permille * z / 1_000_000)) for z in _normal())


def log_normal_permille(word: int, sigma_permille: int) -> int:
    """Log-normal of median 1 [1/1000] of a draw; sigma is that of the logarithm."""
    return _log_normal(sigma_permille)[below(word, SIZE)]
