"""Rows in every table of a database, whatever its schema; and all rows, to compare two databases by.

A row's values follow from the column and the row's number, so that references and hashes agree
between tables without knowing any of them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

ROWS = 3
BEGAN = datetime(2026, 3, 1, 9, 30, 15, 123456)
NOT_OURS = "alembic_version"
Rows = dict[str, list[dict[str, Any]]]


def fill(database: sa.Connection) -> None:
    """Puts ROWS rows in every table, in place of what a migration put there."""
    for table in _tables(database):
        if table.name == "pact_line":
            database.execute(table.delete())
        database.execute(table.insert(), [{c.name: _value(c, n) for c in table.columns} for n in range(1, ROWS + 1)])


def everything(database: sa.Connection) -> Rows:
    """Every row of every table, by its key."""
    return {
        table.name: [dict(row) for row in database.execute(sa.select(table).order_by(*table.primary_key)).mappings()]
        for table in _tables(database)
    }


def _tables(database: sa.Connection) -> list[sa.Table]:
    known = sa.MetaData()
    known.reflect(database)
    return [table for table in known.sorted_tables if table.name != NOT_OURS]


def _value(column: sa.Column[Any], number: int) -> Any:
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.DateTime):
        return BEGAN + timedelta(hours=number)
    if isinstance(kind, sa.Date):
        return date(2026, 3, number)
    if isinstance(kind, sa.Integer):
        return number
    if isinstance(kind, sa.Float):
        return number + 0.5
    return f"ñ' {number}"[: kind.length or 99] if isinstance(kind, sa.String) else number
