"""What the engine counts once for all rules: records, moves and picklist rows, by record type where there are several.

The parts of a company (its record types) are these same rows, parted in Python: a company of
many record types costs the queries of one.

Not here: what rules read of them (facts.py), judging by record type (record_types.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import ibis

from leadpact.model import LEAD, OBJECTS
from leadpact.tables import Table, blank, is_blank

KEYS = ("object", "record_id")
MOST_TYPES = 50  # beyond, the field is no record type
NO_TYPE = "none"  # the group of records without one; a type called so is the same group


@dataclass(frozen=True)
class Counts:
    """The rows behind every count of statuses; each asked for once. Belongs to one thread.

    `record` holds only records that count. A row's `record_type` is NO_TYPE for a blank one and
    for objects that are not parted.
    """

    record: Table
    field_change: Table
    status_value: Table
    as_of: datetime

    @cached_property
    def types(self) -> Mapping[str, Mapping[str, int]]:
        """Records by record type, by object, the largest first; only objects with two types and more."""
        by = self.record.group_by("object", "record_type").aggregate(n=lambda t: t.count())
        found: dict[str, dict[str, int]] = {}
        for row in rows_of(by.order_by(ibis.desc("n"), "object", "record_type").limit(2 * MOST_TYPES + 2)):
            name = NO_TYPE if blank(row["record_type"]) else row["record_type"]
            own = found.setdefault(row["object"], {})
            own[name] = own.get(name, 0) + row["n"]
        return {object: own for object, own in found.items() if object in OBJECTS and 1 < len(own) <= MOST_TYPES}

    @cached_property
    def held(self) -> list[dict[str, Any]]:
        """object, record_type, status, records, and of them frozen and working."""
        record = self._typed
        frozen = is_frozen(record, self.as_of)
        by = record.group_by("object", *self._by, "status").aggregate(
            records=record.count(),
            frozen=frozen.cast("int64").sum(),
            working=((record.condition == "active") & ~frozen).cast("int64").sum(),
        )
        return self._whole(by)

    @cached_property
    def moves(self) -> list[dict[str, Any]]:
        """object, record_type, from_value, to_value, n, first_at, last_at: entries of records that count.

        Relabellings are none. A first entry comes from null.
        """
        change = self.field_change
        moves = change.filter(change.field == "status", change.evidence != "remap", change.to_value.notnull())
        record = self._typed.select(*KEYS, *self._by)
        own = moves.inner_join(record, KEYS) if self._by else moves.semi_join(record, KEYS)
        by = own.group_by("object", *self._by, "from_value", "to_value").aggregate(
            n=lambda t: t.count(), first_at=lambda t: t["at"].min(), last_at=lambda t: t["at"].max()
        )
        return self._whole(by)

    @cached_property
    def listed(self) -> list[dict[str, Any]]:
        """The picklist's rows; a null record_type is every one."""
        rows = [row for row in rows_of(self.status_value) if row["object"] in OBJECTS and not blank(row["value"])]
        return [{**row, "record_type": None if blank(row["record_type"]) else row["record_type"]} for row in rows]

    @property
    def _by(self) -> tuple[str, ...]:
        return ("record_type",) if self.types else ()

    @property
    def _typed(self) -> Table:
        if not self.types:
            return self.record
        name = self.record.record_type
        known = self.record.object.isin(list(self.types)) & ~is_blank(name)
        return self.record.mutate(record_type=ibis.ifelse(known, name, NO_TYPE))

    def _whole(self, table: Table) -> list[dict[str, Any]]:
        rows = rows_of(table)
        return rows if self._by else [{**row, "record_type": NO_TYPE} for row in rows]


def is_frozen(record: Table, as_of: datetime) -> Any:
    """A lead converted by `as_of`: the CRM lets nobody change it, and its contact's status counts."""
    converted = record.converted_to.notnull() | record.converted_at.notnull()
    later = (record.converted_at > ibis.timestamp(as_of.isoformat(" "))).fill_null(False)
    return (record.object == LEAD) & converted & ~later


def offers(
    listed: Sequence[Mapping[str, Any]], part: tuple[str, str] | None
) -> Mapping[tuple[str, str], dict[str, Any]]:
    """What the picklist says of each (object, value), as parts of a StatusValue.

    In: rows of `Counts.listed`; `part` an object and record type. Where no row offers the type
    anything (and for records without a type) it is offered what any type is, as the whole is. A
    row of the type itself goes before one of every type.
    """
    rows = [row for row in listed if part is None or row["object"] == part[0]]
    near = [row for row in rows if part is not None and part[1] != NO_TYPE and row["record_type"] in (None, part[1])]
    alone = any(row["is_active"] is not False for row in near)
    kept: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in near if alone else rows:
        kept.setdefault((row["object"], row["value"]), []).append(row)
    return {key: _offer([row for row in own if alone and row["record_type"]] or own) for key, own in kept.items()}


def _offer(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = min(rows, key=lambda row: (row["is_active"] is False, row["record_type"] or ""))
    return {
        "label": first["label"],
        "listed": True,
        "active": any(row["is_active"] is not False for row in rows),
        "is_default": any(row["is_default"] for row in rows),
        "is_converted": any(row["is_converted"] for row in rows),
        "position": first["position"],
    }


def of_type(record: Table, object: str, record_type: str) -> Table:
    """The records of an object and a record type."""
    own = record.record_type == record_type
    if record_type == NO_TYPE:
        own = is_blank(record.record_type) | own
    return record.filter(record.object == object, own)


def rows_of(table: Table) -> list[dict[str, Any]]:
    """The rows of a small result as Python values; null is None, never NaN."""
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return found
