"""Curves to draw: who is still in a stage after t days, and who has reached a stage by then.

Staying is Kaplan–Meier with the log-minus-log band on Greenwood's variance, reaching is
Aalen–Johansen with other ends competing; both with the number at risk. Points are thinned for
drawing: those kept have the very values of the whole step function, which holds its value
until the next point.

Not here: the estimators (survival_local.py), quartiles (velocity.py), quoted probabilities
alone (reach.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from config.schema import UNMAPPED, Pact
from leadpact.errors import Misconfigured
from leadpact.metrics import reach, velocity
from leadpact.metrics.funnel import share
from leadpact.metrics.survival_local import Curve, curves, incidence
from leadpact.metrics.survival_rows import Floats, Rows
from leadpact.tables import Tables

DAYS = (7.0, 30.0, 90.0)
POINTS = 160  # more than a screen can show of a staircase


@dataclass(frozen=True)
class Point:
    """A curve at one time: the share, its 95 % interval (null where undefined), and how many are still watched.

    The share is null past the last day anybody was watched.
    """

    days: float
    share: float | None
    low: float | None
    high: float | None
    at_risk: int


@dataclass(frozen=True)
class Line:
    """One group: `n` cases, `n_open` of them open, the steps to draw, and the points quoted in a table.

    `n_ended` cases on the way to a stage ended otherwise.
    """

    group: str | None
    n: int
    n_open: int
    steps: tuple[Point, ...]
    quoted: tuple[Point, ...]
    n_ended: int = 0


@dataclass(frozen=True)
class Curves:
    """The lines of one stage, the largest group first; `unknown` cases have no known time."""

    stage: str
    lines: tuple[Line, ...]
    coverage: float | None
    unknown: int
    invalid: int = 0


def staying(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    stage: str,
    *,
    by: str | None = None,
    days: Sequence[float] = DAYS,
    start: date | None = None,
    end: date | None = None,
) -> Curves:
    """The share still in `stage` t days after entering it. Executes.

    Raises Misconfigured for a stage the pact does not have.
    """
    known_stages = [*(one.key for one in pact.stages), UNMAPPED]
    if stage not in known_stages:
        raise Misconfigured("funnel.bad_anchor", stage=stage, known=", ".join(known_stages))
    rows = velocity.durations(tables, pact, as_of, by, start, end)
    rows = rows.filter(rows.stage == stage)
    counts = rows.aggregate(n=rows.count(), known=rows.known.sum()).execute().iloc[0]
    total, known = int(counts["n"]), int(counts["known"] or 0)
    found = Rows.fetch(rows.filter(rows.known), ["group"], "days", "left")
    lines = [_stays(curve, np.array(sorted(days), dtype=np.float64)) for curve in curves(found)]
    return Curves(stage, _largest_first(lines), share(known, total), total - known)


def reaching(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    stage: str,
    *,
    by: str | None = None,
    days: Sequence[float] = DAYS,
    start: date | None = None,
    end: date | None = None,
) -> Curves:
    """The probability of having reached `stage` (or a later one) t days after entry. Executes.

    Raises Misconfigured for a stage that is not in the funnel.
    """
    rows = reach.outcomes(tables, pact, as_of, stage, by, start, end)
    counts = dict(rows.group_by("part").aggregate(n=rows.count()).execute().itertuples(index=False))
    found = Rows.fetch(rows.filter(rows.part == "counted"), ["group"], "days", "outcome")
    wanted = np.array(sorted(days), dtype=np.float64)
    lines = []
    for (group,), duration, outcome in found.groups():
        hits = np.unique(duration[outcome == reach.REACHED])
        drawn = thinned(hits, np.arange(1, len(hits) + 1) / max(len(hits), 1))
        t = np.unique(np.concatenate([[0.0], hits[drawn], duration[-1:]]))
        steps = _points(t, *incidence(duration, outcome, t), at_risk=_at_risk(duration, t))
        quoted = _points(wanted, *incidence(duration, outcome, wanted), at_risk=_at_risk(duration, wanted))
        n_open, n_ended = (int((outcome == code).sum()) for code in (reach.OPEN, reach.ENDED))
        lines.append(Line(group, len(duration), n_open, steps, quoted, n_ended))
    unknown, total = int(counts.get("unknown", 0)), sum(int(n) for n in counts.values())
    return Curves(stage, _largest_first(lines), share(total - unknown, total), unknown, int(counts.get("invalid", 0)))


def thinned(t: Floats, height: Floats, points: int = POINTS) -> np.ndarray:
    """Which of the ordered times to draw: evenly spread over time and over height, first and last always."""
    if len(t) <= points:
        return np.arange(len(t))
    over_time = np.searchsorted(t, np.linspace(t[0], t[-1], points // 2))
    rising = height if height[-1] >= height[0] else -height
    over_height = np.searchsorted(rising, np.linspace(rising[0], rising[-1], points // 2))
    return np.unique(np.concatenate([[0], over_time, over_height, [len(t) - 1]]).clip(0, len(t) - 1))


def _stays(curve: Curve, wanted: Floats) -> Line:
    low, high = curve.interval()
    drawn = thinned(curve.t, curve.survival)
    first = Point(0.0, 1.0, None, None, int(curve.at_risk[0]))
    steps = _points(*(array[drawn] for array in (curve.t, curve.survival, low, high, curve.at_risk)))
    place = np.searchsorted(curve.t, wanted, side="right") - 1
    unwatched = (wanted > curve.t[-1]) & (curve.survival[-1] > 0)

    def at(array: Floats, before: float) -> Floats:
        return np.where(unwatched, np.nan, np.where(place < 0, before, array[place]))

    watched = np.concatenate([curve.at_risk, [0.0]])[np.searchsorted(curve.t, wanted)]
    quoted = _points(wanted, at(curve.survival, 1.0), at(low, np.nan), at(high, np.nan), watched)
    (group,) = curve.key
    return Line(group, int(curve.at_risk[0]), int(curve.censored.sum()),
                steps if steps and steps[0].days == 0 else (first, *steps), quoted)  # fmt: skip


def _at_risk(duration: Floats, t: Floats) -> Floats:
    """How many of the ordered durations last until t or longer."""
    return (len(duration) - np.searchsorted(duration, t)).astype(np.float64)


def _points(t: Floats, value: Floats, low: Floats, high: Floats, at_risk: Floats) -> tuple[Point, ...]:
    return tuple(
        Point(float(day), _number(one), _number(below), _number(above), int(watched))
        for day, one, below, above, watched in zip(t, value, low, high, at_risk, strict=True)
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _largest_first(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.n, line.group is None, line.group or "")))
