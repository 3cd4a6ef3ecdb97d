"""Velocity: how many days people stay in a stage, those still there included.

Every spell of known start counts, of every stage, end stages and unmapped values too; a spell
of no length counts; open ones are right-censored at `as_of`. Never a mean of finished spells.

Not here: the curves (survival_local.py), what a spell is (spells.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.metrics.dimensions import OWN, with_dimension
from leadpact.metrics.funnel import share
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


def durations(tables: Tables, pact: Pact, as_of: datetime, by: str | None = None) -> Table:
    """Spells with their length.

    Out: person_id, object, record_id, stage, group, entered_at, left_at, days (to `as_of` while
    it lasts), left (whether it ended), known (whether its times are).
    """
    spell = tables.spell.filter(tables.spell.entered_at.notnull() | tables.spell.lasts | tables.spell.left_at.isnull())
    until = ibis.coalesce(spell.left_at, ibis.timestamp(as_of.isoformat(" ")))
    spell = spell.mutate(
        entry=spell.entered_at,
        days=until.delta(spell.entered_at, unit="microsecond") / DAY,
        left=~spell.lasts,
        known=spell.entered_at.notnull() & (spell.lasts | spell.left_at.notnull()),
    )
    record = tables.record.select(of="object", by="record_id", owner_id="owner_id", **{name: name for name in OWN})
    joined = spell.left_join(record, (spell.object == record.of) & (spell.record_id == record.by))
    named = with_dimension(joined, tables, by, pact)
    return named.select(
        "person_id", "object", "record_id", "stage", "group", "entered_at", "left_at", "days", "left", "known"
    )


def velocity(tables: Tables, pact: Pact, as_of: datetime, *, by: str | None = None) -> Velocity:
    """The quartiles of every stage at `as_of`, a row per group, in pact order. Executes."""
    rows = durations(tables, pact, as_of, by)
    counts = rows.aggregate(n=rows.count(), known=rows.known.sum()).execute().iloc[0]
    total, known = int(counts["n"]), int(counts["known"] or 0)
    fine = rows.filter(rows.known)
    found = waiting(fine, by=["group", "stage"], duration="days", event="left", quantiles=QUARTILES).to_pylist()
    order = {key: place for place, key in enumerate([*(stage.key for stage in pact.stages), UNMAPPED])}
    found.sort(key=lambda row: (row["group"] is None, row["group"] or "", order[row["stage"]]))
    return Velocity(tuple(StageVelocity(**row) for row in found), share(known, total), total - known)
