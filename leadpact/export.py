"""Rows as files a person opens: CSV and XLSX that a spreadsheet reads and never runs.

A cell that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay
numbers and times times. CSV files begin with a byte order mark, so that Excel reads accents. A
spreadsheet in Spanish splits CSV at semicolons, and at line ends that another reader takes as quoted:
what would begin a cell there is made harmless too.

Not here: which columns there are and what they are called (the pages, the commands).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from math import isfinite
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

# the signs, those of full width too (spreadsheets in some languages read them alike), and what splits cells or lines
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
MARK = "﻿"
LONGEST_CELL = 32_767  # Excel's own limits
MOST_ROWS = 1_048_576
MOMENT, DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"
UNSEEN = " \x00\xa0\u200b\u200c\u200d\u2060\u3000\ufeff"  # before a sign these hide it, and nothing else
_INNER = re.compile(rf"([;\t\r\n][{UNSEEN}]*)(?=[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


def neutral(value: Any) -> Any:
    """The cell as it may be written: text that would run as a formula is quoted, null is empty.

    Not-a-number and not-a-time are null as well.
    """
    if missing(value):
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="seconds")
    return f"'{value}" if isinstance(value, str) and runs(value) else value


def runs(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula; a number is none."""
    return text.lstrip(UNSEEN).startswith(FORMULA) and not _NUMBER.fullmatch(text)


def in_csv(value: Any) -> Any:
    """As `neutral`, for a cell of a CSV file, which another reader may split elsewhere."""
    cell = neutral(value)
    return _INNER.sub(r"\1'", cell) if isinstance(cell, str) else cell


def missing(value: Any) -> bool:
    """Null, not-a-number and not-a-time: nothing is known."""
    try:
        return value is None or bool(value != value)  # noqa: PLR0124 - true for NaN and NaT only
    except TypeError:  # pandas' own null has no truth value
        return True


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV text with a byte order mark, every cell neutralised."""
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out)
    writer.writerow([in_csv(name) for name in header])
    writer.writerows([in_csv(cell) for cell in row] for row in rows)
    return out.getvalue()


def to_xlsx(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    sheet: str,
    formats: Sequence[str | None] = (),
    about: Sequence[tuple[str, str]] = (),
    about_sheet: str = "About",
) -> bytes:
    """The rows as an XLSX workbook, every cell neutralised; `about` (label, value) fills a second sheet.

    `formats` are Excel number formats by column, null for the usual one. A time is written as the
    wall clock it shows. Rows past Excel's limit go on in further sheets. No cell is a formula.
    """
    book = Workbook(write_only=True)
    rest, number = iter(rows), 0
    while True:
        number += 1
        portion = list(islice(rest, MOST_ROWS - 1))
        if not portion and number > 1:
            break
        _sheet(book, f"{sheet[:25]} {number}" if number > 1 else sheet, header, portion, formats)
    if about:
        _sheet(book, about_sheet, (), about, ())
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, header, rows, and Excel formats by column."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    formats: Sequence[str | None] = ()


def to_book(sheets: Sequence[Sheet]) -> bytes:
    """Several sheets as one XLSX workbook, every cell neutralised; no cell is a formula."""
    book = Workbook(write_only=True)
    for one in sheets:
        _sheet(book, one.title, one.header, one.rows[: MOST_ROWS - 1], one.formats)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Any, title: str, header: Sequence[str], rows: Sequence[Sequence[Any]], formats: Sequence[Any]) -> None:
    one = book.create_sheet(_NO_SHEET_NAME.sub(" ", title)[:31].strip() or "1")
    for place, width in enumerate(_widths([header, *rows[:200]] if header else rows), start=1):
        one.column_dimensions[get_column_letter(place)].width = width
    if header:
        one.freeze_panes = "A2"
        one.append([_cell(one, name, None, bold=True) for name in header])
    for row in rows:
        one.append(
            [_cell(one, value, formats[place] if place < len(formats) else None) for place, value in enumerate(row)]
        )


def _cell(sheet: Any, value: Any, form: str | None, *, bold: bool = False) -> Any:
    """One cell, never a formula: text is written as text whatever it begins with."""
    plain = value.item() if hasattr(value, "item") else value  # a number of numpy's own kind
    if missing(plain) or (isinstance(plain, float) and not isfinite(plain)):
        return None
    if isinstance(plain, date):
        whole = isinstance(plain, datetime)
        moment = plain.replace(tzinfo=None, microsecond=0) if isinstance(plain, datetime) else _midnight(plain)
        made = WriteOnlyCell(sheet, moment)
        made.number_format = form or (MOMENT if whole else DAY)
        return made
    if isinstance(plain, (int, float)):
        made = WriteOnlyCell(sheet, plain)
        if form is not None:
            made.number_format = form
        return made
    text = neutral(ILLEGAL_CHARACTERS_RE.sub("", str(plain)))[:LONGEST_CELL]
    made = WriteOnlyCell(sheet, text)
    made.data_type = "s"
    if bold:
        made.font = Font(bold=True)
        made.alignment = Alignment(vertical="top", wrap_text=True)
    return made


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _widths(rows: Sequence[Sequence[Any]]) -> list[float]:
    """Wide enough for what is in a column, within reason."""
    columns = max((len(row) for row in rows), default=0)
    longest = [max((len(str(row[at])) for row in rows if at < len(row)), default=0) for at in range(columns)]
    return [min(60, max(10, length + 2)) for length in longest]
