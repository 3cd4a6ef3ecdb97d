"""Rows of a question about time, fetched: to which group each belongs, how long, how it ended.

Not here: what is estimated from them (survival_local.py) and tested (logrank.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Outcomes = npt.NDArray[np.int8]
Key = tuple[Any, ...]

DENSE = 1_000_000  # combinations of group values up to which they are counted in a plain array


@dataclass(frozen=True)
class Rows:
    """`code[i]` is the place in `keys` of row i's group; `outcome` is 0 for censored.

    `keys` are the values of the `by` columns, in order, null last; each has at least one row.
    """

    by: tuple[str, ...]
    keys: tuple[Key, ...]
    code: Codes
    duration: Floats
    outcome: Outcomes

    @staticmethod
    def fetch(table: ir.Table, by: Sequence[str], duration: str, outcome: str) -> Rows:
        """The rows of a table whose duration and outcome are known. Runs one query.

        `outcome` is a flag or a code from 0 up; `duration` any number.
        """
        asked = table.select(*by, _duration=table[duration].cast("float64"), _outcome=table[outcome].cast("int8"))
        got = asked.drop_null(["_duration", "_outcome"]).to_pyarrow()
        code, keys = _groups([got[column] for column in by], got.num_rows)
        return Rows(tuple(by), keys, code, got["_duration"].to_numpy(), got["_outcome"].to_numpy())

    def groups(self) -> Iterator[tuple[Key, Floats, Outcomes]]:
        """Each group's key, durations in order, and outcomes in the same order."""
        if not self.keys:
            return
        order = by_code(self.code, len(self.keys))
        ends = np.cumsum(np.bincount(self.code, minlength=len(self.keys)))
        for key, mine in zip(self.keys, np.split(order, ends[:-1]), strict=True):
            own = self.duration[mine]
            by_time = np.argsort(own)
            yield key, own[by_time], self.outcome[mine][by_time]

    def columns(self, keys: Sequence[Key]) -> Mapping[str, list[Any]]:
        """The `by` columns of a result with one row for each of `keys`."""
        return {column: [key[place] for key in keys] for place, column in enumerate(self.by)}


def by_code(code: Codes, groups: int) -> Codes:
    """The stable order of rows by group number."""
    # Small numbers take numpy's radix sort.
    return np.argsort(code.astype(np.uint16) if groups <= 2**16 else code, kind="stable")


def _groups(columns: Sequence[pa.ChunkedArray], rows: int) -> tuple[Codes, tuple[Key, ...]]:
    """A group number for each row, and the groups in order."""
    code, span, values = np.zeros(rows, dtype=np.int64), 1, []
    for column in columns:
        encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
        known = encoded.dictionary.to_pylist()
        in_order = sorted(known, key=_null_last)
        rank = {value: place for place, value in enumerate(in_order)}
        code = code * max(len(known), 1) + np.array([rank[value] for value in known], dtype=np.int64)[encoded.indices]
        span *= max(len(known), 1)
        values.append(in_order)
    if span <= DENSE:
        used = np.flatnonzero(np.bincount(code, minlength=span))
        place = np.zeros(span, dtype=np.int64)
        place[used] = np.arange(len(used))
        code = place[code]
    else:
        used, code = np.unique(code, return_inverse=True)
    keys = []
    for number in used.tolist():
        key: list[Any] = []
        rest = number
        for known in reversed(values):
            rest, at = divmod(rest, len(known))
            key.append(known[at])
        keys.append(tuple(reversed(key)))
    return code, tuple(keys)


def _null_last(value: Any) -> tuple[bool, Any]:
    return value is None, 0 if value is None else value
