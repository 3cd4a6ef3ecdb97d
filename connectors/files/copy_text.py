"""Single cells of a delimited text file replaced, every other byte as it was.

The row of a cell is known by its line, as the reader counts them; the cell is found again by its place in the
row, and must hold what the reader saw there.

Not here: other kinds of files (copy_book.py, copy_parquet.py), which cells (copy.py).
"""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from connectors.files.encoding import SAMPLE, TextForm, open_bytes

NOT_EXACT, NOT_ENCODABLE, NOT_FOUND = "NOT_EXACT", "NOT_ENCODABLE", "CELL_NOT_FOUND"
MOST_LINES = 10_000  # of one row


@dataclass(frozen=True)
class Cell:
    """One cell to be replaced: its column's position, what the reader saw in it, and its new text."""

    place: int
    seen: str
    new: str


def edit(source: Path, target: Path, form: TextForm, cells: Mapping[int, Cell]) -> dict[int, str]:
    """Writes `source` to `target` with the cells replaced, by the first line of their row (from 1).

    Returns, by line, why a cell was left as it is. Where the file would not come out as it was, nothing is
    replaced, and every line says so. Raises OSError.
    """
    wide = form.encoding.startswith(("utf-16", "utf-32"))
    errors, refused = "surrogatepass" if wide else "surrogateescape", dict[int, str]()
    same, ending = hashlib.sha256(), _ending(source, form)
    with open_bytes(source) as opened, _created(target) as out:
        mark = opened.read(form.mark)
        same.update(mark)
        out.write(mark)
        try:
            for line, text in _rows(_lines(opened, form, errors, ending), cells, form.delimiter, ending):
                new, cell = text, cells.get(line)
                if cell is not None:
                    found = _replaced(text, form, cell, ending)
                    new = text if found in (NOT_ENCODABLE, NOT_FOUND) else found
                    refused |= {line: found} if new is text else {}
                same.update(text.encode(form.encoding, errors))
                out.write(new.encode(form.encoding, errors))
        except UnicodeError:
            return dict.fromkeys(cells, NOT_EXACT)
    return refused if same.digest() == _digest(source) else dict.fromkeys(cells, NOT_EXACT)


def _digest(path: Path) -> bytes:
    with open_bytes(path) as file:
        return hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]


def _created(target: Path) -> IO[bytes]:
    packed = target.suffix.casefold() == ".gz"
    return cast("IO[bytes]", gzip.GzipFile(target, "wb", mtime=0) if packed else target.open("wb"))


def _ending(path: Path, form: TextForm) -> str:
    """What ends a line: a line feed, or a carriage return in files of old spreadsheets that have no other."""
    with open_bytes(path) as file:
        file.read(form.mark)
        head = file.read(SAMPLE * 4).decode(form.encoding, "replace").replace("\0", "")[:SAMPLE]
    return "\r" if "\n" not in head and "\r" in head else "\n"


def _lines(file: IO[bytes], form: TextForm, errors: str, ending: str) -> Iterator[str]:
    return iter(io.TextIOWrapper(file, encoding=form.encoding, errors=errors, newline=ending))


def _rows(lines: Iterator[str], cells: Mapping[int, Cell], delimiter: str, ending: str) -> Iterator[tuple[int, str]]:
    """Texts with the line they begin at: rows that have a cell to replace whole, all others line by line."""
    number = 0
    for text in lines:
        number += 1
        start, row, cell = number, text, cells.get(number)
        while cell is not None and _span(row, delimiter, ending, cell.place) is None and number - start < MOST_LINES:
            more = next(lines, None)
            if more is None:
                break
            number, row = number + 1, row + more
        yield start, row


def _span(row: str, delimiter: str, ending: str, place: int) -> tuple[int, int] | None:
    """Where the cell at `place` stands; null where a quote is still open. (-1, -1): the row has no such cell."""
    at = 0
    for column in range(place + 1):
        start = at
        if row.startswith('"', at):
            at = row.find('"', at + 1)
            while at >= 0 and row.startswith('""', at):
                at = row.find('"', at + 2)
            if at < 0:
                return None
        newline = row.find(ending, at)
        newline = len(row) if newline < 0 else newline
        stop = row.find(delimiter, at, newline)
        if column == place:
            text = row[start : newline if stop < 0 else stop]
            return start, start + len(text.rstrip("\r\n"))
        if stop < 0:
            return -1, -1
        at = stop + 1
    return -1, -1


def _replaced(row: str, form: TextForm, cell: Cell, ending: str) -> str:
    """The row with its cell replaced; else why not."""
    try:
        cell.new.encode(form.encoding)
    except UnicodeEncodeError:
        return NOT_ENCODABLE
    found = _span(row, form.delimiter, ending, cell.place)
    if found is None or found[0] < 0:
        return NOT_FOUND
    start, end = found
    text = row[start:end]
    inner = text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text
    if inner.replace("\0", "").strip() != cell.seen.strip():
        return NOT_FOUND
    quoted = text[:1] == '"' or any(mark in cell.new for mark in (form.delimiter, '"', "\r", "\n")) or (
        cell.new != cell.new.strip())  # fmt: skip
    if quoted:
        new = '"' + cell.new.replace('"', '""') + '"'
    else:
        kept = len(text) - len(text.lstrip())
        new = text[:kept] + cell.new + (text[len(text.rstrip()) :] if text.strip() else "")
    return row[:start] + new + row[end:]
