"""The loopback Airtable's routes that write records: PATCH of one or of ten, and PUT, which clears what is not named.

A call is all or nothing. What the API refuses is refused here with its own type: an option there is not, a value of
another type, a computed field, a record there is not, the same record twice, more than ten, a field locked to the
user (`server.state["locked"]`, field ids). `typecast` makes options, as it does there.

Not here: new fields (making.py), creating and deleting records (nobody here asks for it).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.airtable.base import Table
from tests.airtable.fields import COMPUTED, Field, new_id, stamp
from tests.airtable.reading import _by_id, _shown
from tests.airtable.server import Call, Problem, route

MOST = 10
TEXTS = ("singleLineText", "multilineText", "richText", "email", "url", "phoneNumber")
NUMBERS = ("number", "percent", "currency", "duration")


@route("PATCH", "/v0/{base}/{table}", scope="data.records:write")
def update(call: Call) -> Any:
    return _update(call, clearing=False)


@route("PUT", "/v0/{base}/{table}", scope="data.records:write")
def replace(call: Call) -> Any:
    return _update(call, clearing=True)


@route("PATCH", "/v0/{base}/{table}/{record}", scope="data.records:write")
def update_one(call: Call) -> Any:
    table, body = call.table, _body(call)
    with call.base.lock:
        if call.found["record"] not in table.records:
            raise Problem(404, "NOT_FOUND", plain=True)
        _store(call, table, [{"id": call.found["record"], "fields": body.get("fields", {})}], clearing=False)
        return _told(call, table, call.found["record"])


def _update(call: Call, *, clearing: bool) -> Any:
    table, body = call.table, _body(call)
    records = body.get("records")
    if not isinstance(records, list) or not records:
        raise Problem(422, "INVALID_REQUEST_MISSING_FIELDS", 'Could not find field "records" in the request body')
    if len(records) > MOST:
        raise Problem(422, "INVALID_RECORDS", "You can only update up to 10 records per request")
    ids = [record.get("id") for record in records]
    if len(set(ids)) < len(ids):
        raise Problem(422, "INVALID_RECORDS", "You cannot update the same record multiple times in a single request.")
    with call.base.lock:
        _store(call, table, records, clearing=clearing)
        return {"records": [_told(call, table, one) for one in ids]}


def _body(call: Call) -> dict[str, Any]:
    body = call.body
    if not isinstance(body, dict):
        raise Problem(400, "INVALID_REQUEST_BODY", "Could not parse request body")
    strange = set(body) - {"records", "fields", "typecast", "returnFieldsByFieldId", "performUpsert"}
    if strange:
        raise Problem(422, "INVALID_REQUEST_UNKNOWN", f"Invalid request: unknown parameter {sorted(strange)[0]}")
    if call.token.permission not in ("edit", "create"):
        raise Problem(403, "INVALID_PERMISSIONS", "You are not permitted to perform this operation")
    return body


def _store(call: Call, table: Table, records: list[dict[str, Any]], *, clearing: bool) -> None:
    """Decides all, then stores all."""
    ready = []
    for record in records:
        if record.get("id") not in table.records:
            raise Problem(422, "ROW_DOES_NOT_EXIST", f"Record ID {record.get('id')} does not exist in this table")
        cells = {}
        for called, value in record.get("fields", {}).items():
            field = _field(table, called)
            if field.id in call.server.state.get("locked", ()):
                raise Problem(403, "INVALID_PERMISSIONS", "You are not permitted to perform this operation")
            cells[field.id] = accepted(table, field, value, typecast=bool(call.body.get("typecast")))
        if clearing:
            cells = {**{one.id: None for one in table.fields.values() if one.type not in COMPUTED}, **cells}
        ready.append((record["id"], cells))
    for record_id, cells in ready:
        table.set(record_id, cells, by=call.token.user, source="publicApi")


def _field(table: Table, called: str) -> Field:
    try:
        return table.field(called)
    except KeyError:
        raise Problem(422, "UNKNOWN_FIELD_NAME", f'Unknown field name: "{called}"') from None


def _told(call: Call, table: Table, record_id: str) -> dict[str, Any]:
    by_id = _by_id((call.body or {}).get("returnFieldsByFieldId") or call.one("returnFieldsByFieldId"))
    return _shown(table, table.records[record_id], list(table.fields), by_id)


def accepted(table: Table, field: Field, value: Any, *, typecast: bool = False) -> Any:
    """The cell as it is kept. Raises Problem where the API does."""
    bad = Problem(422, "INVALID_VALUE_FOR_COLUMN", f'Field "{field.name}" cannot accept the provided value')
    if field.type in COMPUTED:
        said = f'Field "{field.name}" cannot accept a value because the field is computed'
        raise Problem(422, "INVALID_VALUE_FOR_COLUMN", said)
    if value is None:
        return None
    if field.type in ("singleSelect", "multipleSelects"):
        return _select(field, value, bad, typecast)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = {
        **dict.fromkeys(TEXTS, isinstance(value, str)),
        **dict.fromkeys(NUMBERS, number),
        "rating": number and value in range(1, (field.options or {}).get("max", 5) + 1),
        "checkbox": isinstance(value, bool),
        "singleCollaborator": isinstance(value, dict) and bool({"id", "email"} & set(value)),
        "multipleRecordLinks": isinstance(value, list) and all(isinstance(one, str) for one in value),
        "date": isinstance(value, str),
        "dateTime": isinstance(value, str),
    }
    if not fits.get(field.type, False):
        raise bad
    if field.type == "multipleRecordLinks":
        linked = table.base.tables[(field.options or {})["linkedTableId"]]
        if any(one not in linked.records for one in value):
            raise Problem(422, "ROW_DOES_NOT_EXIST", "Record ID does not exist in this table")
    try:
        if field.type == "date":
            return date.fromisoformat(value[:10]).isoformat()
        if field.type == "dateTime":
            moment = datetime.fromisoformat(value)
            return stamp(moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment)
    except ValueError:
        raise bad from None
    return value


def _select(field: Field, value: Any, bad: Problem, typecast: bool) -> Any:
    several = field.type == "multipleSelects"
    if (several and not isinstance(value, list)) or (not several and not isinstance(value, str)):
        raise bad
    for name in value if several else [value]:
        if name not in field.offered:
            if not typecast:
                said = f'Insufficient permissions to create new select option ""{name}""'
                raise Problem(422, "INVALID_MULTIPLE_CHOICE_OPTIONS", said)
            (field.options or {})["choices"].append({"id": new_id("sel"), "name": name, "color": "blueLight2"})
    return value
