"""sObject collections: `PATCH /composite/sobjects` and `POST /composite/sobjects/{object}`.

As the real ones: at most 200 records an update and 2,000 a retrieval, an outcome per record, a
whole call refused for a field or type it cannot read, assignment rules run unless the header
says otherwise, and what the org's people have set up (validation, locks, automation) happens.

Not here: single records and queries (rest.py), fields and rows (schema.py, org.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from tests.salesforce.answers import Answer, Refusal, Request, route
from tests.salesforce.org import Org, id18
from tests.salesforce.rest import shown_value, visible
from tests.salesforce.schema import NUMBERS, Field, SObject

MOST_WRITTEN, MOST_READ, MOST_CHUNKS = 200, 2_000, 10


@dataclass
class Rules:
    """What happens in this org when a record is written.

    assigns: an active assignment rule gives a lead to somebody else whenever it is updated and the
    call does not switch rules off. locked: how many more times a record is locked by somebody else.
    refused: record id -> (code, fields) of a rule it breaks; with fields, only when one of them
    is written. automation: called with (org, object, id, written fields) after each update.
    """

    assigns: bool = True
    locked: dict[str, int] = field(default_factory=dict)
    refused: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    automation: Callable[[Org, str, str, tuple[str, ...]], None] | None = None
    writes: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)


def rules(org: Org) -> Rules:
    """The rules of one org; by default an assignment rule for leads is active, as in most orgs."""
    found: Rules = org.__dict__.setdefault("writing", Rules())
    return found


class Unwritten(Exception):
    """One record is refused."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        super().__init__(code)
        self.answer = {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


@route("PATCH", "/composite/sobjects")
def update(request: Request) -> Answer:
    body = request.json()
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(one, dict) for one in records):
        raise Refusal(400, "INVALID_INPUT", "The request must have a list of records")
    if len(records) > MOST_WRITTEN:
        raise Refusal(
            400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call"
        )
    if set(body) - {"records", "allOrNone"} or not isinstance(body.get("allOrNone", False), bool):
        raise Refusal(400, "JSON_PARSER_ERROR", "Unrecognized field in the request body")
    kinds = [_kind(request.org, one) for one in records]
    if 1 + sum(one is not two for one, two in pairwise(kinds)) > MOST_CHUNKS:
        raise Refusal(400, "LIMIT_EXCEEDED", "Cannot have more than 10 chunks in a single operation")
    values = [_values(kind, one) for kind, one in zip(kinds, records, strict=True)]
    assigns = request.headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE"
    told: list[dict[str, Any]] = []
    ids = [str(one.get("id") or one.get("Id") or "") for one in records]
    for kind, key, wanted in zip(kinds, ids, values, strict=True):
        try:
            if [_same(one) for one in ids].count(_same(key)) > 1:
                raise Unwritten("DUPLICATE_VALUE", f"duplicate id specified: {key}")
            told.append(_write(request.org, kind, key, wanted, assigns, request.user))
        except Unwritten as refusal:
            told.append(refusal.answer)
    if body.get("allOrNone") and not all(one["success"] for one in told):
        raise AssertionError("this server does not roll back: LeadPact never asks for all or none")
    return Answer(200, told)


