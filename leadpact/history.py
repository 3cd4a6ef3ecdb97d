"""Completing the status history the source delivered, without inventing any.

What a publishing adds (and takes away again before the next one) carries a negative `seq`:

- CREATION: a record's first change came from a value, and its creation is known and earlier:
  it held that value from creation. Evidence `created`.
- CREATION, too: the source logs changes but not creations, and logged none for this record:
  it has never moved since creation. Evidence `created`.
- START: the record has a status, and when it began is not known. Evidence `imputed`, no time.
  A relabelling (evidence `remap`) is no move: it tells nothing of when the value before it began.
- A source may say itself that something came before, and not what: an imputed start without a
  value (Airtable's "last modified" dates the last change alone). The first journey of such a person
  counts as one of unknown start (metrics/journeys.py).
- GAP: the last logged change does not lead to the status the record has now: a change is
  missing. Evidence `imputed`, no time, after all others.

Not here: what is observed between two syncs (observed.py), spells (metrics/spells.py).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import duckdb

CREATION, START, GAP = -1, -2, -3


def complete(
    connection: duckdb.DuckDBPyConnection,
    *,
    creation_logged: bool | None,
    history_since: datetime | None,
    untracked: Collection[str] = (),
) -> None:
    """Adds the created and imputed rows of all records to `field_change`.

    `creation_logged` says whether the source writes a row at creation (null: it has no
    history); `history_since` from when its history is complete (null: it does not say);
    `untracked` objects have no history, whatever the others have.
    """
    connection.execute("DELETE FROM field_change WHERE field = 'status' AND seq < 0")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE edge AS
        WITH told AS (
            SELECT *, evidence = 'remap' AS ours FROM field_change WHERE field = 'status' AND "at" IS NOT NULL),
        moved AS (
            SELECT object, record_id, max(("at", seq)) AS moment,
                   arg_max(struct_pack(v := to_value), ("at", seq)).v AS held
            FROM told WHERE NOT ours GROUP BY object, record_id),
        since AS (  -- what was relabelled since the last move, and where it has led
            SELECT t.object, t.record_id, any_value(m.held) AS held,
                   arg_min(struct_pack(v := t.from_value), (t."at", t.seq)).v AS began,
                   arg_max(struct_pack(v := t.to_value), (t."at", t.seq)).v AS came
            FROM told t JOIN moved m USING (object, record_id)
            WHERE t.ours AND (t."at", t.seq) > m.moment GROUP BY t.object, t.record_id)
        SELECT object, record_id,
               (arg_min(struct_pack(v := from_value), ("at", seq)) FILTER (NOT ours)).v AS first_from,
               min("at") FILTER (NOT ours) AS first_at,
               arg_min(struct_pack(v := from_value), ("at", seq)).v AS held_from,
               arg_max(struct_pack(v := to_value), ("at", seq)).v AS last_to,
               -- a relabelling that was taken back tells nothing: what was missing before it still is
               CASE WHEN bool_or(s.record_id IS NOT NULL AND coalesce(s.began, '') = coalesce(s.came, ''))
                    THEN any_value(s.held) ELSE arg_max(struct_pack(v := to_value), ("at", seq)).v END AS led_to
        FROM told LEFT JOIN since s USING (object, record_id)
        GROUP BY object, record_id""")
    # a source that delivers no status at all for an object: the last change says what it is
    connection.execute("""
        UPDATE record SET status = e.last_to FROM edge e
        WHERE e.object = record.object AND e.record_id = record.record_id AND e.last_to IS NOT NULL
          AND record.object NOT IN (SELECT object FROM record WHERE status IS NOT NULL)""")
    since = history_since
    connection.execute(
        """
        INSERT INTO field_change BY NAME
        SELECT object, record_id, 'status' AS field, first_from AS to_value,
               CASE WHEN known THEN created_at END AS "at",
               CASE WHEN known THEN $creation ELSE $start END AS seq,
               CASE WHEN known THEN 'created' ELSE 'imputed' END AS evidence
        FROM (SELECT e.*, r.created_at,
                     r.created_at IS NOT NULL AND NOT list_contains($untracked, r.object)
                     AND ($since::TIMESTAMP IS NULL OR r.created_at >= $since) AS known
              FROM edge e JOIN record r USING (object, record_id))
        WHERE first_from IS NOT NULL AND (NOT known OR created_at < first_at)""",
        {"creation": CREATION, "start": START, "since": since, "untracked": list(untracked)},
    )
    connection.execute(
        """
        INSERT INTO field_change BY NAME
        SELECT object, record_id, 'status' AS field, held AS to_value,
               CASE WHEN known THEN created_at END AS "at",
               CASE WHEN known THEN $creation ELSE $start END AS seq,
               CASE WHEN known THEN 'created' ELSE 'imputed' END AS evidence
        FROM (SELECT r.*, CASE WHEN e.record_id IS NULL THEN r.status ELSE e.held_from END AS held,
                     r.created_at IS NOT NULL AND $never_moved AND NOT list_contains($untracked, r.object)
                     AND ($since::TIMESTAMP IS NULL OR r.created_at >= $since) AS known
              FROM record r LEFT JOIN edge e ON e.object = r.object AND e.record_id = r.record_id
              WHERE e.first_at IS NULL)
        WHERE held IS NOT NULL""",
        {
            "creation": CREATION,
            "start": START,
            "since": since,
            "untracked": list(untracked),
            "never_moved": creation_logged is False,
        },
    )
    connection.execute(
        """
        INSERT INTO field_change BY NAME
        SELECT r.object, r.record_id, 'status' AS field, e.led_to AS from_value, r.status AS to_value,
               NULL::TIMESTAMP AS "at", $gap AS seq, 'imputed' AS evidence
        FROM record r JOIN edge e USING (object, record_id)
        WHERE r.status IS DISTINCT FROM e.led_to AND r.condition <> 'deleted'""",
        {"gap": GAP},
    )
