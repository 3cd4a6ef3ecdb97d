"""Columns into pages of a canonical table.

Not here: what the columns hold (records.py, rows.py, timeline.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from leadpact.connector import Page, Reject
from leadpact.model import ARROW, TABLES

ROWS = 50_000


def shaped(table: str, columns: Mapping[str, pa.Array], rows: int, custom: Sequence[str] = ()) -> pa.Table:
    """The columns as the canonical table and its `custom` columns; those missing are null."""
    schema = TABLES[table].arrow_schema(custom)
    return pa.table(
        [
            columns[field.name].cast(field.type) if field.name in columns else pa.nulls(rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def defaulted(columns: Mapping[str, pa.Array], name: str, value: str, rows: int) -> pa.Array:
    """The column with blanks filled, or a column of `value` alone."""
    filled = pa.array([value], ARROW["text"])[0]
    return columns[name].fill_null(filled) if name in columns else pa.repeat(filled, rows)


def cut(table: str, rows: pa.Table, rejects: Sequence[Reject] = ()) -> Iterator[Page]:
    """Pages of at most ROWS rows; the first carries the rejects. None when there is nothing to say."""
    for start in range(0, max(rows.num_rows, 1), ROWS):
        part = rows.slice(start, ROWS)
        said = tuple(rejects) if start == 0 else ()
        if part.num_rows or said:
            yield Page(table, part, said)
