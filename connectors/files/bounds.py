"""How much a file may hold and unpack to. Decided before it is read whole: a small file can unpack to a full disk.

The library that reads workbooks lays a sheet out as a rectangle up to its furthest cell and copies every shared
text into each cell that names it; where memory ends, it ends the whole process. So the parts of a workbook are
unpacked here once, bit by bit, and what they would become is counted.

Not here: reading (text.py, sheets.py, parquet.py), what an upload may be at most (.streamlit/config.toml).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from connectors.files.blocks import Unreadable, Whole

GIGA = 1 << 30
MOST_CELLS = 40_000_000  # of a sheet: a million rows of forty columns; XLSX ends at a million rows
MOST_BOOK = 4 * GIGA  # all parts of a workbook, unpacked
MOST_TEXT = 2 * GIGA  # of a workbook, each shared text counted for every cell that shows it
MOST_PARTS = 10_000
MOST_ROWS = 100_000_000  # of a Parquet file
MOST_GROUP = 4 * GIGA  # one row group of it, unpacked
MOST_PACKED = 32 * GIGA  # a .gz, unpacked
RATIO, SMALL = 250, 256 << 20  # text packs to a tenth; from SMALL on, more than RATIO times is no text of people
PIECE = 4 << 20

# nobody writes `r = "A1"`, and what is counted below is `r="A1"`
_SPACED = re.compile(rb"<(?:[\w.-]+:)?(?:c|row)\s[^<>]*\br(?:\s+=|=\s)")
_PREFIXED = re.compile(rb"<[\w.-]+:(?:c|row|si|v)[\s/>]")
_AFTER = np.frombuffer(b" />\t\r\n", np.uint8)
Bytes = npt.NDArray[np.uint8]


class Unpacked(io.BufferedIOBase):
    """A file that is unpacked as it is read. Raises Unreadable when it turns out to be far more than it looked."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file, self._path, self._read = file, path, 0
        self._most = min(MOST_PACKED, max(SMALL, path.stat().st_size * RATIO))

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._file.read(-1 if size is None else size)
        self._read += len(data)
        if self._read > self._most:
            raise Unreadable("files.problem.unpacks", file=self._path.name, megabytes=self._most >> 20)
        return data

    read1 = read

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


def check_parquet(path: Path, metadata: pq.FileMetaData) -> None:
    """Raises Unreadable where a Parquet file says that it holds more than can be."""
    if metadata.num_rows > MOST_ROWS:
        raise Unreadable("files.problem.too_many_rows", file=path.name, rows=metadata.num_rows, most=MOST_ROWS)
    groups = (metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    if max(groups, default=0) > MOST_GROUP:
        raise Unreadable("files.problem.unpacks", file=path.name, megabytes=MOST_GROUP >> 20)


def check_book(path: Path) -> None:
    """Raises Unreadable where a workbook is too large; once for each version. An old .xls is small by its form."""
    seen = path.stat()
    _check_book(path, (seen.st_mtime_ns, seen.st_size, seen.st_ino))


@lru_cache(maxsize=64)
def _check_book(path: Path, _version: tuple[int, int, int]) -> None:
    try:
        with zipfile.ZipFile(path) as book, path.open("rb") as file:
            parts = book.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_BOOK:
                raise Unreadable("files.problem.unpacks", file=path.name, megabytes=MOST_BOOK >> 20)
            texts = np.zeros(0, np.int64)
            for one in sorted(parts, key=lambda one: "sharedstrings" not in one.filename.casefold()):
                found = _Part(texts)
                for piece in _tags(_unpacked(file, one)):
                    found.take(piece)
                texts = found.texts() if "sharedstrings" in one.filename.casefold() else texts
                if found.cells > MOST_CELLS:
                    raise Unreadable("files.problem.too_many_cells", file=path.name, cells=found.cells, most=MOST_CELLS)
                if found.shown > MOST_TEXT:
                    raise Unreadable("files.problem.unpacks", file=path.name, megabytes=MOST_TEXT >> 20)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError) as error:
        raise Unreadable("files.problem.not_a_workbook", file=path.name) from error


