"""What a number can be split by: one place that knows the dimensions and their names.

A dimension is a column of the journey (source, campaign, country, record_type: those at its
entry), of the owner at that step (owner, team, manager), of its time (month, week of entry, in
the pact's zone), or any other column of the record, `f_<slug>` included. Unknown is null, never
a group of its own name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.journeys import ORIGIN
from leadpact.tables import Table, Tables, with_owner

OWN = ORIGIN
OF_OWNER = ("owner", "team", "manager")
OF_TIME = ("month", "week")
NOT_SPLIT = {"record_id", "person_id", "email", "phone", "name", "url", "created_at", "converted_at", "converted_to"}


def known(tables: Tables) -> list[str]:
    """The dimensions these tables can be split by."""
    others = [name for name in tables.record.columns if name not in NOT_SPLIT and name not in OWN]
    return [*OWN, *OF_OWNER, *OF_TIME, *(name for name in others if name not in (*OF_OWNER, "owner_id"))]


def with_dimension(table: Table, tables: Tables, by: str | None, pact: Pact) -> Table:
    """The table with `group`: the value of dimension `by` as text; null without one, or unknown.

    In: a table with object, record_id, owner_id, entry and the columns in OWN, as spells,
    journeys and clocks have them. Raises Misconfigured for a dimension that is not known.
    """
    if by is None:
        return table.mutate(group=ibis.null("string"))
    if by in OWN:
        return table.mutate(group=table[by].cast("string"))
    if by in OF_OWNER:
        return with_owner(table, tables.owner).mutate(group=lambda t: t[by]).drop(*OF_OWNER)
    if by in OF_TIME:
        local = local_time(table.entry, pact.zone)
        return table.mutate(group=local.truncate("M" if by == "month" else "W").strftime("%Y-%m-%d"))
    if by not in known(tables):
        raise Misconfigured("metrics.bad_dimension", by=by, known=", ".join(known(tables)))
    values = tables.record.select(dim_object="object", dim_id="record_id", group=tables.record[by].cast("string"))
    joined = table.left_join(values, (table.object == values.dim_object) & (table.record_id == values.dim_id))
    return joined.drop("dim_object", "dim_id")


def local_time(moment: Any, zone: ZoneInfo) -> Any:
    """A UTC column as local wall time, by the zone's changes of offset from 1990 to 2060.

    A closed form instead of the engine's time zone functions: the same on every engine.
    """
    *changes, (_, last) = _offsets(zone)
    branches = [(moment < ibis.timestamp(until), seconds) for until, seconds in changes]
    offset = ibis.cases(*branches, else_=last) if branches else ibis.literal(last)
    return moment + offset.cast("int64").as_interval("s")


def _offsets(zone: ZoneInfo) -> list[tuple[str, int]]:
    """(UTC moment until which, offset in seconds), in order; the last has no end."""
    utc = ZoneInfo("UTC")

    def offset(at: int) -> int:
        found = datetime.fromtimestamp(at, utc).astimezone(zone).utcoffset()
        return int(found.total_seconds()) if found else 0

    start, end, step = 631_152_000, 2_840_140_800, 86_400 * 7
    changes: list[tuple[str, int]] = []
    at = start
    while at < end:
        if offset(at) != offset(at + step):
            low, high = at, at + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            changes.append((datetime.fromtimestamp(high, utc).replace(tzinfo=None).isoformat(" "), offset(low)))
        at += step
    changes.append(("", offset(end)))
    return changes
