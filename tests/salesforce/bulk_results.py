"""The result of a Bulk query: a file of CSV written once, read in pages by byte offsets.

So a million rows need no memory, neither to be made nor to be served.

Not here: the jobs (bulk.py).
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.salesforce.rows import Reading

MARK_ROWS = 1_000  # how often the file's offset is kept: a page begins at one of these and skips


@dataclass
class Result:
    """A file of rows without header, and where every thousandth row begins."""

    header: bytes
    path: Path
    rows: int
    marks: list[int]

    def page(self, begin: int, count: int) -> Iterator[bytes]:
        yield self.header
        end = min(begin + count, self.rows)
        if begin >= end:
            return
        with self.path.open("rb") as file:
            first = self._offset(file, begin)
            last = self._offset(file, end)
            file.seek(first)
            left = last - first
            while left > 0:
                piece = file.read(min(left, 1 << 18))
                left -= len(piece)
                yield piece

    def _offset(self, file: Any, row: int) -> int:
        """Where a row begins. Rows may hold line breaks, so they are counted by their marks only."""
        at = self.marks[row // MARK_ROWS]
        return at if row % MARK_ROWS == 0 else self.fine(file, row, at)

    def fine(self, file: Any, row: int, at: int) -> int:
        file.seek(at)
        # a row ends at a line break outside quotes: an even number of quotes so far
        quotes, wanted = 0, row % MARK_ROWS
        while wanted:
            line = file.readline()
            if not line:
                break
            at += len(line)
            quotes += line.count(b'"')
            wanted -= quotes % 2 == 0
        return at


def paced(pieces: Iterator[bytes], rate: float | None) -> Iterator[bytes]:
    """The pieces no faster than `rate` bytes a second, as a line between here and there would have it."""
    began, sent = time.monotonic(), 0
    for piece in pieces:
        yield piece
        sent += len(piece)
        if rate is not None:
            time.sleep(max(0.0, sent / rate - (time.monotonic() - began)))


def write(reading: Reading, path: Path, delimiter: str, ending: str) -> Result:
    """Writes a query's rows to `path`, every cell in quotes as the real one does."""
    header = csv_line([".".join(one.path) for one in reading.columns], delimiter, ending)
    rows, marks = 0, []
    with path.open("wb") as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        writer = csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
        getters = [one.get for one in reading.columns]
        for row in reading.rows():
            if rows % MARK_ROWS == 0:
                text.flush()
                marks.append(file.tell())
            writer.writerow([cell(get(row)) for get in getters])
            rows += 1
        text.flush()
        marks.append(file.tell())
    return Result(header, path, rows, marks)


def csv_line(cells: list[str], delimiter: str, ending: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerow(cells)
    return text.getvalue().encode()


def cell(value: Any) -> str:
    """A value as Bulk writes it: moments end in Z, null is empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
