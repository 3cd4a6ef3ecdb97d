"""Whether two texts are the same value of a field: a CRM writes 85 as 85.0 and a moment in its own manner.

Not here: what LeadPact writes into each kind of field (formats.py).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def same(kind: str, a: str | None, b: str | None) -> bool:
    """Numbers by value, moments to the second, flags by meaning; an empty text is an empty field."""
    if not a or not b:
        return not a and not b
    if a == b:
        return True
    if kind == "number":
        left, right = _number(a), _number(b)
        return left is not None and left == right
    if kind == "time":
        return _same_time(a, b)
    return kind == "flag" and a.lower() == b.lower()


def _same_time(a: str, b: str) -> bool:
    left, right = moment(a), moment(b)
    if left is None or right is None:
        return False
    if _DAY.fullmatch(a) or _DAY.fullmatch(b):  # the field keeps days only
        return left.date() == right.date()
    return left == right


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def moment(text: str) -> datetime | None:
    """An ISO moment in UTC to the second, without zone; null for what is none. Without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if isinstance(found, date) and found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return found.replace(microsecond=0)
