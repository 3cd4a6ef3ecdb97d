"""Text to the cell a field takes: what is written without typecast must have the field's own type already.

A text that cannot be such a cell is refused here, by a code and without a request: Airtable would refuse the nine
records beside it too.

Not here: cells to text (cells.py), sending (write.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from connectors.airtable.cells import JOINT

TEXTS = ("singleLineText", "multilineText", "richText", "email", "url", "phoneNumber")
NUMBERS = ("number", "percent", "currency", "duration", "rating")

NOT_WRITABLE = "FIELD_NOT_WRITABLE"
BAD_VALUE = "INVALID_VALUE_FOR_COLUMN"
NO_OPTION = "INVALID_MULTIPLE_CHOICE_OPTIONS"
_RECORD = re.compile(r"rec[A-Za-z0-9]{14}")
_PERSON = re.compile(r"(usr|ugp)[A-Za-z0-9]{14}")


class NotACell(Exception):
    """The text cannot be a cell of this field; `code` says why, and nothing says the text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_record_id(text: str) -> bool:
    """Whether Airtable could have given this id to a record."""
    return _RECORD.fullmatch(text) is not None


def cell(type: str, text: str | None, offered: Sequence[str] = ()) -> Any:
    """What a PATCH sends for `text` in a field of this type; `offered` are a select's options.

    Null and empty text clear the cell. Times without a zone are UTC.
    Raises NotACell.
    """
    if type not in WRITABLE:
        raise NotACell(NOT_WRITABLE)
    if text is None or text == "":
        return False if type == "checkbox" else None
    return _MAKERS[type](type, text, offered)


def _text(type: str, text: str, offered: Sequence[str]) -> str:
    return text


def _number(type: str, text: str, offered: Sequence[str]) -> int | float:
    try:
        number = float(text)
    except ValueError:
        raise NotACell(BAD_VALUE) from None
    if not math.isfinite(number) or (type == "rating" and (number < 1 or number != int(number))):
        raise NotACell(BAD_VALUE)
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def _flag(type: str, text: str, offered: Sequence[str]) -> bool:
    known = {"true": True, "false": False, "1": True, "0": False}
    if text.casefold() not in known:
        raise NotACell(BAD_VALUE)
    return known[text.casefold()]


def _moment(type: str, text: str, offered: Sequence[str]) -> str:
    try:
        if type == "date" and len(text) == 10:
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotACell(BAD_VALUE) from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    # a zone is always said: without one Airtable takes the field's own
    return moment.date().isoformat() if type == "date" else moment.isoformat(timespec="milliseconds") + "Z"


def _option(type: str, text: str, offered: Sequence[str]) -> str:
    if text not in offered:
        raise NotACell(NO_OPTION)
    return text


def _options(type: str, text: str, offered: Sequence[str]) -> list[str]:
    """Several options joined as cells.py joins them; an option may itself hold the joint, so the longest fits first."""
    found: list[str] = []
    while text:
        fits = [one for one in offered if text == one or text.startswith(one + JOINT)]
        if not fits:
            raise NotACell(NO_OPTION)
        found.append(max(fits, key=len))
        text = text[len(found[-1]) + len(JOINT) :]
    return found


def _links(type: str, text: str, offered: Sequence[str]) -> list[str]:
    return [_like(_RECORD, part) for part in _parts(text)]


def _person(type: str, text: str, offered: Sequence[str]) -> dict[str, str]:
    return {"email": text} if "@" in text else {"id": _like(_PERSON, text)}


def _people(type: str, text: str, offered: Sequence[str]) -> list[dict[str, str]]:
    return [_person(type, part, offered) for part in _parts(text)]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(JOINT.strip()) if part.strip()]


def _like(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise NotACell(BAD_VALUE)
    return text


_MAKERS: Mapping[str, Callable[[str, str, Sequence[str]], Any]] = {
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(NUMBERS, _number),
    "checkbox": _flag,
    "date": _moment,
    "dateTime": _moment,
    "singleSelect": _option,
    "multipleSelects": _options,
    "multipleRecordLinks": _links,
    "singleCollaborator": _person,
    "multipleCollaborators": _people,
}
# any other type (formulas, lookups, stamps, attachments) is not written
WRITABLE = frozenset(_MAKERS)
