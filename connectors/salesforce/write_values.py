"""A field's value as text and as Salesforce's JSON, both ways, by the type `describe` gives it.

What is read is written the same: text as it stands, numbers without a needless fraction, flags
`true` and `false`, moments in UTC without a zone, days as 2026-03-04. A text that does not fit
its field is refused here: one of them in a call would have Salesforce refuse the whole call.

Not here: which fields there are (fields.py), calls (write.py, write_read.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.salesforce.cells import number_text
from connectors.salesforce.plan import PARTLESS

CODES = {
    "int": "NOT_A_WHOLE_NUMBER",
    "long": "NOT_A_WHOLE_NUMBER",
    "double": "NOT_A_NUMBER",
    "currency": "NOT_A_NUMBER",
    "percent": "NOT_A_NUMBER",
    "boolean": "NOT_A_FLAG",
    "date": "NOT_A_DATE",
    "datetime": "NOT_A_TIME",
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


class Unfit(ValueError):
    """A text that is no value of its field; `code` says what it is not. The text itself is not told."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sent(text: str | None, kind: str) -> Any:
    """The JSON value of a text for a field of the describe type `kind`. Raises Unfit.

    Null and the empty text empty the field; a flag cannot be empty.
    """
    if kind in PARTLESS:
        raise Unfit("INVALID_FIELD_FOR_INSERT_UPDATE")
    if text is None or text == "":
        if kind == "boolean":
            raise Unfit(CODES[kind])
        return None
    parse = _PARSERS.get(kind)
    if parse is None:
        return text
    try:
        return parse(text)
    except (ValueError, InvalidOperation, KeyError, OverflowError):
        raise Unfit(CODES[kind]) from None


def told(value: Any, kind: str) -> str | None:
    """The text of a JSON value that was read from a field of the describe type `kind`."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    text = str(value)
    return moment_text(text) if kind == "datetime" else text


def moment_text(text: str) -> str:
    """`2026-03-04T16:20:00.000+0000` as the mirror has it: UTC, no zone, no empty fraction."""
    if not _MOMENT.fullmatch(text):
        return text
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat()


def _whole(text: str) -> int:
    exact = Decimal(text.strip())
    if exact != exact.to_integral_value():
        raise ValueError
    return int(exact)


def _number(text: str) -> int | float:
    exact = Decimal(text.strip())
    if not exact.is_finite():
        raise ValueError
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _flag(text: str) -> bool:
    flags: Mapping[str, bool] = {"true": True, "false": False}
    return flags[text.strip().casefold()]


def _day(text: str) -> str:
    return date.fromisoformat(text.strip()).isoformat()


def _moment(text: str) -> str:
    """A moment without a zone is UTC. Salesforce keeps whole seconds."""
    found = datetime.fromisoformat(text.strip())
    at = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "int": _whole,
    "long": _whole,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "boolean": _flag,
    "date": _day,
    "datetime": _moment,
}
