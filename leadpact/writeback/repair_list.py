"""A repair from a list: a CSV of records and their new status, and the CSV a plan is kept as.

The file a plan is written to can be read back, or imported into the CRM: a text a spreadsheet would
run, or one that begins with an apostrophe, has an apostrophe before it, and reading takes one away.

Not here: values of many records at once (repair.py), outcomes as CSV (words.py).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis

from config.bounded import within
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.valuemap_file import decoded, table_of
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.export import MARK, runs
from leadpact.metrics.timeline import governed
from leadpact.model import OBJECTS
from leadpact.tables import Table
from leadpact.workspace import Analysis
from leadpact.writeback import plans, repair, repair_barriers, repair_check
from leadpact.writeback.plan import Plan, Row, Tally
from leadpact.writeback.repair import FIELD, GONE, MOVED, SAME, Source
from leadpact.writeback.target import Target

# column -> what it may be called
NAMES: Mapping[str, tuple[str, ...]] = {
    "object": ("object",),
    "record_id": ("record_id", "record", "id"),
    "field": ("field",),
    "before": ("before", "from", "old_status"),
    "after": ("after", "to", "new_status", "status"),
}
FAULTS = ("no_id", "no_after", "bad_object", "other_field", "twice")  # catalogue `repair.line.<name>`
MOST_TOLD, MOST_BYTES = 20, 50_000_000
SHORT, LONG = 15, 18  # characters of an id of Salesforce


@dataclass(frozen=True)
class Wanted:
    """One line: a record's new status; `before` is null where the file does not say it."""

    object: str
    record_id: str
    before: str | None
    after: str


def load(path: Path, object: str = "lead") -> tuple[list[Wanted], Source]:
    """The lines of a CSV file; `object` where it has no such column. Raises Misconfigured with the wrong lines."""
    try:
        data = within(path, MOST_BYTES)
    except OSError as error:
        raise Misconfigured("proposal.no_file", path=str(path), problem=error.strerror or "") from None
    return read(decoded(data, str(path), MOST_BYTES), str(path), object)


def read(text: str, source: str, object: str = "lead") -> tuple[list[Wanted], Source]:
    """As `load`, from the text of a file."""
    header, lines = table_of(text, source)
    places = {name: next((header.index(one) for one in known if one in header), None) for name, known in NAMES.items()}
    if places["record_id"] is None or places["after"] is None:
        raise Misconfigured("repair.no_columns", source=source)
    found: list[Wanted] = []
    wrong: list[LeadPactError] = []
    seen: set[tuple[str, str]] = set()
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            given = {name: _cell(cells, place) for name, place in places.items()}
            one, fault = _line(given, object, seen)
            if fault is not None:
                wrong.append(LeadPactError(f"repair.line.{fault}", row=str(number)))
            elif one is not None:
                found.append(one)
    if wrong:
        raise Misconfigured("repair.bad_list", details=wrong[:MOST_TOLD], source=source, count=len(wrong))
    if not found:
        raise Misconfigured("repair.no_lines", source=source)
    said = sorted({(one.object, one.after) for one in found})
    return found, Source("csv", "csv", hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest())


def _cell(cells: Sequence[str], place: int | None) -> str | None:
    if place is None or place >= len(cells):
        return None
    return cells[place][1:] if cells[place].startswith("'") else cells[place]


def _line(given: Mapping[str, str | None], object: str, seen: set[tuple[str, str]]) -> tuple[Wanted | None, str | None]:
    own, record_id = (given["object"] or object).strip().lower(), (given["record_id"] or "").strip()
    after = (given["after"] or "").strip()
    if not record_id:
        return None, "no_id"
    if not after:
        return None, "no_after"
    if own not in OBJECTS:
        return None, "bad_object"
    if given["field"] not in (None, "", FIELD):
        return None, "other_field"
    if (own, record_id) in seen:
        return None, "twice"
    seen.add((own, record_id))
    return Wanted(own, record_id, given["before"], after), None


