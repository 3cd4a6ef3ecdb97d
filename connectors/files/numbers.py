"""Numbers as people write them: decimal comma or point, thousands marks, currency signs.

Which mark is the decimal one is decided per column, never per cell, by the cells that can
be read only one way; where none can, the file decides (semicolons go with decimal commas).

Not here: amounts a workbook or Parquet file keeps as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.moments import tidy

SETTLED_ROWS = 100_000
_CURRENCY = r"(?:\p{Sc}|[A-Z]{1,3}\$|[A-Z]{3}|S/\.?)"
_AROUND = rf"^([+-]?) ?{_CURRENCY}? ?|(?: ?{_CURRENCY}| ?%)$"
_WHOLE = r"(?:\d+|[1-9]\d{0,2}(?:[%s]\d{3})+)"
_DOTTED, _COMMAED = _WHOLE % ",’' ", _WHOLE % ".’' "
_DOT = rf"^[+-]?{_DOTTED}(?:\.\d+)?(?:[eE][+-]?\d+)?$|^[+-]?\.\d+$"
_COMMA = rf"^[+-]?{_COMMAED}(?:,\d+)?$|^[+-]?,\d+$"


@dataclass
class NumberTally:
    """Counts the cells that are numbers under one decimal mark only."""

    filled: int = 0
    read: int = 0
    dot: int = 0
    comma: int = 0

    def add(self, cells: pa.Array) -> None:
        """Counts trimmed text cells; null ones are blank."""
        filled = cells.drop_null()
        if not len(filled):
            return
        if plain_wholes(filled) is not None:
            self.filled += len(filled)
            self.read += len(filled)
            return
        bare = _bare(filled)
        dot, comma = pc.match_substring_regex(bare, _DOT), pc.match_substring_regex(bare, _COMMA)
        self.filled += len(bare)
        self.read += _count(pc.or_(dot, comma))
        self.dot += _count(pc.and_not(dot, comma))
        self.comma += _count(pc.and_not(comma, dot))

    @property
    def settled(self) -> bool:
        return self.filled >= SETTLED_ROWS

    def decimal_comma(self, file_says: bool) -> bool:
        """Whether the comma is the decimal mark; `file_says` decides where the cells do not."""
        return file_says if self.dot == self.comma else self.comma > self.dot


def plain_wholes(cells: pa.Array) -> pa.Array | None:
    """A column of nothing but digits, as nearly all whole numbers are, the quick way; else null."""
    try:
        return cells.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


def read_numbers(cells: pa.Array, decimal_comma: bool) -> pa.Array:
    """Trimmed text cells as numbers; null where a cell is none under that decimal mark."""
    if (whole := plain_wholes(cells)) is not None:
        return whole.cast(pa.float64(), safe=False)
    bare = _bare(cells)
    fits = pc.match_substring_regex(bare, _COMMA if decimal_comma else _DOT)
    plain = pc.replace_substring_regex(bare, r"[.’' ]" if decimal_comma else r"[,’' ]", "")
    if decimal_comma:
        plain = pc.replace_substring(plain, ",", ".")
    return pc.if_else(fits, plain, None).cast(pa.float64())


def _bare(cells: pa.Array) -> pa.Array:
    """Without currency and percent signs; accountants' parentheses as a minus."""
    bare = pc.replace_substring_regex(tidy(cells), r"^\((.*)\)$", r"-\1")
    return pc.replace_substring_regex(bare, _AROUND, r"\1")


def _count(mask: pa.Array) -> int:
    return pc.sum(mask).as_py() or 0
