"""What every reader yields: some rows of a source table as columns, with their line numbers.

Not here: the readers (text.py, sheets.py, parquet.py), what the cells mean (convert.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

TITLE_ROWS = 10
HEADER_SAMPLE = 60
MOST_COLUMNS = 5_000  # the widest CRM has some hundreds
_NUMERIC = re.compile(r"[\d.,:/$€% -]*\d[\d.,:/$€% -]*")
Whole = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BadLine:
    """A row with a problem of its form. `problem` is a catalogue key; `kept`: it is in the block all the same."""

    line: int
    problem: str
    raw: str
    params: Mapping[str, Any] = field(default_factory=dict)
    kept: bool = False


@dataclass(frozen=True)
class Block:
    """Rows in the source's order: the wanted columns by their place in the header.

    Cells of text files and workbooks are text, blank ones empty; Parquet columns keep their type.
    `lines` is each row's first line (workbook row, Parquet row), 1-based; `raw(i)` gives row i as
    it came.
    """

    columns: Mapping[int, pa.Array]
    lines: Whole
    raw: Callable[[int], str]
    bad: Sequence[BadLine] = ()

    @property
    def rows(self) -> int:
        return len(self.lines)

    def take(self, rows: Whole) -> Block:
        """These rows alone; the bad lines stay."""
        at = pa.array(rows)
        columns = {place: column.take(at) for place, column in self.columns.items()}
        return Block(columns, self.lines[rows], lambda row: self.raw(int(rows[row])), self.bad)


class Unreadable(Exception):
    """A source table that cannot be read at all: a catalogue key and its parameters."""

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


class Reader(Protocol):
    """One source table: a file, or a sheet of a workbook. Making one reads its header.

    `decimal_comma` says that the file's own form speaks for decimal commas.
    """

    @property
    def headers(self) -> Sequence[str]: ...

    @property
    def decimal_comma(self) -> bool: ...

    @property
    def rows(self) -> int | None:
        """How many rows there are, null where only reading would tell."""
        ...

    def blocks(self, wanted: Sequence[int]) -> Iterator[Block]:
        """The rows, a block at a time, with only the wanted columns.

        Raises Unreadable where the file turns out to be damaged on the way.
        """
        ...


def header_place(rows: Sequence[Sequence[str]]) -> int | None:
    """Which of a table's first rows is its header; null when all are blank.

    The first row with a filled cell, unless that is a title: one cell above a wider table
    whose own first row names its columns.
    """
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    first = next((place for place, count in enumerate(filled) if count), None)
    if first is None or filled[first] > 1:
        return first
    for place in range(first + 1, min(first + TITLE_ROWS, len(rows))):
        if filled[place] > 1:
            wide = sum(1 for count in filled[place:] if count > 1)
            named = not any(_NUMERIC.fullmatch(cell.strip()) for cell in rows[place])
            return place if named and wide * 2 > len(rows) - place else first
    return first


def check_headers(headers: Sequence[str], file: str) -> None:
    """Raises Unreadable where the header is blank, too wide or names a column twice, with the places."""
    if len(headers) > MOST_COLUMNS:
        raise Unreadable("files.problem.too_wide", file=file, columns=len(headers), most=MOST_COLUMNS)
    places: dict[str, list[int]] = {}
    for place, header in enumerate(headers, start=1):
        if header:
            places.setdefault(header.casefold(), []).append(place)
    if not places:
        raise Unreadable("files.problem.no_header", file=file)
    twice = {headers[at[0] - 1]: at for at in places.values() if len(at) > 1}
    if twice:
        shown = "; ".join(f"{header} ({', '.join(map(str, at))})" for header, at in twice.items())
        raise Unreadable("files.problem.header_twice", file=file, headers=shown)
