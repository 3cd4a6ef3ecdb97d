"""The records behind a value map: which row decides each, counted or one by one.

Only records that count are here (facts.py), and of them those that hold a value of the map.

Not here: what a row says (valuemap.py), writing anything (leadpact/writeback).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis

from leadpact.audit.counts import NO_TYPE
from leadpact.audit.facts import KEYS, Facts, blank, is_blank, is_frozen, rows_of, status_in
from leadpact.audit.valuemap import CONDITIONS, Row, ValueMap, fitting
from leadpact.audit.values import StatusValue
from leadpact.model import OBJECTS
from leadpact.tables import Table

Group = tuple[str, str]
CELL = ("object", "value", *CONDITIONS, "frozen")
EARLIEST = datetime(1, 1, 1)
ROW_SCHEMA = {
    "row_object": "string", "row_value": "string", "row_record_type": "string", "row_previous": "string",
    "row_standing": "string", "place": "int64",
}  # fmt: skip
DECISION_SCHEMA = {"place": "int64", "after": "string", "reason": "string", "keep": "string"}


@dataclass(frozen=True)
class Asked:
    """The values (object, value; "" for blank) that are looked at, and which of them more closely."""

    values: frozenset[Group]
    by_type: frozenset[Group] = frozenset()
    by_previous: frozenset[Group] = frozenset()
    by_standing: frozenset[Group] = frozenset()

    @staticmethod
    def of(rows: Sequence[Row]) -> Asked:
        def where(name: str) -> frozenset[Group]:
            return frozenset(row.group for row in rows if getattr(row, name) is not None)

        every = frozenset(row.group for row in rows)
        return Asked(every, where("record_type"), where("previous"), where("standing"))

    def __ge__(self, other: Asked) -> bool:
        """Whoever asked this knows what the other asks."""
        return (
            self.values >= other.values
            and self.by_type >= other.by_type
            and self.by_previous >= other.by_previous
            and self.by_standing >= other.by_standing
        )

    def __or__(self, other: Asked) -> Asked:
        return Asked(
            self.values | other.values,
            self.by_type | other.by_type,
            self.by_previous | other.by_previous,
            self.by_standing | other.by_standing,
        )


def held(tables: Facts, asked: Asked) -> Table:
    """The records that hold one of these values, with what rows ask of them.

    Out: object, record_id, person_id, status (as the CRM holds it), value ("" for blank),
    record_type (NO_TYPE for none), previous, standing (each null where not known, or not asked
    for), frozen.
    """
    record = tables.record
    of = {object: [value for own, value in sorted(asked.values) if own == object] for object in OBJECTS}
    empty = is_blank(record.status)
    wanted = status_in(record, {object: [value for value in values if value] for object, values in of.items()})
    for object, values in of.items():
        if "" in values:
            wanted = wanted | ((record.object == object) & empty)
    found = record.filter(wanted).select(
        *KEYS, "person_id", "status", "record_type", value=ibis.ifelse(empty, "", record.status),
        frozen=is_frozen(record, tables.as_of),
    )  # fmt: skip
    known = ibis.ifelse(is_blank(found.record_type), NO_TYPE, found.record_type)
    found = found.mutate(record_type=_where(found, asked.by_type, known))
    found = _with_previous(tables, found, asked.by_previous)
    return _with_standing(tables, found, asked.by_standing)


def _where(table: Table, groups: Collection[Group], column: Any) -> Any:
    """The column for records of these values, else null."""
    if not groups:
        return ibis.null("string")
    return ibis.ifelse(_among(table, groups), column, ibis.null("string"))


def _among(table: Table, groups: Collection[Group]) -> Any:
    of = {object: [value for own, value in sorted(groups) if own == object] for object in OBJECTS}
    return status_in(table, of, "value")


def _with_previous(tables: Facts, found: Table, groups: Collection[Group]) -> Table:
    """Adds `previous`: the last value in the record's history that is no action, nor the one it has."""
    if not groups:
        return found.mutate(previous=ibis.null("string"))
    change = tables.field_change
    own = found.filter(_among(found, groups)).select(*KEYS, "status")
    moves = change.filter(change.field == "status", change.to_value.notnull())
    moves = moves.select(*KEYS, "to_value", "seq", moved_at=moves["at"].fill_null(ibis.timestamp(EARLIEST.isoformat())))
    moves = moves.inner_join(own, KEYS)
    moves = moves.filter(moves.to_value != moves.status)
    moves = moves.filter(status_in(moves, _states(tables, moves), "to_value"))
    backwards = ibis.window(group_by=KEYS, order_by=[ibis.desc("moved_at"), ibis.desc("seq")])
    last = moves.mutate(place=ibis.row_number().over(backwards)).filter(lambda t: t.place == 0)
    last = last.select(of_object="object", of_id="record_id", previous="to_value")
    joined = found.left_join(last, (found.object == last.of_object) & (found.record_id == last.of_id))
    return joined.drop("of_object", "of_id")