def plan(
    target: Target,
    analysis: Analysis,
    wanted: Sequence[Wanted],
    source: Source,
    *,
    author: str,
    now: datetime,
    where: Mapping[str, str] | None = None,
) -> Plan:
    """Makes and keeps the plan of a list, as repair.plan does. Where a line says another `before`, it is set apart."""
    facts = Facts.of(analysis)
    kinds = repair_check.kinds(target, facts, {(one.object, one.after) for one in wanted})
    tally = Tally(whole=sum(facts.count(object) for object in sorted({one.object for one in wanted})))
    found = _rows(analysis, facts, wanted, source, where or {}, tally)
    rows = list(repair_barriers.sift(target, found, tally))
    draft = repair.draft_of(target, analysis, source, kinds, author=author, now=now)
    return plans.make(target.engine, draft, rows, tally)


def _rows(
    analysis: Analysis, facts: Facts, wanted: Sequence[Wanted], source: Source, where: Mapping[str, str], tally: Tally
) -> Iterator[Row]:
    record = analysis.tables.record
    wanted = _in_full(record, wanted)
    keys = [{"of_object": one.object, "of_id": one.record_id} for one in wanted]
    asked = ibis.memtable(keys, schema={"of_object": "string", "of_id": "string"})
    there = record.semi_join(asked, [record.object == asked.of_object, record.record_id == asked.of_id])
    why = repair.why_not(there, governed(record, analysis.pact), facts.as_of).select(*KEYS, "status", "why")
    held: dict[tuple[str, str], dict[str, Any]] = {(row["object"], row["record_id"]): row for row in rows_of(why)}
    chosen = {(row["object"], row["record_id"]) for row in rows_of(repair.within(analysis, there, where).select(*KEYS))}
    said = repair.reason(analysis, "", source)
    for one in sorted(wanted, key=lambda one: (one.object, one.record_id)):
        row = held.get((one.object, one.record_id))
        if row is not None and (one.object, one.record_id) not in chosen:
            continue
        apart = GONE if row is None else row["why"]
        before = row["status"] if row is not None else None
        if apart is None and one.before is not None and one.before != (before or ""):
            apart = MOVED
        if apart is None and before == one.after:
            apart = SAME
        if apart is not None:
            tally.skipped[apart] += 1
        else:
            yield Row(one.object, one.record_id, FIELD, before, one.after, said)


def _in_full(record: Table, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
    """The list with ids as the mirror has them: a report of Salesforce shows the first 15 characters of 18.

    Those 15 say which record it is, by upper and lower case too. Raises Misconfigured where a record is
    named in both forms.
    """
    short = sorted({one.record_id for one in wanted if len(one.record_id) == SHORT and one.record_id.isalnum()})
    if not short:
        return wanted
    asked = ibis.memtable({"of_id": short}, schema={"of_id": "string"})
    long = record.filter(record.record_id.length() == LONG).mutate(head=record.record_id[:SHORT])
    known = {str(row["head"]): str(row["record_id"]) for row in rows_of(
        long.semi_join(asked, [long["head"] == asked.of_id]).select("head", "record_id"))}  # fmt: skip
    full = [replace(one, record_id=known.get(one.record_id, one.record_id)) for one in wanted]
    counts = Counter((one.object, one.record_id) for one in full)
    twice = [one.record_id for one in full if counts[one.object, one.record_id] > 1]
    if twice:
        raise Misconfigured("repair.ids_twice", count=len(set(twice)), ids=", ".join(sorted(set(twice))[:MOST_TOLD]))
    return full


def to_csv(header: Sequence[str], rows: Iterator[Sequence[Any]]) -> str:
    """The rows as CSV with a byte order mark; texts come back letter by letter."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(["" if cell is None else _harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and (runs(cell) or cell.startswith("'")) else cell
