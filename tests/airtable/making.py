"""The loopback Airtable's routes that change a base's schema: a new field, a field's name and description.

Types the API does not create (formulas and other computed ones) are refused with its own word for it, and an update
takes a name and a description and nothing else.

Not here: changes of the schema past the API (base.py).
"""

from __future__ import annotations

from typing import Any

from tests.airtable.fields import COMPUTED, Field, new_id
from tests.airtable.server import Call, Problem, route
from tests.airtable.writing import NUMBERS, TEXTS

PLAIN = (*TEXTS, "singleCollaborator", "multipleAttachments")
NEEDED = {
    "singleSelect": ("choices",),
    "multipleSelects": ("choices",),
    "number": ("precision",),
    "percent": ("precision",),
    "currency": ("precision", "symbol"),
    "duration": ("durationFormat",),
    "checkbox": ("icon", "color"),
    "rating": ("icon", "color", "max"),
    "date": ("dateFormat",),
    "dateTime": ("dateFormat", "timeFormat", "timeZone"),
}
assert set(NUMBERS) < set(NEEDED)


@route("POST", "/v0/meta/bases/{base}/tables/{table}/fields", scope="schema.bases:write")
def create(call: Call) -> Any:
    table, body = call.table, call.body or {}
    _creator(call)
    with call.base.lock:
        name, type, options = body.get("name"), body.get("type"), body.get("options")
        _name(call, name)
        if type in COMPUTED:
            said = f"Creating {type} fields is not supported at this time"
            raise Problem(422, "UNSUPPORTED_FIELD_TYPE_FOR_CREATE", said)
        needed = NEEDED.get(type or "")
        if needed is None and type not in PLAIN:
            raise Problem(422, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE", "Invalid field type")
        if set(options or {}) != set(needed or ()):
            raise Problem(422, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE", f"Invalid options for {name}")
        if needed == ("choices",):
            names = [choice["name"] for choice in options["choices"]]
            if len(set(names)) < len(names):
                raise Problem(422, "INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE", "Choice names must be unique")
            options = {"choices": [{"id": new_id("sel"), "color": "blueLight2", **one} for one in options["choices"]]}
        field = table.add_field(Field(name, type, options or None))
        described = {"description": body["description"]} if body.get("description") else {}
        return {**field.as_json(), **described}


@route("PATCH", "/v0/meta/bases/{base}/tables/{table}/fields/{field}", scope="schema.bases:write")
def update(call: Call) -> Any:
    table, body = call.table, call.body or {}
    _creator(call)
    with call.base.lock:
        if call.found["field"] not in table.fields:
            raise Problem(404, "NOT_FOUND", plain=True)
        if not body or set(body) - {"name", "description"}:
            raise Problem(422, "INVALID_REQUEST_UNKNOWN", "Invalid request: parameter validation failed.")
        field = table.fields[call.found["field"]]
        if "name" in body:
            _name(call, body["name"])
            field.name = body["name"]
        return field.as_json()


def _creator(call: Call) -> None:
    if call.token.permission != "create":
        raise Problem(403, "INVALID_PERMISSIONS", "You are not permitted to perform this operation")


def _name(call: Call, name: Any) -> None:
    taken = {one.name.strip().casefold() for one in call.table.fields.values()}
    if not isinstance(name, str) or not name.strip() or name.strip().casefold() in taken:
        raise Problem(422, "DUPLICATE_OR_EMPTY_FIELD_NAME", "Field names must be unique and not empty")
