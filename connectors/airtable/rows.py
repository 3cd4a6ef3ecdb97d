"""Records of the API as rows of canonical tables, and a list of what could not be read.

A cell that cannot be read is null, and the row is kept and listed; a row that lacks what its
table requires is listed and left out.

Not here: asking for the records (reading.py), status changes out of dates (changes.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from connectors.airtable import cells
from connectors.airtable.plan import IDS, RECORDS, Plan, Step, is_pseudo
from connectors.airtable.schema import FieldDef
from leadpact.connector import Reject
from leadpact.mapping.vocabulary import fold, vocabulary
from leadpact.model import Column

CLOSED = ("object", "condition", "direction")  # a word outside their vocabulary is not understood
WEBSITE = "https://airtable.com"
MOST_LINKS = 50  # people one activity may be about; a mailing to hundreds is no touch of each
LISTED = 10_000  # of one kind: a whole column that is wrong is one thing to correct
Raw = Mapping[str, Any]
Row = dict[str, Any]


@dataclass
class Work:
    """What one reading gathers beside its rows: people, ids, rejects; and what it needs to know."""

    plan: Plan
    zone: ZoneInfo
    base_id: str
    names: dict[str, dict[str, str]] = field(default_factory=dict)  # of linked records, by table
    people: dict[str, str] = field(default_factory=dict)  # users of Airtable, and linked staff: id, name
    known: dict[str, set[str]] = field(default_factory=dict)  # ids of the records delivered, by object; of owners
    sure: bool = True  # every record there is has been delivered before what is about it: no delta
    rejects: list[Reject] = field(default_factory=list)
    _counted: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def reject(self, step: Step, raw: Raw, column: str, problem: str, *, kept: bool) -> None:
        kind = (step.table.id, column, problem)
        self._counted[kind] = self._counted.get(kind, 0) + 1
        if self._counted[kind] <= LISTED:
            said = {"column": column, "table": step.table.name}
            self.rejects.append(
                Reject(step.table.name, None, column, problem, said, json.dumps(raw, ensure_ascii=False), kept)
            )

    def told(self) -> list[Reject]:
        """The rejects since it was last asked."""
        told, self.rejects = self.rejects, []
        return told


def cell(raw: Raw, one: FieldDef) -> Any:
    """The cell of a field; what the record tells itself under its own name."""
    return raw.get(one.id) if is_pseudo(one) else raw["fields"].get(one.id)


class Translator:
    """The rows of one step."""

    def __init__(self, step: Step, work: Work) -> None:
        self._step, self._work = step, work
        self._columns, self._people, self._to = step.columns, step.people, step.entry.to
        self._about = "record_id" in step.target.names
        self._blank = {word.strip().casefold() for word in step.entry.blank}
        self._values = {
            name: {source.strip().casefold(): to for source, to in values.items()}
            for name, values in step.entry.values.items()
        }
        self._constants: Row = {name: self._constant(name, value) for name, value in step.entry.constants.items()}

    def rows(self, raw: Raw) -> Iterator[Row]:
        """The rows of one record: mostly one, none where it is not meant, several where it links to several."""
        if not self._meant(raw):
            return
        row: Row = dict(self._constants)
        for column in self._columns:
            row[column.name] = self._cell(raw, column)
        for name, one in self._people:
            self._meet(cell(raw, one), row.get(name))
        if self._to in RECORDS:
            known = self._work.known.setdefault(self._step.object, set())
            if raw["id"] in known:  # another entry means it, too
                return
            known.add(raw["id"])
            row["object"] = self._step.object
            row["condition"] = row.get("condition") or "active"
            row["url"] = row.get("url") or record_url(self._work.base_id, self._step, raw)
            yield row
        elif self._about:
            yield from self._of_records(raw, row)
        elif self._complete(raw, row):
            if self._step.entry.to == "owners":
                self._work.known.setdefault("owners", set()).add(row["owner_id"])
            yield row

    def status(self, found: Any) -> str | None:
        """A cell of the status field as its column has it; null where it cannot be read."""
        try:
            said = self._read(found, self._step.places["status"], self._step.target.column("status"))
        except cells.Unreadable:
            return None
        return None if said is None else str(said)

    def _constant(self, name: str, value: Any) -> Any:
        kind = self._step.target.column(name).kind
        return cells.moment(str(value), self._work.zone) if kind == "time" else str(value) if kind == "text" else value

    def _meant(self, raw: Raw) -> bool:
        for one, wanted in self._step.where:
            try:
                said = cells.text(cell(raw, one), one, self._work.names.get(one.links or ""))
            except cells.Unreadable:
                said = None
            if (said or "").strip().casefold() not in wanted:
                return False
        return True

    def _of_records(self, raw: Raw, row: Row) -> Iterator[Row]:
        """One row for each lead or contact the record is about."""
        one = self._step.places.get("record_id")
        ids = cells.linked(cell(raw, one)) if one is not None else []
        object = (self._work.plan.objects(one.links) if one is not None and one.links else None) or self._step.object
        row.setdefault("object", None)
        said = row["object"] or object
        if self._step.entry.to == "opportunities":  # a deal is one, whomever it reaches first
            row |= {"object": said, "record_id": ids[0] if ids else None}
            if self._complete(raw, row):
                yield row
            return
        if not ids and not self._first_to_say(raw):
            return
        for number, record_id in enumerate(ids[:MOST_LINKS] or [None], start=1):
            own: Row = {**row, "object": said, "record_id": record_id}
            if number > 1 and own.get("activity_id"):
                own["activity_id"] = f"{own['activity_id']}/{number}"
            if self._complete(raw, own) and self._there(raw, own):
                yield own

    def _first_to_say(self, raw: Raw) -> bool:
        """Whether a blank link is this entry's to list: where several entries read by several links, one is enough."""
        mates = [step for step in self._work.plan.of(self._step.entry.to) if step.table.id == self._step.table.id]
        links = [one for step in mates if (one := step.places.get("record_id")) is not None]
        return mates[:1] == [self._step] and not any(cells.linked(cell(raw, one)) for one in links)

    def _there(self, raw: Raw, row: Row) -> bool:
        """Whether the record a row is about is delivered too; only a whole reading can tell."""
        if not self._work.sure or row["record_id"] in self._work.known.get(row["object"], ()):
            return True
        self._work.reject(self._step, raw, self._called("record_id"), "airtable.reject.unknown_record", kept=False)
        return False

    def _complete(self, raw: Raw, row: Row) -> bool:
        for name in self._step.target.required:
            if row.get(name) is None:
                self._work.reject(self._step, raw, self._called(name), "airtable.reject.missing", kept=False)
                return False
        return True

    def _called(self, name: str) -> str:
        one = self._step.places.get(name)
        return one.name if one else name

    def _cell(self, raw: Raw, column: Column) -> Any:
        one = self._step.places[column.name]
        try:
            return self._read(cell(raw, one), one, column)
        except cells.Unreadable:
            self._work.reject(self._step, raw, one.name, "airtable.reject.bad_cell", kept=True)
            return None

    def _read(self, found: Any, one: FieldDef, column: Column) -> Any:
        values = self._values.get(column.name)
        if column.kind == "time":
            return cells.moment(found, self._work.zone)
        names = self._work.names.get(one.links or "")
        if values:
            said = cells.text(found, one, names)
            if said is not None and said.strip().casefold() in values:
                to = values[said.strip().casefold()]
                return str(to) if column.kind == "text" else to
        if column.kind == "flag":
            return cells.flag(found, one)
        if column.kind in ("number", "whole"):
            value = cells.number(found, one)
            return value if value is None or column.kind == "number" else int(value)
        if column.name in IDS:
            return next(iter(_ids(found, one)), None)
        return self._word(column.name, cells.text(found, one, names))

    def _word(self, name: str, said: str | None) -> str | None:
        if said is None or said.strip().casefold() in self._blank:
            return None
        words = vocabulary(name)
        if not words or not (name in CLOSED or name == "kind"):
            return said
        known = words.get(fold(said))
        if known is None and name in CLOSED:
            raise cells.Unreadable
        return known or "other"

    def _meet(self, found: Any, owner_id: str | None) -> None:
        """Keeps what the people in a cell are called."""
        for person in found if isinstance(found, list) else [found]:
            if isinstance(person, Mapping) and person.get("id"):
                self._work.people.setdefault(str(person["id"]), str(person.get("name") or person.get("email") or ""))


def _ids(found: Any, one: FieldDef) -> list[str]:
    """What a cell refers to, by id: people, linked records, or the words themselves."""
    if isinstance(found, list):
        return cells.linked(found)
    said = cells.text(found, one, ids=True)
    return [said.strip()] if said is not None and said.strip() else []


def record_url(base_id: str, step: Step, raw: Raw) -> str:
    """Where a person opens the record."""
    return f"{WEBSITE}/{base_id}/{step.table.id}/{raw['id']}"
