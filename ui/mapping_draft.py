"""A mapping while it is being edited: always a sound document, changed by whole edits.

What is read without being said (a header called like its column, a table called like its
target) is spelled out when editing begins, and what the editor leaves unused is switched off
when it ends: the person confirms exactly what they see.

Not here: widgets (mapping_editor.py), proposals and checks (leadpact/mapping).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from leadpact.errors import BadMapping, LeadPactError
from leadpact.mapping import TARGETS, Entry, MappingDocument, SourceColumn, SourceTable, addressed, faults, labelled
from leadpact.mapping.document import is_slug
from leadpact.mapping.recognise import match, plain

# uses of a column: field:<canonical>, own field, status date, date of the present status
FIELD, CUSTOM, STATUS, SINCE = "field:", "custom", "status", "since"
RECORDS = ("leads", "contacts", "status_changes")


def spelled(document: MappingDocument, tables: Sequence[SourceTable]) -> MappingDocument:
    """The document with everything said that the source's names say by themselves."""
    readable = [table for table in tables if table.problem is None]
    document = addressed(document, readable)
    entries = [_spelled(entry, table) for entry in document.tables if (table := _called(readable, entry.source))]
    lost = [entry for entry in document.tables if _called(readable, entry.source) is None]  # as they were confirmed
    read = {entry.source.casefold() for entry in document.tables} | {name.casefold() for name in document.ignore}
    for table in readable:
        to = table.shown.strip().casefold()
        said = table.fills if table.fills and table.name.casefold() not in read else ""
        to = said or (to if to in TARGETS and not table.label and to not in read else "")
        if to:
            entries.append(_spelled(Entry.model_validate({"source": table.name, "to": to}), table))
    return document.model_copy(update={"tables": (*entries, *lost)})


def finished(document: MappingDocument, tables: Sequence[SourceTable]) -> MappingDocument:
    """The document to keep: headers and tables that are not used are switched off by name."""
    entries = [_finished(entry, _called(tables, entry.source)) for entry in document.tables]
    used = {entry.source.casefold() for entry in entries}
    ignore = [table.name for table in tables if table.problem is None and table.name.casefold() not in used]
    kept = MappingDocument(tables=tuple(entries), ignore=tuple(ignore), labels=document.labels)
    return labelled(kept, tables)


def open_points(document: MappingDocument, tables: Sequence[SourceTable]) -> list[LeadPactError]:
    """What must be settled before the mapping can be confirmed."""
    found = faults(document, tables)
    for entry in document.tables:
        table = _called(tables, entry.source)
        for column in undecided(entry, table) if table else ():
            shown = table.shown if table else entry.source
            found.append(BadMapping("setup.mapping.undecided", source=shown, column=column.shown))
    if not any(entry.to in RECORDS for entry in document.tables):
        found.append(BadMapping("setup.mapping.no_records"))
    return found


def undecided(entry: Entry, table: SourceTable) -> list[SourceColumn]:
    """The columns used as dates that can be read in two ways, and nobody has said which."""
    said = {header.strip().casefold() for header in entry.dates}
    return [
        column
        for column in table.columns
        if len(column.date_forms) > 1 and dated(entry, column.name) and column.name.strip().casefold() not in said
    ]


def dated(entry: Entry, header: str) -> bool:
    """Whether the column is used as a date."""
    uses = uses_of(entry, header)
    kinds = {entry.target.column(use.removeprefix(FIELD)).kind for use in uses if use.startswith(FIELD)}
    return STATUS in uses or SINCE in uses or "time" in kinds


def choices(entry: Entry) -> list[str]:
    """What a column of this table can be used for, what is required first."""
    target = entry.target
    names = sorted(target.names, key=lambda name: name not in target.required)
    more = [use for use, there in ((CUSTOM, target.table.custom), (STATUS, target.dated)) if there]
    return [*(FIELD + name for name in names), *more]


def uses_of(entry: Entry, header: str) -> list[str]:
    """What the column is used for now."""
    called = header.strip().casefold()
    found = [FIELD + name for name, of in entry.fields.items() if _same(of, called)]
    found += [CUSTOM] if slug_of(entry, header) else []
    found += [STATUS] if status_of(entry, header) is not None else []
    return found + ([SINCE] if _same(entry.status_since, called) else [])


def slug_of(entry: Entry, header: str) -> str | None:
    called = header.strip().casefold()
    return next((slug for slug, of in entry.custom.items() if _same(of, called)), None)


def status_of(entry: Entry, header: str) -> str | None:
    called = header.strip().casefold()
    return next((each.status for each in entry.status_dates if _same(each.column, called)), None)


def use(entry: Entry, header: str, uses: Sequence[str], label: str = "") -> Entry:
    """The entry with the column used so; a canonical column it takes is taken from the header that filled it.

    `label` is what people call the column, where its header is an id.
    """
    names = [each.removeprefix(FIELD) for each in uses if each.startswith(FIELD)]
    called = header.strip().casefold()
    fields = {name: of for name, of in entry.fields.items() if name not in names and not _same(of, called)}
    parts = entry.model_dump()
    parts["fields"] = {**fields, **dict.fromkeys(names, header)}
    parts["constants"] = {name: value for name, value in entry.constants.items() if name not in names}
    gone = {name for name, of in entry.fields.items() if _same(of, called)} - set(names)
    parts["values"] = {name: values for name, values in entry.values.items() if name not in gone}
    parts["custom"] = {slug: of for slug, of in entry.custom.items() if CUSTOM in uses or not _same(of, called)}
    if CUSTOM in uses and slug_of(entry, header) is None:
        parts["custom"][_free_slug(entry, header, label or header)] = header
    kept = [each for each in entry.status_dates if STATUS in uses or not _same(each.column, called)]
    parts["status_dates"] = [each.model_dump() for each in kept]
    if STATUS in uses and status_of(entry, header) is None:
        parts["status_dates"].append({"column": header, "status": (label or header).strip()})
    if SINCE in uses or _same(entry.status_since, called):
        parts["status_since"] = header if SINCE in uses else None
    changed = Entry.model_validate(parts)
    return changed if dated(changed, header) else date_form(changed, header, None)


