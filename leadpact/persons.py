"""Which records are one person: `merged_into` first, then `converted_to`.

Runs once when a generation is published. Chains are followed to their end; a chain that
returns to itself ends where it closes (its smallest key), so that the result is stable.

Not here: what a person's timeline is (metrics/timeline.py).
"""

from __future__ import annotations

import duckdb

from leadpact.store import scalar

LONGEST_CHAIN = 64


def assign(connection: duckdb.DuckDBPyConnection) -> int:
    """Fills `record.person_id` with `object:record_id` of the record the chain ends at.

    Returns how many records belong to a person of several. A pointer to a record the source
    did not deliver still joins all that point to it.
    """
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE pointer AS
        SELECT object || ':' || record_id AS child,
               CASE WHEN merged_into IS NOT NULL THEN object || ':' || merged_into
                    ELSE 'contact:' || converted_to END AS parent
        FROM record
        WHERE merged_into IS NOT NULL OR (object = 'lead' AND converted_to IS NOT NULL)""")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE chain AS SELECT child, parent AS root, child AS least FROM pointer"
    )
    for _ in range(LONGEST_CHAIN):
        moved = scalar(
            connection,
            """
            UPDATE chain SET root = p.parent, least = least(chain.least, chain.root)
            FROM pointer p WHERE p.child = chain.root AND p.parent <> chain.child""",
        )
        if not moved:
            break
    # what still moves goes round in a circle: its smallest key stands for all of it
    connection.execute("""
        UPDATE chain SET root = least(chain.least, chain.root)
        FROM pointer p WHERE p.child = chain.root""")
    connection.execute("""
        UPDATE record SET person_id = coalesce(
            (SELECT root FROM chain WHERE child = record.object || ':' || record.record_id),
            object || ':' || record_id)""")
    return int(scalar(connection, "SELECT count(*) FROM chain"))
