"""The value map: where the records of every status value in trouble are to go.

A document that people edit and the repair takes: a row per object and value, split where not
all its records should go to one place. Of the rows that fit a record the most particular one
decides; a row without a target says that people have to.

Not here: how it is proposed (proposal.py), its files (valuemap_file.py), whether it fits the
CRM (valuemap_check.py), the records behind it (valuemap_records.py), keeping it (valuemap_store.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.model import OBJECTS
from leadpact.tables import Table

Keep = Literal["last_outcome", "reason", "source"]
Sure = Literal["high", "medium", "low"]
KEEPS: tuple[Keep, ...] = get_args(Keep)
SURE: tuple[Sure, ...] = get_args(Sure)
# why a target is proposed; catalogue `proposal.how.<name>`
HOW = ("spelling", "twin", "previous", "standing", "filled", "stage", "words", "people", "none")
CONDITIONS = ("record_type", "previous", "standing")
Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Row:
    """Where records go that hold `value` (null: blank), as far as the conditions fit.

    Conditions, null for any: `record_type`; `previous`, the value before that was no action;
    `standing`, the stage the person is in by all their records. Decision: `to` a value, or
    `leave` it as it is; neither: people have to decide. `stage` is what the value they have
    then stands for. `keep` names the field where the old value's text can be kept.
    `edited`: people decided it, and a new proposal leaves it alone.

    The rest is told, not decided: `create` (the value is not on offer yet), `sure` and `how`
    of the proposal, codes of the findings, `records` it moves, and `frozen` ones of converted
    leads, which nobody can change.
    """

    object: str
    value: str | None
    to: str | None = None
    stage: str | None = None
    leave: bool = False
    record_type: str | None = None
    previous: str | None = None
    standing: str | None = None
    keep: str | None = None
    edited: bool = False
    create: bool = False
    sure: str | None = None
    how: str | None = None
    codes: tuple[str, ...] = ()
    records: int = 0
    frozen: int = 0

    @property
    def key(self) -> Key:
        """What makes it this row; a map holds each key once."""
        return (self.object, self.value or "", self.record_type or "", self.previous or "", self.standing or "")

    @property
    def group(self) -> tuple[str, str]:
        """Object and value: the rows that are edited together."""
        return (self.object, self.value or "")

    @property
    def rank(self) -> int:
        """How particular it is: standing counts before the value before, that before the record type."""
        return 4 * (self.standing is not None) + 2 * (self.previous is not None) + (self.record_type is not None)

    @property
    def open(self) -> bool:
        """People have to decide it."""
        return self.to is None and not self.leave

    @property
    def moves(self) -> bool:
        """Its records get another value."""
        return self.to is not None and not self.leave and self.to != self.value

    @property
    def decision(self) -> tuple[str | None, str | None, bool, str | None]:
        return (self.to, self.stage, self.leave, self.keep)


@dataclass(frozen=True)
class Addition:
    """A value that the pact's status map has to learn, and the stage it stands for."""

    object: str
    value: str
    stage: str


@dataclass(frozen=True)
class ValueMap:
    """The rows, in one order whatever they were given in (`of`)."""

    rows: tuple[Row, ...] = ()

    @staticmethod
    def of(rows: Iterable[Row]) -> ValueMap:
        return ValueMap(tuple(sorted((_settled(row) for row in rows), key=_order)))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over what is decided and by whom; counts and reasons do not change it."""
        said = [[*row.key, *row.decision, row.edited] for row in self.rows]
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def moving(self) -> tuple[Row, ...]:
        """The rows that give their records another value."""
        return tuple(row for row in self.rows if row.moves)

    @property
    def records(self) -> int:
        """How many records get another value, as last counted."""
        return sum(row.records for row in self.moving)

    def groups(self) -> dict[tuple[str, str], list[Row]]:
        """The rows by object and value."""
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.group, []).append(row)
        return found

    def additions(self, pact: Pact) -> tuple[Addition, ...]:
        """What the pact's status map has to learn with this map, each value once.

        The values it leads to, and those it leaves as they are, that no stage claims yet.
        """
        found: dict[tuple[str, str], Addition] = {}
        for row in self.rows:
            value = row.value if row.leave else row.to
            if value and row.stage and value not in pact.status_map.of(row.object):
                found.setdefault((row.object, value), Addition(row.object, value, row.stage))
        return tuple(found.values())

    def pact_after(self, pact: Pact) -> Pact:
        """The pact with the additions; the pact itself where there is none."""
        added = self.additions(pact)
        if not added:
            return pact
        maps = {object: dict(pact.status_map.of(object)) for object in OBJECTS}
        for one in added:
            maps[one.object][one.value] = one.stage
        changed = pact.status_map.model_copy(update=maps)
        # validated anew: a copy would keep the hash of the pact it was made of
        return Pact.model_validate(pact.model_copy(update={"status_map": changed}).model_dump())

    def refreshed(self, proposal: ValueMap) -> ValueMap:
        """The proposal, with what people edited in this map left as they left it.

        Object and value are edited as a whole: where any row of a value is edited, all its
        rows are this map's, told with what the proposal knows of them now.
        """
        mine = {group: rows for group, rows in self.groups().items() if any(row.edited for row in rows)}
        told = {row.key: row for row in proposal.rows}
        codes = {group: rows[0].codes for group, rows in proposal.groups().items()}
        kept = []
        for group, rows in mine.items():
            for row in rows:
                now = told.get(row.key)
                kept.append(replace(row, codes=now.codes if now else codes.get(group, ())))
        return ValueMap.of([*kept, *(row for row in proposal.rows if row.group not in mine)])

    def edited_from(self, proposal: ValueMap) -> ValueMap:
        """This map with `edited` on every row of a value that differs from the proposal's."""
        before = {group: {row.key: row.decision for row in rows} for group, rows in proposal.groups().items()}
        found = []
        for group, rows in self.groups().items():
            differs = before.get(group) != {row.key: row.decision for row in rows}
            for row in rows:
                now = replace(row, edited=True, how="people", sure=None) if differs else row
                found.append(now)
        return ValueMap.of(found)

    def changes(self, tables: Facts) -> Table:
        """What the map changes, a row per record that holds a value and may be written.

        Out: object, record_id, field (`status`), before (as the CRM holds it), after, reason
        (codes of the findings and the pact's hash, `STA01 STA04 @<hash>`). Not: frozen,
        deleted or merged records, undecided rows, records that have the value already.
        """
        from leadpact.audit import valuemap_records  # noqa: PLC0415 - it reads this module

        return valuemap_records.changes(self, tables)


def _settled(row: Row) -> Row:
    """The row with empty texts as null: they say the same."""
    empty: dict[str, Any] = {name: None for name in ("value", "to", "stage", *CONDITIONS) if getattr(row, name) == ""}
    return replace(row, **empty) if empty else row


def _order(row: Row) -> tuple[int, str, str, int, Key]:
    place = OBJECTS.index(row.object) if row.object in OBJECTS else len(OBJECTS)
    return (place, row.object, row.value or "", -row.rank, row.key)


def fitting(rows: Sequence[Row], cell: Mapping[str, str | None]) -> Row | None:
    """The most particular row that fits a record of these conditions; null where none does.

    `cell` names object, value ("" for blank), record_type, previous and standing.
    """
    best = None
    for row in rows:
        fits = row.object == cell["object"] and (row.value or "") == cell["value"]
        for name in CONDITIONS:
            wanted = getattr(row, name)
            fits = fits and (wanted is None or wanted == cell[name])
        if fits and (best is None or row.rank > best.rank):
            best = row
    return best