def _unpacked(file: IO[bytes], part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes as they really are, and no more than the archive says; else BadZipFile.

    zipfile itself stops at the size the archive says, and so would not notice one that says too little.
    """
    if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    file.seek(part.header_offset)
    name, extra = struct.unpack("<26xHH", file.read(30))
    file.seek(part.header_offset + 30 + name + extra)
    machine: Any = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    packed, total = part.compress_size, 0
    while packed > 0:
        held = file.read(min(PIECE, packed))
        if not held:
            raise EOFError
        packed -= len(held)
        while held:
            data, held = (held, b"") if machine is None else (machine.decompress(held, PIECE), machine.unconsumed_tail)
            total += len(data)
            if total > part.file_size:
                raise zipfile.BadZipFile
            yield data


def _tags(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes cut before a tag, so that no tag is in two pieces."""
    rest = b""
    for piece in pieces:
        data = rest + piece
        at = data.rfind(b"<") if len(rest) < PIECE else -1
        if at > 0:
            yield data[:at]
        rest = data[at:] if at > 0 else data
        if len(rest) >= 2 * PIECE:
            yield rest
            rest = b""
    yield rest


@dataclass
class _Part:
    """What is counted in a part: the furthest cell named, cells without a name in a row, lengths of shared texts."""

    lengths: Whole
    row: int = 0
    column: int = 0
    rows: int = 0
    nameless: int = 0
    in_row: int = 0
    shown: int = 0
    _at: int = 0
    _starts: list[Whole] = field(default_factory=list)

    @property
    def cells(self) -> int:
        """Of the rectangle up to the furthest cell."""
        return (self.row + (self.rows if self.nameless else 0)) * (self.column + self.nameless)

    def take(self, data: bytes) -> None:
        if b":c" in data or b":r" in data:
            data = _PREFIXED.sub(_without_prefix, data)
        array: Bytes = np.frombuffer(data, np.uint8)
        cells, rows = _places(array, b"c"), _places(array, b"row")
        if len(cells):
            named = self._named(array)
            if named < len(cells):
                if _SPACED.search(data):
                    raise zipfile.BadZipFile
                self._nameless(cells, rows)
            if len(self.lengths):
                shown = _numbers(array, _places(array, b"v"))
                self.shown += int(self.lengths[shown[shown < len(self.lengths)]].sum())
        self.rows += len(rows)
        self._starts.append(_places(array, b"si") + self._at)
        self._at += len(data)

    def texts(self) -> Whole:
        """The length of each shared text, tags included."""
        return np.diff(np.concatenate([*self._starts, [self._at]])).astype(np.int64)

    def _named(self, array: Bytes) -> int:
        """Looks at every `r="AB12"`; how many there are."""
        at = np.flatnonzero((array[:-2] == ord("r")) & (array[1:-1] == ord("="))) + 2
        at = at[(array[at] == ord('"')) | (array[at] == ord("'"))] + 1
        column = row = np.zeros(len(at), np.int64)
        spelling = np.ones(len(at), bool)
        for step in range(12):
            sign = array[np.minimum(at + step, len(array) - 1)].astype(np.int64)
            letter = spelling & (((sign | 32) >= ord("a")) & ((sign | 32) <= ord("z")))
            digit = (sign >= ord("0")) & (sign <= ord("9")) & ~letter & (column > 0)
            column = np.where(letter, column * 26 + (sign & 31), column)
            row, spelling = np.where(digit, row * 10 + sign - ord("0"), row), letter
        cell = (column > 0) & (row > 0)
        self.column = max(self.column, int(column[cell].max(initial=0)))
        self.row = max(self.row, int(row[cell].max(initial=0)))
        return int(cell.sum())

    def _nameless(self, cells: Whole, rows: Whole) -> None:
        """The most cells of a row, where they do not say their place: they follow each other then."""
        edges = np.concatenate(([0], np.searchsorted(cells, rows), [len(cells)]))
        counts = np.diff(edges)
        counts[0] += self.in_row
        self.in_row = int(counts[-1])
        self.nameless = max(self.nameless, int(counts.max()))


def _without_prefix(tag: re.Match[bytes]) -> bytes:
    return b"<" + tag[0].partition(b":")[2]


def _places(array: Bytes, name: bytes) -> Whole:
    """Where the tags of this name begin."""
    wanted = b"<" + name
    last = len(array) - len(wanted)
    if last <= 0:
        return np.zeros(0, np.int64)
    fits = array[:last] == wanted[0]
    for step, sign in enumerate(wanted[1:], start=1):
        fits &= array[step : last + step] == sign
    at = np.flatnonzero(fits)
    return at[np.isin(array[at + len(wanted)], _AFTER, kind="table")]


def _numbers(array: Bytes, tags: Whole) -> Whole:
    """The whole number behind each `<v>`; -1 sorts out what is none."""
    at, value, counting = tags + 3, np.zeros(len(tags), np.int64), np.ones(len(tags), bool)
    for step in range(9):
        sign = array[np.minimum(at + step, len(array) - 1)].astype(np.int64)
        counting = counting & (sign >= ord("0")) & (sign <= ord("9"))
        value = np.where(counting, value * 10 + sign - ord("0"), value)
    return value
