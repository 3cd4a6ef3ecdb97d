"""Changes a source tells only once: kept in `pact.db`, like those seen between two syncs.

A queue of events (Airtable's webhook payloads) forgets what it told; a generation is disposable.
So a page marked `once` goes by the table `told_once` of the draft into `observed_change`, with
the evidence the source gave, and from there into every generation, full or delta.

What is told late takes the place of what was only seen: a status that changed after the queue
was read and before its record was, is noticed as seen between two syncs and told by the next one.

Not here: noticing what nobody told (observed.py), reading a source (connectors).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import observed_change
from leadpact.model import FIELD_CHANGE

BATCH = 20_000
KEPT = ("object", "record_id", "field", "from_value", "to_value", "at", "id", "evidence", "actor_id")
_TYPES = {"at": pa.timestamp("us"), "id": pa.int64()}


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """An empty `told_once` in the draft; sync.py puts the pages marked `once` into it."""
    connection.register("told_none", FIELD_CHANGE.empty())
    connection.execute("CREATE OR REPLACE TEMP TABLE told_once AS SELECT * FROM told_none")
    connection.unregister("told_none")


def keep(connection: duckdb.DuckDBPyConnection, engine: Engine, name: str) -> None:
    """Keeps what was told now and not before, and lets go of what was only seen and is told now.

    Leaves all that is kept of this connection as the view `kept`. A row told twice (the same
    payloads read again) is kept once.
    """
    register(connection, engine, name)
    connection.execute(_FRESH)
    columns = ("object", "record_id", "field", "from_value", "to_value", "at", "evidence", "actor_id")
    fresh = connection.execute("""
        SELECT object, record_id, field, from_value, to_value, "at", evidence, actor_id FROM fresh
        ORDER BY "at", seq""").fetchall()
    if not fresh:
        return
    superseded = [row[0] for row in connection.execute(_SUPERSEDED).fetchall()]
    with engine.begin() as database:
        for ids in _batches(superseded):
            database.execute(observed_change.delete().where(observed_change.c.id.in_(ids)))
        for rows in _batches(fresh):
            values = [dict(zip(columns, row, strict=True), connection=name) for row in rows]
            database.execute(observed_change.insert(), values)
    register(connection, engine, name)


def register(connection: duckdb.DuckDBPyConnection, engine: Engine, name: str) -> None:
    """All that is kept of this connection, as the temporary table `kept` of the draft."""
    with engine.begin() as database:
        query = sa.select(observed_change).where(observed_change.c.connection == name)
        rows = list(database.execute(query).mappings())
    columns = {one: pa.array([row[one] for row in rows], _TYPES.get(one, pa.string())) for one in KEPT}
    connection.register("kept_rows", pa.table(columns))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE kept AS
        SELECT * REPLACE (coalesce(evidence, 'observed') AS evidence) FROM kept_rows""")
    connection.unregister("kept_rows")


def lay_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Puts all that is kept into `field_change`, in place of what an earlier sync put there.

    A date column of the same status within a day tells the same change less exactly: it gives way.
    """
    connection.execute("""
        DELETE FROM field_change WHERE evidence = 'observed';
        DELETE FROM field_change AS c USING (SELECT * FROM kept WHERE evidence <> 'observed') AS k
        WHERE c.object = k.object AND c.record_id = k.record_id AND c.field = k.field
          AND c.to_value IS NOT DISTINCT FROM k.to_value
          AND CASE WHEN c.evidence = 'remap' THEN k.evidence = 'remap' AND c."at" = k."at"
              ELSE c.evidence IN ('history', 'created')
                   AND c."at" BETWEEN k."at" - INTERVAL 1 DAY AND k."at" + INTERVAL 1 DAY END;
        INSERT INTO field_change BY NAME
        SELECT object, record_id, field, from_value, to_value, "at", id AS seq, actor_id, evidence
        FROM kept SEMI JOIN record USING (object, record_id)""")


# in the order told: the ids given by the database are the order among equal moments
_FRESH = """
    CREATE OR REPLACE TEMP TABLE fresh AS
    SELECT * FROM (
        SELECT t.*, row_number() OVER (PARTITION BY object, record_id, field, "at", to_value ORDER BY seq) AS nth
        FROM told_once t
        WHERE NOT EXISTS (
            SELECT 1 FROM kept k
            WHERE k.object = t.object AND k.record_id = t.record_id AND k.field = t.field AND k."at" = t."at"
              AND k.to_value IS NOT DISTINCT FROM t.to_value AND k.evidence <> 'observed'))
    WHERE nth = 1"""

# the last thing kept of a record was only seen, and what is told now starts where it started
_SUPERSEDED = """
    SELECT l.id
    FROM (SELECT object, record_id, field, max(id) AS id, arg_max(evidence, id) AS evidence,
                 arg_max(struct_pack(v := from_value), id).v AS from_value,
                 arg_max(struct_pack(v := to_value), id).v AS to_value
          FROM kept GROUP BY object, record_id, field) l
    JOIN (SELECT object, record_id, field, arg_min(struct_pack(v := from_value), ("at", seq)).v AS from_value,
                 list(to_value) AS told
          FROM fresh GROUP BY object, record_id, field) f USING (object, record_id, field)
    WHERE l.evidence = 'observed' AND l.from_value IS NOT DISTINCT FROM f.from_value
      AND (list_contains(f.told, l.to_value) OR l.to_value IS NULL)"""


def _batches(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
