"""A mapping held against what the source really has.

Not here: whether the document itself is sound (document.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from config.errors import LeadPactError
from leadpact.errors import BadMapping
from leadpact.mapping.described import SourceTable
from leadpact.mapping.document import Entry, MappingDocument, closest


def faults(document: MappingDocument, tables: Sequence[SourceTable]) -> list[LeadPactError]:
    """Every source table, header or required column the mapping needs and the source lacks."""
    found: list[LeadPactError] = []
    for place, entry in enumerate(document.tables):
        table = next((table for table in tables if table.called(entry.source)), None)
        if table is None:
            names = [table.shown for table in tables]
            found.append(
                BadMapping(
                    "mapping.fault.no_source",
                    path=f"tables[{place}].source",
                    name=document.shown(entry.source),
                    closest=closest(document.shown(entry.source), names) or "–",
                    known=", ".join(names) or "–",
                )
            )
        elif table.problem is None:
            labels = {column.name: column.shown for column in table.columns}
            shown = {**document.labels, entry.source: table.shown}
            path, own = f"tables[{place}]", {column.fills for column in table.columns}
            found += header_faults(entry, list(labels), path, labels=labels, shown=shown, standard=own)
    return found


def header_faults(
    entry: Entry,
    headers: Sequence[str],
    path: str,
    *,
    labels: Mapping[str, str] | None = None,
    shown: Mapping[str, str] | None = None,
    standard: Collection[str] = (),
) -> Iterator[LeadPactError]:
    """The headers `entry` names that `headers` do not hold, and required columns left unmapped.

    `labels` are what people call the headers, `shown` what the mapping's own names are called,
    `standard` the columns the source fills without a mapping.
    """
    labels, shown = labels or {}, shown or {}
    headers = [*headers, *(label for label in labels.values() if label not in headers)]
    known = {header.strip().casefold() for header in headers}
    for where, header in named_headers(entry).items():
        if header.strip().casefold() not in known:
            called = shown.get(header, header)
            yield BadMapping(
                "mapping.fault.no_header",
                path=f"{path}.{where}",
                name=called,
                source=shown.get(entry.source, entry.source),
                closest=closest(called, list(labels.values()) or headers) or "–",
            )
    for column in entry.target.required:
        given = column in entry.constants or entry.fields.get(column, column in standard)
        if not given and column not in known:
            yield BadMapping(
                "mapping.fault.required",
                path=f"{path}.fields",
                name=column,
                source=shown.get(entry.source, entry.source),
                target=entry.to,
                headers=", ".join(list(labels.values()) or headers),
            )


def named_headers(entry: Entry) -> Mapping[str, str]:
    """Every header the entry names, by its place in the entry."""
    named = {f"fields.{name}": header for name, header in entry.fields.items() if header}
    named |= {f"custom.{name}": header for name, header in entry.custom.items()}
    named |= {f"status_dates[{place}].column": each.column for place, each in enumerate(entry.status_dates)}
    named |= {"status_since": entry.status_since} if entry.status_since else {}
    named |= {f"where.{header}": header for header in entry.where}
    named |= {f"dates.{header}": header for header in entry.dates}
    named |= {f"numbers.{header}": header for header in entry.numbers}
    return named
