"""Rows out of text whose quotes do not add up, by the standard library, losing as little as can be.

A row over several lines that has the wrong number of cells, or a quote out of place, is taken
for a stray quote: its first line is read alone or listed, and reading goes on at the second.

Not here: text whose quotes are well formed (text.py), which is nearly all text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.files.blocks import BadLine


@dataclass
class Rows:
    """Rows cut into cells. `lines` are offsets from the start of the text; `rest` was not used."""

    text: list[str]
    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    used: int = 0
    rest: str = ""

    def raw(self, row: int) -> str:
        return _raw(self.text, self.lines[row], self.ends[row])


class _Feed:
    """Hands lines to csv and notices when it asks for one too many: a quote was left open."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines, self.at, self.dry = lines, 0, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            self.dry = True
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1] + "\n"


def careful_rows(text: str, delimiter: str, width: int, last: bool) -> Rows:
    """Every row of `text` that has `width` cells; the others are listed with their line.

    Blank lines are passed over. Unless `last`, an unfinished row at the end is left in `rest`.
    """
    lines = text.split("\n")
    tail = lines.pop()  # after the last line feed: nothing, or the start of a line
    if last and tail:
        lines.append(tail)
        tail = ""
    found = Rows(lines)
    feed = _Feed(lines)
    strict = csv.reader(feed, delimiter=delimiter, skipinitialspace=True, strict=True)
    while feed.at < len(lines):
        start = feed.at
        problem, row = _next(strict)
        if feed.dry and not last:
            feed.at = start
            break
        if problem or (len(row) != width and feed.at - start > 1):
            problem, row = _line(lines[start], delimiter)
            feed.at, feed.dry = start + 1, False
            strict = csv.reader(feed, delimiter=delimiter, skipinitialspace=True, strict=True)
        if problem:
            found.bad.append(BadLine(start, problem, lines[start].rstrip("\r")))
        else:
            _take(found, row, width, start, feed.at)
    found.used = feed.at
    found.rest = "\n".join([*lines[feed.at :], tail])
    return found


def _line(line: str, delimiter: str) -> tuple[str | None, list[str]]:
    """One line on its own, its quotes taken as leniently as can be."""
    feed = _Feed([line])
    problem, row = _next(csv.reader(feed, delimiter=delimiter, skipinitialspace=True))
    return ("files.reject.open_quote", row) if feed.dry and problem is None else (problem, row)


def _next(reader: Iterator[list[str]]) -> tuple[str | None, list[str]]:
    """The next row. The problem: a quote out of place, a lone carriage return, a cell beyond csv's limit."""
    try:
        return None, next(reader)
    except csv.Error:
        return "files.reject.broken_row", []


def _take(found: Rows, row: list[str], width: int, start: int, end: int) -> None:
    if not any(cell.strip() for cell in row):
        return
    cells = row if len(row) == width else fitted(row, width)
    if cells is None:
        found.bad.append(ragged(start, _raw(found.text, start, end), len(row), width))
        return
    found.cells.append(cells)
    found.lines.append(start)
    found.ends.append(end)


def _raw(lines: Sequence[str], start: int, end: int) -> str:
    return "\n".join(lines[start:end]).rstrip("\r")


def fitted(row: list[str], width: int) -> list[str] | None:
    """The row without blank cells beyond the header; null when it has too few or too many."""
    if len(row) > width and not any(cell.strip() for cell in row[width:]):
        return row[:width]
    return row if len(row) == width else None


def ragged(line: int, raw: str, cells: int, width: int) -> BadLine:
    return BadLine(line, "files.reject.ragged", raw, {"cells": cells, "expected": width})
