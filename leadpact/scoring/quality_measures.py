"""How good a number is as a forecast: separation, calibration, drift; small pure functions on arrays.

Not here: whose numbers they are and as of when (quality.py, suggest.py), intervals of rates
(metrics/significance.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats

from leadpact.metrics.separation import Separation, separation
from leadpact.metrics.significance import z_of

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def separates(scores: Floats, reached: Bools) -> Separation | None:
    """The area under the ROC curve of scores, with DeLong's interval; null with fewer than two of either."""
    values, place = np.unique(scores, return_inverse=True)
    won = np.bincount(place, weights=reached, minlength=len(values))
    cases = np.bincount(place, minlength=len(values))
    rows = zip(values.tolist(), won.astype(int).tolist(), (cases - won).astype(int).tolist(), strict=True)
    return separation(rows)


@dataclass(frozen=True)
class Better:
    """The areas of two scores on the same cases: the second less the first, with its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        return self.low > 0 or self.high < 0


def better(first: Floats, second: Floats, reached: Bools, level: float = 0.95) -> Better | None:
    """Does the second score separate better on the same cases? DeLong, DeLong & Clarke-Pearson (1988).

    By midranks (Sun & Xu 2014). Null with fewer than two of either outcome.
    """
    n, m = int(reached.sum()), int((~reached).sum())
    if min(n, m) < 2:
        return None
    of_winners, of_losers, areas = [], [], []
    for scores in (first, second):
        ranks = stats.rankdata(scores)
        won, lost = scores[reached], scores[~reached]
        of_winners.append((ranks[reached] - stats.rankdata(won)) / m)
        of_losers.append(1 - (ranks[~reached] - stats.rankdata(lost)) / n)
        areas.append(float(of_winners[-1].mean()))
    variance = np.cov(of_winners) / n + np.cov(of_losers) / m
    spread = sqrt(max(0.0, float(variance[0, 0] + variance[1, 1] - 2 * variance[0, 1])))
    difference = areas[1] - areas[0]
    half = z_of(level) * spread
    return Better(difference, difference - half, difference + half)


def isotonic(values: Floats, cases: Floats, won: Floats) -> Floats:
    """The rising shares nearest to won / cases (least squares), by pool-adjacent-violators.

    `values` ascending, each once (Ayer et al. 1955; Barlow et al. 1972). Out: a share per value.
    """
    blocks: list[list[float]] = []  # cases, won, how many values
    for case, winner in zip(cases.tolist(), won.tolist(), strict=True):
        blocks.append([case, winner, 1])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][0] >= blocks[-1][1] * blocks[-2][0]:
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    return np.repeat([block[1] / block[0] for block in blocks], [int(block[2]) for block in blocks])


def brier(forecast: Floats, reached: Bools) -> float:
    """The mean squared error of a probability (Brier 1950): 0 is perfect, base rate × (1 − base rate) tells nothing."""
    return float(((forecast - reached) ** 2).mean())


@dataclass(frozen=True)
class Decomposed:
    """Murphy's parts (1973) of the Brier score over groups: score ≈ reliability − resolution + uncertainty."""

    reliability: float
    resolution: float
    uncertainty: float


def decomposed(groups: Sequence[tuple[int, int, float]]) -> Decomposed:
    """From (cases, reached, mean forecast) of each group. Exact where all of a group have one forecast."""
    n = sum(cases for cases, _, _ in groups)
    base = sum(won for _, won, _ in groups) / n
    reliability = sum(cases * (said - won / cases) ** 2 for cases, won, said in groups if cases) / n
    resolution = sum(cases * (won / cases - base) ** 2 for cases, won, _ in groups if cases) / n
    return Decomposed(reliability, resolution, base * (1 - base))


def calibration_error(groups: Sequence[tuple[int, int, float]]) -> float:
    """The expected calibration error: how far a group's forecast lies from what happened, in the mean of cases."""
    n = sum(cases for cases, _, _ in groups)
    return sum(abs(said * cases - won) for cases, won, said in groups) / n


@dataclass(frozen=True)
class Shift:
    """How far a distribution moved: the population stability index, and how much chance alone would give.

    `usual` is the 95 % quantile for two samples of one distribution (Yurdakul & Naranjo 2020).
    """

    psi: float
    usual: float


def shift(before: Sequence[int], after: Sequence[int]) -> Shift | None:
    """From counts in the same bands; null where a sample is empty or there is one band.

    A band is given half a case on both sides, so that an empty one stays finite.
    """
    held = [(one, other) for one, other in zip(before, after, strict=True) if one or other]
    n, m = sum(one for one, _ in held), sum(other for _, other in held)
    if not n or not m or len(held) < 2:
        return None
    size_n, size_m = n + len(held) / 2, m + len(held) / 2
    psi = 0.0
    for one, other in held:
        p, q = (one + 0.5) / size_n, (other + 0.5) / size_m
        psi += (q - p) * float(np.log(q / p))
    usual = float(stats.chi2.ppf(0.95, len(held) - 1)) * (1 / n + 1 / m)
    return Shift(psi, usual)


def needed(winners: int, losers: int, half: float, area: float = 0.75) -> int:
    """How many winners an interval of ± `half` around an area takes (Hanley & McNeil 1982).

    With as many losers to a winner as there are now; an even number of both where there are none.
    """
    ratio = losers / winners if winners and losers else 1.0
    q1, q2 = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    wanted = (half / z_of(0.95)) ** 2

    def spread(n: int) -> float:
        m = ratio * n
        return (area * (1 - area) + (n - 1) * q1 + (m - 1) * q2) / (n * m)

    low, high = 2, 4
    while spread(high) > wanted:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if spread(middle) > wanted else (low, middle)
    return low
