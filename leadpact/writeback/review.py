"""Reviewing a plan before it is approved: how many records of which values, owners and teams, and a sample.

Owners, teams and addresses are those of the last sync; what it does not know is unknown (null), and
shown as such. `fits` says how the plan's rows stand to that sync: what apply will find as it was.

Not here: the effect on funnel and SLA (review_effect.py), approving (approval.py), the CSV of all
rows (repair_words.csv_of).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import plan_row
from leadpact.audit.facts import KEYS, rows_of
from leadpact.tables import Table
from leadpact.workspace import Analysis
from leadpact.writeback.plan import Plan
from leadpact.writeback.repair_words import Move, by_value

SAMPLE = 20
COLUMNS = ("number", "object", "record_id", "field", "before", "after", "reason")
SCHEMA = pa.schema([(name, pa.int64() if name == "number" else pa.string()) for name in COLUMNS])
DUE, ALREADY, MOVED, GONE = FITS = ("due", "already", "moved", "gone")


@dataclass(frozen=True)
class Part:
    """Records of one owner, or of one team. Null is unknown.

    `key` the owner's id or the team, `name` what people call it (the id where no name is known),
    `team` the owner's team; `queue` and `active` of an owner, null where not known.
    """

    key: str | None
    name: str | None
    team: str | None
    queue: bool | None
    active: bool | None
    records: int


@dataclass(frozen=True)
class Sample:
    """One change of the plan with whose record it is; `url` leads to it in the CRM, null where unknown."""

    object: str
    record_id: str
    field: str
    before: str | None
    after: str | None
    reason: str
    owner: str | None
    team: str | None
    url: str | None


@dataclass(frozen=True)
class Review:
    """What a person looks at. `as_of` is the moment of the sync it is told by.

    `by_value`: changes, the most first; `by_owner`, `by_team`: records, the most first. `fits`: status
    rows by how they stand to the last sync: `due` (the record holds `before`), `already` (it holds
    `after`), `moved` (anything else), `gone` (deleted, or not there).
    """

    plan: Plan
    as_of: datetime
    by_value: Sequence[Move]
    by_owner: Sequence[Part]
    by_team: Sequence[Part]
    sample: Sequence[Sample]
    fits: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """As `remap show --json` has it under `review`."""
        return {
            "as_of": self.as_of.isoformat() + "Z",
            "records": self.plan.records,
            "fits": dict(self.fits),
            **{name: [asdict(one) for one in getattr(self, name)]
               for name in ("by_value", "by_owner", "by_team", "sample")},
        }  # fmt: skip


def review(engine: Engine, analysis: Analysis, plan: Plan, *, sample: int = SAMPLE) -> Review:
    """The review of a plan by the last sync. Reads pact.db and the mirror; the CRM is not asked."""
    rows = table(engine, plan)
    owners = _owners(analysis, rows)
    return Review(
        plan,
        analysis.as_of,
        tuple(by_value(engine, plan)),
        owners,
        _teams(owners),
        _sample(analysis, plan, rows, sample),
        fits(analysis, rows),
    )


def table(engine: Engine, plan: Plan) -> pa.Table:
    """All rows of a plan at once: COLUMNS. A hundred thousand take half a second."""
    query = sa.select(*(plan_row.c[name] for name in COLUMNS)).where(plan_row.c.plan_id == plan.id)
    with engine.begin() as database:
        found = database.execute(query.order_by(plan_row.c.number)).all()
    columns = list(zip(*found, strict=True)) or [()] * len(COLUMNS)
    return pa.table([pa.array(own, one.type) for own, one in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def against_mirror(analysis: Analysis, rows: pa.Table) -> Table:
    """The status rows beside their records as last synced.

    Out: number, object, record_id, before, after, person_id (null where there is no such record), fit (as
    Review.fits).
    """
    planned = ibis.memtable(rows)
    planned = planned.filter(planned.field == "status")
    record = analysis.tables.record
    own = record.select(of_object="object", of_id="record_id", person_id="person_id", status="status",
                        there=(record.condition != "deleted") & record.merged_into.isnull())  # fmt: skip
    both = planned.left_join(own, (planned.object == own.of_object) & (planned.record_id == own.of_id))
    holds, before, after = (_said(both[name]) for name in ("status", "before", "after"))
    fit = ibis.cases(
        (~both.there.fill_null(False), GONE), (holds == after, ALREADY), (holds == before, DUE), else_=MOVED
    )
    return both.select("number", *KEYS, "before", "after", "person_id", fit=fit)


def _said(column: Any) -> Any:
    """A status as apply compares it: null and empty are alike (values.same)."""
    return column.fill_null("")


def fits(analysis: Analysis, rows: pa.Table) -> dict[str, int]:
    """How many status rows fit the last sync, by FITS; all of them are named."""
    found = dict.fromkeys(FITS, 0)
    if rows.num_rows:
        matched = against_mirror(analysis, rows)
        found.update({row["fit"]: row["n"] for row in rows_of(matched.group_by("fit").aggregate(n=matched.count()))})
    return found


def _owners(analysis: Analysis, rows: pa.Table) -> tuple[Part, ...]:
    """Records by owner, the most first; records without one, or that are not there, under null."""
    if not rows.num_rows:
        return ()
    keys = ibis.memtable(rows.select(KEYS)).distinct()
    record, owner = analysis.tables.record, analysis.tables.owner
    own = record.select(of_object="object", of_id="record_id", owner_id="owner_id")
    held = keys.left_join(own, (keys.object == own.of_object) & (keys.record_id == own.of_id))
    counted = held.group_by("owner_id").aggregate(n=held.count())
    known = owner.select(known_id="owner_id", name="name", team="team", queue="is_queue", active="is_active")
    named = counted.left_join(known, counted.owner_id == known.known_id)
    found = [
        Part(row["owner_id"], row["name"] or row["owner_id"], row["team"], row["queue"], row["active"], row["n"])
        for row in rows_of(named)
    ]
    return tuple(sorted(found, key=lambda one: (-one.records, one.name or "", one.key or "")))


def _teams(owners: Sequence[Part]) -> tuple[Part, ...]:
    counts: dict[str | None, int] = {}
    for one in owners:
        counts[one.team] = counts.get(one.team, 0) + one.records
    found = [Part(team, team, team, None, None, records) for team, records in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.records, one.name or "")))


def _sample(analysis: Analysis, plan: Plan, rows: pa.Table, most: int) -> tuple[Sample, ...]:
    """Some rows of every move (as far as they go), drawn by the plan's hash: the same ones each time."""
    drawn: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    moves = zip(*(rows.column(name).to_pylist() for name in ("object", "field", "before", "after")), strict=True)
    seed = plan.hash.encode()
    ids = rows.column("record_id").to_pylist()
    for place, (move, record_id) in enumerate(zip(moves, ids, strict=True)):
        drawn.setdefault(move, []).append(
            (zlib.crc32(record_id.encode("utf-8", "surrogatepass"), zlib.crc32(seed)), place)
        )
    ranked = [
        (rank, -len(found), place) for found in drawn.values() for rank, (_, place) in enumerate(sorted(found)[:most])
    ]
    places = [place for _, _, place in sorted(ranked)[:most]]
    chosen = rows.take(pa.array(sorted(places), pa.int64()))
    own = _whose(analysis, chosen)
    return tuple(
        Sample(**{name: row[name] for name in COLUMNS[1:]}, **own.get((row["object"], row["record_id"]), _NOBODY))
        for row in chosen.to_pylist()
    )


_NOBODY: dict[str, Any] = {"owner": None, "team": None, "url": None}


def _whose(analysis: Analysis, chosen: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    if not chosen.num_rows:
        return {}
    record, owner = analysis.tables.record, analysis.tables.owner
    mine = record.semi_join(ibis.memtable(chosen.select(KEYS)), KEYS).select(*KEYS, "owner_id", "url")
    known = owner.select(known_id="owner_id", name="name", team="team")
    both = mine.left_join(known, mine.owner_id == known.known_id)
    return {
        (row["object"], row["record_id"]): {
            "owner": row["name"] or row["owner_id"], "team": row["team"], "url": row["url"],
        }
        for row in rows_of(both)
    }  # fmt: skip
