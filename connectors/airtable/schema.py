"""A base's schema as Airtable describes it: tables and fields by id, with their names and options.

Not here: what of it is mapped (plan.py), what cells hold (cells.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.airtable.client import Client
from connectors.airtable.faults import Unanswered, translated

# what the record itself tells beside its fields; a mapping names them as the API does
ID, CREATED = "id", "createdTime"

DATED = frozenset({"date", "dateTime", "createdTime", "lastModifiedTime"})
NUMBERS = frozenset({"number", "currency", "percent", "rating", "duration", "autoNumber", "count"})
SELECTS = frozenset({"singleSelect", "externalSyncSource"})
COMPUTED = frozenset(
    {"formula", "rollup", "multipleLookupValues", "count", "createdTime", "lastModifiedTime", "autoNumber",
     "createdBy", "lastModifiedBy", "button", "aiText", "externalSyncSource"}
)  # fmt: skip
# worked out from something other than the record's own cells: they change without the record being modified
DERIVED = frozenset({"formula", "rollup", "multipleLookupValues", "count", "aiText", "button"})


@dataclass(frozen=True)
class FieldDef:
    """One field. `shows` is the type of what it gives: its own, or the result's of a formula, rollup or lookup."""

    id: str
    name: str
    type: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shows(self) -> str:
        result = self.options.get("result")
        return str(result["type"]) if isinstance(result, dict) and "type" in result else self.type

    @property
    def choices(self) -> list[str]:
        """The options of a select, in their order."""
        return [
            str(one["name"]) for one in self.options.get("choices") or () if isinstance(one, dict) and "name" in one
        ]

    @property
    def links(self) -> str | None:
        """The id of the table a link leads to."""
        return self.options.get("linkedTableId") if self.type == "multipleRecordLinks" else None

    @property
    def watches(self) -> Sequence[str]:
        """The ids of the fields a last-modified time is about; none: of every field."""
        return self.options.get("referencedFieldIds") or () if self.type == "lastModifiedTime" else ()


RECORD_ID = FieldDef(ID, "Record ID", "recordId")
RECORD_CREATED = FieldDef(CREATED, "Created", "createdTime")


@dataclass(frozen=True)
class TableDef:
    id: str
    name: str
    primary: str
    fields: tuple[FieldDef, ...]

    def field(self, called: str) -> FieldDef | None:
        """By id, else by name regardless of case, `id` and `createdTime` included."""
        for one in (RECORD_ID, RECORD_CREATED, *self.fields):
            if one.id == called:
                return one
        wanted = called.strip().casefold()
        return next((one for one in self.fields if one.name.strip().casefold() == wanted), None)


@dataclass(frozen=True)
class Schema:
    tables: tuple[TableDef, ...]

    def table(self, called: str) -> TableDef | None:
        """By id, else by name regardless of case."""
        wanted = called.strip().casefold()
        by_id = (one for one in self.tables if one.id == called)
        return next(by_id, next((one for one in self.tables if one.name.strip().casefold() == wanted), None))

    @property
    def fingerprint(self) -> str:
        """Another one when a table, field, type or option changed."""
        plain = [[t.id, t.name, [[f.id, f.name, f.type, f.options] for f in t.fields]] for t in self.tables]
        return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read(client: Client) -> Schema:
    """The schema as it is now: one call. Raises SourceRefused, SourceUnreachable."""
    with translated(client.settings.host, client.settings.base_id):
        found = client.api.get(client.base.urls.tables)
        try:
            return Schema(tuple(_table(one) for one in found["tables"]))
        except (KeyError, TypeError, AttributeError):
            raise Unanswered(sent=True) from None


def _table(found: Mapping[str, Any]) -> TableDef:
    fields = tuple(FieldDef(f["id"], f["name"], f["type"], f.get("options") or {}) for f in found["fields"])
    return TableDef(found["id"], found["name"], found["primaryFieldId"], fields)
