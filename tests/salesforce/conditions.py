"""The WHERE of a query as a test of rows; values a field's type cannot be compared with are refused.

Not here: the fields (rows.py), the language (soql.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.salesforce.answers import Refusal
from tests.salesforce.org import Row, id18
from tests.salesforce.schema import NUMBERS, TEXTS, Field
from tests.salesforce.soql_tree import All, Not, Period, Query, Some, Test

if TYPE_CHECKING:
    from tests.salesforce.rows import Reading

Getter = Callable[[Row], Any]
Condition = Callable[[Row], bool]


class Conditions:
    """The condition of one reading, compiled: `Conditions(reading).of(query.where)`."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def of(self, part: Any) -> Condition:
        if isinstance(part, All):
            every = [self.of(one) for one in part.parts]
            return lambda row: all(one(row) for one in every)
        if isinstance(part, Some):
            some = [self.of(one) for one in part.parts]
            return lambda row: any(one(row) for one in some)
        if isinstance(part, Not):
            inner = self.of(part.part)
            return lambda row: not inner(row)
        return self._test(part)

    def _test(self, test: Test) -> Condition:
        column, get = self.reading.follow(test.name, filtering=True)
        if isinstance(test.value, Query):
            inner = type(self.reading)(self.reading.org, test.value, everything=self.reading.everything)
            held = {inner.columns[0].get(row) for row in inner.rows()}
            return (lambda row: get(row) in held) if test.op == "IN" else (lambda row: get(row) not in held)
        many = isinstance(test.value, tuple)
        values = [self._checked(column.field, one, test) for one in (test.value if many else [test.value])]
        if test.op in ("IN", "NOT IN"):
            held = {folded(one) for one in values}
            return (
                (lambda row: folded(get(row)) in held)
                if test.op == "IN"
                else (lambda row: folded(get(row)) not in held)
            )
        if test.op in ("INCLUDES", "EXCLUDES"):
            wanted = [set(str(one).split(";")) for one in values]

            def includes(row: Row) -> bool:
                return any(one <= set(str(get(row) or "").split(";")) for one in wanted)

            return includes if test.op == "INCLUDES" else lambda row: not includes(row)
        return self._compare(test.op, get, values[0])

    def _compare(self, op: str, get: Getter, value: Any) -> Condition:
        if op == "LIKE":
            pattern = re.escape(str(value)).replace("%", ".*").replace("_", ".")
            expression = re.compile(pattern, re.IGNORECASE | re.DOTALL)
            return lambda row: get(row) is not None and expression.fullmatch(str(get(row))) is not None
        if isinstance(value, Span):
            return value.test(op, get)
        wanted = folded(value)
        if op == "=":
            return lambda row: folded(get(row)) == wanted
        if op == "!=":
            return lambda row: folded(get(row)) != wanted
        compare = {
            "<": lambda a, b: a < b,
            ">": lambda a, b: a > b,
            "<=": lambda a, b: a <= b,
            ">=": lambda a, b: a >= b,
        }[op]
        return lambda row: get(row) is not None and compare(folded(get(row)), wanted)

    def _checked(self, field: Field, value: Any, test: Test) -> Any:
        """The value as the field's type compares it. Refuses what the type cannot be compared with."""
        if value is None:
            return None
        kind = field.type
        fits = (
            (kind in ("date", "datetime") and isinstance(value, (date, Period)))
            or (kind == "boolean" and isinstance(value, bool))
            or (kind in NUMBERS and isinstance(value, (int, float)) and not isinstance(value, bool))
            or (kind in (*TEXTS, "id", "reference", "anyType") and isinstance(value, str))
        )
        if fits and kind in ("date", "datetime") and not isinstance(value, Period):
            fits = isinstance(value, datetime) == (kind == "datetime")
        if not fits:
            quoted = "should be enclosed in quotes" if kind in TEXTS else "should not be enclosed in quotes"
            what = {"datetime": "dateTime", "reference": "ID", "id": "ID"}.get(
                kind, "string" if kind in TEXTS else kind
            )
            raise Refusal(
                400, "INVALID_FIELD",
                f"{self.reading.pointed(test.name.at)}value of filter criterion for field '{test.name.path}' must be "
                f"of type {what} and {quoted}",
            )  # fmt: skip
        if kind in ("id", "reference"):
            if not re.fullmatch(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", value):
                raise Refusal(
                    400,
                    "INVALID_QUERY_FILTER_OPERATOR",
                    f"{self.reading.pointed(test.name.at)}invalid ID field: {value}",
                )
            return id18(value) if len(value) == 15 else value
        if test.op == "LIKE" and kind not in TEXTS:
            raise Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", f"{self.reading.pointed(test.name.at)}invalid operator")
        return Span.of(value, self.reading.org.clock(), whole=kind == "date") if isinstance(value, Period) else value


def folded(value: Any) -> Any:
    """Text compares without case, ids apart: nobody has two that differ by case only in these orgs."""
    return value.lower() if isinstance(value, str) else value


@dataclass(frozen=True)
class Span:
    """The days a date literal means: from `first` up to and without `last`."""

    first: Any
    last: Any

    @classmethod
    def of(cls, period: Period, now: datetime, *, whole: bool) -> Span:
        today = now.replace(hour=0, minute=0, second=0)
        day, month, year = timedelta(days=1), today.replace(day=1), today.replace(month=1, day=1)
        before = (month - day).replace(day=1)
        after = (month + timedelta(days=32)).replace(day=1)
        week = today - day * ((today.weekday() + 1) % 7)
        spans: Mapping[str, tuple[datetime, datetime]] = {
            "TODAY": (today, today + day),
            "YESTERDAY": (today - day, today),
            "TOMORROW": (today + day, today + 2 * day),
            "THIS_WEEK": (week, week + 7 * day),
            "LAST_WEEK": (week - 7 * day, week),
            "THIS_MONTH": (month, after),
            "LAST_MONTH": (before, month),
            "THIS_YEAR": (year, year.replace(year=year.year + 1)),
            "LAST_YEAR": (year.replace(year=year.year - 1), year),
            "LAST_N_DAYS": (today - period.count * day, today + day),
            "NEXT_N_DAYS": (today + day, today + (period.count + 1) * day),
        }
        first, last = spans[period.word]
        return cls(first.date(), last.date()) if whole else cls(first, last)

    def test(self, op: str, get: Getter) -> Condition:
        tests: Mapping[str, Callable[[Any], bool]] = {
            "=": lambda at: self.first <= at < self.last,
            "!=": lambda at: not self.first <= at < self.last,
            "<": lambda at: at < self.first,
            ">=": lambda at: at >= self.first,
            ">": lambda at: at >= self.last,
            "<=": lambda at: at < self.last,
        }
        return lambda row: get(row) is not None and tests[op](get(row))
