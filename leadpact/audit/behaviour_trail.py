"""Every dated status change of the records that count, record by record, as arrays.

One query puts the changes in order; how long values are held, by whom they are entered and
what follows are then read from arrays, for all values at once, at some 40 bytes a change.

Not here: what is read from them (behaviour_stays.py, behaviour_onward.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leadpact.audit.actors import kinds
from leadpact.audit.counts import KEYS
from leadpact.history import GAP
from leadpact.model import LEAD
from leadpact.tables import Table, Tables

Key = tuple[str, str]
Ints = npt.NDArray[Any]

DAY = 86_400_000_000  # microseconds
AFTER_ALL = 2**62  # a conversion follows the changes of its own moment
# what a change is; up to SEEN it is an entry into its value. LOST: not logged, at a time nobody knows
CREATED, MOVE, SEEN, REMAP, CONVERTED, LOST = range(6)
WHAT = {"created": CREATED, "observed": SEEN, "remap": REMAP}
NOBODY, PERSON, INTEGRATION = range(3)


@dataclass(frozen=True)
class Rows:
    """What the engine gives: a row a change, or conversion of a lead, in no order.

    `changes` are the columns place, what, value, actor, at (null where it is LOST) and seq, which
    `trail` takes out one by one. `place` numbers the record and `person[place]` its person, of
    `persons` many; `end` is the moment of the analysis in microseconds. `numbered` (object,
    record_id, converted_at, place) and `people` (of_person, person) are in memory, for what else
    is read by these numbers.
    """

    values: tuple[Key, ...]
    changes: dict[str, pa.ChunkedArray]
    person: Ints
    persons: int
    end: int
    numbered: Table
    people: Table


@dataclass(frozen=True)
class Trail:
    """One element a change, or conversion of a lead, in order of record and time.

    `place` and `person` are as in Rows; `at` is in microseconds (AFTER_ALL for LOST); `value` is
    the place of the new value in `values` (-1: none of them); `actor` is NOBODY, PERSON or
    INTEGRATION. `end` is the moment of the analysis.
    """

    values: tuple[Key, ...]
    place: Ints
    what: Ints
    value: Ints
    actor: Ints
    at: Ints
    end: int
    person: Ints
    persons: int

    @cached_property
    def entries(self) -> list[tuple[Key, Ints]]:
        """Each value with the places in the arrays where it is entered, in order."""
        entered = np.flatnonzero((self.what <= SEEN) & (self.value >= 0))
        code = self.value[entered]
        # small numbers take numpy's radix sort
        order = np.argsort(code.astype(np.uint16) if len(self.values) <= 2**16 else code, kind="stable")
        ends = np.cumsum(np.bincount(code, minlength=len(self.values)))[:-1]
        return list(zip(self.values, np.split(entered[order], ends), strict=True)) if self.values else []


def rows(tables: Tables, record: Table, values: Sequence[Key], as_of: datetime) -> Rows:
    """In: the tables, the records that count, and the (object, value) asked about. Executes."""
    persons = record.select("person_id").distinct().to_pyarrow()["person_id"]
    people = ibis.memtable(pa.table({"of_person": persons, "person": np.arange(len(persons), dtype=np.int32)}))
    own = record.select(*KEYS, "person_id", "converted_at").inner_join(people, people.of_person == record.person_id)
    kept = own.select(*KEYS, "converted_at", "person").to_pyarrow()
    person = ints(kept["person"])
    place = pa.array(np.arange(kept.num_rows), pa.int32())
    numbered = ibis.memtable(kept.drop_columns("person").append_column("place", place))
    got = ibis.union(_changes(tables, numbered, values), _conversions(numbered, as_of)).to_pyarrow()
    changes = dict(zip(got.column_names, got.columns, strict=True))
    return Rows(tuple(values), changes, person, len(persons), micros(as_of), numbered, people)


def trail(read: Rows) -> Trail:
    """The changes in order. Asks the engine for nothing; the columns of `read` are used up."""
    columns = read.changes
    # one after the other: a column is large, and only its place in the order is kept of `seq`
    place, at = ints(columns.pop("place")), ints(columns.pop("at"), AFTER_ALL)
    order = _in_order(place, at, ints(columns.pop("seq")))
    at, place = at[order], place[order]
    what, value, actor = (ints(columns.pop(name))[order] for name in ("what", "value", "actor"))
    return Trail(read.values, place, what, value, actor, at, read.end, read.person, read.persons)


def _in_order(place: Ints, at: Ints, seq: Ints) -> Ints:
    """The order by record, time and sequence: by milliseconds first, and what is left of each together after."""
    if not len(place):
        return place
    first = int(at.min())
    span = (int(at.max(where=at != AFTER_ALL, initial=first)) - first) // 1000 + 2
    key = np.minimum((at - first) // 1000, span - 1)
    key += place.astype(np.int64) * span
    order: Ints = np.argsort(key)
    in_order = key[order]
    same = np.flatnonzero(in_order[1:] == in_order[:-1])
    tied = np.union1d(same, same + 1)
    among = order[tied]
    order[tied] = among[np.lexsort((seq[among], at[among], key[among]))]
    return order


def _changes(tables: Tables, numbered: Table, values: Sequence[Key]) -> Table:
    change = tables.field_change
    dated = change.filter(change.field == "status").filter(lambda t: t["at"].notnull() | (t.seq == GAP))
    own = dated.inner_join(numbered.drop("converted_at"), KEYS)
    codes = ibis.memtable(
        {
            "of_object": [key[0] for key in values],
            "of_value": [key[1] for key in values],
            "code": list(range(len(values))),
        },
        schema={"of_object": "string", "of_value": "string", "code": "int32"},
    )
    own = own.left_join(codes, (own.object == codes.of_object) & (own.to_value == codes.of_value))
    actors = kinds(tables)
    own = own.left_join(actors, own.actor_id == actors.known_actor)
    actor = ibis.cases((own.actor == "person", PERSON), (own.actor == "integration", INTEGRATION), else_=NOBODY)
    return own.select(
        "place",
        at=own["at"],
        seq=own.seq.cast("int64"),
        what=ibis.cases(
            (own["at"].isnull(), LOST), *((own.evidence == name, what) for name, what in WHAT.items()), else_=MOVE
        ).cast("int8"),
        value=own.code.fill_null(-1).cast("int32"),
        actor=actor.cast("int8"),
    )


def _conversions(numbered: Table, as_of: datetime) -> Table:
    """A row at each lead's conversion, which a date without a time places at the end of its day."""
    lead = numbered.filter(numbered.object == LEAD, numbered.converted_at.notnull())
    whole_day = lead.converted_at == lead.converted_at.truncate("D")
    at = ibis.ifelse(whole_day, lead.converted_at + ibis.interval(microseconds=DAY - 1), lead.converted_at)
    rows = lead.select(
        "place",
        at=at,
        seq=ibis.literal(AFTER_ALL, "int64"),
        what=ibis.literal(CONVERTED, "int8"),
        value=ibis.literal(-1, "int32"),
        actor=ibis.literal(NOBODY, "int8"),
    )
    return rows.filter(rows["at"] <= ibis.timestamp(as_of.isoformat(" ")))


def ints(column: pa.ChunkedArray, unknown: int = 0) -> Ints:
    """A column of whole numbers, flags or times (as microseconds) as an array; null is `unknown`."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    if column.null_count:
        column = column.fill_null(bool(unknown) if pa.types.is_boolean(column.type) else unknown)
    numbers: Ints = column.to_numpy()
    return numbers


def micros(moment: datetime) -> int:
    """A naive UTC moment in microseconds."""
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
