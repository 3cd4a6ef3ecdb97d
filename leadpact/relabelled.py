"""Status changes LeadPact itself has written are relabellings: found by the write-back journal, evidence `remap`.

No move, no clock: the spell in course takes the new value's stage (metrics/spells.py). The journal
lies in `pact.db`, so every generation, full or delta, finds them anew.

- What the source tells of such a change (its history, its events, a difference seen between two
  syncs while the outcome was not known yet) becomes a `remap` where both values agree and its
  moment lies around ours; each write explains one change, the nearest.
- A write that covered what a colleague had entered a moment before is told from her value: it is
  ours all the same, and the journal hears of it (overwritten.py).
- Where an answer was lost and somebody has changed the record since, nobody knows whether we wrote;
  where the source tells that very change, we did.
- What the source does not tell (a status without history) is laid in from the journal, and the
  value that was written counts as seen.

Not here: what is written (leadpact/writeback), differences between syncs (observed.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import change_plan, plan_event, plan_row
from leadpact import overwritten
from leadpact.overwritten import Found

SEQ = 8_000_000_000_000_000  # and the number of the event: after whatever else happened in that moment
SLACK = timedelta(minutes=10)  # between the clock of a source and ours
READING = timedelta(hours=6)  # a sync dates what it notices to its beginning
INTENT, WRITTEN, READ_AFTER, CONFLICT = "intent", "written", "read_after", "conflict"
IN_DOUBT = (INTENT, "unknown")
_SCHEMA = pa.schema([
    ("event", pa.int64()), ("object", pa.string()), ("record_id", pa.string()), ("from_value", pa.string()),
    ("to_value", pa.string()), ("sent", pa.timestamp("us")), ("certain", pa.timestamp("us")),
    ("at", pa.timestamp("us")), ("sure", pa.bool_()),
])  # fmt: skip


def begin(connection: duckdb.DuckDBPyConnection, engine: Engine, name: str, *, now: datetime) -> None:
    """Loads what LeadPact wrote as the table `ours` of the draft, and marks what the source has told of it.

    `now` is when the sync began reading: what was written later may not be in what was read.
    """
    rows = [*written(engine, name), *_in_doubt(engine, name)]
    connection.register("ours_rows", pa.Table.from_pylist(rows, schema=_SCHEMA))
    connection.execute("CREATE OR REPLACE TEMP TABLE ours AS SELECT *, sure AND certain <= $now AS past FROM ours_rows",
                       {"now": now})  # fmt: skip
    connection.unregister("ours_rows")
    connection.execute(f"DELETE FROM field_change WHERE evidence = 'remap' AND seq >= {SEQ}")  # noqa: S608 - a number
    if rows:
        _mark(connection, "told_once")
        _mark(connection, "field_change")


def mark_kept(connection: duckdb.DuckDBPyConnection) -> None:
    """Marks what is kept of this connection (told.register): a difference seen may have been ours after all."""
    _mark(connection, "kept")


def note_overwritten(connection: duckdb.DuckDBPyConnection, engine: Engine, name: str, *, now: datetime) -> int:
    """Puts into the journal which of our writes covered a colleague's value; how many were new."""
    rows = connection.execute(
        f"""
        SELECT o.event, c.from_value
        FROM ours o JOIN field_change c USING (object, record_id)
        WHERE o.sure AND {_OURS} AND c.evidence = 'remap' AND c.seq < {SEQ}
          AND coalesce(c.from_value, '') <> coalesce(o.from_value, '')
          AND NOT EXISTS (SELECT 1 FROM field_change x WHERE x.object = o.object AND x.record_id = o.record_id
                          AND x.evidence = 'remap' AND coalesce(x.from_value, '') = coalesce(o.from_value, '')
                          AND coalesce(x.to_value, '') = coalesce(o.to_value, '')
                          AND x."at" BETWEEN o.sent - $slack AND o.certain + $slack)
        QUALIFY row_number() OVER (PARTITION BY o.event ORDER BY abs(epoch(c."at") - epoch(o."at"))) = 1""",  # noqa: S608
        {"slack": SLACK},
    ).fetchall()
    return overwritten.note(engine, name, [Found(*row) for row in rows], now)


