"""Touches: what a person of Sales did towards a lead, as the SLA counts it.

A touch is an activity that was completed, is not inbound and not automated, by a person (not
a queue) whose team, where known, is sales or sdr. What the source does not say of an activity
(a blank direction, completion or actor) is not held against it.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadpact.tables import Table, Tables

SALES_TEAMS = ("sales", "sdr")
INBOUND = ("inbound", "incoming", "in")


def touches(tables: Tables, kinds: Sequence[str]) -> Table:
    """Out: person_id, at (UTC), kind, actor_id: dated touches of the given activity kinds."""
    every = all_touches(tables) if tables.touch is None else tables.touch
    return every.filter(every.kind.isin([kind.lower() for kind in kinds]))


def all_touches(tables: Tables) -> Table:
    """Out: person_id, at (UTC), kind (lower case), actor_id: dated touches of every activity kind."""
    activity = tables.activity
    activity = activity.filter(
        activity["at"].notnull(),
        activity.completed.fill_null(True),
        ~activity.automated.fill_null(False),
        ~activity.direction.lower().isin(INBOUND).fill_null(False),
    )
    owner = tables.owner.select(
        known_id="owner_id",
        is_queue=tables.owner.is_queue.fill_null(False),
        foreign=tables.owner.team.lower().notin(SALES_TEAMS).fill_null(False),
    )
    joined = activity.left_join(owner, activity.actor_id == owner.known_id)
    joined = joined.filter(~joined.is_queue.fill_null(False), ~joined.foreign.fill_null(False))
    people = tables.record.select("object", "record_id", "person_id")
    known = joined.inner_join(people, ["object", "record_id"])
    return known.select("person_id", "at", kind=known.kind.lower(), actor_id="actor_id")