def _states(tables: Facts, moves: Table) -> dict[str, list[str]]:
    """By object, the values these moves lead to that name no action by their wording."""
    labels = {(row["object"], row["value"]): row["label"] for row in tables.counts.listed}
    found: dict[str, list[str]] = {object: [] for object in OBJECTS}
    for row in rows_of(moves.select("object", "to_value").distinct()):
        value = StatusValue(row["object"], row["to_value"], labels.get((row["object"], row["to_value"])))
        if not blank(value.value) and tables.kind(value) != "action":
            found[value.object].append(value.value)
    return {object: sorted(names) for object, names in found.items()}


def _with_standing(tables: Facts, found: Table, groups: Collection[Group]) -> Table:
    """Adds `standing`: the stage of the person's last spell."""
    if not groups or tables.spell is None:
        return found.mutate(standing=ibis.null("string"))
    own = found.filter(_among(found, groups)).select("person_id").distinct()
    spell = tables.spell.semi_join(own, "person_id")
    last = spell.group_by(of_person="person_id").aggregate(standing=spell.stage.argmax(spell.n))
    joined = found.left_join(last, found.person_id == last.of_person).drop("of_person")
    return joined.mutate(standing=_where(joined, groups, joined.standing))


@dataclass(frozen=True)
class Cells:
    """How many records there are of each value and condition: what every count of a map comes from."""

    rows: tuple[dict[str, Any], ...]

    def of(self, group: Group) -> list[dict[str, Any]]:
        """Those of one value, the most records first."""
        own = [cell for cell in self.rows if (cell["object"], cell["value"]) == group]
        return sorted(own, key=lambda cell: (-cell["n"], *(cell[name] or "" for name in CONDITIONS)))


def cells(tables: Facts, asked: Asked) -> Cells:
    """Counts `n` by object, value, record_type, previous, standing and frozen. One query."""
    if not asked.values:
        return Cells(())
    table = held(tables, asked)
    return Cells(tuple(rows_of(table.group_by(*CELL).aggregate(n=table.count()))))


def counted(values: ValueMap, known: Cells) -> ValueMap:
    """The map with the records that each row decides, frozen ones apart."""
    numbers: dict[Any, list[int]] = {row.key: [0, 0] for row in values.rows}
    of = values.groups()
    for cell in known.rows:
        row = fitting(of.get((cell["object"], cell["value"]), ()), cell)
        if row is not None:
            numbers[row.key][1 if cell["frozen"] else 0] += cell["n"]
    return ValueMap(tuple(replace(row, records=numbers[row.key][0], frozen=numbers[row.key][1]) for row in values.rows))


def decided(values: ValueMap, tables: Facts) -> Table:
    """The records a map moves, each under the row that decides it.

    Out: object, record_id, person_id, before, after, reason, keep. See ValueMap.changes.
    """
    rows = list(values.rows)
    given = [
        {"row_object": row.object, "row_value": row.value or "", "row_record_type": row.record_type,
         "row_previous": row.previous, "row_standing": row.standing, "place": place}
        for place, row in enumerate(sorted(rows, key=lambda row: (row.rank, row.key)))
    ]  # fmt: skip
    ordered = sorted(rows, key=lambda row: (row.rank, row.key))
    version = tables.used.pact.hash if tables.used is not None else ""
    said = [
        {"place": place, "after": row.to, "reason": f"{' '.join(row.codes) or '-'} @{version}", "keep": row.keep}
        for place, row in enumerate(ordered)
        if row.moves
    ]
    found = held(tables, Asked.of(rows))
    found = found.filter(~found.frozen)
    row = ibis.memtable(given, schema=ROW_SCHEMA)
    fits = [found.object == row.row_object, found.value == row.row_value]
    both = found.inner_join(row, fits)
    for name in CONDITIONS:
        wanted = both[f"row_{name}"]
        both = both.filter(wanted.isnull() | (wanted == both[name]).fill_null(False))
    # the rows are in order of how particular they are: the last that fits decides
    one = both.group_by(*KEYS).aggregate(
        person_id=both.person_id.arbitrary(), before=both.status.arbitrary(), place=both.place.max()
    )
    decision = ibis.memtable(said, schema=DECISION_SCHEMA)
    joined = one.inner_join(decision, "place")
    joined = joined.filter(joined.before.isnull() | (joined.before != joined.after))
    return joined.select(*KEYS, "person_id", "before", "after", "reason", "keep")


def changes(values: ValueMap, tables: Facts) -> Table:
    """As ValueMap.changes."""
    found = decided(values, tables)
    return found.select(*KEYS, "before", "after", "reason", field=ibis.literal("status")).select(
        *KEYS, "field", "before", "after", "reason"
    )


def keeping(values: ValueMap, tables: Facts) -> Table:
    """What can be kept of the values that go. Out: object, record_id, keep (which field), value (its text)."""
    found = decided(values, tables)
    return found.filter(found.keep.notnull(), found.before.notnull()).select(*KEYS, "keep", value="before")
