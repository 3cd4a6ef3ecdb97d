"""Rows of one object as canonical columns: what is the same for every table.

A column comes from its mapped field, or is the mapping's constant; what neither gives is null.

Not here: what a table works out from several fields (records.py, activities.py …).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce import cells
from connectors.salesforce.plan import Source
from leadpact.model import ARROW, Table

PAGE = 50_000


@dataclass(frozen=True)
class Rows:
    """Some rows of a source, as texts."""

    source: Source
    table: pa.Table
    zone: ZoneInfo

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def raw(self, path: str) -> pa.Array:
        """A field's cells as texts; all null where it is not read."""
        if path not in self.table.column_names:
            return pa.nulls(len(self), pa.string())
        return self.table.column(path).combine_chunks()

    def words(self, column: str) -> pa.Array:
        """A canonical text column, the mapping's blanks, values and constants applied."""
        entry = self.source.entry
        if column in entry.constants:
            return self._constant(column, pa.string())
        field = self.source.columns.get(column)
        if field is None:
            return pa.nulls(len(self), pa.string())
        found = self.blanked(cells.spelt(self.raw(field.name), field.type))
        values = entry.values.get(column)
        return cells.valued(found, values) if values else found

    def time(self, column: str) -> pa.Array:
        """A canonical time column in UTC without zone; a date is the first moment of its day."""
        if column in self.source.entry.constants:
            at = datetime.fromisoformat(str(self.source.entry.constants[column]))
            if at.tzinfo is not None:
                return pa.repeat(pa.scalar(at.astimezone(ZoneInfo("UTC")).replace(tzinfo=None), cells.TIME), len(self))
            return cells.to_utc(pa.repeat(pa.scalar(at, cells.TIME), len(self)), self.zone)
        field = self.source.columns.get(column)
        if field is None:
            return pa.nulls(len(self), cells.TIME)
        return cells.moments(self.raw(field.name), field.type, self.zone)

    def flag(self, column: str) -> pa.Array:
        if column in self.source.entry.constants:
            return self._constant(column, pa.bool_())
        field = self.source.columns.get(column)
        return cells.flags(self.raw(field.name)) if field is not None else pa.nulls(len(self), pa.bool_())

    def number(self, column: str) -> pa.Array:
        if column in self.source.entry.constants:
            return self._constant(column, pa.float64())
        field = self.source.columns.get(column)
        return cells.numbers(self.raw(field.name)) if field is not None else pa.nulls(len(self), pa.float64())

    def customs(self) -> dict[str, pa.Array]:
        """The own fields, `f_<slug>` -> text."""
        return {
            slug: self.blanked(cells.spelt(self.raw(one.name), one.type)) for slug, one in self.source.custom.items()
        }

    def blanked(self, text: pa.Array) -> pa.Array:
        """Cells that say "never filled in" are null."""
        words = self.source.entry.blank
        if not words:
            return text
        return pc.if_else(pc.is_in(text, pa.array(words, pa.string())), pa.scalar(None, pa.string()), text)

    def meant(self) -> pa.Array:
        """Which rows the mapping's `where` means; all of them where it says nothing."""
        found = pa.repeat(pa.scalar(True), len(self))
        for path, values in self.source.where.items():
            text = pc.fill_null(pc.utf8_lower(self.raw(path)), "")
            found = pc.and_(found, pc.is_in(text, pa.array(list(values), pa.string())))
        return found

    def only(self, mask: pa.Array) -> Rows:
        return Rows(self.source, self.table.filter(mask), self.zone)

    def _constant(self, column: str, kind: pa.DataType) -> pa.Array:
        value: Any = self.source.entry.constants[column]
        value = str(value) if pa.types.is_string(kind) else float(value) if pa.types.is_floating(kind) else value
        return pa.repeat(pa.scalar(value, kind), len(self))


def canonical(table: Table, columns: Mapping[str, pa.Array | pa.Scalar], size: int, custom: Sequence[str] = ()) -> Any:
    """A page's rows: all columns of a canonical table in its types, those not given null."""
    kinds = {column.name: ARROW[column.kind] for column in table.columns} | dict.fromkeys(custom, pa.string())
    made = {}
    for name, kind in kinds.items():
        given = columns.get(name)
        if given is None:
            made[name] = pa.nulls(size, kind)
        else:
            made[name] = pa.repeat(given, size) if isinstance(given, pa.Scalar) else given.cast(kind)
    return pa.table(made)


def looked_up(keys: pa.Array, known: pa.Array, values: pa.Array) -> pa.Array:
    """For each key the value beside it in `known`; null where it is not there."""
    return values.take(pc.index_in(keys, known)) if len(known) else pa.nulls(len(keys), values.type)


def same(one: pa.Array, text: str) -> pa.Array:
    """Which cells are exactly this text; an empty cell is not."""
    return pc.fill_null(pc.equal(one, text), False)


def constant(text: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), size)


def places(mask: pa.Array) -> npt.NDArray[np.int64]:
    return np.flatnonzero(np.asarray(mask.to_numpy(zero_copy_only=False)))
