"""What the rules read: the tables at a moment, and what several rules ask, computed once.

Only records that count are here: in the pact's scope, not deleted, not merged away. Every
status value costs the same few aggregate queries together, however many there are.

Not here: what is wrong with a value (rules), what kind of thing it names (classifier).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit.classifier import Kind, Verdict, classify
from leadpact.audit.values import Held, StatusValue
from leadpact.metrics.timeline import governed
from leadpact.metrics.touches import INBOUND
from leadpact.model import CONTACT, LEAD, OBJECTS, TOUCH_KINDS
from leadpact.tables import Table, Tables
from leadpact.workspace import Analysis, PactInUse

SPACES = " \t\n\r\v\f"
KEYS = ("object", "record_id")
NEVER = datetime(9999, 1, 1)


@dataclass(frozen=True)
class Facts(Tables):
    """The tables a rule reads; `record` holds only records that count. Belongs to one thread."""

    every_record: Table = None  # deleted, merged and out of scope too: whom a deal or touch belongs to
    used: PactInUse | None = None
    as_of: datetime = NEVER

    @staticmethod
    def of(analysis: Analysis) -> Facts:
        given = {field.name: getattr(analysis.tables, field.name) for field in fields(Tables)}
        every = given.pop("record")
        record = counting(every, analysis.pact)
        return Facts(**given, record=record, every_record=every, used=analysis.used, as_of=analysis.as_of)

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """Every status with its records, blank ones under null; one aggregate query."""
        record = self.record
        frozen = is_frozen(record, self.as_of)
        by = record.group_by("object", "status").aggregate(
            records=record.count(),
            frozen=frozen.cast("int64").sum(),
            working=((record.condition == "active") & ~frozen).cast("int64").sum(),
        )
        merged: dict[tuple[str, str | None], list[int]] = {}
        for row in rows_of(by):
            key = (row["object"], None if blank(row["status"]) else row["status"])
            counts = merged.setdefault(key, [0, 0, 0])
            for at, name in enumerate(("records", "frozen", "working")):
                counts[at] += row[name]
        ordered = sorted(merged.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return tuple(Held(object, value, *counts) for (object, value), counts in ordered)

    @cached_property
    def values(self) -> tuple[StatusValue, ...]:
        """Every value of a picklist or held by a record, in order of object and value."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for row in rows_of(self.status_value):
            if row["object"] in OBJECTS and not blank(row["value"]):
                found[(row["object"], row["value"])] = {
                    "label": row["label"],
                    "listed": True,
                    "active": row["is_active"] is not False,
                    "is_default": bool(row["is_default"]),
                    "is_converted": bool(row["is_converted"]),
                    "position": row["position"],
                }
        for held in self.held:
            if held.value is not None and held.object in OBJECTS:
                counts = {"records": held.records, "frozen": held.frozen, "working": held.working}
                found.setdefault((held.object, held.value), {}).update(counts)
        entered = self.entered
        return tuple(
            StatusValue(object, value, **parts, **entered.get((object, value), {}))
            for (object, value), parts in sorted(found.items())
        )

    @cached_property
    def entered(self) -> Mapping[tuple[str, str], dict[str, Any]]:
        """Entries, first_at and last_at of every value that records that count ever had."""
        change = self.field_change
        moves = change.filter(change.field == "status", change.evidence != "remap", change.to_value.notnull())
        by = (
            moves.semi_join(self.record.select(*KEYS), KEYS)
            .group_by("object", "to_value")
            .aggregate(entries=lambda t: t.count(), first_at=lambda t: t["at"].min(), last_at=lambda t: t["at"].max())
        )
        names = ("entries", "first_at", "last_at")
        return {(row["object"], row["to_value"]): {name: row[name] for name in names} for row in rows_of(by)}

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str], StatusValue]:
        """The values by (object, value)."""
        return {(value.object, value.value): value for value in self.values}

    @cached_property
    def picklists(self) -> frozenset[str]:
        """The objects whose picklist is known."""
        return frozenset(value.object for value in self.values if value.listed)

    @cached_property
    def seen(self) -> Table:
        """What the activities say of each person who has any; read once, for several rules ask.

        Out: person_id, first_at, last_at (UTC; null where none is dated), interacted (some
        activity is not automated), touched (a completed call, e-mail, meeting or message that
        is not inbound).
        """
        activity = self.activity
        touch = (
            activity.kind.lower().isin(TOUCH_KINDS)
            & activity.completed.fill_null(True)
            & ~activity.direction.lower().isin(INBOUND).fill_null(False)
        )
        by_record = activity.group_by(*KEYS).aggregate(
            first_at=activity["at"].min(),
            last_at=activity["at"].max(),
            interacted=(~activity.automated.fill_null(False)).any(),
            touched=touch.fill_null(False).any(),
        )
        joined = by_record.inner_join(self.every_record.select(*KEYS, "person_id"), KEYS)
        by_person = joined.group_by("person_id").aggregate(
            first_at=joined.first_at.min(),
            last_at=joined.last_at.max(),
            interacted=joined.interacted.any(),
            touched=joined.touched.any(),
        )
        return ibis.memtable(by_person.to_pyarrow())

    @property
    def standing(self) -> Table:
        """The records whose status counts for a person: contacts; and leads of people without a
        contact (a deleted one is one). Columns of `record`."""
        contacts = self.every_record.filter(self.every_record.object == CONTACT).select("person_id")
        leads = self.record.filter(self.record.object == LEAD).anti_join(contacts, "person_id")
        return ibis.union(self.record.filter(self.record.object == CONTACT), leads)

    def count(self, object: str, *, blank_only: bool = False) -> int:
        """Records of an object that count; only those without a status if asked."""
        return sum(h.records for h in self.held if h.object == object and (h.value is None or not blank_only))

    def kind(self, value: StatusValue) -> Kind:
        """What kind of thing the value names, by its wording."""
        return self.verdict(value.wording).kind

    @cached_property
    def _verdicts(self) -> dict[str, Verdict]:
        return {}

    def verdict(self, wording: str) -> Verdict:
        """The classifier's verdict, asked once a text."""
        if wording not in self._verdicts:
            self._verdicts[wording] = classify(wording)
        return self._verdicts[wording]


def counting(record: Table, pact: Pact) -> Table:
    """The records that count: in the pact's scope, neither deleted nor merged into another."""
    return governed(record, pact).filter(record.condition != "deleted", record.merged_into.isnull())


def is_frozen(record: Table, as_of: datetime) -> Any:
    """A lead converted by `as_of`: the CRM lets nobody change it, and its contact's status counts."""
    converted = record.converted_to.notnull() | record.converted_at.notnull()
    later = (record.converted_at > ibis.timestamp(as_of.isoformat(" "))).fill_null(False)
    return (record.object == LEAD) & converted & ~later


def status_in(record: Table, values: Mapping[str, Collection[str]], column: str = "status") -> Any:
    """The status is among the given values of the record's object; false where it is null."""
    found = ibis.literal(False)
    for object, names in values.items():
        if names:
            found = found | ((record.object == object) & record[column].isin(list(names))).fill_null(False)
    return found


def blank(value: str | None) -> bool:
    """As `is_blank`, of one value."""
    return value is None or not value.replace("\u00a0", " ").strip(SPACES)


def folded(value: str) -> str:
    """The value without regard to case and spaces."""
    return " ".join(value.split()).casefold()


def rows_of(table: Table) -> list[dict[str, Any]]:
    """The rows of a small result as Python values; null is None, never NaN."""
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return found
