"""Velocity: how many days people stay in a stage, those still there included.

Every spell of known start counts, of every stage, end stages and unmapped values too; a spell
of no length counts; open ones are right-censored at `as_of`. Never a mean of finished spells.

Not here: the curves (curves.py), who is slower than the rest (engines.py), what a spell is
(spells.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.funnel import share
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.survival_local import waiting
from leadpact.tables import Table, Tables

DAY = 86_400_000_000  # microseconds
QUARTILES = {"median_days": 0.5, "p25_days": 0.25, "p75_days": 0.75}


@dataclass(frozen=True)
class StageVelocity:
    """One stage of one group. Days are Kaplan–Meier quantiles, null where not reached yet."""

    group: str | None
    stage: str
    n: int
    n_open: int
    median_days: float | None
    p25_days: float | None
    p75_days: float | None


@dataclass(frozen=True)
class Velocity:
    """All stages, and what was left out: `unknown` spells whose start or end has no time."""

    stages: tuple[StageVelocity, ...]
    coverage: float | None
    unknown: int


def spells(tables: Tables, pact: Pact, as_of: datetime, start: date | None = None, end: date | None = None) -> Table:
    """The spells entered on days `[start, end)` of the pact's zone, with their length.

    Out: the columns of a spell, entry (as entered_at), until (left, else `as_of`), days, left
    (whether it ended), known (whether its times are). Spells of unknown start stay, to be
    counted. Raises Misconfigured for a range that ends before it starts.
    """
    spell = entered_between(tables.spell, pact, start, end)
    until = ibis.coalesce(spell.left_at, ibis.timestamp(as_of.isoformat(" ")))
    return spell.mutate(
        entry=spell.entered_at,
        until=until,
        days=until.delta(spell.entered_at, unit="microsecond") / DAY,
        left=~spell.lasts,
        known=spell.entered_at.notnull() & (spell.lasts | spell.left_at.notnull()),
    )


def entered_between(table: Table, pact: Pact, start: date | None, end: date | None) -> Table:
    """The rows whose `entered_at` falls on days `[start, end)` of the pact's zone, or is not known.

    Raises Misconfigured for a range that ends before it starts.
    """
    if start is not None and end is not None and start >= end:
        raise Misconfigured("funnel.bad_range", start=start.isoformat(), end=end.isoformat())
    if start is not None:
        first = ibis.timestamp(utc_midnight(start, pact.zone))
        table = table.filter(table.entered_at.isnull() | (table.entered_at >= first))
    if end is not None:
        table = table.filter(
            table.entered_at.isnull() | (table.entered_at < ibis.timestamp(utc_midnight(end, pact.zone)))
        )
    return table


def durations(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    by: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Table:
    """Spells with their length and group; the owner is who held it at entry into the stage.

    Out: person_id, object, record_id, stage, group, entered_at, left_at, days (to `as_of` while
    it lasts), left (whether it ended), known (whether its times are). Days `[start, end)` are
    those of entry into the stage; spells of unknown start stay, to be counted.
    """
    spell = spells(tables, pact, as_of, start, end)
    named = with_dimension(spell, tables, by, pact)
    return named.select(
        "person_id", "object", "record_id", "stage", "group", "entered_at", "left_at", "days", "left", "known"
    )


def velocity(
    tables: Tables,
    pact: Pact,
    as_of: datetime,
    *,
    by: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Velocity:
    """The quartiles of every stage at `as_of`, a row per group, in pact order. Executes."""
    rows = durations(tables, pact, as_of, by, start, end)
    counts = rows.aggregate(n=rows.count(), known=rows.known.sum()).execute().iloc[0]
    total, known = int(counts["n"]), int(counts["known"] or 0)
    fine = rows.filter(rows.known)
    found = waiting(fine, by=["group", "stage"], duration="days", event="left", quantiles=QUARTILES).to_pylist()
    order = in_order(pact)
    found.sort(key=lambda row: (row["group"] is None, row["group"] or "", order[row["stage"]]))
    return Velocity(tuple(StageVelocity(**row) for row in found), share(known, total), total - known)


def in_order(pact: Pact) -> dict[str, int]:
    """The place of every stage in the pact; what no stage claims comes last."""
    return {key: place for place, key in enumerate([*(stage.key for stage in pact.stages), UNMAPPED])}
