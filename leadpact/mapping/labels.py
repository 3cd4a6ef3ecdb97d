"""Mappings of sources whose tables and columns are known by ids: what people call them, and back.

A person may write names; what is kept are ids, which outlive renaming, with the names beside them.

Not here: the mapping document (document.py), what a source has (described.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadpact.mapping.check import named_headers
from leadpact.mapping.described import SourceTable
from leadpact.mapping.document import Entry, MappingDocument, StatusDate


def labelled(document: MappingDocument, tables: Sequence[SourceTable]) -> MappingDocument:
    """The document with the names of all it uses, as the source has them now; names it has not are kept."""
    labels: dict[str, str] = {}
    for entry in document.tables:
        table = _called(tables, entry.source)
        if table is not None:
            named = [column for of in named_headers(entry).values() if (column := table.column(of)) is not None]
            labels |= {table.name: table.label} if table.label else {}
            labels |= {column.name: column.label for column in named if column.label}
    used = {name for entry in document.tables for name in (entry.source, *named_headers(entry).values())}
    kept = {name: label for name, label in document.labels.items() if name in used and name not in labels}
    return document.model_copy(update={"labels": {**kept, **labels}})


def addressed(document: MappingDocument, tables: Sequence[SourceTable]) -> MappingDocument:
    """The document with every table and column under the source's own name for it, names people use replaced."""
    entries = []
    for entry in document.tables:
        table = _called(tables, entry.source)
        entries.append(entry if table is None else _addressed(entry, table))
    ignore = tuple(table.name if (table := _called(tables, name)) else name for name in document.ignore)
    return labelled(document.model_copy(update={"tables": tuple(entries), "ignore": ignore}), tables)


def _addressed(entry: Entry, table: SourceTable) -> Entry:
    def own(header: str) -> str:
        column = table.column(header)
        return column.name if column is not None and column.label else header

    def keyed(part: Mapping[str, Any]) -> dict[str, Any]:
        return {own(header): value for header, value in part.items()}

    return entry.model_copy(
        update={
            "source": table.name if table.label else entry.source,
            "where": keyed(entry.where),
            "fields": {name: own(header) if header else None for name, header in entry.fields.items()},
            "custom": {name: own(header) for name, header in entry.custom.items()},
            "dates": keyed(entry.dates),
            "numbers": keyed(entry.numbers),
            "status_dates": tuple(StatusDate(column=own(one.column), status=one.status) for one in entry.status_dates),
            "status_since": own(entry.status_since) if entry.status_since else None,
        }
    )


def _called(tables: Sequence[SourceTable], name: str) -> SourceTable | None:
    named = (table for table in tables if table.name.casefold() == name.strip().casefold())
    return next(named, next((table for table in tables if table.called(name)), None))
