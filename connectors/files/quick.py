"""Text with well-formed quotes, cut into columns by Arrow's parser.

Where rows begin is found first, from the positions of quotes and line feeds alone: a line
feed ends a row when the quotes before it are even in number. So line numbers stay exact
over quoted line breaks, and text with a stray quote is noticed before it is parsed.

Not here: what is done with such text (careful.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from connectors.files.blocks import BadLine, Block, Mask, Whole
from connectors.files.careful import fitted, ragged

_QUOTE, _FEED, _RETURN = (np.uint8(ord(char)) for char in '"\n\r')
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Shape:
    """Where rows are. `starts`, `ends` by row (the line feed is at the end), `lines` before each row.

    sound: quotes stand only where a quote may stand, and no carriage return stands alone.
    """

    starts: Whole
    ends: Whole
    lines: Whole
    total_lines: int
    sound: bool

    @property
    def used(self) -> int:
        """Bytes up to the end of the last complete row."""
        return int(self.ends[-1]) + 1 if len(self.ends) else 0


def shape_of(data: bytes, delimiter: str) -> Shape:
    """The rows of some UTF-8 text that begins with a row."""
    array: Bytes = np.frombuffer(data, np.uint8)
    feeds = np.flatnonzero(array == _FEED)
    sound = b"\r" not in data or data.count(b"\r") == data.count(b"\r\n")
    closed = np.arange(len(feeds))
    if b'"' in data:
        quotes = np.flatnonzero(array == _QUOTE)
        closed = np.flatnonzero(np.searchsorted(quotes, feeds) % 2 == 0)
        end = feeds[closed[-1]] if len(closed) else 0
        sound = sound and _well_placed(array, quotes[quotes < end], np.uint8(ord(delimiter)))
    ends = feeds[closed]
    lines = np.concatenate(([0], closed + 1))
    return Shape(np.concatenate(([0], ends + 1))[:-1], ends, lines[:-1], int(lines[-1]), sound)


def _well_placed(array: Bytes, quotes: Whole, delimiter: np.uint8) -> bool:
    """Opening quotes follow a delimiter or line feed, closing ones precede one; or they are doubled."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = array[opening - 1]
    starts = (opening == 0) | (before == delimiter) | (before == _FEED) | (before == _QUOTE)
    after = array[closing + 1]
    stops = (after == delimiter) | (after == _FEED) | (after == _RETURN) | (after == _QUOTE)
    return bool(starts.all() and stops.all())


def quick_block(data: bytes, shape: Shape, delimiter: str, width: int, wanted: Sequence[int]) -> Block | None:
    """The wanted columns of sound text. Rows of another width are listed, blank ones passed over.

    Null where a row of another width goes over several lines: two stray quotes look like one
    quoted line break, and careful.py takes such lines one by one.
    """
    names = [str(place) for place in range(width)]
    wrong: list[int] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        wrong.append(row.number - 1)
        return "skip"

    table = arrow_csv.read_csv(
        pa.py_buffer(data),
        read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            quote_char='"' if b'"' in data else False,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=[str(place) for place in wanted]
        ),
    )
    columns = {place: _one(table.column(str(place))) for place in wanted}
    kept = np.ones(len(shape.ends), dtype=np.bool_)
    kept[wrong] = False
    rows = np.flatnonzero(kept)
    bad: list[BadLine] = []
    if any(b"\n" in data[shape.starts[row] : shape.ends[row]] for row in wrong):
        return None
    if wrong:
        back, cells, bad = _mend(data, shape, delimiter, width, wrong)
        columns, rows = _put_back(columns, rows, back, cells)
    filled = _filled(data, shape, rows, columns, delimiter)
    if not filled.all():
        rows = rows[filled]
        columns = {place: column.filter(pa.array(filled)) for place, column in columns.items()}
    return Block(columns, shape.lines[rows], lambda row: _raw(data, shape, int(rows[row])), bad)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], pa.string())])


def _raw(data: bytes, shape: Shape, row: int) -> str:
    return data[shape.starts[row] : shape.ends[row]].decode(errors="replace").rstrip("\r")


def _mend(
    data: bytes, shape: Shape, delimiter: str, width: int, wrong: Sequence[int]
) -> tuple[list[int], list[list[str]], list[BadLine]]:
    """Rows of another width: those with blank cells too many, with their cells, and the others."""
    bad: list[BadLine] = []
    back: list[int] = []
    cells: list[list[str]] = []
    for row in wrong:
        raw = _raw(data, shape, row)
        found = _cells(raw, delimiter)
        fit = fitted(found, width)
        if fit is not None:
            back.append(row)
            cells.append(fit)
        elif any(cell.strip() for cell in found):
            bad.append(ragged(int(shape.lines[row]), raw, len(found), width))
    return back, cells, bad


def _put_back(
    columns: dict[int, pa.Array], rows: Whole, back: Sequence[int], cells: Sequence[Sequence[str]]
) -> tuple[dict[int, pa.Array], Whole]:
    """The columns and their rows with the mended rows in their places."""
    if not back:
        return columns, rows
    rows = np.concatenate((rows, np.array(back, np.int64)))
    order = np.argsort(rows, kind="stable")
    mended = {
        place: pa.concat_arrays([column, pa.array([row[place] for row in cells], pa.string())]).take(pa.array(order))
        for place, column in columns.items()
    }
    return mended, rows[order]


def _cells(raw: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(raw, newline="\n"), delimiter=delimiter), [])
    except csv.Error:  # a cell beyond csv's limit in a row of the wrong width: listed as one cell
        return [raw]


def _filled(data: bytes, shape: Shape, rows: Whole, columns: dict[int, pa.Array], delimiter: str) -> Mask:
    """False for rows without a single filled cell, wanted or not."""
    filled = np.ones(len(rows), dtype=np.bool_)
    first = next(iter(columns.values()))
    maybe = np.flatnonzero(pc.equal(pc.utf8_trim_whitespace(first), "").to_numpy(zero_copy_only=False))
    for row in maybe:
        cells = _cells(_raw(data, shape, int(rows[row])), delimiter)
        filled[row] = any(cell.strip() for cell in cells)
    return filled
