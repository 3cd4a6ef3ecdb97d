"""The funnel: how many journeys of a cohort reach each stage, and where they stop.

The cohort is journeys by their entry (or first entry to an anchor stage), never events; what
happens after the range still counts. Young journeys are pending, not lost.

Not here: what a journey is (journeys.py), how it is drawn (ui/charts.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, Literal

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.journeys import reached, with_strict
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.significance import wilson
from leadpact.tables import Table, Tables

Mode = Literal["beyond", "strict", "visited"]
MODES: tuple[Mode, ...] = ("beyond", "strict", "visited")
SMALL = 30
DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Scope:
    """What a funnel is computed for. Dates are days in the pact's zone, `[start, end)`."""

    start: date | None = None
    end: date | None = None
    window_days: float | None = None
    mode: Mode = "beyond"
    anchor: str | None = None
    by: str | None = None

    def checked(self, pact: Pact) -> Scope:
        """Raises Misconfigured for a mode, stage, window or range that cannot be."""
        stages = [stage.key for stage in pact.funnel]
        if self.mode not in MODES:
            raise Misconfigured("funnel.bad_mode", mode=str(self.mode), known=", ".join(MODES))
        if self.anchor is not None and self.anchor not in stages:
            raise Misconfigured("funnel.bad_anchor", stage=self.anchor, known=", ".join(stages))
        if self.window_days is not None and self.window_days <= 0:
            raise Misconfigured("funnel.bad_window", days=str(self.window_days))
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise Misconfigured("funnel.bad_range", start=self.start.isoformat(), end=self.end.isoformat())
        if not stages:
            raise Misconfigured("funnel.no_stages")
        return self


