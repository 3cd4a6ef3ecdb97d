"""Whether a difference of rates is there at all: intervals, a test, and many tests at once.

Small pure functions on numbers. A p-value is null (NaN in arrays) where a test is not
possible, never 1 and never 0.

Not here: whether groups differ in pace (logrank.py), the curves themselves (survival.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]


@cache
def z_of(level: float) -> float:
    """The two-sided normal quantile of a confidence level: 1.96 for 0.95."""
    return float(stats.norm.ppf(0.5 + level / 2))


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float] | None:
    """Wilson's score interval of a proportion (Wilson 1927), without continuity correction.

    Null where n is 0. Raises ValueError unless 0 ≤ successes ≤ n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no proportion")
    if n == 0:
        return None
    z, share = z_of(level), successes / n
    middle, half = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def wilson_columns(successes: ir.NumericValue, n: ir.NumericValue, level: float = 0.95) -> tuple[ir.Value, ir.Value]:
    """`wilson` as Ibis expressions (low, high); null where n is 0 or null."""
    z, size = z_of(level), n.nullif(0)
    share = successes / size
    middle, half = share + z * z / 2 / size, z * (share * (1 - share) / size + z * z / 4 / size / size).sqrt()
    scale = 1 + z * z / size
    low, high = (middle - half) / scale, (middle + half) / scale
    # Engines ignore nulls in greatest and least: keep them.
    nothing = ibis.null("float64")
    return (
        ibis.ifelse(low.isnull(), nothing, ibis.greatest(low, 0.0)),
        ibis.ifelse(high.isnull(), nothing, ibis.least(high, 1.0)),
    )


@dataclass(frozen=True)
class Difference:
    """Two proportions compared: a − b, its 95 % interval (or other level) and the p-value."""

    difference: float
    low: float
    high: float
    p: float | None
    exact: bool


def two_proportions(a: int, n_a: int, b: int, n_b: int, level: float = 0.95) -> Difference | None:
    """Is a of n_a another rate than b of n_b? Two-sided; null where either group is empty.

    The pooled z test; Fisher's exact test where an expected count is below 5 (`exact`). The
    interval is Newcombe's hybrid score (1998, method 10). p is null when nobody, or everybody,
    succeeded in both groups: there is nothing to tell apart.
    """
    of_a, of_b = wilson(a, n_a, level), wilson(b, n_b, level)
    if of_a is None or of_b is None:
        return None
    rate_a, rate_b = a / n_a, b / n_b
    difference = rate_a - rate_b
    low = difference - sqrt((rate_a - of_a[0]) ** 2 + (of_b[1] - rate_b) ** 2)
    high = difference + sqrt((of_a[1] - rate_a) ** 2 + (rate_b - of_b[0]) ** 2)
    pooled = (a + b) / (n_a + n_b)
    if pooled in (0, 1):
        return Difference(difference, low, high, None, False)
    exact = min(n_a, n_b) * min(pooled, 1 - pooled) < 5
    if exact:
        p = float(stats.fisher_exact([[a, n_a - a], [b, n_b - b]]).pvalue)
    else:
        z = difference / sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
        p = float(2 * stats.norm.sf(abs(z)))
    return Difference(difference, low, high, p, exact)


def benjamini_hochberg(p: Sequence[float | None] | Floats) -> Floats:
    """Adjusted p-values in the same order (Benjamini & Hochberg 1995): keep those ≤ the accepted rate.

    Controls the share of false calls among those made. Missing p-values stay missing (NaN)
    and do not count as tests.
    """
    values = np.array([np.nan if value is None else value for value in p], dtype=np.float64)
    adjusted = np.full_like(values, np.nan)
    known = ~np.isnan(values)
    if known.any():
        adjusted[known] = stats.false_discovery_control(values[known], method="bh")
    return adjusted
