"""Field history as changes: LeadHistory and ContactHistory, in the order Salesforce wrote them.

History has whole seconds and no order inside one. `seq` is the place of the row's id among all ids
given out; where that contradicts the values of the same second (a change starts from what the one
before left), the values decide.

Not here: what a record's own fields date (records.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells
from connectors.salesforce.plan import OBJECTS, Source
from connectors.salesforce.records import FIRST_OF_HISTORY
from connectors.salesforce.rows import canonical, constant
from leadpact.model import FIELD_CHANGE

CONVERTED = "leadConverted"
VALUES = ("Field", "OldValue", "NewValue", "CreatedDate", "CreatedById")
MOST_HELD = 50_000
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class History:
    """The history of one object: which of its rows are read, and as what."""

    source: Source
    name: str  # LeadHistory

    @property
    def parent(self) -> str:
        return f"{self.source.name}Id"

    @property
    def paths(self) -> list[str]:
        return ["Id", self.parent, *VALUES]

    @property
    def fields(self) -> list[str]:
        """What history calls the fields whose changes are kept."""
        return sorted(self.source.tracked())

    def changes(self, table: pa.Table) -> pa.Table:
        """The changes in some rows, in their order."""
        table = table.combine_chunks()
        tracked = self.source.tracked()
        names = self.fields
        place = pc.index_in(_column(table, "Field"), pa.array(names, pa.string()))
        references = pa.array([one.type == "reference" for _, one in map(tracked.__getitem__, names)], pa.bool_())
        # a reference that changes leaves two rows, one with names: an owner is known by id, a record type by name
        by_id = pa.array([tracked[name][0] == "owner_id" for name in names], pa.bool_()).take(place)
        value = pc.coalesce(_column(table, "NewValue"), _column(table, "OldValue"))
        is_id = pc.fill_null(pc.match_substring_regex(value, cells.ID_SHAPE), False)
        twice = references.take(place)
        keep = pc.and_(place.is_valid(), pc.or_(pc.invert(twice), pc.equal(is_id, by_id)).fill_null(False))
        table, place = table.filter(keep), place.filter(keep)
        at = cells.times(_column(table, "CreatedDate"))
        columns = {
            "object": constant(OBJECTS[self.source.name], table.num_rows),
            "record_id": _column(table, self.parent),
            "field": pa.array([tracked[name][0] for name in names], pa.string()).take(place),
            "from_value": self._values(table, place, names, "OldValue"),
            "to_value": self._values(table, place, names, "NewValue"),
            "at": at,
            "seq": pa.array(cells.order_of(_column(table, "Id")) + FIRST_OF_HISTORY),
            "actor_id": _column(table, "CreatedById"),
            "evidence": constant("history", table.num_rows),
        }
        return in_chain(canonical(FIELD_CHANGE, columns, table.num_rows))

    def _values(self, table: pa.Table, place: pa.Array, names: Sequence[str], side: str) -> pa.Array:
        """Old or new values, each as the field it is of would have them."""
        found = _column(table, side)
        tracked, entry = self.source.tracked(), self.source.entry
        for number, name in enumerate(names):
            column, field = tracked[name]
            mine = pc.equal(place, number)
            if field.type == "reference":
                own = pa.array([cells.id18(value) for value in found.filter(mine).to_pylist()], pa.string())
            else:
                own = cells.spelt(found.filter(mine), field.type)
            values = entry.values.get(column)
            if entry.blank:
                own = pc.if_else(pc.is_in(own, pa.array(entry.blank, pa.string())), pa.scalar(None, pa.string()), own)
            own = cells.valued(own, values) if values else own
            found = pc.replace_with_mask(found, mine, own)
        return found

    def pages(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """The changes of streamed rows. What one second holds is kept together across pages."""
        held: pa.Table | None = None
        for table in tables:
            whole = table if held is None else pa.concat_tables([held, table])
            held = None
            dates = whole.column("CreatedDate")
            waits = pc.equal(dates, dates[-1])
            count = pc.sum(waits).as_py() or 0
            if count < MOST_HELD:
                held, whole = whole.filter(waits), whole.filter(pc.invert(waits))
            if whole.num_rows:
                yield self.changes(whole)
        if held is not None:
            yield self.changes(held)


def _column(table: pa.Table, name: str) -> pa.Array:
    found = table.column(name)
    return found.combine_chunks() if found.num_chunks != 1 else found.chunk(0)


def in_chain(changes: pa.Table) -> pa.Table:
    """The same changes, their `seq` such that within one second each starts from what the one before left."""
    if changes.num_rows < 2:
        return changes
    seq = changes.column("seq").to_numpy().copy()
    for group in _ties(changes, seq):
        rows = changes.take(pa.array(group)).select(["from_value", "to_value"]).to_pylist()
        order = chained([(row["from_value"], row["to_value"]) for row in rows])
        seq[group[order]] = np.sort(seq[group])
    at = changes.schema.get_field_index("seq")
    return changes.set_column(at, "seq", pa.array(seq))


def _ties(changes: pa.Table, seq: npt.NDArray[np.int64]) -> Iterator[Places]:
    """Rows of one record, field and second, each group in the order of `seq`."""
    codes = [_codes(changes, name) for name in ("record_id", "field")]
    at = changes.column("at").cast(pa.int64()).to_numpy()
    order = np.lexsort((seq, at, codes[1], codes[0]))
    new = np.ones(len(order), np.bool_)
    new[1:] = np.any([part[order][1:] != part[order][:-1] for part in (codes[0], codes[1], at)], axis=0)
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(order)))
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        yield order[start : start + size]


def _codes(changes: pa.Table, name: str) -> Places:
    return np.asarray(_column(changes, name).dictionary_encode().indices.to_numpy(zero_copy_only=False))


def chained(moves: Sequence[tuple[str | None, str | None]]) -> list[int]:
    """The places of moves in an order in which each starts where the one before ended, as far as there is one.

    Of several that could come next, the one given first does.
    """
    left = list(range(len(moves)))
    ends = [to for _, to in moves]
    # it begins with the move that no other leads to; in a circle, with the one given first
    begin = next((place for place in left if moves[place][0] not in ends), 0)
    order = [begin]
    left.remove(begin)
    while left:
        here = moves[order[-1]][1]
        following = next((place for place in left if moves[place][0] == here), left[0])
        order.append(following)
        left.remove(following)
    return order
