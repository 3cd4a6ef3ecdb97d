"""Rows as files a person opens: CSV that a spreadsheet reads and never runs.

A cell that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay
numbers. Files begin with a byte order mark, so that Excel reads accents.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MARK = "﻿"


def neutral(value: Any) -> Any:
    """The cell as it may be written: text that would run as a formula is quoted, null is empty.

    Not-a-number and not-a-time are null as well.
    """
    if value is None or value != value:  # noqa: PLR0124 - true for NaN and NaT only
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="seconds")
    if isinstance(value, str) and value.startswith(FORMULA) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV text with a byte order mark, every cell neutralised."""
    out = io.StringIO()
    out.write(MARK)
    writer = csv.writer(out)
    writer.writerow([neutral(name) for name in header])
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()
