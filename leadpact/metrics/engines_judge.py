"""Is a group slower than the rest, or does it lose more? Counted cases in, comparisons out.

Every comparison is tested first, all p-values of a run are corrected together, and only what
remains is called.

Not here: where the cases come from (engines.py), the tests (logrank.py, significance.py), how
many days it is (engines_effect.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadpact.metrics.engines_effect import Weighted, slower
from leadpact.metrics.logrank import against_rest
from leadpact.metrics.significance import benjamini_hochberg, two_proportions
from leadpact.metrics.survival_rows import Floats, Rows

Q = 0.05
CASES = 30  # in the group, and in the rest
EXPECTED = 10  # events the group would have at the pace of all

Counts = Mapping[tuple[str, str], pd.DataFrame]  # by (dimension, stage)


@dataclass(frozen=True)
class Engine:
    """One group against the rest, at one stage.

    `pace`: `n` times in the stage, `events` of them ended, `expected` so many at the pace of
    all; `ratio` is how fast the group moves (0.5: half as fast) with its interval; `value` and
    `rest` are median days, or mean days until `horizon` where a median is not reached.
    `loss`: `n` journeys old enough, `events` of them lost, `expected` so many at the rate of
    the rest; `value` and `rest` are the shares lost within `horizon` days; no ratio.
    `difference` is value − rest with its 95 % interval; null for paces that are not called.
    `p` is before, `q` after correction. `called`: slower or losing more, q ≤ 0.05.
    """

    kind: Literal["pace", "loss"]
    by: str
    group: str | None
    stage: str
    n: int
    events: int
    expected: float
    n_rest: int
    p: float
    q: float = 1.0
    called: bool = False
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    measure: Literal["median", "mean", "rate"] | None = None
    horizon: float | None = None
    value: float | None = None
    rest: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def behind(self) -> float:
        """How many leads it is about: not moved that would have at the pace of all, or lost that would not."""
        return self.expected - self.events if self.kind == "pace" else self.events - self.expected


def judge(paces: Counts, losses: Counts, window_days: float) -> tuple[list[Engine], int]:
    """All comparisons with cases enough, called first, and how many had too few.

    `paces` have columns group, days, left, cases; `losses` group, lost, cases: a row stands
    for so many equal cases.
    """
    found: list[Engine] = []
    few = 0
    for (by, stage), frame in paces.items():
        tested, skipped = _paces(frame, by, stage)
        found, few = [*found, *tested], few + skipped
    for (by, stage), frame in losses.items():
        tested, skipped = _losses(frame, by, stage, window_days)
        found, few = [*found, *tested], few + skipped
    corrected = benjamini_hochberg([one.p for one in found])
    named = [
        replace(one, q=float(q), called=bool(q <= Q and one.behind > 0))
        for one, q in zip(found, corrected, strict=True)
    ]
    rows = {
        key: _rows(paces[key]) for key in {(one.by, one.stage) for one in named if one.called and one.kind == "pace"}
    }
    whole = [_with_days(one, *rows[one.by, one.stage]) if one.called and one.kind == "pace" else one for one in named]
    return sorted(whole, key=lambda one: (not one.called, -one.behind, one.by, one.stage, one.group or "")), few


def _paces(frame: pd.DataFrame, by: str, stage: str) -> tuple[list[Engine], int]:
    """The groups of one stage that can be tested, and how many cannot."""
    rows, weight = _rows(frame)
    if len(rows.keys) < 2:
        return [], 0
    test, total = against_rest(rows, weight=weight), int(weight.sum())
    found: list[Engine] = []
    for at, (group,) in enumerate(rows.keys):
        n, p, expected = int(test.n[at]), float(test.p[at]), float(test.expected[at])
        if min(n, total - n) < CASES or expected < EXPECTED or np.isnan(p):
            continue
        found.append(
            Engine(
                "pace",
                by,
                group,
                stage,
                n,
                int(test.observed[at]),
                expected,
                total - n,
                p,
                ratio=float(test.ratio[at]),
                ratio_low=float(test.low[at]),
                ratio_high=float(test.high[at]),
            )
        )
    return found, len(rows.keys) - len(found)


def _rows(frame: pd.DataFrame) -> tuple[Rows, Floats]:
    code, values = pd.factorize(frame["group"], use_na_sentinel=False)
    keys = tuple((_text(value),) for value in values)
    outcome: npt.NDArray[np.int8] = frame["left"].to_numpy(dtype=np.int8)
    rows = Rows(("group",), keys, code.astype(np.int64), frame["days"].to_numpy(dtype=np.float64), outcome)
    return rows, frame["cases"].to_numpy(dtype=np.float64)


def _losses(frame: pd.DataFrame, by: str, stage: str, window_days: float) -> tuple[list[Engine], int]:
    """As `_paces`, for journeys lost."""
    cases = frame.assign(lost=frame["cases"].where(frame["lost"].astype(bool), 0))
    counts = cases.groupby("group", dropna=False)[["cases", "lost"]].sum()
    if len(counts) < 2:
        return [], 0
    total, all_lost = int(counts["cases"].sum()), int(counts["lost"].sum())
    found: list[Engine] = []
    for group, size, bad in counts.itertuples(name=None):
        n, lost, rest = int(size), int(bad), total - int(size)
        enough = min(n, rest) >= CASES and n * min(all_lost, total - all_lost) >= EXPECTED * total
        result = two_proportions(lost, n, all_lost - lost, rest) if enough else None
        if result is None or result.p is None:
            continue
        rate = (all_lost - lost) / rest
        found.append(
            Engine(
                "loss",
                by,
                _text(group),
                stage,
                n,
                lost,
                n * rate,
                rest,
                result.p,
                measure="rate",
                horizon=window_days,
                value=lost / n,
                rest=rate,
                difference=result.difference,
                low=result.low,
                high=result.high,
            )
        )
    return found, len(counts) - len(found)


def _with_days(one: Engine, rows: Rows, weight: Floats) -> Engine:
    """A called pace with its difference in days, from the cases of its dimension and stage."""
    own = rows.code == rows.keys.index((one.group,))
    group, rest = (Weighted.of(rows.duration[part], rows.outcome[part], weight[part]) for part in (own, ~own))
    found = slower(group, rest)
    if found is None:
        return one
    return replace(
        one, measure=found.measure, horizon=found.horizon, value=found.value, rest=found.rest,
        difference=found.difference, low=found.low, high=found.high,
    )  # fmt: skip


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
