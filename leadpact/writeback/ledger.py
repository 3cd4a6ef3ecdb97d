"""What LeadPact has written where, the last value of each field of each record: what is not in here is a person's.

Not here: the journal of how it came to be (journal.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import written_value
from leadpact.writeback.plan import Row

ASKED = 500  # ids to a query: engines limit its parameters


def keep(database: sa.Connection, connection: str, rows: Sequence[Row], now: datetime) -> None:
    """Keeps what these rows have written, in the transaction of the journal. A value given back is ours no more."""
    if not rows:
        return
    columns = written_value.c
    mine = sa.and_(
        columns.connection == connection,
        columns.object == sa.bindparam("of_object"),
        columns.field == sa.bindparam("of_field"),
        columns.record_id == sa.bindparam("of_id"),
    )
    keys = [{"of_object": row.object, "of_field": row.field, "of_id": row.record_id} for row in rows]
    database.execute(written_value.delete().where(mine), keys)
    kept = [
        {"connection": connection, "object": row.object, "field": row.field, "record_id": row.record_id,
         "value": row.after, "at": now}
        for row in rows
        if row.after_ours and row.after is not None
    ]  # fmt: skip
    if kept:
        database.execute(written_value.insert(), kept)


def values(
    engine: Engine, connection: str, object: str, fields: Collection[str], ids: Sequence[str]
) -> Mapping[tuple[str, str], str]:
    """The values LeadPact wrote, by record id and field."""
    found: dict[tuple[str, str], str] = {}
    columns = written_value.c
    for start in range(0, len(ids), ASKED):
        query = sa.select(columns.record_id, columns.field, columns.value).where(
            columns.connection == connection,
            columns.object == object,
            columns.field.in_(list(fields)),
            columns.record_id.in_(list(ids[start : start + ASKED])),
        )
        with engine.begin() as database:
            found.update({(row.record_id, row.field): row.value for row in database.execute(query)})
    return found
