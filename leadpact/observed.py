"""History the source cannot tell: a status seen to differ between two syncs.

It cannot be fetched again, so it lives in `pact.db` and is laid into every generation anew,
full or delta, also after the mirror was deleted.

- A source without history: the last status seen of every record is kept, and a difference
  becomes a change at the moment of the sync that saw it. A record created since the last
  sync is known from its creation, within the time between two syncs.
- A source with history: only a difference its own history does not explain becomes one. A row of
  its history that was not there before explains it whatever its date says: the source's clock is
  not ours, and a date column knows the day only. So does one that was the last known already: the
  record was read before it changed, its history after.

Not here: changes a source tells only once (told.py), which are kept and laid in beside these; what
LeadPact has written itself (relabelled.py), which is no difference to be noticed.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import observed_change, observed_status
from leadpact import relabelled, told
from leadpact.store import quoted

BATCH = 20_000
SEEN = ["object", "record_id", "value", "seen_at"]


def lay_in(
    connection: duckdb.DuckDBPyConnection,
    engine: Engine,
    name: str,
    *,
    now: datetime,
    has_history: bool,
    previous: Path | None,
) -> int:
    """Notices what changed since the last sync, keeps it, and adds all that is kept to the draft.

    `connection` is the draft of a generation, loaded and not yet completed; `now` is when its
    sync began reading; `previous` is the mirror file that serves. Returns how many changes
    this sync noticed.
    """
    relabelled.begin(connection, engine, name, now=now)
    told.keep(connection, engine, name)
    relabelled.mark_kept(connection)
    told.lay_in(connection)
    relabelled.lay_in(connection)
    if has_history:
        _seen_in_mirror(connection, previous)
    else:
        _register(connection, "seen_rows", _rows(engine, observed_status, name), SEEN)
        connection.execute(_SEEN_OR_TOLD)
        relabelled.seen(connection)
        connection.execute(_NOTHING_TOLD)
    connection.execute("CREATE OR REPLACE TEMP TABLE noticed AS " + _NOTICED, {"now": now, "history": has_history})
    noticed = connection.execute("SELECT * FROM noticed").fetchall()
    with engine.begin() as database:
        for rows in _batches(noticed):
            keys = ("object", "record_id", "to_value", "from_value", "at")
            values = [dict(zip(keys, row, strict=True), connection=name, field="status") for row in rows]
            database.execute(observed_change.insert(), values)
        if not has_history:
            for rows in _batches(connection.execute(_FRESH).fetchall()):
                _replace_seen(database, name, rows, now)
    if noticed:
        told.register(connection, engine, name)
        relabelled.mark_kept(connection)
        told.lay_in(connection)
    relabelled.note_overwritten(connection, engine, name, now=now)
    return len(noticed)


def _seen_in_mirror(connection: duckdb.DuckDBPyConnection, previous: Path | None) -> None:
    """The statuses of the generation that serves: a source with history needs no copy in pact.db.

    And what its history already held of the records that differ now.
    """
    if previous is None:
        _register(connection, "seen", [], SEEN)
        connection.execute(_NOTHING_TOLD)
        return
    connection.execute(f"ATTACH {quoted(previous)} AS previous (READ_ONLY)")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE seen AS
        SELECT object, record_id, status AS value, (SELECT max(started_at) FROM previous.sync_run) AS seen_at
        FROM previous.record WHERE condition <> 'deleted';
        CREATE OR REPLACE TEMP TABLE told_before AS
        SELECT * FROM previous.field_change
        WHERE field = 'status' AND evidence <> 'observed' AND "at" IS NOT NULL AND (object, record_id) IN (
            SELECT (r.object, r.record_id) FROM record r JOIN seen s USING (object, record_id)
            WHERE r.status IS DISTINCT FROM s.value);
        CREATE OR REPLACE TEMP TABLE told_last AS
        SELECT object, record_id, arg_max(struct_pack(v := to_value), ("at", seq)).v AS value
        FROM previous.field_change
        WHERE field = 'status' AND "at" IS NOT NULL AND (object, record_id) IN (
            SELECT (r.object, r.record_id) FROM record r JOIN seen s USING (object, record_id)
            WHERE r.status IS DISTINCT FROM s.value)
        GROUP BY object, record_id""")
    connection.execute("DETACH previous")


