"""A small scorecard of whole points: which of many tests to keep, and how many points each deserves.

The problem is RiskSLIM's (Ustun & Rudin 2019, JMLR 20:150): the least logistic loss of at most k
whole numbers. It is solved as FasterRisk does (Liu, Zhong, Li, Seltzer & Rudin 2022, NeurIPS 35),
in small: tests are added greedily by the efficient score statistic (Rao 1948) and exchanged while
that helps; the weights found are scaled by several multipliers, rounded, and mended one point at a
time. A slope and an intercept turn the sum of points into a probability.

Not here: which tests there are (suggest_features.py), what they become (suggest.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
MOST_POINTS = 12  # of one rule, either way: more is not told apart by people, nor by most data
MULTIPLIERS = (4, 5, 6, 8, 10, 12)  # what the largest weight is scaled to
RIDGE = 1.0  # added to every curvature: keeps a test that only winners pass finite
STEPS = 25
SETTLED = 1e-7


@dataclass(frozen=True)
class Card:
    """The tests kept (columns of what was fitted), their points, and points → probability.

    P(reached) = 1 / (1 + exp(−(intercept + slope × points))); `loss` is the mean logistic loss.
    """

    columns: tuple[int, ...]
    points: tuple[int, ...]
    intercept: float
    slope: float
    loss: float

    def score(self, tests: Floats) -> Floats:
        """The points of every row of a matrix with the columns that were fitted."""
        return np.asarray(tests[:, list(self.columns)] @ np.array(self.points, dtype=np.float64))

    def probability(self, scores: Floats) -> Floats:
        return _sigmoid(self.intercept + self.slope * scores)


def card(tests: Floats, reached: npt.NDArray[np.bool_], most: int) -> Card | None:
    """The scorecard of at most `most` tests; null where nothing separates, or one outcome is missing.

    `tests` is a row per case and a column per test: 0 or 1, or a small count.
    """
    y = reached.astype(np.float64)
    if not 0 < y.mean() < 1:
        return None
    kept, weights = selected(tests, y, most)
    if not kept:
        return None
    chosen = np.ascontiguousarray(tests[:, kept])
    best: Card | None = None
    for multiplier in MULTIPLIERS:
        points = np.rint(weights / np.abs(weights).max() * multiplier).astype(np.int64)
        points, loss, line = _mended(chosen, y, points)
        if (best is None or loss < best.loss - SETTLED) and points.any():
            used = np.flatnonzero(points)
            best = Card(
                tuple(kept[at] for at in used), tuple(int(points[at]) for at in used), line[0], line[1], float(loss)
            )
    return best


def selected(tests: Floats, y: Floats, most: int) -> tuple[list[int], Floats]:
    """The columns that lower the logistic loss most, in the order found, and their weights."""
    kept: list[int] = []
    weights, loss = _fitted(tests, y, kept)
    enough = np.log(len(y)) / 2  # a test must earn its place by the BIC (Schwarz 1978)
    while len(kept) < most:
        gain = _gains(tests, y, kept, weights)
        best = int(np.argmax(gain))
        if gain[best] < enough:
            break
        tried, lower = _fitted(tests, y, [*kept, best], np.append(weights, 0.0))
        if loss - lower < enough / 2:
            break
        kept, weights, loss = [*kept, best], tried, lower
    kept, weights = _exchanged(tests, y, kept, weights, loss)
    return kept, weights[1:]


def _exchanged(tests: Floats, y: Floats, kept: list[int], weights: Floats, loss: float) -> tuple[list[int], Floats]:
    """Each test once against the best that is not there, twice round."""
    for _ in range(2):
        changed = False
        for place in range(len(kept)):
            rest = kept[:place] + kept[place + 1 :]
            start, _ = _fitted(tests, y, rest, np.delete(weights, place + 1))
            gain = _gains(tests, y, rest, start)
            best = int(np.argmax(gain))
            if best == kept[place]:
                continue
            tried, lower = _fitted(tests, y, [*rest, best], np.append(start, 0.0))
            if lower < loss - SETTLED * len(y):
                kept, weights, loss, changed = [*rest, best], tried, lower, True
        if not changed:
            break
    return kept, weights


def _fitted(tests: Floats, y: Floats, kept: Sequence[int], start: Floats | None = None) -> tuple[Floats, float]:
    """Logistic weights (the intercept first) by Newton's method, and the loss (with the ridge) in sum."""
    design = np.column_stack([np.ones(len(y)), tests[:, list(kept)]])
    ridge = np.full(design.shape[1], RIDGE)
    ridge[0] = 0.0
    weights = np.zeros(design.shape[1]) if start is None else start.copy()
    loss = _penalised(design, y, weights, ridge)
    for _ in range(STEPS):
        p = _sigmoid(design @ weights)
        gradient = design.T @ (y - p) - ridge * weights
        curvature = (design * (p * (1 - p) + 1e-9)[:, None]).T @ design + np.diag(ridge + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        lower = _penalised(design, y, weights + step, ridge)
        while lower > loss + 1e-9 and size > 1e-3:
            size /= 2
            lower = _penalised(design, y, weights + size * step, ridge)
        if loss - lower < SETTLED * len(y):
            return (weights + size * step, lower) if lower < loss else (weights, loss)
        weights, loss = weights + size * step, lower
    return weights, loss


def _penalised(design: Floats, y: Floats, weights: Floats, ridge: Floats) -> float:
    linear = design @ weights
    return float((np.logaddexp(0, linear) - y * linear).sum() + (ridge * weights**2).sum() / 2)


def _gains(tests: Floats, y: Floats, kept: Sequence[int], weights: Floats) -> Floats:
    """What each column would lower the loss by, the others adjusting to it; 0 for those kept."""
    design = np.column_stack([np.ones(len(y)), tests[:, list(kept)]])
    p = _sigmoid(design @ weights)
    weight = p * (1 - p) + 1e-9
    gradient = tests.T @ (y - p)
    own = (tests**2).T @ weight
    weighed = design * weight[:, None]
    cross = tests.T @ weighed
    inner = weighed.T @ design + 1e-6 * np.eye(design.shape[1])
    left = own - np.einsum("ij,ji->i", cross, np.linalg.solve(inner, cross.T))
    gain = gradient**2 / (np.maximum(left, 0.0) + RIDGE) / 2
    gain[list(kept)] = 0.0
    return np.asarray(gain)


def _mended(chosen: Floats, y: Floats, points: Whole) -> tuple[Whole, float, tuple[float, float]]:
    """Whole points, one at a time a point up or down, while the loss falls."""
    columns = [np.rint(chosen[:, place]).astype(np.int64) for place in range(chosen.shape[1])]
    total = sum((column * point for column, point in zip(columns, points, strict=True)), np.zeros(len(y), np.int64))
    line = (0.0, 0.1)
    loss, line = _line(total, y, line)
    moving = True
    while moving:
        moving = False
        for place, column in enumerate(columns):
            for change in (1, -1):
                if abs(points[place] + change) > MOST_POINTS:
                    continue
                tried, there = _line(total + change * column, y, line)
                if tried < loss - SETTLED:
                    points[place] += change
                    total, loss, line, moving = total + change * column, tried, there, True
                    break
    return points, loss, line


def _line(total: Whole, y: Floats, start: tuple[float, float]) -> tuple[float, tuple[float, float]]:
    """The mean logistic loss of a sum of points, with its best intercept and slope.

    There are few different sums: cases are counted by sum first.
    """
    low = int(total.min())
    cases = np.bincount(total - low).astype(np.float64)
    won = np.bincount(total - low, weights=y, minlength=len(cases)).astype(np.float64)
    held = np.flatnonzero(cases)
    return logistic_line((held + low).astype(np.float64), cases[held], won[held], start)


def logistic_line(
    values: Floats, cases: Floats, won: Floats, start: tuple[float, float] = (0.0, 0.0)
) -> tuple[float, tuple[float, float]]:
    """The mean loss, and (intercept, slope) of P(won) as a logistic line over values, each with its cases.

    Newton's method from `start`, on values brought to a common scale; a ridge of one case keeps a
    value that parts winners from losers without a rest finite.
    """
    n = cases.sum()
    middle = float((cases * values).sum() / n)
    spread = float(np.sqrt((cases * (values - middle) ** 2).sum() / n)) or 1.0
    x = (values - middle) / spread
    a, b = start[0] + start[1] * middle, start[1] * spread
    loss = _line_loss(a, b, x, cases, won)
    for _ in range(STEPS):
        p = _sigmoid(a + b * x)
        rest, weight = won - cases * p, cases * p * (1 - p)
        g0, g1 = rest.sum(), (rest * x).sum() - b
        h00, h01, h11 = weight.sum() + 1e-9, (weight * x).sum(), (weight * x * x).sum() + 1.0
        area = h00 * h11 - h01 * h01
        da, db = (h11 * g0 - h01 * g1) / area, (h00 * g1 - h01 * g0) / area
        size, lower = 1.0, _line_loss(a + da, b + db, x, cases, won)
        while lower > loss + 1e-9 and size > 1e-3:
            size /= 2
            lower = _line_loss(a + size * da, b + size * db, x, cases, won)
        if lower > loss:
            break
        a, b, done, loss = a + size * da, b + size * db, loss - lower < 1e-9 * n, lower
        if done:
            break
    return loss / n, (float(a - b * middle / spread), float(b / spread))


def _line_loss(a: float, b: float, x: Floats, cases: Floats, won: Floats) -> float:
    linear = a + b * x
    return float((cases * np.logaddexp(0, linear) - won * linear).sum() + b * b / 2)


def _sigmoid(linear: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(linear, -40, 40))))
