"""Every dated status change of the records that count, record by record, as arrays.

One query puts the changes in order; how long values are held, by whom they are entered and
what follows are then read from arrays, for all values at once, at some 40 bytes a change.

Not here: what is read from them (behaviour_stays.py, behaviour_onward.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
MOVE, REMAP, CONVERTED, LOST = range(4)  # LOST: a change nobody logged, at a time nobody knows
NOBODY, PERSON, INTEGRATION = range(3)
COLUMNS = ("place", "what", "value", "actor", "at")


@dataclass(frozen=True)
class Trail:
    """One element a change, or conversion of a lead, in order of record and time.

    `place` numbers the record and `person[place]` its person, whose id is in `persons`; `at` is
    in microseconds (0 for LOST); `value` is the place of the new value in `values` (-1: none of
    them); `actor` is NOBODY, PERSON or INTEGRATION. `end` is the moment of the analysis.
    """

    values: tuple[Key, ...]
    place: Ints
    what: Ints
    value: Ints
    actor: Ints
    at: Ints
    end: int
    person: Ints
    persons: pa.Array

    def entries(self) -> list[tuple[Key, Ints]]:
        """Each value with the places in the arrays where it is entered."""
        entered = self.what == MOVE
        return [(key, np.flatnonzero(entered & (self.value == code))) for code, key in enumerate(self.values)]


def trail(tables: Tables, record: Table, values: Sequence[Key], as_of: datetime) -> Trail:
    """In: the tables, the records that count, and the (object, value) asked about. Executes."""
    kept = record.select(*KEYS, "person_id", "converted_at").to_pyarrow()
    persons = kept["person_id"].combine_chunks().dictionary_encode()
    numbered = ibis.memtable(
        kept.drop_columns("person_id").append_column("place", pa.array(np.arange(kept.num_rows), pa.int64()))
    )
    rows = ibis.union(_changes(tables, numbered, values), _conversions(numbered, as_of))
    got = rows.order_by("place", "at", "seq").drop("seq").to_pyarrow()
    arrays = {name: ints(got[name]) for name in COLUMNS}
    person = persons.indices.to_numpy(zero_copy_only=False)
    return Trail(tuple(values), **arrays, end=micros(as_of), person=person, persons=persons.dictionary)


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
        what=ibis.cases((own["at"].isnull(), LOST), (own.evidence == "remap", REMAP), else_=MOVE).cast("int8"),
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
    numbers: Ints = column.fill_null(bool(unknown) if pa.types.is_boolean(column.type) else unknown).to_numpy()
    return numbers


def micros(moment: datetime) -> int:
    """A naive UTC moment in microseconds."""
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)
