"""What of the base fills which canonical table: the mapping held against the schema as it is now.

Tables and fields are found by their ids, whatever they are called today. What the mapping needs
and the base does not have any more, or has as another type, is a fault: reading on without it
would call cells empty that are not.

Not here: reading (reading.py), what cells hold (cells.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.airtable.schema import (
    CREATED,
    DATED,
    DERIVED,
    ID,
    NUMBERS,
    RECORD_CREATED,
    RECORD_ID,
    FieldDef,
    Schema,
    TableDef,
)
from leadpact.errors import BadMapping, Misconfigured
from leadpact.mapping import Entry, MappingDocument, Target
from leadpact.model import Column

# where a column holds ids of records or people, not what they are called
IDS = frozenset({"record_id", "owner_id", "actor_id", "converted_to", "merged_into", "opportunity_id", "manager_id",
                 "activity_id"})  # fmt: skip
STAFF = frozenset({"owner_id", "actor_id", "manager_id"})
RECORDS = ("leads", "contacts")
_OWN_KEY: Mapping[str, str] = {
    "leads": "record_id",
    "contacts": "record_id",
    "opportunities": "opportunity_id",
    "owners": "owner_id",
    "activities": "activity_id",
}
_CREATED = ("leads", "contacts", "opportunities")
_NUMERIC = NUMBERS | {"formula", "rollup", "multipleLookupValues", "singleSelect"}
PEOPLE = frozenset({"singleCollaborator", "multipleCollaborators", "createdBy", "lastModifiedBy"})


@dataclass(frozen=True)
class Fault:
    """Something the mapping needs and the base does not give. `table` is what people call the table."""

    table: str
    key: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """One entry with the table it reads; `places` are fields by column of the target."""

    entry: Entry
    table: TableDef
    places: Mapping[str, FieldDef]
    dated: Sequence[tuple[str, FieldDef]] = ()
    since: FieldDef | None = None
    where: Sequence[tuple[FieldDef, frozenset[str]]] = ()

    @property
    def target(self) -> Target:
        return self.entry.target

    @property
    def object(self) -> str:
        """Lead or contact, where the entry is of one alone."""
        return str(self.entry.constants.get("object") or self.target.object or "lead")

    @property
    def columns(self) -> list[Column]:
        """The columns a field fills, canonical ones first."""
        names = [*self.target.names, *(name for name in self.places if name not in self.target.names)]
        return [self.target.column(name) for name in names if name in self.places]

    @property
    def custom(self) -> list[str]:
        return [column.name for column in self.columns if column.name not in self.target.names]

    def fields(self) -> Iterator[FieldDef]:
        yield from self.places.values()
        yield from (one for _, one in self.dated)
        yield from (one for one, _ in self.where)
        if self.since is not None:
            yield self.since

    def named(self) -> Iterator[FieldDef]:
        """Link fields whose records are wanted by name."""
        texts = [one for name, one in self.places.items() if name not in IDS]
        yield from (one for one in [*texts, *(one for one, _ in self.where)] if one.links)

    @property
    def people(self) -> list[tuple[str, FieldDef]]:
        """Columns of ids that are filled by users of Airtable."""
        return [(name, one) for name, one in self.places.items() if name in IDS and one.shows in PEOPLE]

    @property
    def staff(self) -> list[FieldDef]:
        """Links to the records of those who own or act: their table tells what they are called."""
        return [one for name, one in self.places.items() if name in STAFF and one.links]

    @property
    def derived(self) -> bool:
        """Whether rows can change without their record being modified."""
        return any(one.type in DERIVED for one in self.fields()) or any(self.named())


@dataclass
class Plan:
    """The steps in the order of the targets, and what is wrong."""

    document: MappingDocument
    steps: list[Step] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def of(self, *targets: str) -> list[Step]:
        return [step for step in self.steps if step.entry.to in targets]

    @property
    def tables(self) -> list[tuple[TableDef, list[Step]]]:
        """Every table once, with the steps it feeds; those of leads and contacts first."""
        found: dict[str, tuple[TableDef, list[Step]]] = {}
        for step in sorted(self.steps, key=lambda step: step.entry.to not in RECORDS):
            found.setdefault(step.table.id, (step.table, []))[1].append(step)
        return list(found.values())

    def objects(self, table_id: str) -> str | None:
        """Lead or contact, for a link that leads to a table of them."""
        return next((step.object for step in self.of(*RECORDS) if step.table.id == table_id), None)

    def custom(self, table: str) -> list[str]:
        """The `f_<slug>` columns of a canonical table, over all its steps."""
        return sorted({name for step in self.steps if step.target.table.name == table for name in step.custom})

    def place(self, object: str, name: str) -> list[tuple[Step, FieldDef]]:
        """Where a column, or a field by its id, of leads or contacts is kept: one or several tables."""
        found = []
        for step in self.of(*RECORDS):
            if step.object != object:
                continue
            one = step.places.get(name)
            if one is None and name.startswith("fld"):
                one = next((each for each in step.table.fields if each.id == name), None)
            if one is not None:
                found.append((step, one))
        return found


def check_document(document: MappingDocument | None) -> MappingDocument:
    """The mapping, fit for Airtable. Raises Misconfigured where there is none, BadMapping where a key is not one."""
    if document is None or not document.tables:
        raise Misconfigured("airtable.no_mapping")
    if not document.targets & set(RECORDS):
        raise Misconfigured("airtable.no_leads")
    for place, entry in enumerate(document.tables):
        if entry.to in RECORDS and (entry.fields.get("record_id", ID) != ID or "record_id" in entry.constants):
            raise BadMapping("airtable.key_is_record_id", path=f"tables[{place}].fields.record_id")
    return document


def plan(document: MappingDocument, schema: Schema) -> Plan:
    """The steps of the mapping, as far as the base has what they need; the rest as faults."""
    made = Plan(document)
    for entry in document.tables:
        table = schema.table(entry.source)
        if table is None:
            shown = document.shown(entry.source)
            made.faults.append(Fault(shown, "airtable.table_gone", {"table": shown}))
            continue
        step, faults = _step(entry, table, document)
        made.faults += faults
        if not faults:
            made.steps.append(step)
    return made


def _step(entry: Entry, table: TableDef, document: MappingDocument) -> tuple[Step, list[Fault]]:
    faults: list[Fault] = []

    def find(called: str) -> FieldDef:
        found = table.field(called)
        if found is None:
            params = {"table": table.name, "field": document.shown(called)}
            faults.append(Fault(table.name, "airtable.field_gone", params))
            return RECORD_ID
        return found

    named = {name: of for name, of in {**entry.fields, **entry.custom}.items() if of}
    places = {name: find(of) for name, of in named.items()}
    for name, default, targets in (
        (_OWN_KEY.get(entry.to, ""), RECORD_ID, (entry.to,)),
        ("created_at", RECORD_CREATED, _CREATED),
    ):
        unsaid = name and name not in entry.fields and name not in entry.constants
        if unsaid and entry.to in targets:
            places[name] = default
    dated = [(each.status, find(each.column)) for each in entry.status_dates]
    since = find(entry.status_since) if entry.status_since else None
    where = [(find(of), frozenset(cell.strip().casefold() for cell in cells)) for of, cells in entry.where.items()]
    step = Step(entry, table, places, dated, since, where)
    for name in entry.target.required:
        if name not in places and name not in entry.constants:
            faults.append(Fault(table.name, "airtable.column_unmapped", {"table": table.name, "column": name}))
    if not faults:
        faults += _retyped(step)
    return step, faults


def _retyped(step: Step) -> Iterator[Fault]:
    """Fields of a type their column cannot be read from: dates that are text now, numbers that are."""
    wanted = [(one, column.kind) for column in step.columns for one in (step.places[column.name],)]
    wanted += [(one, "time") for _, one in step.dated]
    wanted += [(step.since, "time")] if step.since else []
    for one, kind in wanted:
        bad = (kind == "time" and one.shows not in DATED) or (kind in ("number", "whole") and one.type not in _NUMERIC)
        if bad:
            params = {"table": step.table.name, "field": one.name, "type": one.type}
            key = "airtable.not_a_date" if kind == "time" else "airtable.not_a_number"
            yield Fault(step.table.name, key, params)


def is_pseudo(one: FieldDef) -> bool:
    """Whether it is what the record itself tells, and no field to ask for."""
    return one.id in (ID, CREATED)