# a source that told its changes once and tells nothing now: what it told is newer than what was seen before that
_SEEN_OR_TOLD = """
    CREATE OR REPLACE TEMP TABLE seen AS
    SELECT s.object, s.record_id, CASE WHEN k."at" > s.seen_at THEN k.value ELSE s.value END AS value, s.seen_at
    FROM seen_rows s LEFT JOIN (
        SELECT object, record_id, arg_max(struct_pack(v := to_value), id).v AS value, arg_max("at", id) AS "at"
        FROM kept WHERE field = 'status' GROUP BY object, record_id) k USING (object, record_id)"""

_NOTHING_TOLD = """
    CREATE OR REPLACE TEMP TABLE told_before AS SELECT * FROM field_change LIMIT 0;
    CREATE OR REPLACE TEMP TABLE told_last AS
    SELECT object, record_id, to_value AS value FROM field_change LIMIT 0"""


_FRESH = """
    SELECT r.object, r.record_id, r.status FROM record r LEFT JOIN seen s USING (object, record_id)
    WHERE s.record_id IS NULL OR r.status IS DISTINCT FROM s.value"""

# a change the source's own history explains is not ours to add, nor one noticed by a sync that was
# not published; what is seen now comes after what the source has just told of the record
_NOTICED = """
    SELECT r.object, r.record_id, r.status AS to_value,
           CASE WHEN f.record_id IS NULL THEN s.value ELSE f.last_told END AS from_value,
           greatest($now::TIMESTAMP, (SELECT max(k."at") FROM kept k WHERE k.object = r.object
                                      AND k.record_id = r.record_id AND k.evidence <> 'observed')) AS "at"
    FROM record r JOIN seen s USING (object, record_id)
    LEFT JOIN (SELECT object, record_id, arg_max(struct_pack(v := to_value), ("at", seq)).v AS last_told
               FROM fresh WHERE field = 'status' GROUP BY object, record_id) f USING (object, record_id)
    WHERE r.status IS DISTINCT FROM s.value AND r.condition <> 'deleted'
      AND (NOT $history OR NOT EXISTS (
            SELECT 1 FROM field_change c
            WHERE c.object = r.object AND c.record_id = r.record_id AND c.field = 'status'
              AND c.to_value IS NOT DISTINCT FROM r.status
              AND CASE WHEN c.evidence = 'observed'
                  THEN c."at" > s.seen_at AND c.from_value IS NOT DISTINCT FROM s.value
                  ELSE c."at" > s.seen_at OR (c."at" IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM told_before b
                        WHERE b.object = c.object AND b.record_id = c.record_id AND b."at" = c."at"
                          AND b.to_value IS NOT DISTINCT FROM c.to_value)) END)
        AND NOT EXISTS (SELECT 1 FROM told_last l WHERE l.object = r.object AND l.record_id = r.record_id
                        AND l.value IS NOT DISTINCT FROM r.status))
    UNION ALL
    SELECT r.object, r.record_id, r.status, NULL, r.created_at
    FROM record r ANTI JOIN seen s USING (object, record_id)
    WHERE NOT $history AND r.status IS NOT NULL AND r.created_at <= $now
      AND r.created_at > (SELECT max(seen_at) FROM seen)
      AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.object = r.object AND k.record_id = r.record_id)"""


def _rows(engine: Engine, table: sa.Table, name: str) -> list[sa.RowMapping]:
    with engine.begin() as database:
        return list(database.execute(sa.select(table).where(table.c.connection == name)).mappings())


def _register(connection: duckdb.DuckDBPyConnection, view: str, rows: list[sa.RowMapping], names: list[str]) -> None:
    types = {"at": pa.timestamp("us"), "seen_at": pa.timestamp("us"), "id": pa.int64()}
    columns = {name: pa.array([row[name] for row in rows], types.get(name, pa.string())) for name in names}
    connection.register(view, pa.table(columns))


def _replace_seen(database: sa.Connection, name: str, rows: list[tuple[str, str, str | None]], now: datetime) -> None:
    mine = sa.and_(
        observed_status.c.connection == name,
        observed_status.c.object == sa.bindparam("was_object"),
        observed_status.c.record_id == sa.bindparam("was_id"),
    )
    database.execute(observed_status.delete().where(mine), [{"was_object": o, "was_id": i} for o, i, _ in rows])
    values = [{"connection": name, "object": o, "record_id": i, "value": v, "seen_at": now} for o, i, v in rows]
    database.execute(observed_status.insert(), values)


def _batches(rows: list[tuple]) -> list[list[tuple]]:  # type: ignore[type-arg]
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