def cohort(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Table:
    """One row per journey in scope, with where it stands at every step.

    Out: person_id, journey, object, record_id, entry (UTC; of the anchor where there is one),
    group, part (`counted`, `unknown`: left out for an imputed change, `invalid`), imputed,
    mature (null without a window), decided (ended, or the window has passed), and for every
    step k `reached_<k>` (boolean, within the window).
    """
    scope = scope.checked(pact)
    journey = _anchored(tables, pact, scope) if scope.anchor else tables.journey
    journey = journey.mutate(entry=journey.entered_at)
    journey = _in_range(journey, pact, scope)
    window = None if scope.window_days is None else ibis.interval(microseconds=round(scope.window_days * DAY))
    timed = scope.window_days is not None or scope.start is not None or scope.end is not None
    left_out = journey.imputed if scope.window_days is not None else ibis.literal(False)
    if timed:
        left_out = left_out | journey.entry.isnull()
    mature = ibis.null("boolean") if window is None else journey.entry + window <= ibis.timestamp(as_of.isoformat(" "))
    ended = journey.end_kind.notnull()
    steps = _steps(pact, scope)
    arrivals = _arrivals(journey, scope.mode, steps)
    flagged = journey.mutate(
        part=ibis.cases((left_out, "unknown"), (journey.end_kind == "invalid", "invalid"), else_="counted"),
        mature=mature,
        decided=ended if window is None else ended | mature,
        **{f"reached_{number}": _within(journey, at, was, window) for number, (was, at) in enumerate(arrivals)},
    )
    flagged = with_dimension(flagged, tables, scope.by, pact)
    return flagged.select(
        "person_id",
        "journey",
        "object",
        "record_id",
        "entry",
        "group",
        "part",
        "imputed",
        "mature",
        "decided",
        *(f"reached_{number}" for number in range(len(steps))),
    )


def _steps(pact: Pact, scope: Scope) -> list[str]:
    keys = [stage.key for stage in pact.funnel]
    return keys[keys.index(scope.anchor) :] if scope.anchor else keys


def _within(journey: Table, at: Any, was: Any, window: Any) -> Any:
    """Reached, and within the window where there is one. Microseconds count: exactly W is in."""
    if window is None:
        return was
    return (was & (at <= journey.entry + window)).fill_null(False)


def _arrivals(journey: Table, mode: Mode, steps: list[str]) -> list[tuple[Any, Any]]:
    """For every step: whether it was reached at all, and when (null where that is not known)."""
    if mode == "strict":
        return [(journey[f"has_strict_{key}"], journey[f"strict_{key}"]) for key in steps]
    visited = [(journey[f"has_{key}"], journey[f"visited_{key}"]) for key in steps]
    if mode == "visited":
        return visited
    # least() passes over nulls, on DuckDB and on Spark alike
    return [
        (reduce(or_, (was for was, _ in visited[k:])), ibis.least(*(at for _, at in visited[k:])))
        for k in range(len(visited))
    ]


def _in_range(journey: Table, pact: Pact, scope: Scope) -> Table:
    """Entries in `[start, end)` of the pact's zone; those of unknown entry stay, to be counted."""
    entry = journey.entry
    if scope.start is not None:
        journey = journey.filter(entry.isnull() | (entry >= ibis.timestamp(utc_midnight(scope.start, pact.zone))))
    if scope.end is not None:
        journey = journey.filter(
            journey.entry.isnull() | (journey.entry < ibis.timestamp(utc_midnight(scope.end, pact.zone)))
        )
    return journey


def _anchored(tables: Tables, pact: Pact, scope: Scope) -> Table:
    """Journeys that entered the anchor stage, measured from there: only what follows counts."""
    own = tables.spell.filter(tables.spell.journey.notnull())
    first = (
        own.filter(own.stage == scope.anchor).group_by("person_id", "journey").aggregate(anchor_n=lambda t: t.n.min())
    )
    after = own.inner_join(first, ["person_id", "journey"])
    after = after.filter(after.n >= after.anchor_n)
    keys = _steps(pact, scope)
    times = after.group_by("person_id", "journey").aggregate(
        anchor_at=after.entered_at.min(where=after.n == after.anchor_n), **reached(after, keys)
    )
    times = with_strict(times, after, keys)
    kept = [name for name in tables.journey.columns if not name.startswith(("has_", "visited_", "strict_"))]
    joined = tables.journey.select(kept).inner_join(times, ["person_id", "journey"])
    return joined.mutate(entered_at=joined.anchor_at).drop("anchor_at")


def steps(cohort: Table, pact: Pact, scope: Scope) -> Table:
    """The numbers of every step, a row per group.

    In: a cohort. Out: group, and per step k `entered_k`, `converted_k`, `lost_k`, `mature_k`
    (mature ones among entered) and `mature_converted_k`; counts, 0 for an empty group.
    """
    counted = cohort.filter(cohort.part == "counted").mutate(everyone=True)
    numbers: dict[str, Any] = {}
    for k in range(len(_steps(pact, scope))):
        first = k == 0 or scope.mode == "visited"
        entered = counted.everyone if first else counted[f"reached_{k - 1}"]
        reached = counted[f"reached_{k}"] & entered
        mature = counted.mature.fill_null(False) & entered
        numbers |= {
            f"entered_{k}": entered.cast("int64").sum(),
            f"converted_{k}": reached.cast("int64").sum(),
            f"lost_{k}": (entered & ~counted[f"reached_{k}"] & counted.decided).cast("int64").sum(),
            f"mature_{k}": mature.cast("int64").sum(),
            f"mature_converted_{k}": (mature & reached).cast("int64").sum(),
        }
    return counted.group_by("group").aggregate(cohort=counted.count(), **numbers)


@dataclass(frozen=True)
class Step:
    """One step of one group. Rates are null where their denominator is 0 or does not apply."""

    group: str | None
    stage: str
    entered: int
    converted: int
    lost: int
    pending: int
    rate_of_first: float | None
    rate_of_previous: float | None
    mature_entered: int | None
    mature_converted: int | None
    mature_rate: float | None
    ci_low: float | None
    ci_high: float | None

    @property
    def small(self) -> bool:
        """Too few to read a rate from."""
        return self.entered < SMALL


@dataclass(frozen=True)
class Funnel:
    """A funnel and what was left out of it. `coverage` is the share without imputed changes."""

    scope: Scope
    steps: tuple[Step, ...]
    coverage: float | None
    untouched: int
    unknown: int
    invalid: int


def conversion(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Funnel:
    """The funnel of `scope` at `as_of`. Executes; the tables are those of `as_of`."""
    people = cohort(tables, pact, as_of, scope)
    parts = people.group_by("part", "imputed").aggregate(n=people.count()).execute()
    total = int(parts["n"].sum()) if len(parts) else 0
    imputed = int(parts.loc[parts["imputed"].astype(bool), "n"].sum()) if len(parts) else 0
    of_part = {part: int(rows["n"].sum()) for part, rows in parts.groupby("part")}
    rows = steps(people, pact, scope).order_by(ibis.desc("cohort"), "group").execute().to_dict("records")
    if not rows and scope.by is None:
        rows = [{}]
    return Funnel(
        scope=scope,
        steps=tuple(step for row in rows for step in _rates(row, pact, scope)),
        coverage=None if total == 0 else 1 - imputed / total,
        untouched=untouched(tables, pact, scope),
        unknown=of_part.get("unknown", 0),
        invalid=of_part.get("invalid", 0),
    )


def _rates(row: Mapping[str, Any], pact: Pact, scope: Scope) -> list[Step]:
    group = row.get("group")
    found = []
    windowed = scope.window_days is not None
    for k, stage in enumerate(_steps(pact, scope)):
        value = {
            name: int(row.get(f"{name}_{k}", 0) or 0)
            for name in ("entered", "converted", "lost", "mature", "mature_converted")
        }
        low, high = (wilson(value["mature_converted"], value["mature"]) if windowed else None) or (None, None)
        found.append(
            Step(
                group=group if isinstance(group, str) else None,
                stage=stage,
                entered=value["entered"],
                converted=value["converted"],
                lost=value["lost"],
                pending=value["entered"] - value["converted"] - value["lost"],
                rate_of_first=share(value["converted"], int(row.get("cohort", 0) or 0)),
                rate_of_previous=None if scope.mode == "visited" else share(value["converted"], value["entered"]),
                mature_entered=value["mature"] if windowed else None,
                mature_converted=value["mature_converted"] if windowed else None,
                mature_rate=share(value["mature_converted"], value["mature"]) if windowed else None,
                ci_low=low,
                ci_high=high,
            )
        )
    return found


def untouched(tables: Tables, pact: Pact, scope: Scope) -> int:
    """People who were never past an untouched stage (first seen in the range, where known)."""
    spell = tables.spell
    past = ~spell.kind.isin(["untouched", "unmapped"])
    people = spell.group_by("person_id").aggregate(
        past=past.any(), entry=spell.entered_at.min(), waiting=(spell.kind == "untouched").any()
    )
    people = people.filter(~people.past, people.waiting)
    return int(_in_range(people, pact, replace(scope, anchor=None)).count().execute())


def share(part: int, whole: int) -> float | None:
    """part / whole; null for 0 of 0."""
    return None if whole == 0 else part / whole
