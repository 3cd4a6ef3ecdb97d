"""Scores in bands: what share of each reached the target, and whether it rises from band to band.

Not here: the scores (score.py), whose they are (quality.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from leadpact.metrics.rate import SMALL
from leadpact.metrics.significance import two_proportions, wilson

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MOST = 6


@dataclass(frozen=True)
class Band:
    """The cases with `low` ≤ score ≤ `high`, both of them scores that occur.

    `rate` with its Wilson 95 % interval. `step`: against the band below: `rises` or `falls` for
    sure, `level` (not told apart); null for the first.
    """

    low: float
    high: float
    n: int
    reached: int
    rate: float
    ci_low: float
    ci_high: float
    step: str | None = None

    @property
    def small(self) -> bool:
        return self.n < SMALL


def edges(scores: Floats, threshold: float | None = None, most: int = MOST) -> Floats:
    """The first score of every band but the lowest: even shares of the cases, cut at the threshold where it parts them.

    A score is never parted, so that there may be fewer bands than asked for, and uneven ones.
    """
    values, counts = np.unique(scores, return_counts=True)
    if len(values) <= most:
        return values[1:]
    least = max(SMALL, len(scores) / most / 2)
    cuts: list[float] = []
    since = 0.0
    left = len(scores) - np.cumsum(counts) + counts
    for value, count, rest in zip(values.tolist(), counts.tolist(), left.tolist(), strict=True):
        here = threshold is not None and value >= threshold and (not cuts or cuts[-1] < threshold)
        crossing = here and since >= least / 3 and rest >= least / 3
        full = since >= len(scores) / most and rest >= least
        if since and (full or crossing):
            cuts.append(value)
            since = 0.0
        since += count
    return np.array(cuts, dtype=np.float64)


def placed(scores: Floats, cuts: Floats) -> npt.NDArray[np.int64]:
    """The band of each score, from 0."""
    return np.searchsorted(cuts, scores, side="right").astype(np.int64)


def bands(scores: Floats, reached: Bools, cuts: Floats) -> list[Band]:
    """The bands that hold any case, the lowest first."""
    place = placed(scores, cuts)
    found: list[Band] = []
    for one in np.unique(place):
        own = place == one
        n, won = int(own.sum()), int(reached[own].sum())
        low, high = wilson(won, n) or (0.0, 1.0)
        step = _step(found[-1], won, n) if found else None
        found.append(Band(float(scores[own].min()), float(scores[own].max()), n, won, won / n, low, high, step))
    return found


def falls(found: Sequence[Band]) -> list[tuple[int, bool]]:
    """Where the rate is below that of the band before: the place, and whether that is sure."""
    pairs = enumerate(pairwise(found), start=1)
    return [(place, one.step == "falls") for place, (below, one) in pairs if one.rate < below.rate]


def _step(below: Band, won: int, n: int) -> str:
    told = two_proportions(won, n, below.reached, below.n)
    if told is None or told.p is None or told.p > 0.05:
        return "level"
    return "rises" if told.difference > 0 else "falls"
