"""What a generation holds and how much of the status history it really knows.

History is known for a record when every change of its status is dated. A start that is not
(`imputed`), and a change that must have happened and was never seen (`gap`), are told apart.

Not here: completing the history (history.py), which rows a source lost (rejected.py).
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from leadpact.history import GAP
from leadpact.model import TABLES
from leadpact.store import Mirror
from leadpact.tables import Table, Tables

KINDS = ("created", "history", "observed", "imputed", "gap", "remap")
KEYS = ["object", "record_id"]


@dataclass(frozen=True)
class Known:
    """The records of one object, by how much of their status history is known.

    known + incomplete + without = records. `unknown_start` and `gaps` are records and may
    overlap; together they are `incomplete`. `without` have neither a status nor a change.
    """

    object: str
    records: int
    known: int
    unknown_start: int
    gaps: int
    without: int

    @property
    def incomplete(self) -> int:
        return self.records - self.known - self.without

    @property
    def share(self) -> float | None:
        """Records with known history among those that have a status; null where none has."""
        having = self.records - self.without
        return self.known / having if having else None


@dataclass(frozen=True)
class Evidence:
    """Changes of one kind (one of KINDS): how many, of how many records, dated between."""

    object: str
    kind: str
    changes: int
    records: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class Coverage:
    """`history` is "source", "observed" or "none". `since`, by the source: complete from then on."""

    history: str
    since: datetime | None
    known: tuple[Known, ...]
    evidence: tuple[Evidence, ...]


def coverage(tables: Tables, info: Mapping[str, Any]) -> Coverage:
    """The coverage of the tables of an analysis; `info` is what its generation says of itself."""
    since = info.get("history_since")
    return Coverage(
        history=tables.history,
        since=datetime.fromisoformat(since) if since else None,
        known=tuple(Known(**row) for row in _rows(known(tables))),
        evidence=tuple(Evidence(**row) for row in _rows(evidence(tables))),
    )


def known(tables: Tables) -> Table:
    """Out, per object: records, known, unknown_start, gaps, without (see Known)."""
    change = _kinds(tables)
    by = change.group_by(*KEYS).aggregate(
        starts=(change.kind == "imputed").any(), misses=(change.kind == "gap").any(), changes=change.count()
    )
    record = tables.record.select(*KEYS, "status").left_join(by, KEYS)
    blank = record.changes.isnull() & record.status.isnull()
    starts = record.starts.fill_null(False) | (record.changes.isnull() & record.status.notnull())
    misses = record.misses.fill_null(False)
    return (
        record.group_by("object")
        .aggregate(
            records=record.count(),
            known=_sum(~blank & ~starts & ~misses),
            unknown_start=_sum(starts),
            gaps=_sum(misses),
            without=_sum(blank),
        )
        .order_by(ibis.desc("object"))
    )


def evidence(tables: Tables) -> Table:
    """Out, per object and kind of evidence: changes, records, first_at, last_at (UTC; null: undated)."""
    change = _kinds(tables).semi_join(tables.record.select(*KEYS), KEYS)
    by = change.group_by("object", "kind").aggregate(
        changes=change.count(),
        records=change.record_id.nunique(),
        first_at=change["at"].min(),
        last_at=change["at"].max(),
    )
    place = by.kind.cases(*((kind, number) for number, kind in enumerate(KINDS)), else_=len(KINDS))
    return by.order_by(ibis.desc("object"), place)


def known_journeys(tables: Tables) -> float | None:
    """The share of journeys without imputed changes; null without journeys. Executes."""
    if tables.journey is None:
        return None
    journey = tables.journey
    (row,) = _rows(journey.aggregate(n=journey.count(), known=(~journey.imputed).sum().fill_null(0)))
    return int(row["known"]) / int(row["n"]) if row["n"] else None


@dataclass(frozen=True)
class Run:
    """One sync that published. `counts` are the rows its generation held, by canonical table."""

    generation: int
    mode: str
    started_at: datetime
    counts: Mapping[str, int]
    calls: int


def runs(mirror: Mirror) -> list[Run]:
    """The syncs the mirror still tells of, newest first: its generations carry their own and those before."""
    found: dict[int, Run] = {}
    for path in mirror.folder.glob("crm-*.duckdb"):
        number = re.fullmatch(r"crm-(\d+)\.duckdb", path.name)
        if number is None or int(number[1]) > (mirror.current() or 0):
            continue  # left by a crash between rename and publication
        with contextlib.closing(mirror.open(int(number[1]))) as connection:
            query = "SELECT generation, mode, started_at, counts, calls FROM crm.sync_run"
            rows = connection.execute(query).fetchall()
        for generation, mode, at, counts, calls in rows:
            found[generation] = Run(generation, mode, at, json.loads(counts), calls)
    return [found[generation] for generation in sorted(found, reverse=True)]


def delivered(run: Run, info: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """Rows by canonical table; null where the source does not deliver the table at all.

    A table that is not provided may hold rows all the same (a status seen between two syncs).
    """
    provided = set(info["provided"])
    counts = [(name, int(run.counts.get(name, 0))) for name in TABLES]
    return [(name, count if name in provided or count else None) for name, count in counts]


def _kinds(tables: Tables) -> Table:
    """The status changes with `kind`: their evidence, a change never seen told apart as `gap`."""
    change = tables.field_change.filter(tables.field_change.field == "status")
    gap = (change.evidence == "imputed") & (change.seq == GAP)
    return change.mutate(kind=ibis.ifelse(gap, "gap", change.evidence))


def _sum(condition: Any) -> Any:
    return condition.cast("int64").sum()


def _rows(table: Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows
