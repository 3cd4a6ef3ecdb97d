"""A strict parser of the part of SOQL the tests' clients may use; the rest is refused.

Not here: what a query is made of (soql_tree.py), which fields there are and which rows match (rows.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tests.salesforce.answers import Refusal
from tests.salesforce.soql_tree import All, Item, Name, Not, Order, Period, Query, Some, Test

TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<when>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<sign><=|>=|!=|<>|[=<>(),:*])
    )""",
    re.VERBOSE,
)
FUNCTIONS = ("COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG", "TOLABEL", "FORMAT")
PERIODS = re.compile(
    r"(?:TODAY|YESTERDAY|TOMORROW|THIS_(?:WEEK|MONTH|YEAR)|LAST_(?:WEEK|MONTH|YEAR)|(?:LAST|NEXT)_N_DAYS)",
    re.IGNORECASE,
)


def malformed(message: str) -> Refusal:
    return Refusal(400, "MALFORMED_QUERY", message)


def parse(text: str) -> Query:
    """The query. Raises Refusal MALFORMED_QUERY naming what was unexpected."""
    if not text.strip():
        raise malformed("unexpected token: '<EOF>'")
    if len(text) > 100_000:
        raise Refusal(400, "QUERY_TOO_COMPLICATED", "query is either selecting too many fields or is too long")
    return _Parser(text).query(top=True)


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise malformed(f"line 1:{at} no viable alternative at character '{text[at:].lstrip()[:1]}'")
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind), match.start(kind)))
        at = match.end()
    return [*found, ("end", "<EOF>", len(text))]


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.place = text, _tokens(text), 0

    @property
    def here(self) -> tuple[str, str, int]:
        return self.tokens[self.place]

    def unexpected(self) -> Refusal:
        return malformed(f"unexpected token: '{self.here[1]}'")

    def word(self, *words: str) -> str | None:
        """Takes one of these words or signs, if it is next."""
        if self.here[0] in ("name", "sign") and self.here[1].upper() in words:
            self.place += 1
            return self.tokens[self.place - 1][1].upper()
        return None

    def need(self, *words: str) -> str:
        found = self.word(*words)
        if found is None:
            raise self.unexpected()
        return found

    def name(self) -> Name:
        kind, value, at = self.here
        if kind != "name":
            raise self.unexpected()
        self.place += 1
        return Name(value, at)

    def whole(self) -> int:
        kind, value, _ = self.here
        if kind != "number" or not value.isdigit():
            raise self.unexpected()
        self.place += 1
        return int(value)

    def query(self, *, top: bool) -> Query:
        began = self.here[2]
        self.need("SELECT")
        items = [self.item()]
        while self.word(","):
            items.append(self.item())
        self.need("FROM")
        source = self.name()
        if self.here[0] == "name" and self.here[1].upper() not in ("WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET"):
            raise self.unexpected()
        where = self.either() if self.word("WHERE") else None
        group: list[Name] = []
        if self.word("GROUP"):
            self.need("BY")
            group.append(self.name())
            while self.word(","):
                group.append(self.name())
        order: list[Order] = []
        if self.word("ORDER"):
            self.need("BY")
            order.append(self.ordered())
            while self.word(","):
                order.append(self.ordered())
        limit = self.whole() if self.word("LIMIT") else None
        offset = self.whole() if self.word("OFFSET") else 0
        if top and self.here[0] != "end":
            raise self.unexpected()
        text = self.text[began : self.here[2]]
        return Query(text, tuple(items), source.path, source.at, where, tuple(group), tuple(order), limit, offset)

    def item(self) -> Item:
        name = self.name()
        if self.here[1] != "(":
            return Item(name)
        function = name.path.upper()
        if function not in FUNCTIONS:
            raise malformed(f"unexpected token: '{name.path}'")
        self.need("(")
        inner = None if self.here[1] == ")" and function == "COUNT" else self.name()
        self.need(")")
        alias = None
        if self.here[0] == "name" and self.here[1].upper() not in ("FROM",):
            alias = self.name().path
        return Item(inner, function, alias)

    def ordered(self) -> Order:
        name = self.name()
        down = self.word("ASC", "DESC") == "DESC"
        last = self.need("FIRST", "LAST") == "LAST" if self.word("NULLS") else False
        return Order(name, down, last)

    def either(self) -> Any:
        return self.chain()

    def chain(self) -> Any:
        """Terms joined by AND or by OR; both in one level need parentheses, as in the real language."""
        parts, joined = [self.term()], None
        while (word := self.word("AND", "OR")) is not None:
            if joined not in (None, word):
                raise malformed(f"unexpected token: '{word}'")
            joined = word
            parts.append(self.term())
        if len(parts) == 1:
            return parts[0]
        return All(tuple(parts)) if joined == "AND" else Some(tuple(parts))

    def term(self) -> Any:
        if self.word("NOT"):
            return Not(self.term())
        if self.word("("):
            inner = self.chain()
            self.need(")")
            return inner
        name = self.name()
        if self.word("NOT"):
            self.need("IN")
            return Test(name, "NOT IN", self.values())
        op = self.need("=", "!=", "<>", "<", ">", "<=", ">=", "LIKE", "IN", "INCLUDES", "EXCLUDES")
        if op in ("IN", "INCLUDES", "EXCLUDES"):
            return Test(name, op, self.values())
        return Test(name, "!=" if op == "<>" else op, self.value())

    def values(self) -> Sequence[Any] | Query:
        self.need("(")
        if self.here[1].upper() == "SELECT":
            inner = self.query(top=False)
            self.need(")")
            return inner
        found = [self.value()]
        while self.word(","):
            found.append(self.value())
        self.need(")")
        return tuple(found)

    def value(self) -> Any:
        kind, value, _ = self.here
        self.place += 1
        if kind == "text":
            return re.sub(r"\\(.)", lambda one: {"n": "\n", "r": "\r", "t": "\t"}.get(one[1], one[1]), value[1:-1])
        if kind == "number":
            return float(value) if "." in value else int(value)
        if kind == "when":
            return moment(value)
        if kind == "name" and value.upper() in ("TRUE", "FALSE", "NULL"):
            return {"TRUE": True, "FALSE": False, "NULL": None}[value.upper()]
        if kind == "name" and PERIODS.fullmatch(value):
            count = self.whole() if self.word(":") else 0
            return Period(value.upper(), count)
        self.place -= 1
        raise self.unexpected()


def moment(text: str) -> date | datetime:
    """A literal: a date, or a moment in UTC without zone. A moment must say its zone."""
    if "T" not in text:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise malformed(f"Invalid date: {text}") from None
    if not re.search(r"(?:Z|[+-]\d\d:?\d\d)$", text):
        raise malformed(f"line 1: no viable alternative at input '{text}'")
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise malformed(f"Invalid datetime: {text}") from None
    offset = found.utcoffset()
    return (found - offset).replace(tzinfo=None) if offset is not None else found
