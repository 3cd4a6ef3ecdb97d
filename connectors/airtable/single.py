"""Single records by their ids, as they are now: a hundred of them a call.

Not here: whole tables (reading.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from pyairtable.formulas import EQ, OR, RECORD_ID, to_formula_str

from connectors.airtable import cells
from connectors.airtable.client import Client
from connectors.airtable.faults import translated
from connectors.airtable.plan import IDS, Plan, Step, is_pseudo
from connectors.airtable.rows import cell, record_url
from connectors.airtable.schema import FieldDef, Schema
from leadpact.errors import SourceRefused
from leadpact.model import OBJECTS, RECORD

A_CALL = 100
Values = dict[str, dict[str, str | None]]


def read(client: Client, schema: Schema, plan: Plan, object: str, ids: Sequence[str],
         fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:  # fmt: skip
    """The values by record id; a record that is gone, or is none of this object, is left out.

    A field is a canonical column or an Airtable field id. Canonical columns the mapping does not
    fill are null. Raises SourceRefused for a field these records do not have.
    """
    steps = [step for step in plan.of("leads", "contacts") if step.object == object]
    _refuse_unknown(plan, object, fields)
    found: Values = {}
    wanted = list(dict.fromkeys(one for one in ids if one.startswith("rec") and one.isalnum()))
    for step in steps:
        missing = [one for one in wanted if one not in found]
        found |= of_table(client, schema, plan, step, missing, fields)
    return {one: found[one] for one in ids if one in found}


def _refuse_unknown(plan: Plan, object: str, fields: Sequence[str]) -> None:
    for name in fields:
        own = name in RECORD.names
        if object not in OBJECTS or (not own and not plan.place(object, name)):
            raise SourceRefused("airtable.no_field", field=name)


def of_table(client: Client, schema: Schema, plan: Plan, step: Step, ids: Sequence[str],
             fields: Sequence[str]) -> Values:  # fmt: skip
    """The values of the records one table holds of these ids, those its mapping does not mean left out."""
    places = {name: one for name in fields if (one := _place(step, name)) is not None}
    asked = [one.id for one in places.values() if not is_pseudo(one)]
    asked += [one.id for one, _ in step.where if not is_pseudo(one)]
    asked += [one.id for _, one in step.dated if "status" in fields and "status" not in places]
    names = _names(client, schema, places)
    found: Values = {}
    waiting = iter(ids)
    with translated(client.settings.host, step.table.name):
        while part := list(islice(waiting, A_CALL)):
            formula = to_formula_str(OR(*(EQ(RECORD_ID(), one) for one in part)))
            options: dict[str, Any] = {"fields": asked or [step.table.primary], "formula": formula}
            for page in client.table(step.table.id).iterate(**options):
                for raw in page:
                    if _meant(step, raw, names):
                        found[raw["id"]] = {name: _value(client, step, name, places, raw, names) for name in fields}
    return found


def _place(step: Step, name: str) -> FieldDef | None:
    return step.places.get(name) or next((one for one in step.table.fields if one.id == name), None)


def _meant(step: Step, raw: Any, names: Mapping[str, Mapping[str, str]]) -> bool:
    return all(
        (cells.text(cell(raw, one), one, names.get(one.links or "")) or "").strip().casefold() in wanted
        for one, wanted in step.where
    )


def _value(client: Client, step: Step, name: str, places: Mapping[str, FieldDef], raw: Any,
           names: Mapping[str, Mapping[str, str]]) -> str | None:  # fmt: skip
    """One value as text. A canonical column has the mapping's words, a field of Airtable its own."""
    if name not in places:
        told = {
            "object": step.object,
            "record_id": raw["id"],
            "condition": "active",
            "status": _dated(client, step, raw),
        }
        fixed = {**told, "url": record_url(client.settings.base_id, step, raw), **step.entry.constants}
        return str(fixed[name]) if fixed.get(name) not in (None, "") else None
    one = places[name]
    found = cell(raw, one)
    try:
        if name in RECORD.names and RECORD.column(name).kind == "time":
            at = cells.moment(found, client.settings.zone)
            return at.isoformat() if at is not None else None
        if name in IDS:
            return next(iter(cells.linked(found)), None) if isinstance(found, (list, dict)) else cells.text(found, one)
        said = cells.text(found, one, names.get(one.links or ""))
    except cells.Unreadable:
        return None
    values = {source.strip().casefold(): str(to) for source, to in step.entry.values.get(name, {}).items()}
    return values.get(said.strip().casefold(), said) if said is not None else None


def _dated(client: Client, step: Step, raw: Any) -> str | None:
    """The status whose date is the latest, where no field holds the status itself; of equal dates the last one."""
    latest: tuple[datetime, str] | None = None
    for status, one in step.dated:
        try:
            at = cells.moment(cell(raw, one), client.settings.zone)
        except cells.Unreadable:
            continue
        if at is not None and (latest is None or at >= latest[0]):
            latest = (at, status)
    return latest[1] if latest else None


def _names(client: Client, schema: Schema, places: Mapping[str, FieldDef]) -> dict[str, dict[str, str]]:
    """What linked records are called, for the columns that want names."""
    found: dict[str, dict[str, str]] = {}
    for name, one in places.items():
        table = schema.table(one.links) if one.links and name in RECORD.names and name not in IDS else None
        primary = table.field(table.primary) if table else None
        if table is None or primary is None or table.id in found:
            continue
        with translated(client.settings.host, table.name):
            pages: Iterator[list[Any]] = client.table(table.id).iterate(fields=[primary.id])
            found[table.id] = {
                raw["id"]: cells.text(raw["fields"].get(primary.id), primary) or raw["id"]
                for page in pages
                for raw in page
            }
    return found
