"""The test of a connection: one answer for each thing, reading as little as can be and writing nothing.

Not here: the reading itself (reading.py).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from connectors.airtable import schema as schemas
from connectors.airtable.client import Client
from connectors.airtable.faults import Refused, Unanswered, as_ours
from connectors.airtable.plan import Plan, check_document, plan
from connectors.airtable.schema import Schema
from leadpact.connector import Check
from leadpact.errors import LeadPactError
from leadpact.mapping import MappingDocument

READS, SCHEMA, WRITES = "data.records:read", "schema.bases:read", "data.records:write"
MAY_WRITE = ("edit", "create", "owner")
REMEDY = {
    "airtable.table_gone": "airtable.remedy.table",
    "airtable.field_gone": "airtable.remedy.field",
    "airtable.not_a_date": "airtable.remedy.type",
    "airtable.not_a_number": "airtable.remedy.type",
    "airtable.column_unmapped": "airtable.remedy.unmapped",
}


def checks(client: Client, document: MappingDocument | None) -> Iterator[Check]:
    """Token, base, every mapped table with its fields, records, writing; stops where nothing more can be told."""
    settings = client.settings
    try:
        me = client.api.get(client.api.urls.whoami)
    except (Refused, Unanswered) as error:
        yield _failed("token", as_ours(error, settings.host, settings.base_id), "airtable.remedy.token")
        return
    yield Check("token", True, "airtable.check.token", params={"host": settings.host})
    # a personal access token does not tell its scopes everywhere; what it may not do shows below
    scopes = me.get("scopes") if isinstance(me, dict) else None
    if isinstance(scopes, list):
        yield from _scopes(scopes, settings.writable)
    schema = yield from _schema(client)
    if schema is None:
        return
    yield from _mapped(client, schema, document)
    yield from _writing(client, scopes if isinstance(scopes, list) else None)


def _scopes(scopes: list[str], writable: bool) -> Iterator[Check]:
    for scope in (SCHEMA, READS, *((WRITES,) if writable else ())):
        if scope not in scopes:
            yield Check(scope, False, "airtable.check.no_scope", "airtable.remedy.scope", {"scope": scope})


def _schema(client: Client) -> Generator[Check, None, Schema | None]:
    base = client.settings.base_id
    try:
        schema = schemas.read(client)
    except LeadPactError as error:
        yield _failed("base", error, "airtable.remedy.base", base=base)
        return None
    yield Check("base", True, "airtable.check.base", params={"base": base, "count": len(schema.tables)})
    return schema


def _mapped(client: Client, schema: Schema, document: MappingDocument | None) -> Iterator[Check]:
    try:
        made = plan(check_document(document), schema)
    except LeadPactError as error:
        yield _failed("mapping", error, "airtable.remedy.mapping")
        return
    for fault in made.faults:
        yield Check(fault.table, False, fault.key, REMEDY[fault.key], fault.params)
    for table, _ in made.tables:
        try:
            client.table(table.id).first(fields=[table.primary])
        except (Refused, Unanswered) as error:
            yield _failed(table.name, as_ours(error, client.settings.host, table.name), "airtable.remedy.records")
            continue
        yield Check(table.name, True, "airtable.check.table", params={"table": table.name})
    yield from _kept(client, made)


def _kept(client: Client, made: Plan) -> Iterator[Check]:
    """What this connection can tell of the past, and when deletions show: facts, not faults."""
    hours = client.settings.full_every_hours
    if hours:
        yield Check("deletions", True, "airtable.check.deletions_later", params={"hours": hours})
    else:
        yield Check("deletions", True, "airtable.check.deletions")
    dated = any(step.dated for step in made.steps) or bool(made.of("status_changes"))
    since = any(step.since for step in made.steps)
    told = "airtable.check.history_since" if since else "airtable.check.history_observed"
    yield Check("history", True, "airtable.check.history_dates" if dated else told)


def _writing(client: Client, scopes: list[str] | None) -> Iterator[Check]:
    settings = client.settings
    if not settings.writable:
        yield Check("write", True, "airtable.check.read_only")
        return
    try:
        pages = client.api.iterate_requests("GET", client.api.urls.bases)
        bases = {one["id"]: one.get("permissionLevel") for page in pages for one in page.get("bases", ())}
    except (Refused, Unanswered) as error:
        yield _failed("write", as_ours(error, settings.host, settings.base_id), "airtable.remedy.write")
        return
    level = bases.get(settings.base_id)
    if level not in MAY_WRITE or (scopes is not None and WRITES not in scopes):
        yield Check("write", False, "airtable.check.no_write", "airtable.remedy.write", {"level": str(level or "–")})
    else:
        yield Check("write", True, "airtable.check.write", params={"level": str(level)})


def _failed(name: str, error: LeadPactError, remedy: str, **more: str) -> Check:
    return Check(name, False, error.key, remedy, {**error.params, **more})
