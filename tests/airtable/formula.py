"""filterByFormula, as far as it is sent here; anything else is refused, as Airtable refuses what it does not know.

Not here: listing (reading.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.airtable.base import Record, Table

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")|(?P<number>\d+(?:\.\d+)?)|(?P<field>\{[^}]*\})"
    r"|(?P<name>[A-Z_]+)(?=\()|(?P<op><=|>=|!=|=|<|>|\(|\)|,))"
)
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
    ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip


class BadFormula(Exception):
    """What Airtable would say of it."""


class Formula:
    """A formula, parsed when made; calling it with a record says whether the record is listed."""

    def __init__(self, text: str, table: Table) -> None:
        self._table, self._tokens, self._at = table, self._split(text), 0
        self._value = self._comparison()
        if self._at != len(self._tokens):
            raise BadFormula("Invalid formula")

    def __call__(self, record: Record) -> bool:
        return bool(self._value(record))

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise BadFormula("Invalid formula. Please check your formula text.")
            tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        return tokens

    def _next(self, *wanted: str) -> str:
        if self._at >= len(self._tokens) or (wanted and self._tokens[self._at][1] not in wanted):
            raise BadFormula("Invalid formula. Please check your formula text.")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _comparison(self) -> Callable[[Record], Any]:
        left = self._term()
        if self._peek()[1] not in COMPARE:
            return left
        compare, right = COMPARE[self._next()], self._term()

        def compared(record: Record) -> bool:
            one, other = left(record), right(record)
            if type(one) is not type(other):
                return compare is COMPARE["!="]
            return compare(one, other)

        return compared

    def _term(self) -> Callable[[Record], Any]:
        kind, text = self._peek()
        self._at += 1
        if kind == "text":
            plain = re.sub(r"\\(.)", r"\1", text[1:-1])
            return lambda record: plain
        if kind == "number":
            return lambda record: float(text)
        if kind == "field":
            return self._field(text[1:-1])
        if kind == "name":
            return self._call(text)
        if text == "(":
            inner = self._comparison()
            self._next(")")
            return inner
        raise BadFormula("Invalid formula. Please check your formula text.")

    def _field(self, called: str) -> Callable[[Record], Any]:
        table = self._table
        try:
            field = table.field(called)
        except KeyError:
            raise BadFormula(f"Unknown field names: {called.lower()}") from None
        return lambda record: "" if (value := table.value(record, field)) is None else value

    def _call(self, name: str) -> Callable[[Record], Any]:
        self._next("(")
        given: list[Callable[[Record], Any]] = []
        fields: list[str] = []
        while self._peek()[1] != ")":
            if self._peek()[0] == "field":
                fields.append(self._peek()[1][1:-1])
            given.append(self._comparison())
            if self._peek()[1] != ")":
                self._next(",")
        self._next(")")
        if name not in FUNCTIONS:
            raise BadFormula(f"Unknown function names: {name}")
        return FUNCTIONS[name](given, [self._table.field(one).id for one in fields])


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    found = datetime.fromisoformat(str(value))
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


Parts = list[Callable[[Record], Any]]
FUNCTIONS: Mapping[str, Callable[[Parts, list[str]], Callable[[Record], Any]]] = {
    "AND": lambda given, _: lambda record: all(one(record) for one in given),
    "OR": lambda given, _: lambda record: any(one(record) for one in given),
    "NOT": lambda given, _: lambda record: not given[0](record),
    "TRUE": lambda given, _: lambda record: True,
    "FALSE": lambda given, _: lambda record: False,
    "BLANK": lambda given, _: lambda record: "",
    "RECORD_ID": lambda given, _: lambda record: record.id,
    "CREATED_TIME": lambda given, _: lambda record: record.created,
    "LAST_MODIFIED_TIME": lambda given, fields: lambda record: record.modified(fields) or "",
    "DATETIME_PARSE": lambda given, _: lambda record: _moment(given[0](record)),
    "IS_AFTER": lambda given, _: lambda record: _moment(given[0](record)) > _moment(given[1](record)),
    "IS_BEFORE": lambda given, _: lambda record: _moment(given[0](record)) < _moment(given[1](record)),
    "IS_SAME": lambda given, _: lambda record: _moment(given[0](record)) == _moment(given[1](record)),
}
