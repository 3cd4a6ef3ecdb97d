"""What the rules read: the tables at a moment, and what several rules ask, computed once.

Only records that count are here: in the pact's scope, not deleted, not merged away. Every
status value costs the same few aggregate queries together, however many there are.

Not here: what is wrong with a value (rules), what kind of thing it names (classifier).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit.classifier import Kind, Verdict, classify
from leadpact.audit.classifier.own import NO_WORDS, OwnWords
from leadpact.audit.counts import KEYS, Counts, is_frozen, of_type, offers, rows_of
from leadpact.audit.scored import scored
from leadpact.audit.values import Held, StatusValue
from leadpact.metrics.timeline import governed
from leadpact.metrics.touches import INBOUND
from leadpact.model import CONTACT, LEAD, OBJECTS, TOUCH_KINDS
from leadpact.pact_in_use import PactInUse
from leadpact.tables import Table, Tables, blank, is_blank
from leadpact.workspace import Analysis

__all__ = [
    "KEYS", "Facts", "blank", "counting", "folded", "is_blank", "is_frozen", "rows_of", "status_in",
]  # fmt: skip
NEVER = datetime(9999, 1, 1)


@dataclass(frozen=True)
class Facts(Tables):
    """The tables a rule reads; `record` holds only records that count. Belongs to one thread."""

    every_record: Table = None  # deleted, merged and out of scope too: whom a deal or touch belongs to
    used: PactInUse | None = None
    whole: Facts | None = None  # of a part: what it is a part of
    part: tuple[str, str] | None = None  # object and record type
    as_of: datetime = NEVER
    labels: Callable[[], Mapping[str, Collection[str]]] = dict  # as in Analysis
    words: OwnWords = NO_WORDS  # as in Analysis

    @staticmethod
    def of(analysis: Analysis) -> Facts:
        given = {field.name: getattr(analysis.tables, field.name) for field in fields(Tables)}
        every = given.pop("record")
        record = counting(every, analysis.pact)
        used, as_of, labels = analysis.used, analysis.as_of, analysis.labels
        return Facts(
            **given, record=record, every_record=every, used=used, as_of=as_of, labels=labels, words=analysis.words
        )

    @cached_property
    def counts(self) -> Counts:
        """What the engine counted; a part's are those of the whole."""
        if self.whole is not None:
            return self.whole.counts
        return Counts(self.record, self.field_change, self.status_value, self.as_of)

    def of_type(self, object: str, record_type: str) -> Facts:
        """The same of one record type of an object. Asks the engine for nothing.

        Its `values` are those it is offered or holds, by its own picklist; `standing`, `seen`
        and every_record are the whole company's.
        """
        whole = self.whole or self
        return replace(self, record=of_type(whole.record, object, record_type), whole=whole, part=(object, record_type))

    def types(self, fewest: int = 1) -> Mapping[str, tuple[str, ...]]:
        """By object, the record types with at least `fewest` records, where two and more have as many."""
        found = {
            object: tuple(name for name, records in own.items() if records >= fewest)
            for object, own in self.counts.types.items()
        }
        return {object: names for object, names in found.items() if len(names) > 1}

    def _own(self, rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows of this part; all of them of the whole."""
        return (row for row in rows if self.part is None or (row["object"], row["record_type"]) == self.part)

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """Every status with its records, blank ones under null."""
        merged: dict[tuple[str, str | None], list[int]] = {}
        for row in self._own(self.counts.held):
            key = (row["object"], None if blank(row["status"]) else row["status"])
            counts = merged.setdefault(key, [0, 0, 0])
            for at, name in enumerate(("records", "frozen", "working")):
                counts[at] += row[name]
        ordered = sorted(merged.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return tuple(Held(object, value, *counts) for (object, value), counts in ordered)

    @cached_property
    def values(self) -> tuple[StatusValue, ...]:
        """Every value of a picklist or held by a record, in order of object and value."""
        found: dict[tuple[str, str], dict[str, Any]] = dict(offers(self.counts.listed, self.part))
        for held in self.held:
            if held.value is not None and held.object in OBJECTS:
                counts = {"records": held.records, "frozen": held.frozen, "working": held.working}
                found.setdefault((held.object, held.value), {}).update(counts)
        entered, by_type = self.entered, self._by_type
        return tuple(
            StatusValue(
                object, value, **parts, **entered.get((object, value), {}), by_type=by_type.get((object, value), {})
            )
            for (object, value), parts in sorted(found.items())
        )

    @cached_property
    def _by_type(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """Records of each value by record type; nothing in a part, and where an object is not parted."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        for row in self.counts.held if self.part is None else ():
            if row["object"] in self.counts.types and not blank(row["status"]):
                found.setdefault((row["object"], row["status"]), {})[row["record_type"]] = row["records"]
        return {key: dict(sorted(own.items(), key=lambda item: (-item[1], item[0]))) for key, own in found.items()}

    @cached_property
    def entered(self) -> Mapping[tuple[str, str], dict[str, Any]]:
        """Entries, first_at and last_at of every value that records that count ever had."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self._own(self.counts.moves):
            own = found.setdefault((row["object"], row["to_value"]), {"entries": 0, "first_at": None, "last_at": None})
            own["entries"] += row["n"]
            for name, first in (("first_at", min), ("last_at", max)):
                known = [at for at in (own[name], row[name]) if at is not None]
                own[name] = first(known, default=None)
        return found

    @cached_property
    def moves(self) -> Mapping[tuple[str, str], Mapping[str, int]]:
        """By (object, value): how often records that count moved on to each other value."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        for row in self._own(self.counts.moves):
            if row["from_value"] not in (None, row["to_value"]):
                own = found.setdefault((row["object"], row["from_value"]), {})
                own[row["to_value"]] = own.get(row["to_value"], 0) + row["n"]
        return found

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str], StatusValue]:
        """The values by (object, value)."""
        return {(value.object, value.value): value for value in self.values}

    @cached_property
    def picklists(self) -> frozenset[str]:
        """The objects whose picklist is known."""
        return frozenset(value.object for value in self.values if value.listed)

    @cached_property
    def own_picklist(self) -> bool:
        """What is on offer is told of this record type, not of the object as a whole."""
        return any(row["is_active"] is not False and row["record_type"] for row in self._own(self.counts.listed))

    @cached_property
    def seen(self) -> Table:
        """What the activities say of each person who has any; read once, for several rules ask.

        Out: person_id, first_at, last_at (UTC; null where none is dated), interacted (some
        activity is not automated), touched (a completed call, e-mail, meeting or message that
        is not inbound).
        """
        if self.whole is not None:
            return self.whole.seen
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
    def plain(self) -> Tables:
        """The tables as metrics read them, with every record."""
        own = {field.name: getattr(self, field.name) for field in fields(Tables)}
        return Tables(**{**own, "record": self.every_record})

    @cached_property
    def scored(self) -> Table:
        """Every record's score under the pact in use (scored.py); for pacts with scoring rules."""
        if self.whole is not None:
            return self.whole.scored
        if self.used is None:
            raise ValueError("no pact")
        return scored(self, self.used.pact)

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

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gives, asked for once under this key: what several rules share that has options."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def kind(self, value: StatusValue) -> Kind:
        """What kind of thing the value names, by its wording."""
        return self.verdict(value.wording).kind

    @cached_property
    def _verdicts(self) -> dict[str, Verdict]:
        return {} if self.whole is None else self.whole._verdicts

    def verdict(self, wording: str) -> Verdict:
        """The classifier's verdict, by our words and the company's own; asked once a text."""
        if wording not in self._verdicts:
            self._verdicts[wording] = classify(wording, lexicon=self.words.lexicon())
        return self._verdicts[wording]


def counting(record: Table, pact: Pact) -> Table:
    """The records that count: in the pact's scope, neither deleted nor merged into another."""
    return governed(record, pact).filter(record.condition != "deleted", record.merged_into.isnull())


def status_in(record: Table, values: Mapping[str, Collection[str]], column: str = "status") -> Any:
    """The status is among the given values of the record's object; false where it is null."""
    found = ibis.literal(False)
    for object, names in values.items():
        if names:
            found = found | ((record.object == object) & record[column].isin(list(names))).fill_null(False)
    return found


def folded(value: str) -> str:
    """The value without regard to case and spaces."""
    return " ".join(value.split()).casefold()
