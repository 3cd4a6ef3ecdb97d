"""Reading over REST: versions, objects and their descriptions, queries in pages, limits, single rows.

Not here: the language (soql.py), Bulk API (bulk.py), composite and writing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tests.salesforce import set_up
from tests.salesforce.answers import MISSING, VERSIONS, Answer, Refusal, Request, route
from tests.salesforce.many import Made
from tests.salesforce.org import Org, Row, id18
from tests.salesforce.rows import Column, Reading
from tests.salesforce.schema import SObject
from tests.salesforce.soql import malformed, parse


@route("GET", "//services/data", open=True)
def versions(request: Request) -> Answer:
    return Answer(200, [{"label": "", "url": f"/services/data/v{one}.0", "version": f"{one}.0"} for one in VERSIONS])


@route("GET", "")
def resources(request: Request) -> Answer:
    names = ("query", "queryAll", "sobjects", "limits", "composite", "jobs")
    identity = f"https://login.salesforce.com/id/{request.org.id}/{request.user}"
    return Answer(200, {**{one: f"{request.base}/{one}" for one in names}, "identity": identity})


@route("GET", "/sobjects")
def sobjects(request: Request) -> Answer:
    found = [one.brief(request.base) for one in request.org.objects.values() if not one.hidden]
    return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})


def visible(org: Org, name: str) -> SObject:
    """The object of that name. Refuses 404 for none, or none this user may see."""
    for one in org.objects.values():
        if one.name.lower() == name.lower() and not one.hidden:
            return one
    raise Refusal(404, "NOT_FOUND", MISSING)


def record_types(org: Org, name: str) -> list[Row]:
    return [one for one in org.rows["RecordType"].values() if one["SobjectType"] == name]


@route("GET", "/sobjects/{name}/describe")
def describe(request: Request) -> Answer:
    one = visible(request.org, request.named["name"])
    return Answer(200, one.described(request.base, record_types(request.org, one.name)))


@route("GET", "/sobjects/{name}/{key}")
def single(request: Request) -> Answer:
    """One row, of the fields asked for; a deleted one is not found."""
    one = visible(request.org, request.named["name"])
    key = request.named["key"]
    row = request.org.rows[one.name].get(id18(key) if len(key) == 15 else key)
    if row is None or row.get("IsDeleted"):
        raise Refusal(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: " + key)
    asked = request.params.get("fields")
    names = asked.split(",") if asked else [field.name for field in one.fields.values() if not field.hidden]
    fields = [one.visible(name) for name in names]
    if None in fields:
        raise Refusal(
            400, "INVALID_FIELD", f"No such column '{names[fields.index(None)]}' on sobject of type {one.name}"
        )
    shown = {field.name: shown_value(row[field.name]) for field in fields if field is not None}
    return Answer(200, {"attributes": attributes(request.base, one.name, row), **shown})


@route("GET", "/limits")
def limits(request: Request) -> Answer:
    server = request.server
    remaining = max(0, server.api_allowed - server.api_used)
    return Answer(
        200,
        {
            "DailyApiRequests": {"Max": server.api_allowed, "Remaining": remaining},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000 - server.jobs.made},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
        },
    )


@route("GET", "/limits/recordCount")
def record_count(request: Request) -> Answer:
    asked = request.params.get("sObjects", "").split(",")
    org = request.org
    names = [one.name for one in org.objects.values() if not one.hidden and (one.name in asked or asked == [""])]
    return Answer(200, {"sObjects": [{"name": name, "count": len(org.rows[name])} for name in names]})


@route("GET", "/ui-api/object-info/{name}/picklist-values/{key}/{field}")
def picklist_values(request: Request) -> Answer:
    """What a record type offers in a field; the master offers everything."""
    one, org = visible(request.org, request.named["name"]), request.org
    field, key = one.visible(request.named["field"]), request.named["key"]
    types = [row["Id"] for row in record_types(org, one.name)]
    if field is None or field.type != "picklist" or key not in [*types, "012000000000000AAA"]:
        raise Refusal(404, "NOT_FOUND", MISSING)
    offered = org.offered.get((key, field.name))
    picks = [pick for pick in field.picks if pick.active and (offered is None or pick.value in offered)]
    shown = [{"attributes": None, "label": one.label or one.value, "validFor": [], "value": one.value} for one in picks]
    default = next((told for told, pick in zip(shown, picks, strict=True) if pick.default), None)
    return Answer(200, {"controllerValues": {}, "defaultValue": default, "url": request.path, "values": shown})


# -- queries ------------------------------------------------------------------------------------


@route("GET", "/query")
def query(request: Request) -> Answer:
    return _first(request, everything=False)


@route("GET", "/queryAll")
def query_all(request: Request) -> Answer:
    return _first(request, everything=True)


@route("GET", "/(?:query|queryAll)/{locator}")
def more(request: Request) -> Answer:
    """The next page. A locator is of one query and dies with it."""
    name, _, place = request.named["locator"].rpartition("-")
    held = request.server.locators.get(name)
    if held is None or not place.isdigit():
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    reading, rows = held
    return _page(request, reading, rows, name, int(place))


def _first(request: Request, *, everything: bool) -> Answer:
    if "q" not in request.params:
        raise malformed("A query string has to be specified")
    parsed = parse(request.params["q"])
    reading = Reading(request.org, parsed, everything=everything)
    set_up.check_query(reading.source.name, parsed.text)
    if parsed.counts_only:
        return Answer(200, {"totalSize": len(_found(reading)), "done": True, "records": []})
    if parsed.aggregates:
        kind = {"attributes": {"type": "AggregateResult"}}
        found = [{**kind, **{k: shown_value(v) for k, v in one.items()}} for one in _found(reading)]
        return Answer(200, {"totalSize": len(found), "done": True, "records": found})
    return _page(request, reading, _found(reading), id18(f"01g5e{request.number:010d}"), 0)


def _found(reading: Reading) -> Sequence[Any]:
    """What a query finds; found once only where the table is so large that its rows are made."""
    aggregated = reading.query.aggregates and not reading.query.counts_only
    find = (lambda: list(reading.aggregated())) if aggregated else reading.found
    held = reading.org.rows[reading.source.name]
    return (
        held.once((reading.query.text, reading.everything, reading.org.changes), find)
        if isinstance(held, Made)
        else find()
    )


def _page(request: Request, reading: Reading, rows: Sequence[Row], name: str, place: int) -> Answer:
    asked = re.search(r"batchSize=(\d+)", request.headers.get("sforce-query-options", ""))
    size = min(request.server.page_rows, max(200, min(2_000, int(asked[1])))) if asked else request.server.page_rows
    shown = [shown_row(request, reading, row) for row in rows[place : place + size]]
    answer: dict[str, Any] = {"totalSize": len(rows), "done": place + size >= len(rows)}
    if not answer["done"]:
        request.server.locators[name] = (reading, rows)
        answer["nextRecordsUrl"] = f"{request.base}/query/{name}-{place + size}"
    return Answer(200, {**answer, "records": shown})


def attributes(base: str, name: str, row: Row) -> dict[str, str]:
    return {"type": name, "url": f"{base}/sobjects/{name}/{row['Id']}"}


def shown_row(request: Request, reading: Reading, row: Row) -> dict[str, Any]:
    """A row as JSON: what is related stands in objects of its own."""
    shown: dict[str, Any] = {"attributes": attributes(request.base, reading.source.name, row)}
    for column in reading.columns:
        if len(column.path) == 1:
            shown[column.path[0]] = shown_value(column.get(row))
        else:
            _place(request, reading, shown, column, row)
    return shown


def _place(request: Request, reading: Reading, shown: dict[str, Any], column: Column, row: Row) -> None:
    at, on, source = shown, row, reading.source
    for step in column.path[:-1]:
        reference = source.related(step)
        assert reference is not None
        target = reading.target(on[reference.name], reference.to)
        if target is None:
            at.setdefault(step, None)
            return
        kind = next(one for one in reference.to if target["Id"] in request.org.rows[one])
        named = "Name" if len(reference.to) > 1 else kind
        links = {"type": named, "url": f"{request.base}/sobjects/{kind}/{target['Id']}"}
        at = at.setdefault(step, {"attributes": links})
        on, source = target, request.org.objects[kind]
    at[column.path[-1]] = shown_value(column.get(row))


def shown_value(value: Any) -> Any:
    """A value as REST writes it: moments with milliseconds and +0000."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value
