"""Do groups leave at the same pace? The log-rank test: between k groups, and of each against the rest.

Variance is the hypergeometric one under ties (Kalbfleisch & Prentice 2002, section 1.5), as
in R's `survdiff` and statsmodels.

Not here: the rows (survival_rows.py), the correction for many tests (significance.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import stats

from leadpact.metrics.significance import z_of
from leadpact.metrics.survival_rows import Codes, Floats, Key, Rows, by_code

CELLS = 4_000_000  # event times × groups held at once


@dataclass(frozen=True)
class LogRank:
    """The test over k groups; `chi2` and `p` are null where it is not possible.

    `observed` are the events in each of `keys`, `expected` those if all left at one pace.
    """

    chi2: float | None
    df: int
    p: float | None
    keys: tuple[Key, ...]
    observed: Floats
    expected: Floats


@dataclass(frozen=True)
class AgainstRest:
    """A log-rank test of each group against all others; arrays in the order of `keys`.

    `ratio` is how fast a group leaves: 1 is like the rest, 0.5 half as fast; `low` and `high`
    its interval. NaN where no test is possible (a group that is everybody, no events).
    """

    keys: tuple[Key, ...]
    n: Codes
    observed: Floats
    expected: Floats
    variance: Floats
    ratio: Floats
    low: Floats
    high: Floats
    p: Floats


def log_rank(rows: Rows) -> LogRank:
    """The k-sample test; any outcome but 0 is the event.

    Groups never at risk when something happened do not count for the degrees of freedom. Not
    possible with fewer than two groups left, or without any event that could tell them apart.
    """
    k = len(rows.keys)
    pooled = _pooled(rows)
    weight = _weight(pooled)
    expected, variance = np.zeros(k), np.zeros((k, k))
    step = max(CELLS // max(k, 1), 1)
    # A row at risk at `place` event times is so at those below its place: count back from the last.
    later = np.zeros(k)
    bounds = [*range(0, len(weight), step), len(weight)]
    upper = len(pooled.place)
    for start, stop in reversed(list(pairwise(bounds))):
        # Rows beyond the last of these times are at risk at all of them.
        lower = int(np.searchsorted(pooled.place, stop))
        later += np.bincount(pooled.code[lower:upper], minlength=k)
        first = int(np.searchsorted(pooled.place, start))
        cells = (pooled.place[first:lower] - start) * k + pooled.code[first:lower]
        ends = np.bincount(cells, minlength=(stop - start) * k).reshape(-1, k)
        upto = np.cumsum(ends[::-1], axis=0)[::-1]
        risk = later + np.vstack([upto[1:], np.zeros(k)])
        share = risk / pooled.n[start:stop, None]
        expected += pooled.d[start:stop] @ share
        w = weight[start:stop]
        variance += np.diag(w @ share) - share.T @ (w[:, None] * share)
        upper = lower

    observed = _observed(rows)
    tested = np.flatnonzero(expected > 0)
    df = max(len(tested) - 1, 0)
    kept = tested[:df]  # the last group follows from the others
    matrix = variance[np.ix_(kept, kept)]
    if df == 0 or np.linalg.matrix_rank(matrix) < df:
        return LogRank(None, df, None, rows.keys, observed, expected)
    excess = (observed - expected)[kept]
    chi2 = float(excess @ np.linalg.solve(matrix, excess))
    return LogRank(chi2, df, float(stats.chi2.sf(chi2, df)), rows.keys, observed, expected)


def against_rest(rows: Rows, level: float = 0.95, weight: Floats | None = None) -> AgainstRest:
    """Every group against all others, in one pass over the rows; any outcome but 0 is the event.

    `weight` says of how many equal cases each row stands for; one without it.

    For group g with n_gj of the n_j at risk when d_j happen at t_j, w_j = d_j(n_j − d_j)/(n_j − 1):
    E = Σ n_gj d_j/n_j and V = Σ w_j n_gj/n_j − Σ w_j n_gj²/n_j². The first two sums are taken
    over rows, as the running totals of d_j/n_j and w_j/n_j at each row's own time; the third
    over the group's own times, between which n_gj does not change. The ratio is the one-step
    estimate exp((O − E)/V) (Peto et al. 1977): right near 1, shrunk towards it far away.
    """
    k = len(rows.keys)
    pooled = _pooled(rows, weight)
    w, n = _weight(pooled), pooled.n
    hazard, linear, square = (np.concatenate([[0.0], np.cumsum(term)]) for term in (pooled.d / n, w / n, w / n**2))
    expected: Floats = np.bincount(pooled.code, pooled.size * hazard[pooled.place], minlength=k).astype(np.float64)

    order = by_code(pooled.code, k)  # stable: within a group still by duration
    own, group, size = square[pooled.place[order]], pooled.code[order], pooled.size[order]
    sizes = np.bincount(group, size, minlength=k)
    first = np.cumsum(np.bincount(group, minlength=k)) - np.bincount(group, minlength=k)
    earlier = np.concatenate([[0.0], own])[:-1]
    earlier[first] = 0.0
    before = np.cumsum(size) - size
    still = sizes[group] - (before - before[first][group])
    squares = np.bincount(group, still**2 * (own - earlier), minlength=k)
    linears = np.bincount(pooled.code, pooled.size * linear[pooled.place], minlength=k)
    variance: Floats = (linears - squares).astype(np.float64)

    observed = _observed(rows, weight)
    excess = observed - expected
    # A group that is everybody leaves rounding instead of 0.
    spread = np.where(variance > 1e-9, variance, np.nan)
    log, width = excess / spread, z_of(level) / np.sqrt(spread)
    return AgainstRest(
        rows.keys,
        sizes.astype(np.int64),
        observed,
        expected,
        variance,
        np.exp(log),
        np.exp(log - width),
        np.exp(log + width),
        np.asarray(stats.chi2.sf(excess**2 / spread, 1)),
    )


@dataclass(frozen=True)
class _Pooled:
    """All rows by duration: each one's group, how many cases it is, at how many event times it was at risk.

    `d` is how many had the event at each event time, `n` how many were at risk then.
    """

    code: Codes
    size: Floats
    place: Codes
    d: Floats
    n: Floats


def _pooled(rows: Rows, weight: Floats | None = None) -> _Pooled:
    order = np.argsort(rows.duration)
    size = np.ones(len(order)) if weight is None else weight[order]
    duration, event = rows.duration[order], np.where(rows.outcome[order] != 0, size, 0.0)
    new = np.concatenate([[True], duration[1:] != duration[:-1]])[: len(duration)]
    starts = np.flatnonzero(new)
    happened = np.add.reduceat(event, starts) if len(starts) else np.zeros(0)
    at_event = happened > 0
    # Rows that last as long as an event time, or longer, are at risk at it.
    place = np.cumsum(at_event)[np.cumsum(new) - 1] if len(starts) else starts
    later = size.sum() - (np.cumsum(size) - size)
    return _Pooled(rows.code[order], size, place, happened[at_event], later[starts[at_event]])


def _weight(pooled: _Pooled) -> Floats:
    return pooled.d * (pooled.n - pooled.d) / np.maximum(pooled.n - 1, 1)


def _observed(rows: Rows, weight: Floats | None = None) -> Floats:
    event = np.where(rows.outcome != 0, 1.0 if weight is None else weight, 0.0)
    return np.asarray(np.bincount(rows.code, event, minlength=len(rows.keys)), dtype=np.float64)
