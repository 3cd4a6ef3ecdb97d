"""A mapping held against what the source really has.

Not here: whether the document itself is sound (document.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from config.errors import LeadPactError
from leadpact.errors import BadMapping
from leadpact.mapping.described import SourceTable
from leadpact.mapping.document import Entry, MappingDocument, closest


def faults(document: MappingDocument, tables: Sequence[SourceTable]) -> list[LeadPactError]:
    """Every source table, header or required column the mapping needs and the source lacks."""
    known = {table.name.casefold(): table for table in tables}
    found: list[LeadPactError] = []
    for place, entry in enumerate(document.tables):
        table = known.get(entry.source.casefold())
        if table is None:
            names = [table.name for table in tables]
            found.append(
                BadMapping(
                    "mapping.fault.no_source",
                    path=f"tables[{place}].source",
                    name=entry.source,
                    closest=closest(entry.source, names) or "–",
                    known=", ".join(names) or "–",
                )
            )
        elif table.problem is None:
            headers = [column.name for column in table.columns]
            found += header_faults(entry, headers, f"tables[{place}]")
    return found


def header_faults(entry: Entry, headers: Sequence[str], path: str) -> Iterator[LeadPactError]:
    """The headers `entry` names that `headers` do not hold, and required columns left unmapped."""
    known = {header.strip().casefold() for header in headers}
    for where, header in named_headers(entry).items():
        if header.strip().casefold() not in known:
            yield BadMapping(
                "mapping.fault.no_header",
                path=f"{path}.{where}",
                name=header,
                source=entry.source,
                closest=closest(header, headers) or "–",
            )
    for column in entry.target.required:
        if column not in entry.constants and not entry.fields.get(column) and column not in known:
            yield BadMapping(
                "mapping.fault.required",
                path=f"{path}.fields",
                name=column,
                source=entry.source,
                target=entry.to,
                headers=", ".join(headers),
            )


def named_headers(entry: Entry) -> Mapping[str, str]:
    """Every header the entry names, by its place in the entry."""
    named = {f"fields.{name}": header for name, header in entry.fields.items() if header}
    named |= {f"custom.{name}": header for name, header in entry.custom.items()}
    named |= {f"status_dates[{place}].column": each.column for place, each in enumerate(entry.status_dates)}
    named |= {f"where.{header}": header for header in entry.where}
    named |= {f"dates.{header}": header for header in entry.dates}
    named |= {f"numbers.{header}": header for header in entry.numbers}
    return named
