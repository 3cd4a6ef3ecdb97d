"""Fast or well done: what each threshold would have handed to Sales, and what came of it.

Judged on past journeys (quality_cases.py) by the score they had at their moment, with only what
was known then. *Conversion* of the greens is the share of them that reached the target in time,
which is also the precision of the light; *recall* the share of those who reached it that were
green; *lift* the conversion against that of all. Intervals are Wilson's, 95 %.

Not here: how many become green in a week (handover.py), how good the order of scores is (quality.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from config.parts import Condition
from config.schema import Pact
from leadpact.metrics.rate import Rate
from leadpact.scoring import moments, quality_cases, score
from leadpact.scoring.basis import Asked
from leadpact.scoring.handover import Handover
from leadpact.scoring.leaks import Leak
from leadpact.scoring.moments import KEYS
from leadpact.scoring.quality_cases import Cases
from leadpact.scoring.quality_rules import Scored, scored_cases
from leadpact.tables import Tables

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
STEPS = 60  # thresholds that are tried, at most
NICE = (1, 2, 5)


@dataclass(frozen=True)
class Point:
    """A threshold. `per_week`: people who would become green. Rates are null without greens, or without any case."""

    threshold: float
    per_week: float
    cases: int
    greens: int
    reached: int
    all_reached: int

    @property
    def converted(self) -> Rate:
        """Of the greens, those that reached the target: also the precision of the light."""
        return Rate(self.greens, self.reached)

    @property
    def recall(self) -> Rate:
        """Of those that reached the target, the green ones."""
        return Rate(self.all_reached, self.reached)

    @property
    def small(self) -> bool:
        """Too few greens to read a rate from, or to recommend anything."""
        return self.converted.small

    @property
    def lift(self) -> float | None:
        if not self.greens or not self.all_reached:
            return None
        return (self.reached / self.greens) / (self.all_reached / self.cases)


@dataclass(frozen=True)
class Judged:
    """One pact on the past cases: their scores (NaN: none) and must-haves, and what was not used.

    `judged_share`: of the points its rules may give, those of rules that were used. `left_out`: ids of
    the others; `unasked`: must-haves nobody knows the past of.
    """

    scores: Floats
    ready: Bools
    judged_share: float
    left_out: tuple[str, ...]
    unasked: tuple[str, ...]
    leaks: tuple[Leak, ...]
    reached: Bools

    def at(self, threshold: float, per_week: float) -> Point:
        """What this threshold makes of the cases."""
        green = self.ready & (np.nan_to_num(self.scores, nan=-np.inf) >= threshold)
        return Point(
            threshold, per_week, len(self.reached), int(green.sum()), int((green & self.reached).sum()),
            int(self.reached.sum()),
        )  # fmt: skip


def judged(
    tables: Tables, pact: Pact, as_of: datetime, asked: Asked, cases: Cases, found: Scored | None = None
) -> Judged:
    """A pact on these cases, with what may be used of it (DESIGN: what has no history stays out of back-tests).

    `found`: the cases as scored by a pact with the same `scoring`, where that is known already.
    """
    found = found or scored_cases(tables, pact, as_of, asked, cases)
    leaking = {leak.field for leak in found.leaks if leak.leaks}
    musts = [one.field for one in (*pact.sales_ready.all, *pact.sales_ready.any)]
    untracked = moments.untracked(tables, musts) if asked.known == "then" else ()
    kept, unasked = _askable(tables, pact, leaking - set(asked.keep), untracked)
    wide = score.measured(
        quality_cases.tables_of(tables, found.cases), kept, as_of, quality_cases.asked_of(found.cases), rules=()
    )
    same, rows = quality_cases.aligned(found.cases, wide.select(*KEYS, "moment", "ready").to_pyarrow())
    ready = np.array(rows["ready"].to_numpy(zero_copy_only=False), dtype=bool)
    return Judged(found.scores, ready, found.judged_share, tuple(found.left_out), unasked, found.leaks, same.reached)


def _askable(tables: Tables, pact: Pact, leaking: set[str], untracked: Sequence[str]) -> tuple[Pact, tuple[str, ...]]:
    """The pact with only the must-haves that may be asked of the past, and the fields of the others."""
    unasked: list[str] = []

    def kept(conditions: Sequence[Condition]) -> list[Condition]:
        found = []
        for one in conditions:
            column = next(iter(moments.columns_of(tables, [one.field])), None)
            if column in leaking or column in untracked:
                unasked.append(one.field)
            else:
                found.append(one)
        return found

    ready = pact.sales_ready.model_copy(update={"all": kept(pact.sales_ready.all), "any": kept(pact.sales_ready.any)})
    return pact.model_copy(update={"sales_ready": ready}), tuple(dict.fromkeys(unasked))


def within(cases: Cases, since: datetime) -> Cases:
    """Only the cases whose moment is at or after `since`; undated ones all."""
    if not cases.dated:
        return cases
    found = ibis.memtable(cases.table)
    rows = found.filter(found.moment >= ibis.timestamp(since.isoformat(" "))).order_by("moment", *KEYS).to_pyarrow()
    return replace(cases, table=rows.cast(cases.table.schema))


def curve(one: Judged, flow: Handover, own: Sequence[float]) -> tuple[Point, ...]:
    """The trade over round thresholds from the lowest score to the highest, and `own`; rising, STEPS at most (and own).

    Empty where no case has a score and its must-haves.
    """
    scores = one.scores[one.ready & ~np.isnan(one.scores)]
    if not len(scores):
        return ()
    low, high = min(float(scores.min()), *own, 0.0), max(float(scores.max()), *own, 0.0)
    width = next(step for step in _widths() if (high - low) / step < STEPS)
    steps = np.arange(np.floor(low / width), np.ceil(high / width) + 1) * width
    return tuple(one.at(step, flow.per_week(step)) for step in sorted({*steps.round(6).tolist(), *own}))


def _widths() -> Iterator[float]:
    """1, 2, 5, 10, 20, 50, …"""
    for power in count():
        yield from (float(one * 10**power) for one in NICE)


def recommended(points: Sequence[Point], capacity: float | None) -> Point | None:
    """The well-done side of the trade: of what Sales can take in a week, the greens that surely convert best.

    That is the highest lower end of the interval, among thresholds with SMALL greens or more; of equal
    ones the lowest threshold. Null where no threshold has so many, or fits the capacity.
    """
    fit = [one for one in points if not one.small and (capacity is None or one.per_week <= capacity)]
    return max(fit, key=lambda one: (_low(one), -one.threshold), default=None)


def _low(point: Point) -> float:
    found: Any = point.converted.interval
    return float(found[0]) if found is not None else 0.0