def lay_in(connection: duckdb.DuckDBPyConnection) -> None:
    """Adds to the draft what nobody else tells; what was written counts as seen from then on."""
    connection.execute(
        """
        INSERT INTO field_change BY NAME
        SELECT o.object, o.record_id, 'status' AS field, o.from_value, o.to_value, o."at", $seq + o.event AS seq,
               'remap' AS evidence
        FROM ours o SEMI JOIN record USING (object, record_id)
        WHERE o.past AND NOT EXISTS (
            SELECT 1 FROM field_change c
            WHERE c.object = o.object AND c.record_id = o.record_id AND c.field = 'status' AND c.evidence = 'remap'
              AND coalesce(c.to_value, '') = coalesce(o.to_value, '')
              AND c."at" BETWEEN o.sent - $reading AND o.certain + $slack)""",
        {"seq": SEQ, "slack": SLACK, "reading": READING},
    )


def seen(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `seen` of a source without history (observed.py), with what was written since in its place."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE seen AS
        SELECT s.object, s.record_id,
               CASE WHEN o."at" >= s.seen_at AND NOT EXISTS (
                    SELECT 1 FROM kept k WHERE k.object = s.object AND k.record_id = s.record_id AND k."at" > o."at")
               THEN o.to_value ELSE s.value END AS value, s.seen_at
        FROM seen s LEFT JOIN (
            SELECT object, record_id, max("at") AS "at",
                   arg_max(struct_pack(v := to_value), ("at", event)).v AS to_value
            FROM ours WHERE past GROUP BY object, record_id) o USING (object, record_id)""")


# a change `c` of the status to the value that was written `o`, around its moment
_OURS = """c.field = 'status' AND coalesce(c.to_value, '') = coalesce(o.to_value, '')
           AND c."at" BETWEEN o.sent - $slack AND o.certain + $slack"""


_UNTOLD = """AND NOT EXISTS (
    SELECT 1 FROM {table} x WHERE x.object = o.object AND x.record_id = o.record_id AND x.field = 'status'
      AND x.evidence = 'remap' AND coalesce(x.to_value, '') = coalesce(o.to_value, '')
      AND x."at" BETWEEN o.sent - $slack AND o.certain + $slack)"""


def _mark(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Changes of one table that are ours. A row that does not say what was there before gets it from the journal."""
    _mark_exact(connection, table)
    told = " ".join(_UNTOLD.format(table=one) for one in dict.fromkeys((table, "field_change")))
    # nothing tells our write from the value we had read: then it is the one from a value entered just before
    connection.execute(
        f"""
        UPDATE {table} AS c SET evidence = 'remap'
        FROM (
            SELECT c.rowid AS id
            FROM {table} c JOIN ours o ON c.object = o.object AND c.record_id = o.record_id
            WHERE o.sure AND {_OURS} AND c.evidence = 'history' AND c.from_value IS NOT NULL
              AND c.from_value <> coalesce(o.from_value, '') {told}
              AND EXISTS (
                SELECT 1 FROM {table} h
                WHERE h.object = c.object AND h.record_id = c.record_id AND h.field = 'status' AND h.rowid <> c.rowid
                  AND h.to_value = c.from_value AND h."at" BETWEEN o.sent - $slack AND c."at")
            QUALIFY row_number() OVER (PARTITION BY o.event ORDER BY abs(epoch(c."at") - epoch(o."at"))) = 1) m
        WHERE c.rowid = m.id""",  # noqa: S608 - one of three names
        {"slack": SLACK},
    )


def _mark_exact(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(
        f"""
        UPDATE {table} AS c SET evidence = 'remap', from_value = coalesce(c.from_value, m.from_value)
        FROM (
            SELECT c.rowid AS id, o.from_value
            FROM {table} c JOIN ours o ON c.object = o.object AND c.record_id = o.record_id
            WHERE c.field = 'status' AND c."at" IS NOT NULL AND c.evidence IN ('history', 'observed')
              AND coalesce(c.to_value, '') = coalesce(o.to_value, '')
              AND (c.from_value IS NULL OR c.from_value = coalesce(o.from_value, ''))
              AND CASE WHEN c.evidence = 'observed' THEN c."at" BETWEEN o.sent - $reading AND o.certain
                  ELSE c."at" BETWEEN o.sent - $slack AND o.certain + $slack END
            QUALIFY row_number() OVER (PARTITION BY o.event ORDER BY abs(epoch(c."at") - epoch(o."at"))) = 1) m
        WHERE c.rowid = m.id""",  # noqa: S608 - one of three names
        {"slack": SLACK, "reading": READING},
    )


def written(engine: Engine, name: str, *, since: datetime | None = None) -> list[dict[str, object]]:
    """Every status the journal says was written over this connection, with when it was sent and known to be there.

    Out: event, object, record_id, from_value, to_value, sent, certain, at, sure; in the order written. `since`: only
    those known to be there after that moment.
    """
    intent = plan_event.alias("intent")
    sent = (
        sa.select(sa.func.max(intent.c.at))
        .where(
            intent.c.plan_id == plan_event.c.plan_id,
            intent.c.number == plan_event.c.number,
            intent.c.event == INTENT,
            intent.c.id < plan_event.c.id,
        )
        .scalar_subquery()
    )
    same = sa.and_(plan_row.c.plan_id == plan_event.c.plan_id, plan_row.c.number == plan_event.c.number)
    query = (
        sa.select(plan_event.c.id, plan_row.c.object, plan_row.c.record_id, plan_row.c.before, plan_row.c.after,
                  plan_event.c.at, plan_event.c.code, sent.label("sent"))
        .join(plan_row, same)
        .join(change_plan, change_plan.c.id == plan_event.c.plan_id)
        .where(change_plan.c.connection == name, plan_row.c.field == "status", plan_event.c.event == WRITTEN)
        .order_by(plan_event.c.id)
    )  # fmt: skip
    if since is not None:
        query = query.where(plan_event.c.at > since)
    with engine.begin() as database:
        rows = database.execute(query).all()
    found: list[dict[str, object]] = []
    for row in rows:
        began = row.sent or row.at
        found.append({
            "event": row.id, "object": row.object, "record_id": row.record_id, "from_value": row.before,
            "to_value": row.after, "sent": began, "certain": row.at, "sure": True,
            "at": began if row.code == READ_AFTER else row.at,
        })  # fmt: skip
    return found


def _in_doubt(engine: Engine, name: str) -> list[dict[str, object]]:
    """Statuses that were sent without an answer, and changed by somebody else before they could be read: as `written`,
    not sure."""
    before, earlier = plan_event.alias("before"), plan_event.alias("earlier")
    same = sa.and_(earlier.c.plan_id == plan_event.c.plan_id, earlier.c.number == plan_event.c.number)
    last = sa.select(sa.func.max(earlier.c.id)).where(same, earlier.c.id < plan_event.c.id)
    row = sa.and_(plan_row.c.plan_id == plan_event.c.plan_id, plan_row.c.number == plan_event.c.number)
    query = (
        sa.select(plan_event.c.id, plan_row.c.object, plan_row.c.record_id, plan_row.c.before, plan_row.c.after,
                  plan_event.c.at, before.c.at.label("sent"))
        .join(plan_row, row)
        .join(before, before.c.id == last.correlate(plan_event).scalar_subquery())
        .join(change_plan, change_plan.c.id == plan_event.c.plan_id)
        .where(change_plan.c.connection == name, plan_row.c.field == "status", plan_event.c.event == CONFLICT,
               before.c.event.in_(IN_DOUBT))
        .order_by(plan_event.c.id)
    )  # fmt: skip
    with engine.begin() as database:
        rows = database.execute(query).all()
    return [
        {"event": row.id, "object": row.object, "record_id": row.record_id, "from_value": row.before,
         "to_value": row.after, "sent": row.sent, "certain": row.at, "at": row.sent, "sure": False}
        for row in rows
    ]  # fmt: skip
