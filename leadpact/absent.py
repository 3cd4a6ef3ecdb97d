"""Records a source no longer delivers, where that means it has deleted them.

A source that tells nothing of deletions shows them by absence: what the generation before held, and
a whole reading of the same scope does not bring, is deleted. It stays with its key and its history,
as a deleted record of any other source does, or every person who left would leave the figures too.

Not here: reading (connectors), emptying what a source itself calls deleted (sync.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
from sqlalchemy.engine import Engine

from config.database import observed_change
from leadpact.connector import Page
from leadpact.model import RECORD
from leadpact.store import quoted

BATCH = 20_000
_OUTSIDE = "CREATE TEMP TABLE IF NOT EXISTS outside (object VARCHAR, record_id VARCHAR)"
# what is about a record, and by what it is known to be there already; computed and noticed rows are laid in anew
_ABOUT = {
    "field_change": ("true", "p.seq >= 0 AND p.evidence <> 'observed'"),
    "activity": ("NOT EXISTS (SELECT 1 FROM activity t WHERE t.activity_id = p.activity_id)", "true"),
    "campaign_touch": ("true", "true"),
    "opportunity": ("NOT EXISTS (SELECT 1 FROM opportunity t WHERE t.opportunity_id = p.opportunity_id)", "true"),
}


def leave_out(draft: duckdb.DuckDBPyConnection, page: Page) -> None:
    """Notes records a whole reading has seen and does not deliver (`gone` of a page): they are not deleted."""
    if page.table == "record" and page.gone is not None:
        draft.execute(_OUTSIDE)
        draft.register("gone", page.gone)
        draft.execute("INSERT INTO outside BY NAME SELECT object, record_id FROM gone")
        draft.unregister("gone")


def keep(draft: duckdb.DuckDBPyConnection, engine: Engine, name: str, *, previous: Path, now: datetime) -> int:
    """Lays the records of `previous` that `draft` lacks into it, as deleted, with what is about them.

    Those that were not deleted before are noticed now, and `pact.db` remembers when. Returns how
    many that are.
    """
    draft.execute(_OUTSIDE)
    draft.execute(f"ATTACH {quoted(previous)} AS before (READ_ONLY)")
    try:
        draft.execute("""
            CREATE OR REPLACE TEMP TABLE lost AS
            SELECT object, record_id, condition FROM before.record p
            WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.object = p.object AND r.record_id = p.record_id)
              AND NOT EXISTS (SELECT 1 FROM outside o WHERE o.object = p.object AND o.record_id = p.record_id)""")
        emptied = {column.name: "NULL" for column in RECORD.columns if column.personal} | {"condition": "'deleted'"}
        _lay(draft, "record", "true", emptied)
        for table, (missing, told) in _ABOUT.items():
            _lay(draft, table, f"{missing} AND {told}", {})
    finally:
        draft.execute("DETACH before")
    found = draft.execute("SELECT object, record_id FROM lost WHERE condition <> 'deleted'").fetchall()
    _remember(engine, name, found, now)
    return len(found)


def _lay(draft: duckdb.DuckDBPyConnection, table: str, condition: str, instead: dict[str, str]) -> None:
    """The rows of lost records, in the columns both generations have."""
    here, there = ([row[0] for row in draft.execute(f"DESCRIBE {of}{table}").fetchall()] for of in ("", "before."))
    names = [column for column in there if column in here]
    columns = ", ".join(map(_quoted, names))
    values = ", ".join(f"{instead.get(one, _own(one))} AS {_quoted(one)}" for one in names)
    draft.execute(f"""
        INSERT INTO {table} ({columns}) SELECT {values} FROM before.{table} p
        WHERE {condition} AND EXISTS (SELECT 1 FROM lost l WHERE l.object = p.object AND l.record_id = p.record_id)""")


def _quoted(column: str) -> str:
    return f'"{column}"'


def _own(column: str) -> str:
    return f"p.{_quoted(column)}"


def _remember(engine: Engine, name: str, found: Sequence[tuple[str, str]], now: datetime) -> None:
    """When it was noticed: it cannot be asked again."""
    with engine.begin() as database:
        for start in range(0, len(found), BATCH):
            rows = [
                {"connection": name, "object": object, "record_id": record_id, "field": "condition",
                 "from_value": "active", "to_value": "deleted", "at": now}
                for object, record_id in found[start : start + BATCH]
            ]  # fmt: skip
            database.execute(observed_change.insert(), rows)
