"""What a base of the loopback Airtable holds, and hands to change it past any connector.

Cells are kept as the API writes them; what is empty (null, false, "", []) is kept out. A field with `compute` is
worked out when it is read: formulas, lookups, rollups. `createdTime` and `lastModifiedTime` fields work by themselves.

Not here: what a request may see (server.py, reading.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.airtable.clock import Clock, RealClock
from tests.airtable.fields import Field, filled, new_id, stamp


@dataclass
class Record:
    """One record: cells and when each was last changed, by field id."""

    id: str
    created: datetime
    cells: dict[str, Any] = field(default_factory=dict)
    touched: dict[str, datetime] = field(default_factory=dict)

    def modified(self, fields: Sequence[str] = ()) -> datetime | None:
        """When any of these fields, or any at all, was last changed; a new record counts as changed."""
        found = [at for name, at in self.touched.items() if not fields or name in fields]
        return max([*found, *(() if fields else (self.created,))], default=None)


@dataclass(frozen=True)
class Event:
    """Something that happened: `created`, `changed` or `destroyed`; cells by field id, `before` those that changed."""

    kind: str
    at: datetime
    table: str
    record: str
    cells: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    by: str = "usrSomebody000001"
    source: str = "client"


class Table:
    """One table; its first field is the primary one. Cells are given by field name or id."""

    def __init__(self, base: Base, name: str, fields: Sequence[Field], id: str | None = None) -> None:
        self.base, self.name, self.id = base, name, id or new_id("tbl")
        self.fields = {one.id: one for one in fields}
        self.records: dict[str, Record] = {}
        self.primary = fields[0].id

    def field(self, called: str) -> Field:
        """By id, else by name. Raises KeyError."""
        if called in self.fields:
            return self.fields[called]
        return {one.name: one for one in self.fields.values()}[called]

    def add(self, cells: Mapping[str, Any], at: datetime | None = None, **who: str) -> Record:
        base, moment = self.base, self.base.moment(at)
        with base.lock:
            kept = {self.field(name).id: value for name, value in cells.items() if filled(value)}
            record = Record(new_id("rec"), moment, kept, dict.fromkeys(kept, moment))
            self.records[record.id] = record
            base.happened(Event("created", moment, self.id, record.id, dict(kept), **who))
        return record

    def set(self, record_id: str, cells: Mapping[str, Any], at: datetime | None = None, **who: str) -> None:
        base, moment = self.base, self.base.moment(at)
        with base.lock:
            record = self.records[record_id]
            named = {self.field(name).id: value for name, value in cells.items()}
            changed = {name: value for name, value in named.items() if record.cells.get(name) != value}
            before = {name: record.cells.get(name) for name in changed}
            for name, value in changed.items():
                record.cells[name] = value
                record.touched[name] = moment
                if not filled(value):
                    del record.cells[name]
            if changed:
                base.happened(Event("changed", moment, self.id, record_id, changed, before, **who))

    def remove(self, record_id: str, at: datetime | None = None, **who: str) -> None:
        """Deletes a record; links to it are gone with it, as in Airtable."""
        base, moment = self.base, self.base.moment(at)
        with base.lock:
            del self.records[record_id]
            base.happened(Event("destroyed", moment, self.id, record_id, **who))
            for table in base.tables.values():
                for one in table.fields.values():
                    if one.type == "multipleRecordLinks" and (one.options or {}).get("linkedTableId") == self.id:
                        for other in [r for r in table.records.values() if record_id in r.cells.get(one.id, ())]:
                            left = [linked for linked in other.cells[one.id] if linked != record_id]
                            table.set(other.id, {one.id: left}, moment)

    def restore(self, record: Record, at: datetime | None = None, **who: str) -> None:
        """A deleted record comes back from the trash, as it was."""
        moment = self.base.moment(at)
        with self.base.lock:
            self.records[record.id] = record
            self.base.happened(Event("created", moment, self.id, record.id, dict(record.cells), **who))

    def value(self, record: Record, one: Field) -> Any:
        """A cell as the API gives it, computed ones included; null where it is left out."""
        if one.compute is not None:
            found = one.compute(self, record)
        elif one.type == "createdTime":
            found = stamp(record.created)
        elif one.type == "lastModifiedTime":
            at = record.modified((one.options or {}).get("referencedFieldIds", ()))
            found = stamp(at) if at else None
        else:
            found = record.cells.get(one.id)
        return found if filled(found) else None

    def add_field(self, one: Field) -> Field:
        self.fields[one.id] = one
        return one

    def rename(self, name: str) -> None:
        self.name = name

    def retype(self, called: str, type: str, **more: Any) -> None:
        """The field gets another type under the same id; its cells are cleared, as far as this server is concerned."""
        old = self.field(called)
        self.fields[old.id] = Field(old.name, type, id=old.id, **more)
        for record in self.records.values():
            record.cells.pop(old.id, None)

    def drop(self, called: str) -> None:
        """The field is deleted."""
        gone = self.fields.pop(self.field(called).id)
        for record in self.records.values():
            record.cells.pop(gone.id, None)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "primaryFieldId": self.primary,
            "fields": [one.as_json() for one in self.fields.values()],
            "views": [{"id": "viw" + self.id[3:], "name": "Grid view", "type": "grid"}],
        }


class Base:
    """A base: its tables, and everything that happened in it."""

    def __init__(self, id: str, name: str, clock: Clock | RealClock) -> None:
        self.id, self.name, self.clock = id, name, clock
        self.lock = threading.RLock()
        self.tables: dict[str, Table] = {}
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.remember = True  # measurements with many records switch this off

    def add_table(self, name: str, fields: Sequence[Field], id: str | None = None) -> Table:
        table = Table(self, name, fields, id)
        self.tables[table.id] = table
        return table

    def table(self, called: str) -> Table:
        """By id, else by name. Raises KeyError."""
        if called in self.tables:
            return self.tables[called]
        return {table.name: table for table in self.tables.values()}[called]

    def moment(self, at: datetime | None) -> datetime:
        """Now, or `at`, to which the clock is put forward."""
        if at is not None:
            self.clock.set(at)
        return at or self.clock.now()

    def happened(self, event: Event) -> None:
        if self.remember:
            self.events.append(event)
        for listener in self.listeners:
            listener(event)
