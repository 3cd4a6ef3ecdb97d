"""One condition of the pact (`field`, `op`, `value`) as an Ibis expression: the only place that judges one.

What every test means:
- A blank text (null, or spaces only) satisfies `empty` and nothing else: not `ne`, not `not_in`,
  for nobody can tell what an unknown value is not.
- Text is compared without regard to case, nor to spaces around it (but `contains` minds them).
  Text that is no number or date is ordered as text.
- Where both sides read as numbers they are compared as numbers (`10` is `10.0`, `9` before `10`).
  A number is written plainly: sign, up to 15 digits, a decimal point. With 16 digits it is an id.
- Where the value reads as a date (ISO) it is compared with dates. A day without a time is the
  whole day, in the pact's zone for columns of moments: `lte 2026-01-31` holds until it ends.
- A number or a date asked for is never met by a field that is none. `between` includes both ends.

Not here: which points a condition gives (the score), what the pact may say (config/parts.py).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from config.parts import Condition, Op, Scalar
from leadpact.metrics.moments import utc_midnight
from leadpact.tables import Table, is_blank

NUMBER = r"^[+-]?([0-9]{1,15}(\.[0-9]*)?|\.[0-9]+)$"
DATED = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-]00:?00)?)?$"
GREENWICH_TIME = r"(Z|[+-]00:?00)$"
DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
GREENWICH = ZoneInfo("UTC")
Value = Scalar | list[Scalar] | None


def column_of(columns: Iterable[str], field: str) -> str | None:
    """The column a condition's `field` means, with or without `f_` and whatever its case; null for none."""
    known = {name.casefold(): name for name in columns}
    wanted = field.strip().casefold()
    return known.get(wanted) or known.get(f"f_{wanted}")


def holds(table: Table, condition: Condition, zone: ZoneInfo = GREENWICH) -> Any:
    """Whether each row satisfies the condition: true or false; null where the table has no such field.

    `zone` is the pact's: it says when a day begins.
    """
    name = column_of(table.columns, condition.field)
    if name is None:
        return ibis.null("boolean")
    return satisfies(table[name], condition.op, condition.value, zone)


def satisfies(column: Any, op: Op, value: Value = None, zone: ZoneInfo = GREENWICH) -> Any:
    """Whether a column of text, numbers, flags or moments satisfies the test: true or false, never null."""
    field = _Field(column, zone)
    values: Sequence[Scalar] = value if isinstance(value, list) else [] if value is None else [value]
    tests: dict[Op, Callable[[], Any]] = {
        "filled": lambda: ~field.empty,
        "empty": lambda: field.empty,
        "eq": lambda: field.is_any(values),
        "in": lambda: field.is_any(values),
        "ne": lambda: ~field.empty & ~field.is_any(values),
        "not_in": lambda: ~field.empty & ~field.is_any(values),
        "contains": lambda: field.said.lower().contains(_lower(values[0], strip=False)),
        "starts": lambda: field.text.startswith(_lower(values[0])),
        "gt": lambda: field.ordered(values[0], after=True, same=False),
        "gte": lambda: field.ordered(values[0], after=True, same=True),
        "lt": lambda: field.ordered(values[0], after=False, same=False),
        "lte": lambda: field.ordered(values[0], after=False, same=True),
        "between": lambda: (
            field.ordered(values[0], after=True, same=True) & field.ordered(values[1], after=False, same=True)
        ),
    }
    found = tests[op]()
    # a blank text may still contain a space, or come before a letter
    return found.fill_null(False) if op in ("filled", "empty") else (found & ~field.empty).fill_null(False)


@dataclass(frozen=True)
class _Field:
    """A column in the three ways it can be compared; null in those that do not fit a row."""

    column: Any
    zone: ZoneInfo

    @property
    def empty(self) -> Any:
        return is_blank(self.column) if self.column.type().is_string() else self.column.isnull()

    @property
    def said(self) -> Any:
        return self.column if self.column.type().is_string() else self.column.cast("string")

    @property
    def text(self) -> Any:
        return self.said.strip().lower()

    @property
    def number(self) -> Any:
        kind = self.column.type()
        if kind.is_numeric():
            return self.column.cast("float64")
        return _where(self.text, NUMBER).try_cast("float64") if kind.is_string() else ibis.null("float64")

    @property
    def moment(self) -> Any:
        kind = self.column.type()
        if kind.is_timestamp():
            return self.column
        if kind.is_string():
            plain = _where(self.column.strip(), DATED).re_replace(GREENWICH_TIME, "").replace("T", " ")
            return plain.try_cast("timestamp")
        return ibis.null("timestamp")

    def is_any(self, values: Sequence[Scalar]) -> Any:
        """Equal to one of them as text, as a number or as a date."""
        found = self.text.isin([_lower(value) for value in values])
        numbers = [number for value in values if (number := number_of(value)) is not None]
        if numbers:
            found = found | self.number.isin(numbers).fill_null(False)
        for value in values:
            span = self._span(value)
            if span is not None:
                found = found | ((self.moment >= span[0]) & (self.moment <= span[1])).fill_null(False)
        return found

    def ordered(self, value: Scalar, *, after: bool, same: bool) -> Any:
        """After (or before) the value, or as well the same."""
        number, span = number_of(value), self._span(value)
        if number is not None:
            return _compare(self.number, (number, number), after, same)
        if span is not None:
            return _compare(self.moment, span, after, same)
        text = _lower(value)
        return _compare(self.text, (text, text), after, same)

    def _span(self, value: Scalar) -> tuple[Any, Any] | None:
        """The first and last moment a date stands for; a text without a zone is in no zone."""
        zone = self.zone if self.column.type().is_timestamp() else GREENWICH
        found = moments_of(value, zone)
        return None if found is None else (ibis.timestamp(found[0]), ibis.timestamp(found[1]))


def as_number(column: Any) -> Any:
    """A column as numbers, as every comparison reads it; null where a row has none."""
    return _Field(column, GREENWICH).number


def number_of(value: Scalar) -> float | None:
    """The value as a number, null where it is none; true and false are none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return float(value) if re.match(NUMBER, value.strip()) else None
    return float(value) if abs(value) <= sys.float_info.max else None


def moments_of(value: Scalar, zone: ZoneInfo) -> tuple[str, str] | None:
    """The first and the last moment (UTC, ISO) that an ISO date or time stands for; null where it is none."""
    if not isinstance(value, str) or not re.match(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        return None
    try:
        if DAY.match(value.strip()):
            day = date.fromisoformat(value.strip())
            start, end = (utc_midnight(one, zone) for one in (day, day + timedelta(days=1)))
            return start, (datetime.fromisoformat(end) - timedelta(microseconds=1)).isoformat(" ")
        moment = datetime.fromisoformat(value.strip())
    except (ValueError, OverflowError):
        return None
    plain = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return plain.isoformat(" "), plain.isoformat(" ")


def _compare(column: Any, span: tuple[Any, Any], after: bool, same: bool) -> Any:
    first, last = span
    if after:
        return column >= first if same else column > last
    return column <= last if same else column < first


def _where(column: Any, pattern: str) -> Any:
    return ibis.ifelse(column.re_search(pattern), column, ibis.null("string"))


def _lower(value: Scalar, *, strip: bool = True) -> Any:
    """The value as text in lower case, as the engine lowers the column."""
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return ibis.literal(text.strip() if strip else text).lower()
