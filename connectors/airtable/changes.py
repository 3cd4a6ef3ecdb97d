"""Status changes out of the dates a record carries: one for each date column, one for "last modified".

A date before the record's creation moves to creation and is listed; a day without a time that is
the day of creation is no contradiction. Where no field of the base says when a record was created,
Airtable's own moment counts, unless a date is earlier: imported rows are younger than their leads.

Not here: reading cells (cells.py), changes told by webhooks (webhooks.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from connectors.airtable import cells
from connectors.airtable.plan import Step, is_pseudo
from connectors.airtable.rows import Raw, Row, Work, cell
from connectors.airtable.schema import CREATED, FieldDef
from leadpact.mapping.history import as_table, from_dates
from leadpact.model import ARROW, FIELD_CHANGE

SAME = timedelta(minutes=2)  # a record and its first status are made by one form, not in one instant


def moments(step: Step, one: FieldDef, raw: Raw, work: Work) -> datetime | None:
    """A date of a record; null and listed where it cannot be read."""
    try:
        return cells.moment(cell(raw, one), work.zone)
    except cells.Unreadable:
        work.reject(step, raw, one.name, "airtable.reject.bad_cell", kept=True)
        return None


def dated(step: Step, raws: Sequence[Raw], rows: Sequence[Row], work: Work) -> pa.Table:
    """The changes that date columns tell, as `field_change`; fills creation and status of the rows by them.

    `seq` is the place of the date column in the mapping: the same at every reading.
    """
    at = [[moments(step, one, raw, work) for raw in raws] for _, one in step.dated]
    own = is_pseudo(step.places["created_at"]) if "created_at" in step.places else False
    if own:
        for place, row in enumerate(rows):
            known = [column[place] for column in at] + [row["created_at"]]
            row["created_at"] = min((moment for moment in known if moment is not None), default=None)
    created = pa.array([row.get("created_at") for row in rows], ARROW["time"])
    found = from_dates([pa.array(column, ARROW["time"]) for column in at], created)
    _list_moved(step, raws, rows, at, work)
    statuses = [status for status, _ in step.dated]
    if "status" not in step.places and "status" not in step.entry.constants:
        for row, last in zip(rows, found.last(len(rows)), strict=True):
            row["status"] = statuses[last] if last >= 0 else None
    ids = pa.array([raw["id"] for raw in raws], pa.string())
    table = as_table(found, step.object, ids, statuses)
    place = table.schema.get_field_index("seq")
    return table.set_column(place, "seq", pa.array(np.asarray(found.column, np.int64)))


def _list_moved(step: Step, raws: Sequence[Raw], rows: Sequence[Row], at: Sequence[Sequence[datetime | None]],
                work: Work) -> None:  # fmt: skip
    for (_, one), column in zip(step.dated, at, strict=True):
        for raw, row, moment in zip(raws, rows, column, strict=True):
            created = row.get("created_at")
            if moment is None or created is None or moment >= created:
                continue
            if cells.is_day(cell(raw, one)) and created - moment < timedelta(days=1):
                continue
            work.reject(step, raw, one.name, "airtable.reject.before_creation", kept=True)


def since(step: Step, raws: Sequence[Raw], rows: Sequence[Row], work: Work) -> tuple[pa.Table, pa.Table]:
    """What "last modified" tells of the present status: when it began, told only until it changes again.

    And, beside it, that something unknown came before, where the record is older than that. A status as
    old as the row itself, of a lead that is older, came with an import: since when it has held is not known.
    """
    told: list[Row] = []
    before: list[Row] = []
    if step.since is not None:
        for raw, row in zip(raws, rows, strict=True):
            at = moments(step, step.since, raw, work)
            if at is None or row.get("status") is None:
                continue
            key = {"object": step.object, "record_id": raw["id"], "field": "status", "seq": 0}
            created, made = row.get("created_at"), cells.moment(raw.get(CREATED), work.zone)
            born = created is not None and at <= created + SAME
            if not born and made is not None and at <= made + SAME:
                continue
            evidence = "created" if born else "history"
            told.append({**key, "to_value": row["status"], "at": created if born else at, "evidence": evidence})
            if not born:
                before.append({**key, "evidence": "imputed"})
    schema = FIELD_CHANGE.arrow_schema()
    return pa.Table.from_pylist(told, schema=schema), pa.Table.from_pylist(before, schema=schema)
