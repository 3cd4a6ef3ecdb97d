"""Status values: what the picklist offers, what it has retired, and what records hold all the same.

`describe` gives the values; `LeadStatus` says which of them convert a lead; a count by status finds
the values held that the picklist does not offer any more. Where records have types, each type
offers its own.

Not here: the status of single records (records.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connectors.salesforce import fetch
from connectors.salesforce.cells import plain
from connectors.salesforce.client import Client
from connectors.salesforce.plan import OBJECTS, Plan, Source
from connectors.salesforce.schema import Schema
from leadpact.errors import SourceRefused, SourceUnreachable
from leadpact.model import ARROW, STATUS_VALUE

Row = dict[str, Any]
# the org cannot or will not answer this one question: the others go on
UNANSWERED = ("salesforce.query_timeout", "salesforce.refused", "salesforce.not_permitted")


@dataclass(frozen=True)
class Values:
    """All status values as rows, and a note for each question that was not answered."""

    rows: list[Row]
    unanswered: list[str]

    def of(self, object: str) -> frozenset[str]:
        """The values of an object, folded."""
        return frozenset(row["value"].casefold() for row in self.rows if row["object"] == object)

    def table(self) -> pa.Table:
        columns = {
            c.name: pa.array([row.get(c.name) for row in self.rows], ARROW[c.kind]) for c in STATUS_VALUE.columns
        }
        return pa.table(columns)


def values(client: Client, plan: Plan, schema: Schema) -> Values:
    """The status values of leads and contacts, those of types no longer in use apart."""
    rows: list[Row] = []
    unanswered: list[str] = []
    for name in OBJECTS:
        source = plan.sources.get(name)
        field = source.columns.get("status") if source is not None else None
        if source is None or field is None:
            continue
        offered = _offered(source)
        if name == "Lead" and field.name == "Status":
            _convert(offered, _lead_statuses(client, schema))
        described = schema.object(name)
        types = described.types_in_use if described is not None else {}
        by_type = _by_type(client, name, field.name, types)
        rows += _rows(OBJECTS[name], offered, by_type)
        held = _held(client, name, field.name)
        if held is None:
            unanswered.append(name)
        known = {row["value"].casefold() for row in rows if row["object"] == OBJECTS[name]}
        lost = [value for value in held or () if value.casefold() not in known]
        rows += [_row(OBJECTS[name], value, value, False, None) for value in sorted(lost)]
    return Values(_mapped(rows, plan), unanswered)


def _offered(source: Source) -> dict[str, Row]:
    """The picklist as described, in its order; empty for a status that is no picklist."""
    picks = source.columns["status"].picks
    object = OBJECTS[source.name]
    return {
        pick.value: {
            **_row(object, pick.value, pick.label, pick.active, place),
            "is_default": pick.default,
            "is_converted": False,
        }
        for place, pick in enumerate(picks)
    }  # fmt: skip


def _row(object: str, value: str, label: str, active: bool, position: int | None) -> Row:
    return {"object": object, "value": value, "label": label, "is_active": active, "position": position}


def _lead_statuses(client: Client, schema: Schema) -> list[Mapping[str, Any]]:
    described = schema.object("LeadStatus")
    if described is None:
        return []
    wanted = [
        name for name in ("ApiName", "MasterLabel", "IsConverted", "IsDefault", "SortOrder") if name in described.fields
    ]
    return fetch.everything(client, fetch.select("LeadStatus", wanted)) or []


def _convert(offered: dict[str, Row], statuses: Iterable[Mapping[str, Any]]) -> None:
    """Adds what only `LeadStatus` says; values it has and the picklist has not are offered too."""
    for one in statuses:
        value = str(one.get("ApiName") or one.get("MasterLabel"))
        row = offered.setdefault(value, _row("lead", value, str(one.get("MasterLabel") or value), True, None))
        row["is_converted"] = bool(one.get("IsConverted"))
        row["is_default"] = bool(one.get("IsDefault"))


def _by_type(client: Client, name: str, field: str, types: Mapping[str, str]) -> dict[str, list[str]]:
    """What each record type offers; a type the org does not tell of is left out."""
    found = {}
    for key, label in types.items():
        try:
            answer = client.get(f"ui-api/object-info/{name}/picklist-values/{key}/{field}")
        except SourceRefused as error:
            if error.key not in UNANSWERED:
                raise
            continue
        found[label] = [str(one["value"]) for one in (answer or {}).get("values", ())]
    return found


def _rows(object: str, offered: Mapping[str, Row], by_type: Mapping[str, list[str]]) -> list[Row]:
    if not by_type:
        return list(offered.values())
    rows = []
    for label, values in by_type.items():
        for place, value in enumerate(values):
            row = offered.get(value) or _row(object, value, value, True, place)
            rows.append({**row, "position": place, "record_type": label})
    anywhere = {value for values in by_type.values() for value in values}
    # a value no type offers is as good as retired: nobody can choose it
    rows += [{**row, "is_active": False} for value, row in offered.items() if value not in anywhere]
    return rows


def _held(client: Client, name: str, field: str) -> list[str] | None:
    """The values records hold; null where the org is too large to count them in one question."""
    try:
        found = fetch.everything(client, f"SELECT {field}, COUNT(Id) held FROM {name} GROUP BY {field}")  # noqa: S608 - SOQL
    except (SourceRefused, SourceUnreachable) as error:
        if error.key not in UNANSWERED:
            raise
        return None
    return [value for one in found or () if (value := plain(one.get(field)))]


def _mapped(rows: list[Row], plan: Plan) -> list[Row]:
    """The values as the mapping renames them, each key once."""
    unique: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        source = next(one for name, one in plan.sources.items() if OBJECTS.get(name) == row["object"])
        renamed = {key.casefold(): str(value) for key, value in source.entry.values.get("status", {}).items()}
        value = renamed.get(row["value"].casefold(), row["value"])
        if value not in source.entry.blank:
            unique.setdefault((row["object"], value, row.get("record_type")), {**row, "value": value})
    return list(unique.values())
