"""When clocks started, and how they were kept: by week and month, by weekday and hour.

Local time is that of the pact's zone. A period in which clocks still run is `young`: its
compliance is not final, and lies between `at_least` (every running one breaks its target) and
`at_most` (every one keeps it). Those that run are never counted as kept, nor as broken.

Not here: the clocks (sla.py), the days of a period (periods.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pandas as pd

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.metrics import periods
from leadpact.metrics.dimensions import local_time
from leadpact.metrics.funnel import share
from leadpact.metrics.response import responses, undated
from leadpact.metrics.response_counts import Counts
from leadpact.metrics.sla import STATES
from leadpact.tables import Table, Tables

Unit = Literal["week", "month"]
UNITS: tuple[Unit, ...] = ("week", "month")


def starts(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, by: str | None = None) -> Table:
    """The clocks with the local time they started at.

    Out: the columns of `responses`, and week (its Monday), month (its first day; dates in the
    pact's zone), weekday (0 is Monday) and hour (0–23).
    """
    clock = responses(tables, pact, as_of, policy, by)
    local = local_time(clock.started_at, pact.zone)
    return clock.mutate(
        week=local.truncate("W").date(),
        month=local.truncate("M").date(),
        weekday=local.day_of_week.index().cast("int64"),
        hour=local.hour().cast("int64"),
    )


@dataclass(frozen=True)
class Span:
    """Clocks that started in one week or month, days `[start, end)`; `course`: it is not over at `as_of`."""

    group: str | None
    unit: Unit
    start: date
    end: date
    counts: Counts
    course: bool

    @property
    def young(self) -> bool:
        """Some clocks still run: the compliance is not final."""
        return self.counts.running > 0

    @property
    def at_least(self) -> float | None:
        return share(self.counts.met, self.counts.due + self.counts.running)

    @property
    def at_most(self) -> float | None:
        return share(self.counts.met + self.counts.running, self.counts.due + self.counts.running)


@dataclass(frozen=True)
class Cell:
    """Clocks that started on a weekday (0 is Monday) in an hour of the day, local time."""

    group: str | None
    weekday: int
    hour: int
    counts: Counts


@dataclass(frozen=True)
class When:
    """Periods without a gap from a group's first clock to its last, and the cells that hold any clock."""

    policy: str
    spans: tuple[Span, ...]
    cells: tuple[Cell, ...]
    coverage: float | None
    undated: int

    def of(self, unit: Unit, group: str | None = None) -> list[Span]:
        return [span for span in self.spans if (span.unit, span.group) == (unit, group)]


def when(tables: Tables, pact: Pact, as_of: datetime, policy: SlaPolicy, *, by: str | None = None) -> When:
    """Compliance over time and over the week, from one query. Executes."""
    rows = responses(tables, pact, as_of, policy, by)
    rows = rows.mutate(local=local_time(rows.started_at, pact.zone).truncate("h"))
    states = {state: (rows.state == state).sum() for state in STATES}
    found = _calendar(rows.group_by("group", "local").aggregate(**states).execute())
    found["group"] = found["group"].astype("object").where(found["group"].notna(), None)
    known, without = int(found[list(STATES)].to_numpy().sum()), undated(tables, policy)
    today = periods.today(pact, as_of)
    spans: list[Span] = []
    cells: list[Cell] = []
    for group, own in _grouped(found):
        spans += [span for unit in UNITS for span in _spans(own, group, unit, today)]
        cells += [
            Cell(group, int(place[0]), int(place[1]), counts) for place, counts in _sums(own, ["weekday", "hour"])
        ]
    return When(policy.id, tuple(spans), tuple(cells), share(known, known + without), without)


def _calendar(found: pd.DataFrame) -> pd.DataFrame:
    """Week, month, weekday and hour of `local`: as in `starts`, on the few hours there are instead of every clock."""
    local = pd.to_datetime(found["local"])
    day = local.dt.normalize()
    return found.assign(
        week=day - pd.to_timedelta(day.dt.day_of_week, unit="D"),
        month=day - pd.to_timedelta(day.dt.day - 1, unit="D"),
        weekday=day.dt.day_of_week,
        hour=local.dt.hour,
    )


def _grouped(found: pd.DataFrame) -> Iterator[tuple[str | None, pd.DataFrame]]:
    for group in sorted(found["group"].unique(), key=lambda name: (name is None, name or "")):
        yield group, found[found["group"].isna() if group is None else found["group"] == group]


def _sums(own: pd.DataFrame, names: list[str]) -> Iterator[tuple[Any, Counts]]:
    for place, row in own.groupby(names)[list(STATES)].sum().iterrows():
        yield place, Counts(**{state: int(row[state]) for state in STATES})


def _spans(own: pd.DataFrame, group: str | None, unit: Unit, today: date) -> Iterator[Span]:
    """Every period from the first to the last, empty ones too: a gap in time is a gap in the chart."""
    counts = {pd.Timestamp(place).date(): one for place, one in _sums(own, [unit])} if len(own) else {}
    if not counts:
        return
    start, last = min(counts), max(counts)
    while start <= last:
        end = after(start, unit)
        yield Span(group, unit, start, end, counts.get(start, Counts()), today < end)
        start = end


def after(start: date, unit: Unit) -> date:
    """The first day of the period after the one that starts on `start`."""
    if unit == "week":
        return start + timedelta(days=7)
    return (start + timedelta(days=32)).replace(day=1)


def added(spans: Iterable[Span]) -> list[Span]:
    """The periods of several groups as those of all of them, in order. In: spans of one unit."""
    whole: dict[date, Span] = {}
    for span in spans:
        before = whole.get(span.start)
        counts = span.counts if before is None else before.counts + span.counts
        whole[span.start] = replace(span, group=None, counts=counts)
    return [whole[start] for start in sorted(whole)]
