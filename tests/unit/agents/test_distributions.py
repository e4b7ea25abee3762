"""Integer tables hold the distributions that they were made from."""

import math
from itertools import pairwise

import numpy as np
import pytest

from guiderail.agents.distributions import MILLION, competence_table, latency_table, pick, ppm
from guiderail.sim.contract.errors import ScenarioError


@pytest.mark.parametrize(
    ("median_ms", "sigma_permille", "mean_ms", "p95_ms"),
    [(1_300, 350, 1_380, 2_310), (1_700, 500, 1_930, 3_870), (1_500, 500, 1_700, 3_410)],
)
def test_latencies_are_lognormal_and_rounded_up_to_ticks(
    median_ms: int, sigma_permille: int, mean_ms: int, p95_ms: int
) -> None:
    table = np.array(latency_table(median_ms, sigma_permille))
    # Rounding up to 100 ms adds 50 ms on average.
    assert table.mean() - 50 == pytest.approx(mean_ms, rel=0.01)
    assert np.quantile(table, 0.95) - 50 == pytest.approx(p95_ms, rel=0.03)
    assert len(table) == 1_024
    assert (table % 100 == 0).all()


def test_a_constant_latency_has_no_spread() -> None:
    assert set(latency_table(300, 0)) == {300}


@pytest.mark.parametrize("rate_ppm", [1_000, 20_000, 100_000, 500_000, 950_000])
@pytest.mark.parametrize("rho_permille", [50, 450, 800])
def test_competence_keeps_the_mean_and_the_variance_of_the_beta(
    rate_ppm: int, rho_permille: int
) -> None:
    chance = np.array(competence_table(rate_ppm, rho_permille)) / MILLION
    mean, rho = rate_ppm / MILLION, rho_permille / 1_000
    assert chance.mean() == pytest.approx(mean, rel=0.02)
    # Var(p) = mu (1 - mu) rho: the definition of the intraclass correlation.
    assert chance.var() == pytest.approx(mean * (1 - mean) * rho, rel=0.05)


@pytest.mark.parametrize(("rate_ppm", "rho_permille"), [(0, 450), (MILLION, 450), (70_000, 0)])
def test_competence_is_exact_at_the_ends_and_without_clusters(
    rate_ppm: int, rho_permille: int
) -> None:
    assert competence_table(rate_ppm, rho_permille) == (rate_ppm,)


def test_competence_grows_with_the_rate_row_for_row() -> None:
    rates = (1, 10, 1_000, 50_000, 300_000, 500_000, 900_000, 999_999)
    tables = [np.array(competence_table(rate, 450)) for rate in rates]
    for lower, higher in pairwise(tables):
        assert (lower <= higher).all()
        assert (np.diff(lower) >= 0).all()


def test_a_draw_picks_a_row_by_its_high_bits() -> None:
    assert [pick((1, 2, 3, 4), word << 62) for word in range(4)] == [1, 2, 3, 4]


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan, math.inf])
def test_what_is_no_share_is_one_clear_error(share: float) -> None:
    with pytest.raises(ScenarioError, match=r"rate is .*: it must lie in 0 \.\. 1"):
        ppm(share, "rate")
