"""What a date written with numbers alone would mean, day first and month first.

Only for showing the question: reading dates is the adapter's work (connectors).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

ORDERS = ("dmy", "mdy")
_NUMBERS = re.compile(r"\s*(?:\w{2,9}\.?,? )?(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})\b")


def readings(sample: str) -> dict[str, date]:
    """The day a cell means under each order; an order under which it is no date is left out."""
    found = _NUMBERS.match(sample)
    if found is None:
        return {}
    one, two, year = int(found[1]), int(found[2]), int(found[3])
    year += (2000 if year < 69 else 1900) if len(found[3]) == 2 else 0
    days = {}
    for order, (day, month) in zip(ORDERS, ((one, two), (two, one)), strict=True):
        try:
            days[order] = date(year, month, day)
        except ValueError:
            continue
    return days


def telling(samples: Sequence[str]) -> str | None:
    """The sample that shows best what the orders mean: one with two different readings."""
    for sample in samples:
        if len(set(readings(sample).values())) == len(ORDERS):
            return sample
    return next((sample for sample in samples if readings(sample)), None)
