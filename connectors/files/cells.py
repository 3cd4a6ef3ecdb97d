"""Single columns of cells to canonical types; what cannot be read becomes null and is noted.

Not here: moments (moments.py) and numbers (numbers.py) as text, whole rows (convert.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.blocks import Mask
from connectors.files.numbers import plain_wholes, read_numbers
from leadpact.mapping.vocabulary import flag, fold

# what programs write into a cell that has no date, number or flag; a text may well be called "None"
NO_VALUE = (
    "-",
    "--",
    "–",
    "—",
    "NULL",
    "null",
    "Null",
    "None",
    "none",
    "NaN",
    "nan",
    "NaT",
    "N/A",
    "n/a",
    "#N/A",
    "\\N",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "00/00/0000",
)


def blanked(cells: pa.Array, blanks: Collection[str] = (), *, typed: bool = False) -> pa.Array:
    """Trimmed text with blank cells null: empty ones, the mapping's `blank` words (regardless of
    case), and for typed columns what programs write for "no value".
    """
    trimmed = pc.utf8_trim_whitespace(cells)
    none = pc.equal(trimmed, "")
    if blanks:
        words = pa.array([word.strip().lower() for word in blanks], pa.string())
        none = pc.or_(none, pc.is_in(pc.utf8_lower(trimmed), words))
    if typed:
        none = pc.or_(none, pc.is_in(trimmed, pa.array(NO_VALUE, pa.string())))
    return pc.if_else(none, pa.scalar(None, pa.string()), trimmed) if pc.any(none).as_py() else trimmed


def as_text(column: pa.Array) -> pa.Array:
    """A column of any type as text; whole numbers without a decimal point."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        return pa.array([None if not cell.is_valid else _short(cell.as_py()) for cell in column], pa.string())
    return column.cast(pa.string())


def _short(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def translated(cells: pa.Array, translate: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """Each distinct text through `translate`, null staying null."""
    coded = cells.dictionary_encode()
    values = pa.array([translate(text) for text in coded.dictionary.to_pylist()], kind)
    return values.take(coded.indices)


def valued(cells: pa.Array, values: Mapping[str, Any]) -> pa.Array:
    """Cells through an entry's `values`, regardless of case; others stay as they are."""
    words = {
        fold(word): "true" if value is True else "false" if value is False else str(value)
        for word, value in values.items()
    }
    return translated(cells, lambda text: words.get(fold(text), text), pa.string())


def flags(column: pa.Array) -> pa.Array:
    """A column as yes and no; null where it is neither."""
    return column if pa.types.is_boolean(column.type) else translated(as_text(column), flag, pa.bool_())


def numbers(column: pa.Array, decimal_comma: bool) -> pa.Array:
    """A column as numbers; null where a cell is none."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64(), safe=False)
    return read_numbers(as_text(column), decimal_comma)


def wholes(column: pa.Array, decimal_comma: bool) -> pa.Array:
    """A column as whole numbers; null where a cell is none."""
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if (quick := plain_wholes(as_text(column))) is not None:
        return quick
    found = numbers(column, decimal_comma)
    whole = pc.and_(pc.equal(found, pc.round(found)), pc.less(pc.abs(found), 2.0**53))
    return pc.if_else(whole, found, None).cast(pa.int64())


def mask(flags: pa.Array) -> Mask:
    """A column of flags as a mask; null is false."""
    return np.asarray(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), np.bool_)
