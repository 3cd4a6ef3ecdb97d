"""How much slower: the difference of two waiting times in days, with its interval.

The median says it where both groups have one that enough cases were watched to; where not,
the mean of the days until a common horizon does (restricted mean, the area under the
survival curve): both are read from Kaplan–Meier, so those still there count.

Not here: whether there is a difference at all (logrank.py), curves for drawing (curves.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from leadpact.metrics.significance import z_of
from leadpact.metrics.survival import TIE
from leadpact.metrics.survival_rows import Floats, Outcomes

WATCHED = 10  # a median, or a horizon, is a day on which so many of both groups are still watched


@dataclass(frozen=True)
class Slower:
    """`value` of the group, `rest` of the others, in days; `difference` with its interval.

    `low` or `high` is null where it has no bound; `horizon` is null for medians.
    """

    measure: Literal["median", "mean"]
    horizon: float | None
    value: float
    rest: float
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Weighted:
    """A Kaplan–Meier curve of cases that stand for several: times, at risk, events, survival after."""

    t: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    error: Floats

    @staticmethod
    def of(duration: Floats, outcome: Outcomes, weight: Floats) -> Weighted:
        """`error` is Greenwood's standard error of the log of survival; NaN at survival 0."""
        t, place = np.unique(duration, return_inverse=True)
        size = np.bincount(place, weight, minlength=len(t))
        events = np.asarray(np.bincount(place, np.where(outcome != 0, weight, 0.0), minlength=len(t)), np.float64)
        at_risk = size.sum() - (np.cumsum(size) - size)
        with np.errstate(divide="ignore", invalid="ignore"):
            survival = np.exp(np.cumsum(np.log1p(-events / at_risk)))
            error = np.sqrt(np.cumsum(events / (at_risk * (at_risk - events))))
        return Weighted(t, at_risk, events, survival, np.where(survival > 0, error, np.nan))

    def median(self, level: float) -> tuple[float | None, float | None, float | None]:
        """The median and where the band crosses one half (Brookmeyer & Crowley 1982); null where never."""
        inside = np.where((self.survival > 0) & (self.survival < 1), self.survival, np.nan)
        width = z_of(level) * self.error / np.log(inside)
        low, high = inside ** np.exp(-width), inside ** np.exp(width)
        ends = np.where(self.survival > 0, np.nan, 0.0)  # the band closes where nobody is left
        low, high = (np.where(np.isnan(band), np.where(self.survival >= 1, 1.0, ends), band) for band in (low, high))
        return self._first(self.survival), self._first(low), self._first(high)

    def _first(self, curve: Floats) -> float | None:
        below = np.flatnonzero(curve <= 0.5 + TIE)
        return float(self.t[below[0]]) if len(below) else None

    def mean(self, horizon: float) -> tuple[float, float]:
        """The mean of days until `horizon`, and its variance (Klein & Moeschberger 2003, section 4.5)."""
        inside = self.t < horizon
        edges = np.concatenate([[0.0], self.t[inside], [horizon]])
        levels = np.concatenate([[1.0], self.survival[inside]])
        areas = np.diff(edges) * levels
        after = areas[::-1].cumsum()[::-1][1:]  # area beyond each time
        risk, events = self.at_risk[inside], self.events[inside]
        left = risk - events
        term = np.divide(events, risk * left, out=np.zeros_like(risk), where=left > 0)
        return float(areas.sum()), float((after**2 * term).sum())


def slower(group: Weighted, rest: Weighted, level: float = 0.95) -> Slower | None:
    """How many days more the group takes; null where nobody is watched long enough to say.

    The interval of a difference of medians joins those of the two (Zou & Donner 2008), that
    of means is normal.
    """
    (own, own_low, own_high), (other, other_low, other_high) = group.median(level), rest.median(level)
    bounded = None not in (own_low, own_high, other_low, other_high)
    horizon = min(_watched(group), _watched(rest))
    if own is not None and other is not None and bounded and own <= _watched(group) and other <= _watched(rest):
        difference = own - other
        low = difference - sqrt((own - own_low) ** 2 + (other_high - other) ** 2)  # type: ignore[operator]
        high = difference + sqrt((own_high - own) ** 2 + (other - other_low) ** 2)  # type: ignore[operator]
        return Slower("median", None, own, other, difference, low, high)
    if horizon <= 0:
        return None
    (mean, variance), (rest_mean, rest_variance) = group.mean(horizon), rest.mean(horizon)
    width = z_of(level) * sqrt(variance + rest_variance)
    return Slower(
        "mean", horizon, mean, rest_mean, mean - rest_mean, mean - rest_mean - width, mean - rest_mean + width
    )


def _watched(curve: Weighted) -> float:
    enough = np.flatnonzero(curve.at_risk >= WATCHED)
    return float(curve.t[enough[-1]]) if len(enough) else 0.0
