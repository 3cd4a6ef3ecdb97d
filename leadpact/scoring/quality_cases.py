"""Past journeys a score can be judged on: what was known at a moment, and what came of it.

The moment is the first entry to a qualified stage (`qualified`; a sales stage where the pact has
none), or the journey's entry and some days (`entry`). A case is a journey whose moment lies at
least `within_days` before `as_of`; it *reached* the target where it entered that stage, or a
funnel stage after it, after the moment and within those days. However it went: an open journey
that is too young is left out, never counted as lost.

Where no journey of a source has a date, everything is taken as it stands now (`dated` is false):
who has the target stage or a later one reached it, nobody can say when.

Not here: the score (score.py), what is made of the cases (quality.py, suggest.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Literal, get_args

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.moments import earliest
from leadpact.scoring import moments
from leadpact.scoring.moments import KEYS
from leadpact.scoring.suggest_features import Column
from leadpact.tables import SAYS, Table, Tables

Moment = Literal["qualified", "entry"]
Known = Literal["then", "now"]
MOST_DAYS = 36_500
MOMENTS: tuple[Moment, ...] = get_args(Moment)
KNOWN: tuple[Known, ...] = get_args(Known)
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """What a score is asked to foretell.

    `stage` (null: the first won stage) within `within_days` of the moment. `after_days` are added
    to the moment. `known`: `then` leaves fields without history out; `now` takes them as they are
    known today, but those that leak the outcome. `keep` are fields used whatever they look like,
    `drop` fields never used. `most` journeys, the latest.
    """

    stage: str | None = None
    within_days: float = 90.0
    moment: Moment = "qualified"
    after_days: float = 0.0
    known: Known = "then"
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    most: int = 50_000


@dataclass(frozen=True)
class Cases:
    """`table`: object, record_id, person_id, journey, moment (null: undated), reached; by moment.

    Left out: `young` (not long enough ago), `unknown` (a date is not known), `settled` (ended, or
    had reached the target, by the moment), `cut` (earlier than the `most` latest). `stages`: the
    target and the funnel stages after it.
    """

    table: pa.Table
    stages: tuple[str, ...]
    dated: bool
    young: int = 0
    unknown: int = 0
    settled: int = 0
    cut: int = 0

    @property
    def reached(self) -> Bools:
        return np.array(self.table["reached"].to_numpy(zero_copy_only=False), dtype=bool)

    def __len__(self) -> int:
        return int(self.table.num_rows)


def target(pact: Pact, stage: str | None) -> tuple[str, ...]:
    """The target stage (null: the first won one, else the last of the funnel) and the funnel stages after it.

    Raises Misconfigured for a stage that is not in the funnel, or a pact without one.
    """
    keys = [one.key for one in pact.funnel]
    if stage is None:
        stage = next(iter(pact.keys("won")), keys[-1] if keys else "")
    if stage not in keys:
        raise Misconfigured("scoring.quality.no_stage", stage=stage, known=", ".join(keys))
    return tuple(keys[keys.index(stage) :])


def checked(tables: Tables, asked: Asked) -> Asked:
    """The same with `keep` and `drop` as the records call them.

    Raises Misconfigured for a field they do not have, and for days that are no window.
    """
    for days, least in ((asked.within_days, 0.0), (asked.after_days, -1.0)):
        if not least < days <= MOST_DAYS:
            raise Misconfigured("scoring.quality.bad_days", days=str(days))
    named = {name: moments.columns_of(tables, [name]) for name in (*asked.keep, *asked.drop)}
    missing = [name for name, found in named.items() if not found]
    if missing:
        raise Misconfigured("scoring.quality.no_field", fields=", ".join(missing))
    keep, drop = (tuple(named[name][0] for name in names) for names in (asked.keep, asked.drop))
    return replace(asked, keep=keep, drop=drop)


def cases(tables: Tables, pact: Pact, as_of: datetime, asked: Asked) -> Cases:
    """The journeys that can be judged, and how many are left out and why. Runs two queries."""
    stages = target(pact, asked.stage)
    counting = tables.journey.filter((tables.journey.end_kind != "invalid") | tables.journey.end_kind.isnull())
    counting = counting.semi_join(tables.record, KEYS)
    marked = _marked(counting, pact, as_of, asked, stages)
    sums = {name: marked[name].cast("int64").sum() for name in ("young", "unknown", "settled", "fit")}
    (row,) = marked.aggregate(**sums, dates=marked.entered_at.notnull().any()).to_pyarrow().to_pylist()
    counts = {name: int(row[name] or 0) for name in ("young", "unknown", "settled")}
    if row["dates"] is False:
        now = marked.mutate(moment=ibis.null("timestamp"), reached=marked.has_target)
        return Cases(_fetched(now, asked.most), stages, False, cut=max(0, sum(counts.values()) - asked.most))
    fit = marked.filter(marked.fit)
    return Cases(_fetched(fit, asked.most), stages, True, **counts, cut=max(0, int(row["fit"] or 0) - asked.most))


def _marked(journey: Table, pact: Pact, as_of: datetime, asked: Asked, stages: Sequence[str]) -> Table:
    """The journeys that got to the moment, with what each is: young, unknown, settled or fit to be judged."""
    now, within = ibis.timestamp(as_of.isoformat(" ")), ibis.interval(microseconds=_us(asked.within_days))
    at = earliest(*(journey[f"visited_{key}"] for key in stages))
    has = reduce(or_, (journey[f"has_{key}"] for key in stages))
    qualified = pact.keys("qualified") or pact.keys("sales")
    start = journey.entered_at
    if asked.moment == "qualified" and qualified:
        visits = earliest(*(journey[f"visited_{key}"] for key in qualified))
        journey = journey.mutate(start=visits, got_there=reduce(or_, (journey[f"has_{key}"] for key in qualified)))
        journey = journey.filter(journey.got_there | journey.entered_at.isnull())
        start = journey.start
    marked = journey.mutate(
        moment=start + ibis.interval(microseconds=_us(asked.after_days)),
        reached_at=at,
        has_target=has,
    )
    ended = marked.ended_at.notnull() & (marked.ended_at <= marked.moment) & (marked.end_kind != "won")
    settled = ended | (marked.reached_at <= marked.moment).fill_null(False)
    unknown = marked.moment.isnull() | marked.imputed | (marked.has_target & marked.reached_at.isnull())
    marked = marked.mutate(unknown=unknown, settled=~unknown & settled.fill_null(False))
    marked = marked.mutate(young=~marked.unknown & ~marked.settled & (marked.moment + within > now))
    return marked.mutate(
        fit=~marked.unknown & ~marked.settled & ~marked.young,
        reached=(marked.reached_at <= marked.moment + within).fill_null(False),
    )


def _us(days: float) -> int:
    return round(timedelta(days=days).total_seconds() * 1_000_000)


def _fetched(journey: Table, most: int) -> pa.Table:
    """The latest `most`, one per record and moment, by moment and key."""
    first = journey.group_by(*KEYS, "person_id", "moment").aggregate(
        journey=journey.journey.min(), reached=journey.reached.any()
    )
    latest = first.order_by(ibis.desc("moment"), *KEYS).limit(most)
    found = latest.to_pyarrow()
    return found.sort_by([("moment", "ascending"), ("object", "ascending"), ("record_id", "ascending")])


def tables_of(tables: Tables, found: Cases) -> Tables:
    """The tables with the records of these cases' people only: what is read of the others is wasted."""
    people = ibis.memtable(found.table.select(["person_id"]).group_by("person_id").aggregate([]))
    return replace(tables, record=tables.record.semi_join(people, "person_id"))


def asked_of(found: Cases) -> Table | None:
    """The moments to ask the score for; null where there are none (then `as_of` counts for all)."""
    return ibis.memtable(found.table.select([*KEYS, "moment"])) if found.dated else None


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
