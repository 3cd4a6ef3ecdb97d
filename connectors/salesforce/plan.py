"""What is read from where: the mapping laid over the standard one and held against what the org has.

What the mapping names and this user cannot read is left out, noted, and the rest is read.

Not here: the standard mapping (standard.py), reading (reading.py), translation (records.py …).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.schema import Field, Schema
from connectors.salesforce.standard import BESIDE, HELPERS, HISTORIES, IN_HISTORY, KEPT, OPTIONAL, STANDARD
from leadpact.errors import BadMapping
from leadpact.mapping import Entry, MappingDocument
from leadpact.model import CONTACT, LEAD, Kind

RELEASE = 1  # grows when the same mapping reads to something else: marks from before mean a full reading
OBJECTS = {"Lead": LEAD, "Contact": CONTACT}
SOBJECTS = {LEAD: "Lead", CONTACT: "Contact"}
_TYPES: Mapping[Kind, tuple[str, ...]] = {
    "time": ("date", "datetime"),
    "flag": ("boolean",),
    "number": ("currency", "double", "percent", "int", "long"),
    "whole": ("int", "long", "double"),
}
PARTLESS = ("address", "location", "base64", "complexvalue", "anyType")


@dataclass(frozen=True)
class Missing:
    """Something that is not read. `field` is null where it is the whole object; `why` is a catalogue key."""

    object: str
    field: str | None
    why: str


@dataclass(frozen=True)
class Source:
    """One object as it is read: canonical columns, own fields and date stamps, by the field each comes from."""

    name: str
    entry: Entry
    columns: Mapping[str, Field]
    custom: Mapping[str, Field]
    stamps: tuple[tuple[Field, str], ...]
    where: Mapping[str, tuple[str, ...]]
    beside: tuple[str, ...]

    @property
    def paths(self) -> list[str]:
        """The fields to ask for, each once; the id first."""
        named = [one.name for one in (*self.columns.values(), *self.custom.values(), *(f for f, _ in self.stamps))]
        return list(dict.fromkeys(["Id", *named, *self.beside, *self.where]))

    def has(self, path: str) -> bool:
        return path in self.beside or any(one.name == path for one in self.columns.values())

    def tracked(self) -> Mapping[str, tuple[str, Field]]:
        """What history calls the fields whose changes are kept -> canonical column and field."""
        kept = {name: one for name, one in self.columns.items() if name in KEPT} | dict(self.custom)
        return {IN_HISTORY.get(one.name, one.name): (name, one) for name, one in kept.items() if "." not in one.name}


@dataclass(frozen=True)
class Plan:
    """Everything that is read, and what is not. `histories` are the readable ones, by the object they are of."""

    sources: Mapping[str, Source]
    histories: Mapping[str, str]
    missing: tuple[Missing, ...]
    record_types: Mapping[str, str] = field(default_factory=dict)

    @property
    def selective(self) -> bool:
        """Whether the mapping leaves out records by their values: a delta could not tell who newly belongs."""
        return any(self.sources[name].where for name in OBJECTS if name in self.sources)

    def fingerprint(self, **more: Any) -> str:
        """Changes when the same org would be read to other rows: fields, their types, the mapping, record types."""
        parts = {
            name: {
                "columns": {key: [one.name, one.type] for key, one in source.columns.items()},
                "custom": {key: [one.name, one.type] for key, one in source.custom.items()},
                "stamps": [[one.name, one.type, status] for one, status in source.stamps],
                "beside": source.beside,
                "entry": source.entry.model_dump(mode="json"),
            }
            for name, source in self.sources.items()
        }
        lost = [[one.object, one.field, one.why] for one in self.missing]
        document = [RELEASE, parts, dict(self.histories), dict(self.record_types), lost, more]
        text = json.dumps(document, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def checked(document: MappingDocument) -> MappingDocument:
    """The document, if it sends each object where it belongs. Raises BadMapping."""
    seen: set[str] = set()
    for place, entry in enumerate(document.tables):
        standard = {name.lower(): target for name, (target, _) in STANDARD.items()}
        target = standard.get(entry.source.lower())
        params: dict[str, Any] = {"path": f"tables[{place}]", "source": entry.source, "target": entry.to}
        if target is None:
            raise BadMapping("salesforce.mapping_object", known=", ".join(STANDARD), **params)
        if target != entry.to:
            raise BadMapping("salesforce.mapping_target", wanted=target, **params)
        if entry.source.lower() in seen:
            raise BadMapping("salesforce.mapping_twice", **params)
        seen.add(entry.source.lower())
    return document


def plan(document: MappingDocument, schema: Schema) -> Plan:
    """What can be read of what the mapping and the standard one name."""
    sources: dict[str, Source] = {}
    missing: list[Missing] = []
    types: dict[str, str] = {}
    ignored = {name.lower() for name in document.ignore}
    for name, (target, standard) in STANDARD.items():
        if name.lower() in ignored:
            continue
        described = schema.object(name)
        if described is None:
            missing.append(Missing(name, None, "salesforce.object_unreadable"))
            continue
        types |= described.record_types
        own = next(iter(document.of(name)), None)
        source, lost = _source(name, target, standard, own, schema)
        missing += lost
        sources[name] = source
        helpers = [helper for helper in HELPERS.get(name, ()) if schema.object(helper) is None]
        missing += [Missing(helper, None, "salesforce.object_unreadable") for helper in helpers]
    histories = {}
    for name, history in HISTORIES.items():
        if name not in sources:
            continue
        if schema.object(history) is not None:
            histories[name] = history
        elif name == "Lead" or "status" in sources[name].columns:
            missing.append(Missing(history, None, "salesforce.history_unreadable"))
    return Plan(sources, histories, tuple(missing), types)


def _source(
    name: str, target: str, standard: Mapping[str, tuple[str, ...]], own: Entry | None, schema: Schema
) -> tuple[Source, list[Missing]]:
    entry = own or Entry(source=name, to=target)  # type: ignore[arg-type]
    lost: list[Missing] = []
    columns = {}
    for column, paths in _wanted(entry, standard).items():
        found = _first(name, paths, entry.target.column(column).kind, schema)
        if isinstance(found, Field):
            columns[column] = found
        elif column in entry.fields or not set(paths) & OPTIONAL:
            lost.append(found)
    custom = {slug: _first(name, (header,), "text", schema) for slug, header in entry.custom.items()}
    stamps = [(_first(name, (each.column,), "time", schema), each.status) for each in entry.status_dates]
    lost += [one for one in (*custom.values(), *(one for one, _ in stamps)) if isinstance(one, Missing)]
    source = Source(
        name=name,
        entry=entry,
        columns=columns,
        custom={slug: one for slug, one in custom.items() if isinstance(one, Field)},
        stamps=tuple((one, status) for one, status in stamps if isinstance(one, Field)),
        where=_where(name, entry, schema),
        beside=tuple(path for path in BESIDE[name] if schema.field(name, path) is not None),
    )
    return source, lost


def _wanted(entry: Entry, standard: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The fields a column may come from: the standard ones, and what the mapping says instead."""
    named = {column: paths for column, paths in standard.items() if column not in entry.constants}
    for column, header in entry.fields.items():
        if header is None:
            named.pop(column, None)
        else:
            named[column] = (header,)
    return named


def _where(name: str, entry: Entry, schema: Schema) -> dict[str, tuple[str, ...]]:
    """The values of the rows that are meant. Raises BadMapping for a field there is not: it would mean all rows."""
    found = {}
    for header, values in entry.where.items():
        one = _first(name, (header,), "text", schema)
        if not isinstance(one, Field):
            raise BadMapping("salesforce.mapping_where", source=name, name=header)
        found[one.name] = tuple(value.casefold() for value in values)
    return found


def _first(name: str, paths: tuple[str, ...], kind: Kind, schema: Schema) -> Field | Missing:
    """The first field there is; else what is missing: not there, or of a type that cannot be such a column."""
    wrong = None
    for path in paths:
        found = schema.field(name, path)
        if found is None:
            continue
        types = _TYPES.get(kind)
        if found.type in PARTLESS or (types is not None and found.type not in types):
            wrong = Missing(name, found.name, "salesforce.field_type")
            continue
        return found
    return wrong or Missing(name, paths[-1], "salesforce.field_unreadable")
