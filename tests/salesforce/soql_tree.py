"""What a parsed query is made of.

Not here: how it is parsed (soql.py), what it finds (rows.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Name:
    """A field as written: `Owner.Name`, and where it stands in the query."""

    path: str
    at: int


@dataclass(frozen=True)
class Item:
    """One thing selected: a field, or `function(field)` with its alias."""

    name: Name | None
    function: str | None = None
    alias: str | None = None


@dataclass(frozen=True)
class Period:
    """A date literal such as LAST_N_DAYS:30."""

    word: str
    count: int = 0


@dataclass(frozen=True)
class Test:
    """`field op value`; values of IN are a tuple, or a query of its own."""

    __test__ = False
    name: Name
    op: str
    value: Any


@dataclass(frozen=True)
class All:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Some:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Not:
    part: Any


@dataclass(frozen=True)
class Order:
    name: Name
    down: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A parsed query; `text` is as written, for the messages."""

    text: str
    items: tuple[Item, ...]
    source: str
    source_at: int
    where: Any = None
    group: tuple[Name, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0

    @property
    def counts_only(self) -> bool:
        return len(self.items) == 1 and self.items[0].function == "COUNT" and self.items[0].name is None

    @property
    def aggregates(self) -> bool:
        return bool(self.group) or any(one.function not in (None, "TOLABEL", "FORMAT") for one in self.items)
