"""The rows a source holds and the mirror does not, or not as they stood: counted, listed, downloaded.

`raw` is a row as it came: for the download only, never shown, logged or part of a message.

Not here: why a row is refused (connectors), how rows become CSV (export.py).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from leadpact.connector import Reject
from leadpact.store import Mirror

BATCH = 10_000


@dataclass(frozen=True)
class Rejected:
    """One row, or one fault of a whole file (`line` is null). `kept`: loaded after a repair."""

    source: str
    line: int | None
    column: str | None
    problem: str
    params: Mapping[str, Any]
    kept: bool
    raw: str | None = None


@dataclass(frozen=True)
class Summary:
    """Rows with the same problem in the same column: how many, and the lines between which."""

    source: str
    column: str | None
    problem: str
    params: Mapping[str, Any]
    kept: bool
    rows: int
    first_line: int | None
    last_line: int | None


def add(draft: duckdb.DuckDBPyConnection, rejects: Sequence[Reject], *, known: bool = False) -> None:
    """Lists rows in the mirror that is being filled; where some are `known` from before, each only once."""
    if not rejects:
        return
    columns = ("source", "line", "column_name", "problem", "params", "raw", "kept")
    rows = [(r.source, r.line, r.column, r.problem, json.dumps(dict(r.params)), r.raw, r.kept) for r in rejects]
    types = {"line": pa.int64(), "kept": pa.bool_()}
    page = {
        name: pa.array(cells, types.get(name, pa.string()))
        for name, cells in zip(columns, zip(*rows, strict=True), strict=True)
    }
    draft.register("page", pa.table(page))
    others = f"EXCEPT SELECT {', '.join(columns)} FROM reject" if known else ""  # noqa: S608 - names from above
    draft.execute(f"INSERT INTO reject BY NAME SELECT * FROM page {others}")  # noqa: S608
    draft.unregister("page")


def summary(mirror: Mirror, generation: int) -> list[Summary]:
    """The problems of a generation: what is not loaded first, the most frequent first."""
    query = """
        SELECT source, column_name, problem, arg_min(params, coalesce(line, 0)), coalesce(kept, false) AS kept,
               count(*) AS n, min(line), max(line)
        FROM crm.reject GROUP BY source, column_name, problem, coalesce(kept, false)
        ORDER BY kept, n DESC, source, column_name, problem"""
    with contextlib.closing(mirror.open(generation)) as connection:
        rows = connection.execute(query).fetchall()
    return [
        Summary(source, column, problem, json.loads(params or "{}"), kept, count, first, last)
        for source, column, problem, params, kept, count, first, last in rows
    ]


def listed(mirror: Mirror, generation: int, limit: int) -> list[Rejected]:
    """The first rows by file and line, without their content."""
    return [_row(*row) for row in _read(mirror, generation, "NULL", f"LIMIT {int(limit)}")]


def every(mirror: Mirror, generation: int) -> Iterator[Rejected]:
    """All rows by file and line, with their content, a batch in memory at a time."""
    yield from (_row(*row) for row in _read(mirror, generation, "raw", ""))


def _read(mirror: Mirror, generation: int, raw: str, limit: str) -> Iterator[tuple[Any, ...]]:
    query = f"""
        SELECT source, line, column_name, problem, params, coalesce(kept, false), {raw} FROM crm.reject
        ORDER BY source, line NULLS FIRST, column_name, problem {limit}"""  # noqa: S608 - no value from outside
    with contextlib.closing(mirror.open(generation)) as connection:
        result = connection.execute(query)
        while rows := result.fetchmany(BATCH):
            yield from rows


def _row(source: str, line: int | None, column: str | None, problem: str, params: str | None, kept: bool,
         raw: str | None) -> Rejected:  # fmt: skip
    return Rejected(source, line, column, problem, json.loads(params or "{}"), kept, raw)
