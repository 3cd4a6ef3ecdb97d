"""Workbooks: one source table a sheet, cells as text, lines as the rows a person sees.

Dates that the workbook itself keeps as dates come out in ISO 8601; a number without
decimals comes out as a whole one, so that an id stays an id.

Not here: dates kept as plain numbers or text (dates.py).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from connectors.files.blocks import HEADER_SAMPLE, Block, Unreadable, check_headers, header_place
from connectors.files.bounds import check_book

ROWS = 50_000
Cell = str | float | int | bool | datetime | date | time | timedelta
_FAULTS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"))


def open_workbook(path: Path) -> CalamineWorkbook:
    """The workbook. Raises Unreadable where it is damaged, too large or protected by a password."""
    if zipfile.is_zipfile(path):
        check_book(path)
    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        locked = "password" in str(error).casefold()
        raise Unreadable(
            "files.problem.protected" if locked else "files.problem.not_a_workbook", file=path.name
        ) from error


class SheetReader:
    """One sheet. Its header is the first row with filled cells that is no title; raises Unreadable."""

    decimal_comma = False
    headers: Sequence[str]

    def __init__(self, name: str, path: Path, sheet: str) -> None:
        self.name, self.path, self.sheet = name, path, sheet
        first = [
            (line, [as_text(cell).strip() for cell in cells]) for line, cells in islice(self._filled(), HEADER_SAMPLE)
        ]
        place = header_place([cells for _, cells in first])
        if place is None:
            raise Unreadable("files.problem.empty", file=self._shown)
        self._header_row, self.headers = first[place]
        check_headers(self.headers, self._shown)

    @property
    def _shown(self) -> str:
        return f"{self.path.name} [{self.sheet}]"

    @property
    def rows(self) -> int | None:
        sheet = open_workbook(self.path).get_sheet_by_name(self.sheet)
        return max(0, (sheet.end[0] + 1 if sheet.end else 0) - self._header_row)

    def blocks(self, wanted: Sequence[int]) -> Iterator[Block]:
        """The rows below the header, ROWS at a time. Raises Unreadable."""
        lines: list[int] = []
        rows: list[list[Cell]] = []
        for line, cells in self._filled():
            if line <= self._header_row:
                continue
            lines.append(line)
            rows.append(cells)
            if len(rows) == ROWS:
                yield _block(lines, rows, wanted)
                lines, rows = [], []
        yield _block(lines, rows, wanted)

    def _filled(self) -> Iterator[tuple[int, list[Cell]]]:
        """Rows with a filled cell, each with its row number in the sheet."""
        try:
            rows = open_workbook(self.path).get_sheet_by_name(self.sheet).iter_rows()
            for line, cells in enumerate(rows, start=1):
                if any(cell != "" for cell in cells):
                    yield line, cells
        except CalamineError as error:
            raise Unreadable("files.problem.not_a_workbook", file=self._shown) from error


def as_text(cell: Cell) -> str:
    """A cell as a person would type it; formula errors are blank."""
    if isinstance(cell, str):
        return "" if cell in _FAULTS else cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return _moment(cell)
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """To the millisecond: a workbook's day fraction holds no more, and the rest is noise."""
    rounded = value + timedelta(microseconds=500)
    return rounded.replace(microsecond=rounded.microsecond // 1000 * 1000).isoformat(sep=" ")


def _block(lines: list[int], rows: list[list[Cell]], wanted: Sequence[int]) -> Block:
    columns = {place: pa.array([as_text(row[place]) for row in rows], pa.string()) for place in wanted}
    return Block(columns, np.array(lines, np.int64), lambda row: _raw(rows[row]))


def _raw(cells: list[Cell]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([as_text(cell) for cell in cells])
    return out.getvalue()
