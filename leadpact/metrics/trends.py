"""Trends: what happened week by week or month by month, and how each period's journeys went on.

Journeys count in the period they started in, a stage in the period a journey first entered it,
a win or a loss in the period it came. The conversion of a period is of the journeys that
started in it, within the window, and only of those old enough: a young period has none yet.

Not here: weeks and months (trends_spans.py), cohorts (funnel.py), everybody in a stage (balance.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.metrics.funnel import SMALL, Scope, cohort, share
from leadpact.metrics.significance import wilson
from leadpact.metrics.trends_spans import Span, bucket
from leadpact.tables import Table, Tables

USUAL_WINDOW = 90.0
LOST = ("recycled", "disqualified", "deleted")


@dataclass(frozen=True)
class StageTrend:
    """One stage in one period.

    `entries`: journeys that first entered it then. Of the journeys started then: `mature_entered`
    are old enough for the window, `mature_converted` of them reached the stage within it; the rate
    has a Wilson 95 % interval and is null while none is old enough. `mature`: all of them are.
    """

    stage: str
    entries: int
    mature_entered: int
    mature_converted: int
    mature_rate: float | None
    ci_low: float | None
    ci_high: float | None
    mature: bool

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.mature_entered < SMALL


@dataclass(frozen=True)
class Period:
    """One week or month: days `[start, until)`. `complete`: whole, and over at `as_of`."""

    start: date
    until: date
    complete: bool
    started: int
    won: int
    lost: int
    stages: tuple[StageTrend, ...]


@dataclass(frozen=True)
class Trends:
    """Every period, empty ones as zeros. `coverage`: share of all journeys without imputed changes.

    `unknown`: journeys whose entry is not known, or left out of the rates for an imputed change;
    `invalid`: journeys of these periods that proved no leads. `latest`: the last day anything started.
    """

    periods: tuple[Period, ...]
    window_days: float
    coverage: float | None
    unknown: int
    invalid: int
    latest: datetime | None


def events(tables: Tables, pact: Pact, spans: Sequence[Span]) -> Table:
    """One row per thing that happened to a journey in the spans; journeys that proved no leads are out.

    Out: object, record_id, person_id, journey, what (`started`, `won`, `lost`, `entered`), stage
    (null but for `entered`), happened_at (UTC), place (of the span: 0, 1, …).
    """
    journey = tables.journey.filter(tables.journey.end_kind.isnull() | (tables.journey.end_kind != "invalid"))
    nothing = ibis.null("string")
    parts = [
        _happened(journey, "entered_at", "started", nothing),
        _happened(journey.filter(journey.end_kind == "won"), "ended_at", "won", nothing),
        _happened(journey.filter(journey.end_kind.isin(LOST)), "ended_at", "lost", nothing),
        *(_happened(journey, f"visited_{stage.key}", "entered", ibis.literal(stage.key)) for stage in pact.funnel),
    ]
    rows = ibis.union(*parts)
    rows = rows.mutate(place=bucket(rows.happened_at, pact, spans))
    return rows.filter(rows.place >= 0, rows.place < len(spans))


def _happened(journey: Table, column: str, what: str, stage: Any) -> Table:
    dated = journey.filter(journey[column].notnull())
    return dated.select(
        "object", "record_id", "person_id", "journey", what=ibis.literal(what), stage=stage, happened_at=dated[column]
    )


def started(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, spans: Sequence[Span]) -> Table:
    """The cohort of the spans, as `funnel.cohort` gives it, with `place` (of the span; null: entry not known).

    The scope's range is the spans'; without a window it is USUAL_WINDOW days.
    """
    rows = cohort(tables, pact, as_of, _scope(scope, spans))
    rows = rows.mutate(place=bucket(rows.entry, pact, spans))
    return rows.filter(rows.place.isnull() | ((rows.place >= 0) & (rows.place < len(spans))))


def _scope(scope: Scope, spans: Sequence[Span]) -> Scope:
    window = USUAL_WINDOW if scope.window_days is None else scope.window_days
    start, end = (spans[0].start, spans[-1].end) if spans else (None, None)
    return replace(scope, start=start, end=end, window_days=window, by=None)


def trends(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, spans: Sequence[Span]) -> Trends:
    """What happened in each of the spans, and the conversion of the journeys started in them. Executes.

    Mode, anchor and window of the scope hold for the conversions: with an anchor, they are of the
    journeys that first entered that stage in the span. Raises Misconfigured for a bad scope.
    """
    used = _scope(scope, spans)
    keys = [stage.key for stage in pact.funnel]
    steps = keys[keys.index(scope.anchor) :] if scope.anchor in keys else keys
    rows = started(tables, pact, as_of, scope, spans)
    mature = rows.mature.fill_null(False)
    counted = rows.group_by("part", "place").aggregate(
        n=rows.count(),
        mature=_sum(mature),
        **{f"mature_{k}": _sum(mature & rows[f"reached_{k}"]) for k in range(len(steps))},
    )
    parts: list[Mapping[str, Any]] = counted.to_pyarrow().to_pylist()
    happened = events(tables, pact, spans)
    seen = happened.group_by("what", "stage", "place").aggregate(n=happened.count()).to_pyarrow().to_pylist()
    counts = {(row["what"], row["stage"], row["place"]): int(row["n"]) for row in seen}
    journey = tables.journey
    facts = journey.aggregate(n=journey.count(), imputed=_sum(journey.imputed), latest=journey.entered_at.max())
    total = facts.to_pyarrow().to_pylist()[0]
    cohorts = {row["place"]: row for row in parts if row["part"] == "counted"}
    return Trends(
        periods=tuple(
            _period(span, place, counts, cohorts.get(place, {}), keys, steps) for place, span in enumerate(spans)
        ),
        window_days=used.window_days or USUAL_WINDOW,
        coverage=share(total["n"] - (total["imputed"] or 0), total["n"]),
        unknown=sum(row["n"] for row in parts if row["part"] == "unknown"),
        invalid=sum(row["n"] for row in parts if row["part"] == "invalid"),
        latest=total["latest"],
    )


def _period(
    span: Span,
    place: int,
    counts: Mapping[tuple[str, str | None, int], int],
    row: Mapping[str, Any],
    keys: Sequence[str],
    steps: Sequence[str],
) -> Period:
    if span.start is None or span.end is None:
        raise ValueError("a trend needs spans with both ends")
    old, everyone = int(row.get("mature") or 0), int(row.get("n") or 0)
    stages = []
    for key in keys:
        reached = int(row.get(f"mature_{steps.index(key)}") or 0) if key in steps else 0
        entered = old if key in steps else 0
        low, high = wilson(reached, entered) or (None, None)
        stages.append(
            StageTrend(
                stage=key,
                entries=counts.get(("entered", key, place), 0),
                mature_entered=entered,
                mature_converted=reached,
                mature_rate=share(reached, entered),
                ci_low=low,
                ci_high=high,
                mature=everyone > 0 and old == everyone and span.complete,
            )
        )
    happened = {what: counts.get((what, None, place), 0) for what in ("started", "won", "lost")}
    return Period(span.start, span.end, span.complete, stages=tuple(stages), **happened)


def _sum(condition: Any) -> Any:
    return condition.cast("int64").sum()
