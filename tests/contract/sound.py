"""A sound connector over a made-up CRM that can do everything: the example the broken ones are made from.

Its CRM is one JSON file: records with the moment they were last changed, changes, deletions,
and rows that cannot be read. It keeps every clause; each step is a method, so that a broken
one need only say what it does wrong.

Not here: the broken ones (broken_*.py), the CRM itself and its door (sound_door.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from leadpact.connector import Capabilities, Change, Check, Extract, Outcome, Page, Reject
from leadpact.errors import Misconfigured, SourceRefused, SourceUnreachable
from leadpact.mapping import SourceColumn, SourceTable
from leadpact.model import RECORD, TABLES
from tests.rows import table

Crm = dict[str, Any]
Row = dict[str, Any]
PAGE_ROWS = 50_000


class Sound:
    """Settings: `path` of the CRM's file, `token`, `writable`."""

    name = "sound"
    can = Capabilities(
        history=True,
        activities=True,
        write=True,
        batch_size=10,
        compare_and_set=True,
        incremental=True,
        deletions=True,
    )

    def __init__(self, settings: Mapping[str, Any], *, state: Path, mapping: str | None = None) -> None:
        if not settings.get("path"):
            raise Misconfigured("files.no_path")
        self.path, self.state = Path(settings["path"]), state
        self._token, self._writable = settings.get("token"), settings.get("writable") is True

    # reading

    def open(self) -> Crm:
        """The whole CRM as it stands."""
        try:
            crm: Crm = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SourceUnreachable("files.no_folder", path=str(self.path)) from error
        if crm["token"] != self._token:
            raise SourceRefused("files.folder_refused", path=str(self.path))
        return crm

    def check(self) -> Iterable[Check]:
        try:
            crm = self.open()
        except (SourceUnreachable, SourceRefused) as error:
            return [Check("link", False, error.key, "files.remedy.folder", error.params)]
        count = {"path": str(self.path), "count": len(crm["records"])}
        checks = [Check("link", True, "files.check.folder", None, count)]
        if not self._writable:
            checks.append(Check("write", False, "demo.check_read_only", "demo.check_read_only_remedy"))
        return checks

    def extract(self, since: str | None = None) -> Extract:
        crm = self.open()
        after = self.after(crm, since)
        return Extract(
            pages=self.pages(crm, after),
            provided=self.provided(),
            complete=after is None,
            mark=lambda: self.mark(crm),
            creation_logged=True,
        )

    def provided(self) -> frozenset[str]:
        return frozenset(TABLES)

    def mark(self, crm: Crm) -> Any:
        return f"sound@{crm['now']}"

    def after(self, crm: Crm, since: str | None) -> str | None:
        """The moment from which changes are wanted, itself included; null for everything."""
        who, _, moment = (since or "").partition("@")
        return moment if who == "sound" else None

    def pages(self, crm: Crm, after: str | None) -> Iterator[Page]:
        rejects = self.rejects(crm)
        for name, rows in self.tables(crm, after).items():
            whole = self.arrow(name, rows)
            if name == "owner":
                whole = pa.concat_tables([whole, *([crowd(crm["crowd"])] if crm["crowd"] else [])])
            for start in range(0, max(whole.num_rows, 1), self.page_rows()):
                gone = self.deleted(crm, after) if name == "record" and start == 0 else ()
                yield Page(name, whole.slice(start, self.page_rows()), rejects if name == "record" else (), gone, 1)

    def page_rows(self) -> int:
        return PAGE_ROWS

    def arrow(self, name: str, rows: Sequence[Row]) -> pa.Table:
        return table(name, rows)

    def tables(self, crm: Crm, after: str | None) -> dict[str, list[Row]]:
        """Rows by table; of records and their changes those that changed since."""
        records = [row for row in crm["records"] if self.wanted(row, after)]
        touched = {(row["object"], row["record_id"]) for row in records}
        changes = [row for row in crm["changes"] if (row["object"], row["record_id"]) in touched]
        people = [{name: value for name, value in row.items() if name != "modified"} for row in records]
        return {"record": people, "field_change": changes, **crm["others"]}

    def wanted(self, row: Row, after: str | None) -> bool:
        return after is None or row["modified"] >= after

    def deleted(self, crm: Crm, after: str | None) -> list[tuple[str, str]]:
        return [(row["object"], row["record_id"]) for row in crm["gone"] if after is not None and row["at"] >= after]

    def rejects(self, crm: Crm) -> list[Reject]:
        return [
            Reject("People", line, "record_id", "files.reject.missing", {"column": "record_id"}, raw)
            for line, raw in enumerate(crm["bad"], start=2)
        ]

    def describe(self) -> list[SourceTable]:
        return [SourceTable("People", (SourceColumn("Name", samples=("Xxx Xxxxx",)),), len(self.open()["records"]), 3)]

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        crm = self.open()
        for field in fields:
            if field not in self.fields(crm):
                raise SourceRefused("demo.no_field", name=field)
        found = {row["record_id"]: row for row in crm["records"] if row["object"] == object}
        return {wanted: {field: found[wanted].get(field) for field in fields} for wanted in ids if wanted in found}

    def fields(self, crm: Crm) -> set[str]:
        return {*RECORD.names, *(name for row in crm["records"] for name in row)} - {"modified"}

    # writing

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        waiting = iter(changes)
        while batch := list(islice(waiting, self.can.batch_size)):
            yield from self.send(batch)

    def send(self, batch: Sequence[Change]) -> list[Outcome]:
        """One call: every change is decided, then all that were accepted are stored, then told."""
        crm = self.open()
        outcomes = [self.decide(crm, change) for change in batch]
        self.store(crm)
        return outcomes

    def decide(self, crm: Crm, change: Change) -> Outcome:
        row = next(
            (r for r in crm["records"] if (r["object"], r["record_id"]) == (change.object, change.record_id)), None
        )
        if not self._writable:
            return Outcome(change, "refused", "READ_ONLY")
        if row is None:
            return Outcome(change, "refused", "NOT_FOUND")
        if change.field not in self.fields(crm):
            return Outcome(change, "refused", "INVALID_FIELD")
        if change.field == "status" and change.after not in (None, *crm["statuses"]):
            return Outcome(change, "refused", "INVALID_VALUE")
        if self.moved(row, change):
            return Outcome(change, "conflict", "MOVED")
        self.apply(crm, row, change)
        return Outcome(change, "written")

    def moved(self, row: Row, change: Change) -> bool:
        return change.before is not None and row.get(change.field) != change.before

    def apply(self, crm: Crm, row: Row, change: Change) -> None:
        log(crm, row, change.field, change.after, crm["now"], "leadpact")

    def store(self, crm: Crm) -> None:
        if self._writable:
            self.path.write_text(json.dumps(crm), encoding="utf-8")


def log(crm: Crm, row: Row, field: str, value: str | None, at: str, actor: str) -> None:
    """A change as the CRM itself makes it: the value, its stamp, its history."""
    told = {"field": field, "from_value": row.get(field), "to_value": value, "at": at, "seq": len(crm["changes"])}
    key = {"object": row["object"], "record_id": row["record_id"]}
    crm["changes"].append({**key, **told, "actor_id": actor, "evidence": "history"})
    row.update({field: value, "modified": at})
    crm["now"] = max(crm["now"], at)


def crowd(size: int) -> pa.Table:
    """So many users."""
    ids = pa.array([f"U{number:06}" for number in range(size)])
    schema = TABLES["owner"].arrow_schema()
    return pa.table(
        [ids if field.name == "owner_id" else pa.nulls(size, field.type) for field in schema], schema=schema
    )