def name_slug(entry: Entry, header: str, text: str) -> Entry:
    """The own field under another name; what cannot be in a name becomes `_`."""
    others = {slug: of for slug, of in entry.custom.items() if not _same(of, header.strip().casefold())}
    bare = entry.model_copy(update={"custom": others})
    return _changed(entry, custom={**others, _free_slug(bare, header, text): header})


def name_status(entry: Entry, header: str, status: str) -> Entry:
    """The status a date column stands for; a blank one is not taken."""
    called = header.strip().casefold()
    dates = [
        {"column": each.column, "status": status.strip() if _same(each.column, called) else each.status}
        for each in entry.status_dates
    ]
    return _changed(entry, status_dates=dates) if status.strip() else entry


def date_form(entry: Entry, header: str, form: str | None) -> Entry:
    """How the column's dates are to be read; null leaves it to what its cells tell."""
    dates = {of: given for of, given in entry.dates.items() if not _same(of, header.strip().casefold())}
    return _changed(entry, dates={**dates, header: form} if form else dates)


def constants(entry: Entry, names: Sequence[str]) -> Entry:
    """One value for every row in these columns and no others; a new one begins as its kind allows."""
    first: Mapping[str, Any] = {"flag": True, "number": 0, "whole": 0}
    kept = {name: entry.constants.get(name, first.get(entry.target.column(name).kind, "")) for name in names}
    fields = {name: of for name, of in entry.fields.items() if name not in names}
    return _changed(entry, constants=kept, fields=fields)


def constant(entry: Entry, name: str, value: Any) -> Entry:
    return _changed(entry, constants={**entry.constants, name: value})


def translate(entry: Entry, name: str, value: str, to: str) -> Entry:
    """The value of the source read as another one; as itself where `to` is blank."""
    known = {word: of for word, of in entry.values.get(name, {}).items() if word.casefold() != value.casefold()}
    known |= {value: to.strip()} if to.strip() and to.strip() != value else {}
    values = {**entry.values, name: known}
    return _changed(entry, values={column: words for column, words in values.items() if words})


def retarget(entry: Entry, to: str, table: SourceTable) -> Entry:
    """The table sent to another target, its columns matched anew."""
    return fresh(table, to) if to != entry.to else entry


def fresh(table: SourceTable, to: str) -> Entry:
    """The table sent to a target, with the columns its headers most likely mean."""
    target = TARGETS[to]
    found = [one for column in table.columns for of in target.columns if (one := match(column, of, target))]
    fields: dict[str, str] = {}
    for one in sorted(found, key=lambda one: -one.confidence):
        if one.column not in fields and one.header not in fields.values():
            fields[one.column] = one.header
    return Entry.model_validate({"source": table.name, "to": to, "fields": fields})


def replaced(document: MappingDocument, place: int, change: Callable[[Entry], Entry]) -> MappingDocument:
    """The document with the entry at `place` changed."""
    entries = list(document.tables)
    entries[place] = change(entries[place])
    return document.model_copy(update={"tables": tuple(entries)})


def _spelled(entry: Entry, table: SourceTable) -> Entry:
    fields, custom = dict(entry.fields), dict(entry.custom)
    for column in table.columns:
        name = _by_itself(column, table)
        if name in entry.target.names and name not in fields and name not in entry.constants:
            fields[name] = column.name
        elif entry.target.table.custom and is_slug(name):
            custom.setdefault(name, column.name)
    return _changed(entry, fields={name: of for name, of in fields.items() if of}, custom=custom)


def _by_itself(column: SourceColumn, table: SourceTable) -> str:
    """What a column fills where nobody says anything: what the source knows, else what its name is."""
    return column.fills if table.fills else column.name.strip().casefold()


def _finished(entry: Entry, table: SourceTable | None) -> Entry:
    given = {name: value for name, value in entry.constants.items() if value != ""}
    off = [
        name
        for column in (table.columns if table else ())
        if table is not None
        and (name := _by_itself(column, table)) in entry.target.names
        and name not in entry.fields
        and name not in given
    ]
    return _changed(entry, fields={**entry.fields, **dict.fromkeys(off)}, constants=given)


def _called(tables: Sequence[SourceTable], name: str) -> SourceTable | None:
    return next((table for table in tables if table.name.casefold() == name.casefold()), None)


def _same(header: str | None, called: str) -> bool:
    return header is not None and header.strip().casefold() == called


def _free_slug(entry: Entry, header: str, text: str) -> str:
    wanted = re.sub(r"[^a-z0-9]+", "_", plain(text.removeprefix("f_"))).strip("_")[:50] or "field"
    return next(slug for slug in _numbered(f"f_{wanted}") if entry.custom.get(slug, header) == header)


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    yield from (f"{slug}_{number}" for number in range(2, 1000))


def _changed(entry: Entry, **parts: Any) -> Entry:
    return Entry.model_validate({**entry.model_dump(), **parts})
