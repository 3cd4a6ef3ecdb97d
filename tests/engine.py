"""The engine without files: what a sync makes of a connector's tables, in one DuckDB in memory.

For tests and benches that need many small companies. The rows go through the same loading,
settling and completing as in sync.py, and what is derived from them is kept as in derive.py.

Not here: a whole home with generations (worlds.py), the companies themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from config.schema import Pact
from leadpact import history, persons, sync
from leadpact.connector import Capabilities, Extract, Page
from leadpact.derive import canonical, derive
from leadpact.engine import Ibis
from leadpact.store import configure
from leadpact.tables import Tables
from tests.rows import Rows


class Whole:
    """A connector that delivers whole Arrow tables, such as those of a demo company."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.tables = tables
        self.can = Capabilities(history="field_change" in tables, activities="activity" in tables)

    def extract(self, since: str | None = None) -> Extract:
        pages = (Page(name, rows) for name, rows in self.tables.items())
        provided = frozenset(self.tables)
        return Extract(pages=iter(pages), provided=provided, complete=True, mark=lambda: None, creation_logged=True)


def loaded(connector: Rows | Whole) -> tuple[Any, Tables]:
    """An Ibis backend on a DuckDB in memory, and the canonical tables in it."""
    connection = duckdb.connect()
    configure(connection, Path())
    extract = connector.extract()
    sync._load(connection, extract, None)
    sync._settle(connection, extract)
    persons.assign(connection)
    has_history = "field_change" in extract.provided
    since = extract.history_since if has_history else sync.NEVER
    history.complete(connection, creation_logged=extract.creation_logged, history_since=since)
    backend = Ibis.from_connection(connection)
    source = "source" if has_history else "none"
    return backend, Tables(**canonical(backend, "memory"), provided=extract.provided, history=source)


def derived(backend: Any, tables: Tables, pact: Pact, *, remaps: bool = True) -> Tables:
    """The tables with what is derived from them for a pact, each computed once and kept."""
    return derive(tables, pact, keep=backend.keep, remaps=remaps)


def company(connector: Rows | Whole, pact: Pact) -> Tables:
    """A connector's rows as the tables every metric reads."""
    return derived(*loaded(connector), pact)
