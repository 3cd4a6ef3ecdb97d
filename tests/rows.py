"""Small worlds for tests: rows in, a connector out, without any file or CRM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from leadpact.connector import Capabilities, Change, Check, Extract, Outcome, Page
from leadpact.model import TABLES, is_custom


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as the canonical table `name`; times may be ISO text."""
    rows = list(rows)
    spec = TABLES[name]
    custom = sorted({key for row in rows for key in row if is_custom(key)})
    schema = spec.arrow_schema(custom)
    times = {column.name for column in spec.columns if column.kind == "time"}
    plain = [
        {k: datetime.fromisoformat(v) if k in times and isinstance(v, str) else v for k, v in row.items()}
        for row in rows
    ]
    return pa.Table.from_pylist(plain, schema=schema)


class Rows:
    """A connector over rows a test writes down; change `tables` between syncs to play a CRM."""

    name = "rows"

    def __init__(self, *, creation_logged: bool | None = None, **tables: list[dict[str, Any]]) -> None:
        self.tables = tables
        self.creation_logged = creation_logged
        self.can = Capabilities(history="field_change" in tables, activities="activity" in tables)

    def check(self) -> Iterable[Check]:
        return []

    def extract(self, since: str | None = None) -> Extract:
        pages = (Page(name, table(name, rows)) for name, rows in self.tables.items())
        return Extract(
            pages=iter(pages),
            provided=frozenset(self.tables),
            complete=True,
            mark=lambda: None,
            creation_logged=self.creation_logged,
        )

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, str | None]]:
        return {}

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        return iter(())


def lead(record_id: str, **fields: Any) -> dict[str, Any]:
    return {"object": "lead", "record_id": record_id, "condition": "active", **fields}


def contact(record_id: str, **fields: Any) -> dict[str, Any]:
    return {"object": "contact", "record_id": record_id, "condition": "active", **fields}


def moved(record_id: str, *steps: tuple[str, str | None], object: str = "lead", **fields: Any) -> list[dict[str, Any]]:
    """Status changes of one record: (when, to value), each from the one before."""
    before: str | None = None
    rows = []
    for seq, (at, value) in enumerate(steps):
        rows.append(
            {
                "object": object,
                "record_id": record_id,
                "field": "status",
                "from_value": before,
                "to_value": value,
                "at": at,
                "seq": seq,
                "evidence": "created" if seq == 0 else "history",
                **fields,
            }
        )
        before = value
    return rows