@route("POST", "/composite/sobjects/{object}")
def retrieve(request: Request) -> Answer:
    kind = visible(request.org, request.named["object"])
    body = request.json()
    if not isinstance(body, dict) or set(body) != {"ids", "fields"} or not body["ids"] or not body["fields"]:
        raise Refusal(400, "JSON_PARSER_ERROR", "The request body needs ids and fields")
    if len(body["ids"]) > MOST_READ:
        raise Refusal(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 2000 records")
    fields = {name: kind.visible(name) for name in body["fields"]}
    unknown = sorted(name for name, found in fields.items() if found is None)
    if unknown:
        raise Refusal(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type {kind.name}")
    rows = request.org.rows[kind.name]
    found = []
    for key in body["ids"]:
        row = rows.get(id18(key) if len(key) == 15 else key)
        if row is None or row.get("IsDeleted"):
            found.append(None)
            continue
        about = {"type": kind.name, "url": f"{request.base}/sobjects/{kind.name}/{row['Id']}"}
        told = {one.name: shown_value(row[one.name]) for one in fields.values() if one is not None}
        found.append({"attributes": about, **told, "Id": row["Id"]})
    return Answer(200, found)


def _kind(org: Org, record: Mapping[str, Any]) -> SObject:
    name = (record.get("attributes") or {}).get("type")
    if not isinstance(name, str):
        raise Refusal(400, "INVALID_INPUT", "attributes.type is required")
    try:
        return visible(org, name)
    except Refusal:
        raise Refusal(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.") from None


def _values(kind: SObject, record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of one record as the org keeps them. What cannot be read refuses the whole call."""
    found = {}
    for name, value in record.items():
        if name.lower() in ("attributes", "id"):
            continue
        described = kind.visible(name)
        if described is None:
            raise Refusal(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
        found[described.name] = _parsed(described, value)
    return found


def _parsed(described: Field, value: Any) -> Any:
    kind, fits = described.type, True
    if value is None:
        fits = kind != "boolean"
    elif kind == "boolean":
        fits = isinstance(value, bool)
    elif kind in NUMBERS:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and (kind != "int" or value == int(value))
    elif kind in ("date", "datetime"):
        try:
            return _at(kind, value)
        except (ValueError, TypeError):
            fits = False
    else:
        fits = isinstance(value, str)
    if not fits:
        message = f"Cannot deserialize instance of {kind} from VALUE_STRING or request may be missing a required field"
        raise Refusal(400, "JSON_PARSER_ERROR", message)
    return None if value == "" else value


def _at(kind: str, value: str) -> date | datetime:
    if kind == "date":
        return date.fromisoformat(value[:10])
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)", value):
        raise ValueError
    return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _same(key: str) -> str:
    return id18(key) if len(key) == 15 else key


def _write(org: Org, kind: SObject, key: str, wanted: dict[str, Any], assigns: bool, user: str) -> dict[str, Any]:
    """Writes one record. Raises Unwritten."""
    if not re.fullmatch(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", key):
        raise Unwritten("MALFORMED_ID", f"malformed id {key}", "Id")
    key = _same(key)
    if not key.startswith(kind.prefix):
        raise Unwritten("MALFORMED_ID", f"{kind.name} ID: id value of incorrect type: {key}", "Id")
    row = org.rows[kind.name].get(key)
    if row is None:
        raise Unwritten("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row.get("IsDeleted"):
        raise Unwritten("ENTITY_IS_DELETED", "entity is deleted")
    if row.get("IsConverted"):
        raise Unwritten("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    here = rules(org)
    if here.locked.get(key, 0) > 0:
        here.locked[key] -= 1
        raise Unwritten("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    closed = [name for name in wanted if not kind.fields[name].updateable]
    if closed:
        message = f"Unable to create/update fields: {', '.join(closed)}. Please check the security settings"
        raise Unwritten("INVALID_FIELD_FOR_INSERT_UPDATE", message, *closed)
    for name, value in wanted.items():
        _fits(org, kind.fields[name], value)
    code, fields = here.refused.get(key, ("", ()))
    if code and (not fields or set(fields) & set(wanted)):
        raise Unwritten(code, f"this rule names {row.get('Name')}", *(name for name in fields if name in wanted))
    given = {}
    if assigns and here.assigns and kind.name == "Lead":
        given["OwnerId"] = next(one for one in org.rows["User"] if one != row["OwnerId"])
    org.update(kind.name, key, by=user or None, **wanted, **given)
    here.writes.append((kind.name, key, dict(wanted)))
    if here.automation is not None:
        here.automation(org, kind.name, key, tuple(wanted))
    return {"id": key, "success": True, "errors": []}


def _fits(org: Org, described: Field, value: Any) -> None:
    name, kind = described.name, described.type
    if value is None:
        if described.required or name == "OwnerId":
            raise Unwritten("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", name)
        return
    if described.restricted:
        known = {one.value for one in described.picks if one.active}
        if not {*(str(value).split(";") if kind == "multipicklist" else [value])} <= known:
            message = f"{described.label}: bad value for restricted picklist field: {value}"
            raise Unwritten("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, name)
    if kind == "reference" and not any(_same(value) in org.rows[one] for one in described.to):
        raise Unwritten("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", name)
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise Unwritten("INVALID_EMAIL_ADDRESS", f"{described.label}: invalid email address: {value}", name)
    if isinstance(value, str) and kind not in ("reference", "picklist", "multipicklist"):
        most = described.length or 255
        if len(value) > most:
            raise Unwritten(
                "STRING_TOO_LONG", f"{described.label}: data value too large: {value} (max length={most})", name
            )
