"""Payloads of a webhook to changes of the status: who, from what, to what, when, in the order they were told.

Not here: reading payloads (webhooks.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.airtable.plan import RECORDS, Plan, is_pseudo
from connectors.airtable.rows import Translator, Work
from connectors.airtable.schema import FieldDef
from leadpact.connector import Page, Reject
from leadpact.model import FIELD_CHANGE

Key = tuple[str, str]


@dataclass(frozen=True)
class Payload:
    """One payload and its number; `content` is as it came."""

    number: int
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Watched:
    """The status field of one object in one table; `say` gives a cell as the mapping has it. `shared`: the table
    holds records of the other object too."""

    table: str
    object: str
    field: FieldDef
    say: Callable[[Any], str | None]
    shared: bool = False


def watched(plan: Plan, work: Work) -> list[Watched]:
    """The status fields a webhook can watch: every one that is a field of a table of leads or contacts."""
    found = []
    for step in plan.of(*RECORDS):
        one, said = step.places.get("status"), Translator(step, work)
        if one is not None and not is_pseudo(one):
            mates = [other for other in plan.of(*RECORDS) if other.table.id == step.table.id]
            found.append(Watched(step.table.id, step.object, one, said.status, len(mates) > 1))
    return found


def beside(pages: Iterator[Page], payloads: Sequence[Payload], fields: Sequence[Watched], since: datetime,
           gap: tuple[datetime, datetime] | None, *, delta: bool = False) -> Iterator[Page]:  # fmt: skip
    """The pages of a reading, then what the payloads tell, of records deleted meanwhile too.

    A delta hears of deleted records here; a whole reading knows them by their absence.
    What "last modified" tells of a change the webhook was there for gives way to the payload. In a table with records
    of both objects only those that were delivered can be told apart.
    """
    delivered: set[Key] = set()
    for page in pages:
        if page.table == "record":
            columns = (page.rows[name].to_pylist() for name in ("object", "record_id"))
            delivered.update(zip(*columns, strict=True))
        yield page if not page.once else replace(page, rows=_earlier(page.rows, since))
    rows = changes(payloads, fields, delivered)
    gone = deleted(payloads, fields, delivered) if delta else {}
    if gone:
        told = {"field": "condition", "from_value": "active", "to_value": "deleted", "seq": 0, "evidence": "history"}
        ends = [{"object": object, "record_id": one, "at": at, **told} for (object, one), at in gone.items()]
        rows = pa.concat_tables([rows, pa.Table.from_pylist(ends, schema=FIELD_CHANGE.arrow_schema())])
    rejects = [] if gap is None else [Reject("webhook", None, None, "airtable_write.gap", _between(gap), kept=True)]
    yield Page("field_change", rows, rejects, deleted=tuple(gone), once=True)


def deleted(
    payloads: Sequence[Payload], fields: Collection[Watched], delivered: Collection[Key]
) -> dict[Key, datetime]:
    """Records deleted and not restored since, and when; in a table with records of both objects, none: which it was
    is not told."""
    found: dict[Key, datetime] = {}
    for payload in payloads:
        for table, changed in (payload.content.get("changedTablesById") or {}).items():
            for one in (each for each in fields if each.table == table and not each.shared):
                at = moment(payload.content["timestamp"])
                found |= {(one.object, record): at for record in changed.get("destroyedRecordIds") or ()}
                for record in changed.get("createdRecordsById") or ():
                    found.pop((one.object, record), None)
    return {key: at for key, at in found.items() if key not in delivered}


def _earlier(rows: pa.Table, since: datetime) -> pa.Table:
    later = pc.greater_equal(rows["at"], pa.scalar(since, pa.timestamp("us")))
    return rows.filter(pc.invert(pc.fill_null(later, False)))


def _between(gap: tuple[datetime, datetime]) -> dict[str, str]:
    since, until = (at.isoformat(" ", "minutes") for at in gap)
    return {"since": since, "until": until}


def changes(payloads: Sequence[Payload], fields: Collection[Watched], delivered: Collection[Key] = ()) -> pa.Table:
    """`field_change` rows of the payloads, `seq` being the payload's number."""
    # two webhooks may tell the same: what one has told before it was switched off
    rows = {
        (row["object"], row["record_id"], row["at"], row["to_value"]): row
        for payload in payloads
        for one, row in _rows(payload, fields)
        if not one.shared or (row["object"], row["record_id"]) in delivered
    }
    return pa.Table.from_pylist(list(rows.values()), schema=FIELD_CHANGE.arrow_schema())


def moment(said: str) -> datetime:
    """A timestamp of Airtable's as UTC without a zone."""
    at = datetime.fromisoformat(said)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _rows(payload: Payload, fields: Collection[Watched]) -> Iterator[tuple[Watched, dict[str, Any]]]:
    content = payload.content
    at, actor = moment(content["timestamp"]), _actor(content)
    for table, changed in (content.get("changedTablesById") or {}).items():
        for one in (each for each in fields if each.table == table):
            told = {"object": one.object, "field": "status", "seq": payload.number, "actor_id": actor}
            for record, created in (changed.get("createdRecordsById") or {}).items():
                cells = created.get("cellValuesByFieldId") or {}
                value = _said(one, cells)
                if value is not None:
                    born = moment(created["createdTime"]) if created.get("createdTime") else at
                    row = {"record_id": record, "to_value": value, "at": born, "evidence": "created"}
                    yield one, told | row
            for record, change in (changed.get("changedRecordsById") or {}).items():
                now = (change.get("current") or {}).get("cellValuesByFieldId") or {}
                if one.field.id not in now:
                    continue
                before = (change.get("previous") or {}).get("cellValuesByFieldId") or {}
                values = {"from_value": _said(one, before), "to_value": _said(one, now)}
                if values["from_value"] != values["to_value"]:
                    yield one, told | values | {"record_id": record, "at": at, "evidence": "history"}


def _said(one: Watched, cells: Mapping[str, Any]) -> str | None:
    return one.say(cells.get(one.field.id))


def _actor(content: Mapping[str, Any]) -> str | None:
    metadata = (content.get("actionMetadata") or {}).get("sourceMetadata") or {}
    user = metadata.get("user") or {}
    found = user.get("id")
    return str(found) if found else None
