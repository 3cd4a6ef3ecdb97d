"""The loopback Airtable's routes that read: who am I, bases, their tables, records page by page, one record.

A listing's order is settled by its first page; later pages show the cells as they are when they are asked for, and
leave out what is gone by then, as Airtable does. An offset that waited longer than LIVES is refused.

Not here: writing, webhooks, the schema's own changes.
"""

from __future__ import annotations

from typing import Any

from tests.airtable.base import Record, Table
from tests.airtable.fields import new_id, stamp
from tests.airtable.formula import BadFormula, Formula
from tests.airtable.server import Call, Problem, no_such, route

LIVES = 120.0  # seconds an offset is good for
KNOWN = {"pageSize", "maxRecords", "offset", "view", "sort", "filterByFormula", "cellFormat", "timeZone", "userLocale",
         "returnFieldsByFieldId", "fields", "recordMetadata"}  # fmt: skip


@route("GET", "/v0/meta/whoami")
def whoami(call: Call) -> Any:
    return {"id": call.token.user, "scopes": list(call.token.scopes)}


@route("GET", "/v0/meta/bases", scope="schema.bases:read")
def bases(call: Call) -> Any:
    seen = [base for base in call.server.bases.values() if call.token.sees(base.id)]
    return {"bases": [{"id": b.id, "name": b.name, "permissionLevel": call.token.permission} for b in seen]}


@route("GET", "/v0/meta/bases/{base}/tables", scope="schema.bases:read")
def tables(call: Call) -> Any:
    with call.base.lock:
        return {"tables": [table.as_json() for table in call.base.tables.values()]}


@route("GET", "/v0/{base}/{table}", scope="data.records:read")
def listed(call: Call) -> Any:
    asked: dict[str, Any] = {name.removesuffix("[]").split("[")[0]: values[-1] for name, values in call.query.items()}
    asked["fields"] = call.query.get("fields[]", [])
    asked["sort"] = _sorts(call)
    return _list(call, asked)


@route("POST", "/v0/{base}/{table}/listRecords", scope="data.records:read")
def listed_by_post(call: Call) -> Any:
    return _list(call, {"fields": [], "sort": [], **(call.body or {})})


@route("GET", "/v0/{base}/{table}/{record}", scope="data.records:read")
def record(call: Call) -> Any:
    table = call.table
    with call.base.lock:
        found = table.records.get(call.found["record"])
        if found is None:
            if call.found["record"].startswith("rec"):
                raise Problem(404, "NOT_FOUND", plain=True)
            raise no_such()
        return _shown(table, found, list(table.fields), _by_id(call.one("returnFieldsByFieldId")))


def _sorts(call: Call) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, values in call.query.items():
        if name.startswith("sort["):
            place, _, part = name[5:-1].partition("][")
            found.setdefault(place, {})[part] = values[-1]
    return [found[place] for place in sorted(found)]


def _list(call: Call, asked: dict[str, Any]) -> Any:
    strange = set(asked) - KNOWN
    if strange:
        raise Problem(422, "INVALID_REQUEST_UNKNOWN", f"Invalid request: unknown parameter {sorted(strange)[0]}")
    table, by_id = call.table, _by_id(asked.get("returnFieldsByFieldId"))
    with call.base.lock:
        fields = [_field(table, name) for name in asked["fields"]] or list(table.fields)
        size = _size(asked)
        state = call.server.state.setdefault("listings", {})
        ids, start = _resumed(call, state, asked) if asked.get("offset") else (_begun(table, asked), 0)
        page = [table.records[one] for one in ids[start : start + size] if one in table.records]
        answer: dict[str, Any] = {"records": [_shown(table, one, fields, by_id) for one in page]}
        if start + size < len(ids):
            token = f"{new_id('itr')}/{ids[start + size]}"
            state[token] = (ids, start + size, call.server.clock.monotonic(), table.id)
            answer["offset"] = token
    return answer


def _field(table: Table, called: str) -> str:
    try:
        return table.field(called).id
    except KeyError:
        raise Problem(422, "UNKNOWN_FIELD_NAME", f'Unknown field name: "{called}"') from None


def _size(asked: dict[str, Any]) -> int:
    try:
        size = int(asked.get("pageSize", 100))
    except ValueError:
        size = 0
    if not 1 <= size <= 100:
        raise Problem(422, "INVALID_PAGE_SIZE", "pageSize must be between 1 and 100")
    return size


def _by_id(said: Any) -> bool:
    return said in (True, "1", "true", "True")


def _begun(table: Table, asked: dict[str, Any]) -> list[str]:
    found = list(table.records.values())
    if asked.get("filterByFormula"):
        try:
            wanted = Formula(asked["filterByFormula"], table)
        except BadFormula as error:
            said = f"The formula for filtering records is invalid: {error}"
            raise Problem(422, "INVALID_FILTER_BY_FORMULA", said) from None
        found = [one for one in found if wanted(one)]
    for sort in reversed(asked["sort"]):
        field = table.fields[_field(table, sort["field"])]
        found.sort(key=lambda one: str(table.value(one, field) or ""), reverse=sort.get("direction") == "desc")
    most = asked.get("maxRecords")
    return [one.id for one in found[: int(most) if most else None]]


def _resumed(call: Call, state: dict[str, Any], asked: dict[str, Any]) -> tuple[list[str], int]:
    ids, start, at, table = state.get(asked["offset"], ((), 0, -LIVES, ""))
    if call.server.clock.monotonic() - at > LIVES or table != call.table.id:
        raise Problem(422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "The requested iterator is not available")
    return ids, start


def _shown(table: Table, one: Record, fields: list[str], by_id: bool) -> dict[str, Any]:
    cells = {}
    for name in fields:
        field = table.fields.get(name)
        value = table.value(one, field) if field else None
        if field is not None and value is not None:
            cells[field.id if by_id else field.name] = value
    return {"id": one.id, "createdTime": stamp(one.created), "fields": cells}
