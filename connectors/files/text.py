"""Delimited text as blocks of columns, with exact line numbers and nothing swallowed.

Text whose quotes are well formed goes to Arrow's parser, the rest to careful.py. Both give the
same rows; a test holds them against each other.

Not here: encoding and delimiter (encoding.py).
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from connectors.files.blocks import HEADER_SAMPLE, BadLine, Block, Unreadable, check_headers, header_place
from connectors.files.careful import careful_rows
from connectors.files.encoding import DAMAGED, text_form, utf8_chunks
from connectors.files.quick import quick_block, shape_of

READ_ERRORS = (OSError, EOFError, zlib.error, gzip.BadGzipFile)
LONGEST_ROW = 32 << 20  # bytes: a record of the largest texts a CRM keeps has a tenth
_DAMAGED = DAMAGED.encode()


class TextReader:
    """One delimited text file. Making one reads its header; raises Unreadable."""

    def __init__(self, name: str, path: Path, encoding: str | None = None) -> None:
        self.name, self.path = name, path
        try:
            self.form = text_form(path, encoding)
            self._header_lines, cells = self._read_header()
        except READ_ERRORS as error:
            raise Unreadable("files.problem.unreadable", file=path.name) from error
        except LookupError as error:
            raise Unreadable("files.problem.encoding", file=path.name, encoding=encoding) from error
        self.headers: Sequence[str] = [cell.strip() for cell in cells]
        check_headers(self.headers, path.name)

    @property
    def decimal_comma(self) -> bool:
        return self.form.delimiter == ";"

    @property
    def rows(self) -> int | None:
        return None

    def blocks(self, wanted: Sequence[int]) -> Iterator[Block]:
        """The rows below the header, some megabytes at a time. Raises Unreadable."""
        line, rest = self._header_lines, b""
        try:
            for chunk, last in self._chunks():
                data = rest + chunk
                if not data:
                    return
                if last and data and not data.endswith(b"\n"):
                    data += b"\n"
                block, rest, lines = self._cut(data, wanted, last)
                if len(rest) > LONGEST_ROW:
                    raise Unreadable("files.problem.endless_row", file=self.path.name, line=line + 1,
                                     megabytes=LONGEST_ROW >> 20)  # fmt: skip
                yield replace(
                    block,
                    lines=block.lines + line + 1,
                    bad=[replace(bad, line=bad.line + line + 1) for bad in block.bad],
                )
                line += lines
        except READ_ERRORS as error:
            raise Unreadable("files.problem.cut_short", file=self.path.name, line=line) from error

    def _cut(self, data: bytes, wanted: Sequence[int], last: bool) -> tuple[Block, bytes, int]:
        """The complete rows of `data` (lines from 0), the bytes left over and the lines used."""
        shape = shape_of(data, self.form.delimiter)
        used = shape.used
        stuck = not used and data  # no row ends here: a quote is open, perhaps for ever
        if shape.sound and not stuck and not (last and used < len(data)):
            block = quick_block(data[:used], shape, self.form.delimiter, len(self.headers), wanted)
            if block is not None:
                return _with_damage(block) if _DAMAGED in data else block, data[used:], shape.total_lines
        rows = careful_rows(data.decode(), self.form.delimiter, len(self.headers), last)
        columns = {place: pa.array([cells[place] for cells in rows.cells], pa.string()) for place in wanted}
        block = Block(columns, np.array(rows.lines, np.int64), rows.raw, rows.bad)
        return _with_damage(block), rows.rest.encode(), rows.used

    def _chunks(self) -> Iterator[tuple[bytes, bool]]:
        """The bytes below the header, each chunk with whether it is the last."""
        skip = self._header_lines
        held = b""
        for chunk in utf8_chunks(self.path, self.form):
            data = chunk
            while skip and data:
                _, found, data = data.partition(b"\n")
                skip -= bool(found)
            if held:
                yield held, False
            held = data
        yield held, True

    def _read_header(self) -> tuple[int, list[str]]:
        text = next(utf8_chunks(self.path, self.form), b"").decode(errors="replace")
        lines = io.StringIO(text, newline="\n")
        for _ in range(self.form.skip):
            next(lines, None)
        reader = csv.reader((line.replace("\r", "") for line in lines), delimiter=self.form.delimiter)
        rows: list[list[str]] = []
        ends: list[int] = []
        try:
            for row in islice(reader, HEADER_SAMPLE):
                rows.append(row)
                ends.append(self.form.skip + reader.line_num)
        except csv.Error as error:  # a stray quote below the header does no harm here
            if not rows:
                raise Unreadable("files.problem.not_a_table", file=self.path.name) from error
        place = header_place(rows)
        if place is None:
            raise Unreadable("files.problem.empty", file=self.path.name)
        return ends[place], rows[place]


def _with_damage(block: Block) -> Block:
    """Rows with characters that could not be decoded are kept, and listed."""
    damaged = [
        BadLine(int(line), "files.reject.bad_characters", raw, kept=True)
        for line, raw in ((line, block.raw(row)) for row, line in enumerate(block.lines))
        if DAMAGED in raw
    ]
    return replace(block, bad=[*block.bad, *damaged]) if damaged else block
