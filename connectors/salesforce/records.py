"""Leads and contacts: one row each, and the changes their own fields date.

A lead's conversion has a moment only in its history; its own date has none. A deletion is dated by
the last stamp of the row, a merge too: they are changes of `condition` and `merged_into`. Date
stamps ("MQL date") tell of statuses that the history does not reach.

Not here: field history (changes.py), which fields there are (plan.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells
from connectors.salesforce.plan import OBJECTS
from connectors.salesforce.rows import Rows, canonical, constant, looked_up, places
from leadpact.connector import Reject
from leadpact.model import FIELD_CHANGE, RECORD

# changes worked out from a row itself are numbered below those of its history (changes.py)
CONDITION, MERGED, FIRST_STAMP, FIRST_OF_HISTORY = 0, 1, 2, 1_000
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """What rows of records are read with.

    conversions: lead id and the moment its history dates the conversion. tracked_since: the moment
    from which the history of the status tells all, null where none does; values: the statuses it
    can tell of. site: the address records are shown under.
    """

    record_types: Mapping[str, str]
    conversions: tuple[pa.Array, pa.Array]
    tracked_since: datetime | None
    values: frozenset[str]
    site: str
    custom: tuple[str, ...]


def records(rows: Rows, known: Known) -> pa.Table:
    """The canonical rows of leads or contacts."""
    source, size = rows.source, len(rows)
    deleted = cells.flags(rows.raw("IsDeleted")).fill_null(False)
    merged = rows.words("merged_into")
    # a merged record lives on in another and a converted lead in its contact; a deleted one does not
    over = pc.or_(merged.is_valid(), cells.flags(rows.raw("IsConverted")).fill_null(False))
    condition = pc.if_else(pc.and_(deleted, merged.is_null()), "deleted", pc.if_else(over, "inactive", "active"))
    columns = {name: rows.words(name) for name in RECORD.names if RECORD.column(name).kind == "text"}
    columns |= {
        "object": constant(OBJECTS[source.name], size),
        "condition": condition if "condition" not in source.entry.constants else rows.words("condition"),
        "created_at": rows.time("created_at"),
        "record_type": typed(rows, "record_type", known.record_types),
        "converted_at": _converted(rows, known),
    }
    if "url" not in source.columns:
        link = pc.binary_join_element_wise(f"{known.site}/lightning/r/{source.name}/", rows.raw("Id"), "/view", "")
        columns["url"] = link
    return canonical(RECORD, {**columns, **rows.customs()}, size, known.custom)


def typed(rows: Rows, column: str, record_types: Mapping[str, str]) -> pa.Array:
    """A column that may be a record type: by its name where the field is its id."""
    field = rows.source.columns.get(column)
    if field is None or field.name != "RecordTypeId":
        return rows.words(column)
    names = cells.worded(rows.raw("RecordTypeId"), record_types)
    values = rows.source.entry.values.get(column)
    return cells.valued(names, values) if values else names


def _converted(rows: Rows, known: Known) -> pa.Array:
    """The moment of conversion by history; else its day, at midnight as days stand in the mirror."""
    field = rows.source.columns.get("converted_at")
    if field is None:
        return pa.nulls(len(rows), cells.TIME)
    if field.type != "date":
        return rows.time("converted_at")
    day = rows.raw(field.name).cast(pa.date32()).cast(cells.TIME)
    moment = looked_up(rows.raw("Id"), *known.conversions)
    return pc.if_else(day.is_valid(), pc.coalesce(moment, day), pa.scalar(None, cells.TIME))


def own_changes(rows: Rows, known: Known) -> tuple[pa.Table, list[Reject]]:
    """What the rows date themselves: deletions, merges and date stamps; and stamps before a record's creation."""
    parts, rejects = [], []
    stamp = rows.raw("SystemModstamp")
    if "SystemModstamp" in rows.table.column_names:
        ended = cells.times(stamp)
        merged = rows.words("merged_into")
        deleted = cells.flags(rows.raw("IsDeleted")).fill_null(False)
        gone = pc.and_(deleted, merged.is_null())
        parts.append(_part(rows, gone, "condition", constant("deleted", len(rows)), ended, CONDITION))
        parts.append(_part(rows, merged.is_valid(), "merged_into", merged, ended, MERGED))
    for number, (field, status) in enumerate(rows.source.stamps):
        at = cells.moments(rows.raw(field.name), field.type, rows.zone)
        told = _told_by_history(at, field.type, status, known)
        at, early = _not_before(rows, at, field.type)
        parts.append(
            _part(
                rows,
                pc.and_(at.is_valid(), pc.invert(told)),
                "status",
                constant(status, len(rows)),
                at,
                FIRST_STAMP + number,
            )
        )
        rejects += [
            Reject(rows.source.name, None, field.name, "salesforce.reject.before_creation", raw=str(key), kept=True)
            for key in rows.raw("Id").take(pa.array(early)).to_pylist()
        ]
    whole = pa.concat_tables(parts) if parts else FIELD_CHANGE.empty()
    return whole, rejects


def numbers(rows: Rows) -> list[int]:
    """The `seq` of every change these rows may date themselves."""
    return [CONDITION, MERGED, *range(FIRST_STAMP, FIRST_STAMP + len(rows.source.stamps))]


def _not_before(rows: Rows, at: pa.Array, kind: str) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Moments not before the record's creation, and the rows where one of an earlier day had to move."""
    created = rows.time("created_at")
    before = pc.fill_null(pc.less(at, created), False)
    if kind == "date":  # the day of creation itself is no contradiction: it has no time of day
        same_day = pc.equal(cells.local_days(at, rows.zone), cells.local_days(created, rows.zone))
        early = pc.and_(before, pc.invert(pc.fill_null(same_day, False)))
    else:
        early = before
    return pc.if_else(before, created, at), places(early)


def _told_by_history(at: pa.Array, kind: str, status: str, known: Known) -> pa.Array:
    """Which moments of a status the history tells by itself, to the second; a day, if it reaches into it."""
    if known.tracked_since is None or status.casefold() not in known.values:
        return pa.repeat(pa.scalar(False), len(at))
    since = known.tracked_since - (DAY if kind == "date" else timedelta(0))
    return pc.fill_null(pc.greater_equal(at, pa.scalar(since, cells.TIME)), False)


def _part(rows: Rows, mask: pa.Array, field: str, value: pa.Array, at: pa.Array, seq: int) -> pa.Table:
    columns = {
        "object": constant(OBJECTS[rows.source.name], len(rows)),
        "record_id": rows.raw("Id"),
        "field": constant(field, len(rows)),
        "to_value": value,
        "at": at,
        "seq": pa.repeat(pa.scalar(seq, pa.int64()), len(rows)),
        "evidence": constant("history", len(rows)),
    }
    return canonical(FIELD_CHANGE, columns, len(rows)).filter(mask)


def converted(rows: Rows) -> list[str]:
    """The converted leads among the rows: their history is asked for the moment."""
    mask = pc.fill_null(pc.equal(pc.utf8_lower(rows.raw("IsConverted")), "true"), False)
    return [str(key) for key in rows.raw("Id").filter(mask).to_pylist()]
