"""The regularised incomplete beta function and its inverse, on which trust intervals stand."""

import math

_TINY = 1e-300
_EPSILON = 1e-16


def beta_cdf(x: float, a: float, b: float) -> float:
    """I_x(a, b): the chance that a Beta(a, b) value is at most `x`, for x in 0..1 and a, b > 0.

    By the continued fraction of the NIST Digital Library of Mathematical Functions, 8.17.22, evaluated by
    Lentz's method; the symmetry I_x(a, b) = 1 - I_{1-x}(b, a), 8.17.4, keeps it where it converges fast.
    """
    if not (a > 0.0 and b > 0.0 and math.isfinite(a + b)):
        raise ValueError("a and b must be positive and finite")
    if not 0.0 <= x <= 1.0:
        raise ValueError("x must be between 0 and 1")
    if x in (0.0, 1.0):
        return x
    log_front = a * math.log(x) + b * math.log1p(-x) - _log_beta(a, b)
    if x <= (a + 1.0) / (a + b + 2.0):
        return math.exp(log_front) / (a * _fraction(x, a, b))
    return 1.0 - math.exp(log_front) / (b * _fraction(1.0 - x, b, a))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = `probability`, by Newton's steps within a shrinking bracket."""
    if not 0.0 <= probability <= 1.0:
        raise ValueError("probability must be between 0 and 1")
    low, high = 0.0, 1.0
    x = a / (a + b)
    for _ in range(200):
        excess = beta_cdf(x, a, b) - probability
        if excess == 0.0:
            return x
        low, high = (low, x) if excess > 0.0 else (x, high)
        step = _newton_step(excess, x, a, b)
        stepped = x - step if low < x - step < high else (low + high) / 2.0
        if abs(stepped - x) <= 4.0 * _EPSILON * x or stepped in (low, high):
            return stepped
        x = stepped
    return x


def _newton_step(excess: float, x: float, a: float, b: float) -> float:
    if x in (0.0, 1.0):
        return math.inf
    log_density = (a - 1.0) * math.log(x) + (b - 1.0) * math.log1p(-x) - _log_beta(a, b)
    return excess * math.exp(-log_density) if log_density > -700.0 else math.inf


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)), with the coefficients of DLMF 8.17.23."""
    value = numerator = 1.0
    denominator = 0.0
    for term in range(1, 100_000):
        m = term // 2
        if term % 2:
            coefficient = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            coefficient = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        denominator = 1.0 / ((1.0 + coefficient * denominator) or _TINY)
        numerator = (1.0 + coefficient / numerator) or _TINY
        value *= numerator * denominator
        if abs(numerator * denominator - 1.0) < 4.0 * _EPSILON:
            break
    return value
