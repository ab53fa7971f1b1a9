"""The incomplete beta function against closed forms, exact sums and its own inverse."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.domain.beta import beta_cdf, beta_quantile

shapes = st.floats(0.5, 2000.0)
inside = st.floats(1e-6, 1.0 - 1e-6)


def binomial_tail(x: Fraction, a: int, b: int) -> float:
    """I_x(a, b) for whole a and b: the chance of a successes or more in a + b - 1 trials."""
    trials = a + b - 1
    return float(
        sum(math.comb(trials, hits) * x**hits * (1 - x) ** (trials - hits) for hits in range(a, trials + 1))
    )


@pytest.mark.parametrize(("a", "b"), [(1, 1), (2, 5), (12, 3), (40, 60), (300, 20), (1, 400)])
@pytest.mark.parametrize("percent", [1, 10, 37, 50, 80, 99])
def test_whole_shapes_equal_the_exact_binomial_sum(a, b, percent):
    assert beta_cdf(percent / 100, a, b) == pytest.approx(
        binomial_tail(Fraction(percent, 100), a, b), abs=1e-12
    )


@given(inside)
def test_arcsine_law_at_a_half(x):
    assert beta_cdf(x, 0.5, 0.5) == pytest.approx(2 / math.pi * math.asin(math.sqrt(x)), abs=1e-9)


@given(inside, shapes)
def test_power_laws_at_one(x, shape):
    assert beta_cdf(x, shape, 1.0) == pytest.approx(x**shape, abs=1e-9)
    assert beta_cdf(x, 1.0, shape) == pytest.approx(-math.expm1(shape * math.log1p(-x)), abs=1e-9)


@given(inside, shapes, shapes)
def test_symmetry(x, a, b):
    assert beta_cdf(x, a, b) + beta_cdf(1 - x, b, a) == pytest.approx(1.0, abs=1e-9)


@given(inside, shapes, shapes)
def test_quantile_is_the_inverse(probability, a, b):
    assert beta_cdf(beta_quantile(probability, a, b), a, b) == pytest.approx(probability, abs=1e-9)


def test_known_quantiles():
    assert beta_quantile(0.5, 1, 1) == pytest.approx(0.5, abs=1e-12)
    assert beta_quantile(0.025, 0.5, 0.5) == pytest.approx(math.sin(math.pi * 0.025 / 2) ** 2, abs=1e-12)
    assert beta_quantile(0.975, 11, 1) == pytest.approx(0.975 ** (1 / 11), abs=1e-12)
    assert beta_quantile(0.025, 1, 10) == pytest.approx(1 - 0.975**0.1, abs=1e-12)


def test_many_observations_still_converge():
    assert beta_cdf(0.5, 100_000, 100_000) == pytest.approx(0.5, abs=1e-9)
    low = beta_quantile(0.025, 90_000, 10_000)
    assert low == pytest.approx(0.9 - 1.959964 * math.sqrt(0.9 * 0.1 / 100_001), abs=1e-5)


def test_ends_and_errors():
    assert beta_cdf(0.0, 2, 3) == 0.0
    assert beta_cdf(1.0, 2, 3) == 1.0
    for x, a, b in [(1.5, 1, 1), (math.nan, 1, 1), (0.5, 0, 1), (0.5, 1, -1), (0.5, math.nan, 1)]:
        with pytest.raises(ValueError, match="must be"):
            beta_cdf(x, a, b)
    with pytest.raises(ValueError, match="probability"):
        beta_quantile(2.0, 1, 1)
