"""Past journeys a score, or a rule, is judged on: what was known at a moment, and what came of it.

The one cohort of the scoring: that of the funnel with the same anchor, goal and window (DESIGN 5).
A journey is `counted` where its moment lies at least `days` before `as_of`, however it went: an
open one that is too `young` is left out, never counted as lost. Out and counted apart are `invalid`
ones, `unknown` ones (an undated change), and, where the moment lies some days after the entry, those
`settled` by then: ended, or at the goal already.

Where no journey of a source has a date, everything is taken as it stands now (`dated` is false):
who has the goal or a later stage reached it, nobody can say when.

Not here: what may be asked (basis.py), the score (score.py), what is made of the cases (quality.py, rule_table.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.funnel_cohort import arrivals, entries, part_of
from leadpact.metrics.funnel_scope import DAY, Scope, reachable, step_keys
from leadpact.scoring import moments
from leadpact.scoring.basis import Asked, Basis
from leadpact.scoring.moments import KEYS
from leadpact.scoring.suggest_features import Column
from leadpact.tables import SAYS, Table, Tables

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cases:
    """`table`: object, record_id, person_id, journey, moment (null: undated), reached; by moment.

    Left out: `young` (not long enough ago), `unknown` (a date is not known), `invalid` (never was a
    lead), `settled` (ended, or had reached the goal, by the moment), `cut` (earlier than the `most`
    latest). `stages`: the goal and the funnel stages after it.
    """

    table: pa.Table
    stages: tuple[str, ...]
    dated: bool
    young: int = 0
    unknown: int = 0
    invalid: int = 0
    settled: int = 0
    cut: int = 0

    @property
    def reached(self) -> Bools:
        return np.array(self.table["reached"].to_numpy(zero_copy_only=False), dtype=bool)

    def __len__(self) -> int:
        return int(self.table.num_rows)


def checked(tables: Tables, pact: Pact, asked: Asked) -> Asked:
    """The same completed, with `keep` and `drop` as the records call them.

    Raises Misconfigured for a field they do not have, and for what cannot be asked of the pact (Basis.of).
    """
    named = {name: moments.columns_of(tables, [name]) for name in (*asked.keep, *asked.drop)}
    missing = [name for name, found in named.items() if not found]
    if missing:
        raise Misconfigured("scoring.quality.no_field", fields=", ".join(missing))
    keep, drop = (tuple(named[name][0] for name in names) for names in (asked.keep, asked.drop))
    return replace(asked.of(pact), keep=keep, drop=drop)


def cases(tables: Tables, pact: Pact, as_of: datetime, asked: Basis) -> Cases:
    """The journeys that can be judged, and how many are left out and why. Runs two queries.

    Raises Misconfigured for what cannot be asked of the pact.
    """
    asked = asked.of(pact)
    dated = tables.journey.entered_at.notnull().any().to_pyarrow().as_py() is not False
    scope = Scope(window_days=asked.days, anchor=asked.stage) if dated else Scope()
    kept = reachable(pact, scope)
    steps = step_keys(kept, scope)
    at = steps.index(str(asked.goal))
    rows = _marked(tables, kept, as_of, asked, scope, at).to_pyarrow()
    counts = Counter(rows["part"].to_pylist())
    fit = _latest(rows.filter(pc.equal(rows["part"], "counted")).drop_columns("part"), asked.most)
    out = {name: counts[name] for name in ("young", "unknown", "invalid", "settled")}
    return Cases(fit, tuple(steps[at:]), dated, **out, cut=counts["counted"] - fit.num_rows)


def _marked(tables: Tables, pact: Pact, as_of: datetime, asked: Basis, scope: Scope, goal: int) -> Table:
    """Every journey that came to the anchor: its keys, moment, reached, and part of the cohort."""
    journey = entries(tables, pact, scope)
    was, at = arrivals(journey, scope.mode, step_keys(pact, scope))[goal]
    part = part_of(journey, scope)
    keys = {name: journey[name] for name in (*KEYS, "person_id", "journey")}
    if scope.window_days is None:
        return journey.select(**keys, moment=ibis.null("timestamp"), reached=was.fill_null(False), part=part)
    moment = journey.entry + _days(asked.after_days)
    late = moment + _days(asked.days)
    settled = ibis.literal(False)
    if asked.after_days:  # at the entry itself nothing is: what has the same date comes after it, as in the funnel
        settled = ((was & (at <= moment)) | (journey.ended_at <= moment)).fill_null(False)
    counted = part == "counted"
    return journey.select(
        **keys,
        moment=moment,
        reached=(was & (at <= late)).fill_null(False),
        part=ibis.cases(
            (counted & settled, "settled"),
            (counted & (late > ibis.timestamp(as_of.isoformat(" "))), "young"),
            else_=part,
        ),
    )


def _days(days: float) -> Any:
    return ibis.interval(microseconds=round(days * DAY))


def _latest(rows: pa.Table, most: int) -> pa.Table:
    """The latest `most`, by moment and key."""
    if rows.num_rows > most and rows["moment"].null_count == 0:  # sorting a few is quicker than sorting all
        moment = rows["moment"].cast("timestamp[us]").cast("int64").to_numpy()
        rows = rows.filter(pa.array(moment >= np.partition(moment, -most)[-most]))
    order = [(name, "ascending") for name in ("moment", *KEYS, "journey")]
    found = rows.sort_by(order)
    return found.slice(max(0, found.num_rows - most)).combine_chunks()


def tables_of(tables: Tables, found: Cases) -> Tables:
    """The tables with the records of these cases' people only: what is read of the others is wasted."""
    people = ibis.memtable(found.table.select(["person_id"]).group_by("person_id").aggregate([]))
    return replace(tables, record=tables.record.semi_join(people, "person_id"))


def asked_of(found: Cases) -> Table | None:
    """The moments to ask the score for; null where there are none (then `as_of` counts for all)."""
    if not found.dated:
        return None
    names = [*KEYS, "moment"]
    return ibis.memtable(found.table.select(names).group_by(names).aggregate([]))


def aligned(found: Cases, rows: pa.Table) -> tuple[Cases, pa.Table]:
    """Rows asked for at the cases' moments, in the cases' order; the cases that have none are dropped."""
    on = [*KEYS, "moment"] if found.dated else list(KEYS)
    numbered = found.table.append_column("place", pa.array(np.arange(len(found))))
    told = rows.select([name for name in rows.column_names if name not in ("person_id",) and (
        found.dated or name != "moment")])  # fmt: skip
    joined = numbered.join(told, keys=on, join_type="inner").sort_by("place")
    own = joined.select(found.table.column_names)
    return replace(found, table=own), joined.select([name for name in told.column_names if name not in on])


def columns(tables: Tables, found: Cases, as_of: datetime, fields: Collection[str]) -> tuple[Cases, list[Column]]:
    """These columns of the records as they were at the cases' moments, as text; cases without a record dropped."""
    names = moments.columns_of(tables, fields)
    base = moments.records(tables_of(tables, found), names, as_of, asked_of(found))
    base = base.mutate(**{name: base[name].cast("string") for name in names})
    kept, rows = aligned(found, base.select(*KEYS, "moment", *names).to_pyarrow())
    return kept, [column(name, rows[name]) for name in names]


def column(name: str, values: pa.ChunkedArray) -> Column:
    """Texts of an answer as a column of cases: without spaces around, null where nothing is said."""
    return Column(name, [_said(value) for value in values.to_pylist()])


def _said(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) and SAYS.search(value) else None
