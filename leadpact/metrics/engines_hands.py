"""Whose hands a case was in: fair to owners, for comparing them.

The owner at entry is often a queue, and the owner now often a consequence of how it went
(handed to a rep once it was good, parked once it was lost). So an owner answers for the time a
lead was with them, and for the decision that fell while it was.

Not here: who held a record when (ownership.py), what is compared (engines.py).
"""

from __future__ import annotations

from typing import Any

import ibis

from leadpact.metrics import ownership
from leadpact.tables import Table, Tables


def stints(cases: Table, tables: Tables, began: str, moment: str) -> Table:
    """A row for every owner a case was with from `began` to `moment`, instead of one per case.

    In: object, record_id, owner_id (kept where nothing is known). Out: its columns with the
    owner_id of the stretch, `held_from`, `held_until` (UTC) and `handed_on`: it went to another
    owner before `moment`. A hand-over at that very moment belongs to what comes next.
    """
    held = _held(tables)
    start, stop = cases[began], cases[moment]
    joined = cases.left_join(
        held,
        (cases.object == held.of_object)
        & (cases.record_id == held.of_id)
        & (held.from_at.isnull() | (held.from_at < stop) | (held.from_at == start))
        & (held.until_at.isnull() | (held.until_at > start)),
    )
    handed_on = (joined.until_at.notnull() & (joined.until_at < joined[moment])).fill_null(False)
    return joined.mutate(
        owner_id=ibis.ifelse(joined.of_id.isnull(), joined.owner_id, joined.held_by),
        held_from=ibis.greatest(joined[began], ibis.coalesce(joined.from_at, joined[began])),
        held_until=ibis.ifelse(handed_on, joined.until_at, joined[moment]),
        handed_on=handed_on,
    ).drop(*held.columns)


def with_decider(cases: Table, tables: Tables, began: str, moment: str) -> Table:
    """The cases with the `owner_id` who held them just before `moment`: the last of their stints."""
    whole = stints(cases, tables, began, moment)
    return whole.filter(~whole.handed_on).drop("held_from", "held_until", "handed_on")


def _held(tables: Tables) -> Any:
    held = ownership.holding(tables) if tables.holding is None else tables.holding
    # a record held for no time at all between two changes of the same moment was in nobody's hands
    held = held.filter(held.from_at.isnull() | held.until_at.isnull() | (held.until_at > held.from_at))
    return held.rename(of_object="object", of_id="record_id", held_by="owner_id")
