"""Tables too large to be kept: rows made from their number when they are looked at.

    org.rows["Lead"] = Made(200_000, {"Id": lambda n: f"00Q5e{n:010d}EAA", "Status": "New", …}, prefix=5)

Not here: small tables, which are plain dicts (org.py).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, overload


class MadeRow(Mapping[str, Any]):
    """One row: a field is a constant or made from the row's number; fields nobody gave are null."""

    __slots__ = ("_columns", "_number")

    def __init__(self, columns: Mapping[str, Any], number: int) -> None:
        self._columns, self._number = columns, number

    def __getitem__(self, name: str) -> Any:
        value = self._columns.get(name)
        return value(self._number) if callable(value) else value

    def get(self, name: str, default: Any = None) -> Any:
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class Made(Mapping[str, MadeRow]):
    """`count` rows. An Id holds its row's number from `prefix` on, ten digits long."""

    def __init__(self, count: int, columns: Mapping[str, Callable[[int], Any] | Any], prefix: int = 5) -> None:
        self._count, self._columns, self._prefix = count, columns, prefix
        self._found: dict[object, Sequence[Any]] = {}

    def row(self, number: int) -> MadeRow:
        return MadeRow(self._columns, number)

    def __getitem__(self, key: str) -> MadeRow:
        digits = key[self._prefix : self._prefix + 10]
        found = self.row(int(digits)) if digits.isdigit() and int(digits) < self._count else None
        if found is None or found["Id"] != key:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (self.row(number)["Id"] for number in range(self._count))

    def __len__(self) -> int:
        return self._count

    def values(self) -> Any:
        return (self.row(number) for number in range(self._count))

    def once(self, name: object, find: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        """What `find` found the first time it was asked for under `name`."""
        if name not in self._found:
            self._found[name] = find()
        return self._found[name]

    def picked(self, shown: Callable[[MadeRow], bool]) -> Picked:
        """The rows that `shown` lets through, by their numbers."""
        return Picked(self, array("l", (number for number, row in enumerate(self.values()) if shown(row))))


class Picked(Sequence[MadeRow]):
    """Some rows of a table, by their numbers."""

    def __init__(self, table: Made, numbers: array[int]) -> None:
        self._table, self._numbers = table, numbers

    @overload
    def __getitem__(self, at: int) -> MadeRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[MadeRow]: ...
    def __getitem__(self, at: int | slice) -> MadeRow | list[MadeRow]:
        if isinstance(at, slice):
            return [self._table.row(number) for number in self._numbers[at]]
        return self._table.row(self._numbers[at])

    def __len__(self) -> int:
        return len(self._numbers)
