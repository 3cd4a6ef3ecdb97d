"""Slow engines: which sources, campaigns or owners move leads slower, or lose more, than the rest.

Every group of every dimension is compared with all others, stage by stage: time in the stage
by a log-rank test, losses at equal age by a test of two proportions. All p-values of one run
are corrected together (Benjamini–Hochberg), so that of the engines called about one in twenty
at most is called by chance. A called engine is an association: another lead mix, an inherited
backlog or a region may be behind it. Where the evidence is not there, nobody is called.

Not here: the cases (engines_rows.py), how they are judged (engines_judge.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import ibis
import pandas as pd

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics import engines_rows
from leadpact.metrics.engines_judge import Engine, judge
from leadpact.metrics.funnel import share
from leadpact.tables import Tables

USUAL = ("source", "campaign", "owner")
WINDOW = 90.0  # days after which a journey that went no further counts as lost
# equal times become one row: days to a quarter of an hour, long ones to the hour or so
FINE, COARSE, LONG_DAYS = 2, 1, 10


@dataclass(frozen=True)
class Engines:
    """All comparisons that could be made, those called first, by how many leads each is about.

    `few` comparisons had too few cases to be tested; `immature` journeys at a stage were too
    young to be lost or not; `unknown` times in a stage have no known start or end, `coverage`
    is the share of those that have.
    """

    engines: tuple[Engine, ...]
    few: int
    by: tuple[str, ...]
    window_days: float
    coverage: float | None
    unknown: int
    immature: int

    @property
    def tested(self) -> int:
        return len(self.engines)

    @property
    def called(self) -> tuple[Engine, ...]:
        return tuple(one for one in self.engines if one.called)


def engines(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    by: Sequence[str] = USUAL,
    stage: str | None = None,
    window_days: float = WINDOW,
    start: date | None = None,
    end: date | None = None,
) -> Engines:
    """Every group of the dimensions `by` against the rest, at every worked stage or at `stage`. Executes.

    Days `[start, end)` are those of entry into the stage. Raises Misconfigured for a stage
    leads are not meant to move on from, and for a window of no days.
    """
    known_stages = engines_rows.stages(pact)
    if stage is not None and stage not in known_stages:
        raise Misconfigured("funnel.bad_anchor", stage=stage, known=", ".join(known_stages))
    if window_days <= 0:
        raise Misconfigured("funnel.bad_window", days=str(window_days))
    asked = tuple(dict.fromkeys(by))
    paces: dict[tuple[str, str], pd.DataFrame] = {}
    losses: dict[tuple[str, str], pd.DataFrame] = {}
    seen: list[tuple[int, int]] = []
    immature = 0
    for one in asked:
        pace = _pace_counts(tables, pact, as_of, one, start, end)
        loss = _loss_counts(tables, pact, as_of, one, window_days, start, end)
        if stage is not None:
            pace, loss = pace[pace["stage"] == stage], loss[loss["stage"] == stage]
        seen.append((int(pace["cases"].sum()), int(pace.loc[~pace["known"], "cases"].sum())))
        immature = int(loss.loc[loss["part"] == "immature", "cases"].sum())
        paces |= {(one, str(key)): rows for key, rows in pace[pace["known"]].groupby("stage", sort=False)}
        counted = loss[loss["part"] == "counted"]
        losses |= {(one, str(key)): rows for key, rows in counted.groupby("stage", sort=False)}
    found, few = judge(paces, losses, window_days)
    # an owner's stretches are parts of the same times: the fewest rows are the times themselves
    times, unknown = min(seen, default=(0, 0))
    coverage = share(times - unknown, times)
    return Engines(tuple(found), few, asked, window_days, coverage, unknown, immature)


def slowest(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    by: Sequence[str] = USUAL,
    start: date | None = None,
    end: date | None = None,
) -> Engine | None:
    """The called engine, by name, that keeps most leads waiting; null where none is called. Executes."""
    found = engines(tables, pact, as_of, by=by, start=start, end=end)
    return next((one for one in found.called if one.kind == "pace" and one.group is not None), None)


def _pace_counts(
    tables: Tables, pact: Pact, as_of: datetime, by: str, start: date | None, end: date | None
) -> pd.DataFrame:
    """stage, group, days, left, known → cases; equal times are one row."""
    rows = engines_rows.times(tables, pact, as_of, by, start, end)
    days = ibis.cases((~rows.known, ibis.null("float64")), (rows.days >= LONG_DAYS, rows.days.round(COARSE)),
                      else_=rows.days.round(FINE))  # fmt: skip
    rows = rows.mutate(days=days)
    counts = rows.group_by("stage", "group", "days", "left", "known").aggregate(cases=rows.count())
    found: pd.DataFrame = counts.order_by("stage", "group", "days", "left").execute()
    return found.astype({"known": bool})


def _loss_counts(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    by: str,
    window_days: float,
    start: date | None,
    end: date | None,
) -> pd.DataFrame:
    """stage, group, part, lost → cases."""
    rows = engines_rows.losses(tables, pact, as_of, by, window_days, start, end)
    counts = rows.group_by("stage", "group", "part", "lost").aggregate(cases=rows.count())
    found: pd.DataFrame = counts.order_by("stage", "group", "part", "lost").execute()
    return found
