"""The source tables of a folder: its files, and the sheets of its workbooks.

A file is what its first bytes say, not what its name says; where they differ the file is
left out with a message, and the others are read.

Not here: which source table fills which canonical table (plan.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from connectors.files.blocks import Reader, Unreadable
from connectors.files.encoding import open_bytes
from connectors.files.parquet import ParquetReader
from connectors.files.sheets import SheetReader, open_workbook
from connectors.files.text import READ_ERRORS, TextReader

TEXT = (".csv", ".tsv", ".txt")
BOOKS = (".xlsx", ".xlsm", ".xls")
PARQUET = (".parquet", ".pq")
HEAD = 1024

_ZIP, _OLE, _PARQUET, _GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"\x1f\x8b"
_HTML = (b"<!doctype", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<?xml", b"<style")
_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"SQLite format 3",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x7fELF",
    b"MZ\x90",
)


@dataclass(frozen=True)
class Source:
    """One source table. `open()` reads its header and raises Unreadable.

    `also` are other names it answers to: the file's full name, a sheet's own name, and for the
    first sheet of a workbook the file's name.
    """

    name: str
    file: str
    open: Callable[[], Reader]
    also: frozenset[str] = frozenset()

    def called(self, name: str) -> bool:
        return name.strip().casefold() in {self.name.casefold(), *self.also}


@dataclass(frozen=True)
class Problem:
    """A file or source table that is not read: a catalogue key with its parameters.

    `source` is the file; `name` what its table would be called, empty where that is not at stake.
    """

    source: str
    key: str
    params: dict[str, Any]
    name: str = ""


@dataclass(frozen=True)
class Folder:
    """What was found. `others` are files of kinds that are not read, named for the user."""

    sources: Sequence[Source]
    problems: Sequence[Problem]
    others: Sequence[str] = ()


def look(path: Path, encoding: str | None = None) -> Folder:
    """The source tables at `path`, a folder or one file, by name. Raises OSError where it cannot be listed."""
    files = [path] if path.is_file() else sorted(each for each in path.iterdir() if each.is_file())
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    others: list[str] = []
    for file in files:
        if file.name.startswith((".", "~$")):
            continue
        if _suffix(file) not in TEXT + BOOKS + PARQUET:
            others.append(file.name)
            continue
        try:
            found = sources_of(file, encoding)
        except Unreadable as error:
            problems.append(Problem(file.name, error.key, error.params, stem(file)))
            continue
        for source in found:
            first = sources.setdefault(source.name.casefold(), source)
            if first is not source:
                problems.append(
                    Problem(source.file, "files.problem.same_name", {"file": source.file, "first": first.file})
                )
    return Folder(list(sources.values()), problems, others)


def stem(file: Path) -> str:
    """The file's name without its kind: `Leads.csv.gz` is `Leads`."""
    name = file.name[: -len(".gz")] if file.suffix.casefold() == ".gz" else file.name
    return Path(name).stem.strip()


def _suffix(file: Path) -> str:
    packed = file.suffix.casefold() == ".gz"
    suffix = Path(file.stem).suffix if packed else file.suffix
    return "" if packed and suffix.casefold() not in TEXT else suffix.casefold()


def sources_of(file: Path, encoding: str | None) -> list[Source]:
    """The source tables of one file. Raises Unreadable where it is not what its name says."""
    suffix, kind, name = _suffix(file), _content(file), stem(file)
    if suffix in TEXT:
        _expect(kind, ("text",), file)
        return [Source(name, file.name, lambda: TextReader(name, file, encoding), _names(file.name))]
    if suffix in PARQUET:
        _expect(kind, ("parquet",), file)
        return [Source(name, file.name, lambda: ParquetReader(name, file), _names(file.name))]
    if kind == "old_workbook" and suffix != ".xls":
        raise Unreadable("files.problem.protected", file=file.name)  # an encrypted xlsx is kept in this old container
    _expect(kind, ("workbook", "old_workbook"), file)
    return _sheets(name, file)


def _sheets(name: str, file: Path) -> list[Source]:
    book = open_workbook(file)
    full = [sheet for sheet in book.sheet_names if book.get_sheet_by_name(sheet).height]
    if not full:
        raise Unreadable("files.problem.empty", file=file.name)
    if len(full) == 1:
        return [
            Source(
                name,
                file.name,
                partial(SheetReader, name, file, full[0]),
                _names(file.name, full[0], f"{name}/{full[0]}"),
            )
        ]
    return [
        Source(
            f"{name}/{sheet.strip()}",
            f"{file.name} [{sheet}]",
            partial(SheetReader, name, file, sheet),
            _names(sheet, *((name, file.name) if place == 0 else ())),
        )
        for place, sheet in enumerate(full)
    ]


def _names(*names: str) -> frozenset[str]:
    return frozenset(name.strip().casefold() for name in names)


def _expect(kind: str, wanted: Sequence[str], file: Path) -> None:
    if kind not in wanted:
        raise Unreadable("files.problem.empty" if kind == "empty" else f"files.problem.is_{kind}", file=file.name)


def _content(file: Path) -> str:
    """What the first bytes say: empty, text, html, json, workbook, old_workbook, parquet, packed or binary."""
    try:
        with open_bytes(file) as opened:
            head = opened.read(HEAD)
    except READ_ERRORS as error:
        raise Unreadable("files.problem.unreadable", file=file.name) from error
    for mark, kind in ((_OLE, "old_workbook"), (_PARQUET, "parquet"), (_GZIP, "packed")):
        if head.startswith(mark):
            return kind
    if head.startswith(_ZIP):
        book = file.suffix.casefold() in BOOKS or b"[Content_Types].xml" in head or b"xl/" in head
        return "workbook" if book else "packed"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return "empty"
    if start.startswith(_HTML):
        return "html"
    if start.startswith((b'{"', b"[{", b"{\n", b"{\r", b"[\n")):
        return "json"
    return "binary" if head.startswith(_BINARY) or _control(head) > 0.05 else "text"


def _control(head: bytes) -> float:
    """The share of control characters no text has; zeros are left to the encoding."""
    return sum(1 for byte in head if byte < 32 and byte not in b"\0\t\n\r\x0b\x0c\x1a\x1b") / max(len(head), 1)
