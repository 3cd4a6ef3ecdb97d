"""Tasks and events as touches: what kind, which way, when, and whether it happened.

A task is known by its subtype where Salesforce sets one, else by its type. Its moment is when it
was completed; where that was not kept, its day.

Not here: what of them is read (standard.py), whose they are (records.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells
from connectors.salesforce.rows import Rows, canonical, constant, same
from leadpact.mapping.vocabulary import fold, vocabulary
from leadpact.model import ACTIVITY

SUBTYPES: Mapping[str, str | None] = {
    "Call": "call", "Email": "email", "ListEmail": "email", "LinkedIn": "message", "Cadence": None, "Task": None,
}  # fmt: skip
DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}
WHO = {"00Q": "lead", "003": "contact"}


def activities(rows: Rows) -> tuple[pa.Table, pa.Array]:
    """The touches of leads and contacts, and the ids of rows that are none (any more)."""
    who, deleted = rows.words("record_id"), cells.flags(rows.raw("IsDeleted")).fill_null(False)
    object = cells.worded(pc.utf8_slice_codeunits(who, 0, 3), WHO)
    ours = pc.and_(pc.and_(object.is_valid(), pc.invert(deleted)), rows.meant())
    task = rows.source.name == "Task"
    columns = {
        "activity_id": rows.words("activity_id"),
        "object": object,
        "record_id": who,
        "kind": _kinds(rows),
        "direction": _directions(rows),
        "at": _task_moments(rows) if task else _event_moments(rows),
        "completed": rows.flag("completed") if _given(rows, "completed") else pa.repeat(True, len(rows)),
        "automated": _automated(rows),
        "outcome": rows.words("outcome"),
        "actor_id": rows.words("actor_id"),
        "subject": rows.words("subject"),
    }
    whole = canonical(ACTIVITY, columns, len(rows))
    return whole.filter(ours), rows.raw("Id").filter(pc.invert(ours))


def _given(rows: Rows, column: str) -> bool:
    return column in rows.source.columns or column in rows.source.entry.constants


def _kinds(rows: Rows) -> pa.Array:
    """By what the mapping says of the type, then the subtype, then the words of the type."""
    entry = rows.source.entry
    if "kind" in entry.constants:
        return rows.words("kind")
    field = rows.source.columns.get("kind")
    raw = rows.raw(field.name) if field is not None else pa.nulls(len(rows), pa.string())
    said = {key.casefold(): str(value) for key, value in entry.values.get("kind", {}).items()}
    words = vocabulary("kind")
    coded = raw.dictionary_encode()
    types = coded.dictionary.to_pylist()
    mapped = pa.array([said.get(one.casefold()) for one in types], pa.string()).take(coded.indices)
    by_word = pa.array([words.get(fold(one)) for one in types], pa.string()).take(coded.indices)
    subtype = cells.worded(rows.raw("TaskSubtype"), SUBTYPES)
    usual = constant("other" if rows.source.name == "Task" else "meeting", len(rows))
    return pc.coalesce(mapped, subtype, by_word, usual)


def _directions(rows: Rows) -> pa.Array:
    known = {**DIRECTIONS, "inbound": "inbound", "outbound": "outbound"}
    return cells.worded(rows.words("direction"), known)


def _automated(rows: Rows) -> pa.Array:
    """A mail to a list is nobody's touch of one person; of others nothing is known unless the mapping says it."""
    if _given(rows, "automated"):
        return rows.flag("automated")
    listed = pc.fill_null(pc.is_in(rows.raw("TaskSubtype"), pa.array(["ListEmail"])), False)
    return pc.if_else(listed, pa.scalar(True), pa.scalar(None, pa.bool_()))


def _task_moments(rows: Rows) -> pa.Array:
    """When it was completed; else its day, which is the moment it was logged where that is the same day."""
    logged, day = cells.times(rows.raw("CreatedDate")), cells.days(rows.raw("ActivityDate"), rows.zone)
    same_day = pc.equal(cells.local_days(logged, rows.zone), cells.local_days(day, rows.zone))
    dated = pc.if_else(pc.fill_null(same_day, False), logged, day)
    return pc.coalesce(rows.time("at"), dated, logged)


def _event_moments(rows: Rows) -> pa.Array:
    """When it began. A whole day has no zone of its own: it is the company's day."""
    whole_day = same(pc.utf8_lower(rows.raw("IsAllDayEvent")), "true")
    day = cells.days(rows.raw("ActivityDate"), rows.zone)
    began = pc.if_else(whole_day, day, pa.scalar(None, cells.TIME))
    return pc.coalesce(began, rows.time("at"), day, cells.times(rows.raw("CreatedDate")))
