"""Other files of a home that name a person: exports lose the rows about them, any other file is told.

Not here: the database and the mirrors (rows.py, mirrors.py).
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from leadpact.backup import contents
from leadpact.privacy.people import Found

BLOCK = 1 << 22
TABLES = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx",)


@dataclass
class Cleaned:
    """`rows` taken out of `files` exports; `left` are files that name them and are no table."""

    files: int = 0
    rows: int = 0
    left: list[str] = field(default_factory=list)


def clean(home: Path, found: Found, *, write: bool) -> Cleaned:
    """Takes the rows about these people out of every export in the home; without `write` only counts."""
    done = Cleaned()
    for name, path in contents.others(home):
        rows = _rows_of(path, found, write=write)
        if rows is None:
            if names_them(path, found.words):
                done.left.append(name)
        elif rows:
            done.files, done.rows = done.files + 1, done.rows + rows
    return done


def names_them(path: Path, words: Iterable[str]) -> bool:
    """Whether the bytes of a file hold one of the words, as UTF-8 or UTF-16, in the case given or in small letters."""
    forms = {form.encode(code) for word in words for form in (word, word.lower()) for code in ("utf-8", "utf-16-le")}
    if not forms:
        return False
    longest, rest = max(map(len, forms)), b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                seen = rest + block
                if any(form in seen for form in forms):
                    return True
                rest = seen[-longest:]
    except FileNotFoundError:
        return False
    return False


def _rows_of(path: Path, found: Found, *, write: bool) -> int | None:
    """How many rows of an export are about them; null for a file that is no table."""
    try:
        if path.suffix.lower() in TABLES:
            return _text(path, found, write=write)
        if path.suffix.lower() in BOOKS:
            return _book(path, found, write=write)
    except (UnicodeDecodeError, csv.Error, zipfile.BadZipFile, KeyError, OSError):
        return None
    return None


def _about(cells: Iterable[str], found: Found) -> bool:
    ids = {record_id for _, record_id in found.keys}
    return any(cell.strip().lstrip("'") in ids or found.names_them(cell) for cell in cells)


def _text(path: Path, found: Found, *, write: bool) -> int:
    """Rows may go over several lines: the lines of each row are kept or left out together."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(keepends=True)
    first = lines[0] if lines else ""
    reader = csv.reader(iter(lines), delimiter=max(",;\t", key=first.count))
    kept, at, gone = [], 0, 0
    for cells in reader:
        own, at = lines[at : reader.line_num], reader.line_num
        if _about(cells, found):
            gone += 1
        else:
            kept += own
    if gone and write:
        _replace(path, "".join(kept).encode())
    return gone


def _book(path: Path, found: Found, *, write: bool) -> int:
    import openpyxl  # noqa: PLC0415 - takes longer to import than most of this does

    book, gone = openpyxl.load_workbook(path), 0
    for sheet in book.worksheets:
        rows = [number for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
                if _about([str(cell) for cell in row if cell is not None], found)]  # fmt: skip
        for number in reversed(rows):
            sheet.delete_rows(number)
        gone += len(rows)
    if gone and write:
        made = io.BytesIO()
        book.save(made)
        _replace(path, made.getvalue())
    return gone


def _replace(path: Path, content: bytes) -> None:
    """In one step: a crash leaves the file before or the one after."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(path.stat().st_mode & 0o777)
    Path(name).replace(path)
