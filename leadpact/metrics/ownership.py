"""Who held a record when, from the history of its owner field.

Without a change, the owner of now is taken for the whole time; before the first change it is
the owner that change came from. Undated changes tell nothing about when and are left out.

Not here: names and teams of owners (tables.py), what is measured per owner (sla.py, velocity.py).
"""

from __future__ import annotations

import ibis

from leadpact.tables import Table, Tables

FIELDS = ("owner_id", "owner")
KEYS = ["object", "record_id"]


def holding(tables: Tables) -> Table:
    """Out: object, record_id, owner_id (null: nobody, or not known), from_at, until_at.

    One row per time a record was held, `[from_at, until_at)` in UTC; a null from_at means from
    the beginning, a null until_at to now. The rows of a record never overlap and leave no gap.
    """
    change = tables.field_change
    change = change.filter(change.field.isin(FIELDS), change["at"].notnull())
    inside = ibis.window(group_by=KEYS, order_by=["at", "seq"])
    placed = change.mutate(place=ibis.row_number().over(inside), until_at=change["at"].lead().over(inside))
    after = placed.select(*KEYS, owner_id="to_value", from_at="at", until_at="until_at")
    first = placed.filter(placed.place == 0)
    before = first.select(*KEYS, owner_id="from_value", from_at=ibis.null("timestamp"), until_at="at")
    still = tables.record.anti_join(first, KEYS)
    always = still.select(*KEYS, owner_id="owner_id", from_at=ibis.null("timestamp"), until_at=ibis.null("timestamp"))
    times = {"from_at": "timestamp", "until_at": "timestamp"}
    return ibis.union(after.cast(times), before.cast(times), always.cast(times))


def with_owner_at(table: Table, held: Table, moment: str) -> Table:
    """The table with `owner_id`: who held the row's record at the timestamp column `moment`.

    In: a table with object and record_id, and a `holding`. Where the moment is not known, the
    first owner. Null where the record was nobody's, or is not known.
    """
    facts = held.rename(held_object="object", held_id="record_id", held_by="owner_id")
    at = table[moment]
    matches = [
        table.object == facts.held_object,
        table.record_id == facts.held_id,
        facts.from_at.isnull() | (at.notnull() & (facts.from_at <= at)),
        facts.until_at.isnull() | at.isnull() | (at < facts.until_at),
    ]
    joined = table.left_join(facts, matches)
    return joined.mutate(owner_id=joined.held_by).drop("held_object", "held_id", "held_by", "from_at", "until_at")


def in_queue(tables: Tables) -> Table:
    """The times records were held by a queue: object, record_id, from_at, until_at, as in `holding`."""
    held = holding(tables) if tables.holding is None else tables.holding
    queue = tables.owner.filter(tables.owner.is_queue.fill_null(False)).select(queue_id="owner_id")
    return held.semi_join(queue, held.owner_id == queue.queue_id).drop("owner_id")
