"""Cells of Salesforce as canonical values: texts to moments, flags, numbers, and one spelling for each.

JSON and CSV spell the same value differently (`+0000` and `Z`, `5e2` and `500.0`); here both become
the same text, so that a small reading and a large one agree.

Not here: which column comes from which field (plan.py), whole rows (records.py …).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

TIME = pa.timestamp("us")
NUMERIC = ("currency", "double", "percent", "int", "long")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_SHAPE = r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$"
_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def texts(rows: Sequence[Mapping[str, Any]], paths: Sequence[str]) -> pa.Table:
    """Records of a REST answer as a table of texts, a column for each path; null where empty."""
    return pa.table({path: pa.array([_at(row, path) for row in rows], pa.string()) for path in paths})


def _at(row: Mapping[str, Any], path: str) -> str | None:
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return plain(value)


def plain(value: Any) -> str | None:
    """A JSON value as text; the empty text is null, as in CSV."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def times(text: pa.Array) -> pa.Array:
    """Datetimes such as 2026-01-15T15:30:00.000+0000, as UTC without zone."""
    return text.cast(pa.timestamp("us", "UTC")).cast(TIME)


def days(text: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Dates such as 2026-01-15: the first moment of that day in `zone`, as UTC without zone."""
    midnight = text.cast(pa.date32()).cast(TIME)
    return to_utc(midnight, zone)


def to_utc(local: pa.Array, zone: ZoneInfo) -> pa.Array:
    """Moments on the clocks of `zone`, as UTC without zone; one that comes twice is the first."""
    if zone.key == "UTC":
        return local
    placed = pc.assume_timezone(local, zone.key, ambiguous="earliest", nonexistent="latest")
    return placed.cast(pa.timestamp("us", "UTC")).cast(TIME)


def local_days(moments: pa.Array, zone: ZoneInfo) -> pa.Array:
    """The day on the clocks of `zone` that each UTC moment falls on."""
    return pc.local_timestamp(moments.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone.key))).cast(
        pa.date32(), safe=False
    )


def moments(text: pa.Array, kind: str, zone: ZoneInfo) -> pa.Array:
    """Cells of a date or datetime field as UTC without zone."""
    return days(text, zone) if kind == "date" else times(text)


def flags(text: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_valid(text), pc.equal(pc.utf8_lower(text), "true"), pa.scalar(None, pa.bool_()))


def numbers(text: pa.Array) -> pa.Array:
    return text.cast(pa.float64())


def spelt(text: pa.Array, kind: str) -> pa.Array:
    """Cells of a field of the describe type `kind` as text: 500, true, 2026-01-15, 2026-01-15T15:30:00."""
    try:
        if kind in NUMERIC:
            return pa.array([number_text(value) for value in numbers(text).to_pylist()], pa.string())
        if kind == "datetime":
            return pa.array([None if at is None else at.isoformat() for at in times(text).to_pylist()], pa.string())
    except pa.ArrowInvalid:
        return text  # history keeps what a field of another type held before
    return text


def number_text(value: float | None) -> str | None:
    """A number without a needless fraction or exponent."""
    if value is None:
        return None
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    shown = np.format_float_positional(value, trim="-")
    return str(shown)


def valued(text: pa.Array, values: Mapping[str, Any]) -> pa.Array:
    """The mapping's `values` applied, regardless of case; other cells stay."""
    known = {key.casefold(): str(value) for key, value in values.items()}
    coded = text.dictionary_encode()
    words = [None if word is None else known.get(word.casefold(), word) for word in coded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(coded.indices)


def worded(text: pa.Array, words: Mapping[str, str | None], otherwise: str | None = None) -> pa.Array:
    """Each cell by a closed vocabulary; cells it does not know are `otherwise`, empty ones null."""
    coded = text.dictionary_encode()
    found = [None if word is None else words.get(word, otherwise) for word in coded.dictionary.to_pylist()]
    return pa.array(found, pa.string()).take(coded.indices)


def order_of(ids: pa.Array) -> npt.NDArray[np.int64]:
    """Ids as numbers that grow in the order Salesforce gave them out; the object's prefix does not count."""
    if not len(ids):
        return np.zeros(0, np.int64)
    letters = np.array(ids.to_pylist(), dtype="S18").view(np.uint8).reshape(-1, 18)[:, 5:15]
    values = np.zeros(256, np.int64)
    values[np.frombuffer(_DIGITS.encode(), np.uint8)] = np.arange(len(_DIGITS))
    weights = 62 ** np.arange(9, -1, -1, dtype=np.int64)
    return np.asarray((values[letters] * weights).sum(axis=1), dtype=np.int64)


def id18(text: str | None) -> str | None:
    """An id in its long form: history keeps references as they were written, some of them short."""
    if text is None or len(text) != 15 or not re.match(ID_SHAPE, text):
        return text
    groups = (text[:5], text[5:10], text[10:])
    return text + "".join(_CASES[sum(1 << at for at, one in enumerate(part) if one.isupper())] for part in groups)
