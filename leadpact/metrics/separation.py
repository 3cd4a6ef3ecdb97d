"""How well a number tells two groups apart: the area under the ROC curve, with its interval.

It is the chance that a winner drawn at random has more than a loser drawn at random, ties
counting half (Mann–Whitney). 0.5 tells nothing.

Not here: whose numbers they are, and as of when (the rules that ask).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from leadpact.metrics.significance import z_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Separation:
    """The area under the curve, its interval, and how many winners and losers it rests on."""

    auc: float
    low: float
    high: float
    winners: int
    losers: int


def separation(counts: Iterable[tuple[float, int, int]], level: float = 0.95) -> Separation | None:
    """From (value, winners with it, losers with it), each value once; null where either group has fewer than two.

    The variance is DeLong's (1988); the interval is clipped to 0–1.
    """
    rows = sorted(counts)
    won = np.array([row[1] for row in rows], dtype=np.float64)
    lost = np.array([row[2] for row in rows], dtype=np.float64)
    n, m = won.sum(), lost.sum()
    if n < 2 or m < 2:
        return None
    beaten = (np.cumsum(lost) - lost / 2) / m  # of a winner with this value: the share of losers below
    beating = 1 - (np.cumsum(won) - won / 2) / n  # of a loser: the share of winners above
    auc = float((beaten * won).sum() / n)
    half = z_of(level) * sqrt(_variance(beaten, won, auc) / n + _variance(beating, lost, auc) / m)
    return Separation(auc, max(0.0, auc - half), min(1.0, auc + half), int(n), int(m))


def _variance(values: Floats, weights: Floats, mean: float) -> float:
    return float((weights * (values - mean) ** 2).sum() / (weights.sum() - 1))
