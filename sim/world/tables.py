"""Distributions as integer tables of quantiles: a float is rounded here, once, never in a step."""

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
