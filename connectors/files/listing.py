"""The list of rows that could not be read, or only after a repair: what goes on it, and how much.

A fault of a row that feeds several tables is listed once. Of each kind (file, column,
problem) at most LISTED rows are listed and the others counted: a whole column that is wrong
is one thing to correct, not five million.

Not here: what is wrong with a row (convert.py, changes.py, records.py, rows.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.files.blocks import BadLine, Block, Mask, Whole
from leadpact.connector import Reject

LISTED = 100_000
Kind = tuple[str, str | None, str]


class Listing:
    """The list of one reading."""

    def __init__(self) -> None:
        self._lines: dict[Kind, set[int]] = {}
        self._more: Counter[Kind] = Counter()

    def lines(self, file: str, bad: Sequence[BadLine]) -> list[Reject]:
        """Lines whose form is wrong."""
        return [
            Reject(file, one.line, None, one.problem, one.params, one.raw, one.kept)
            for one in bad
            if self._new((file, None, one.problem), one.line)
        ]

    def rows(
        self,
        file: str,
        block: Block,
        rows: Whole,
        column: str,
        problem: str,
        *,
        params: Mapping[str, Any] | None = None,
        kept: Mask | bool = False,
    ) -> list[Reject]:
        """Rows of a block with one fault in one column (its header); `kept` for all, or by row of the block."""
        shared = {"column": column, **(params or {})}
        return [
            Reject(
                file,
                int(block.lines[row]),
                column,
                problem,
                shared,
                block.raw(int(row)),
                kept if isinstance(kept, bool) else bool(kept[row]),
            )
            for row in rows
            if self._new((file, column, problem), int(block.lines[row]))
        ]

    def rest(self) -> Iterator[Reject]:
        """One line for each kind of which more rows were found than listed."""
        for (file, column, _), count in self._more.items():
            params = {"file": file, "column": column or "–", "count": count, "listed": LISTED}
            yield Reject(file, None, column, "files.problem.more", params)

    def _new(self, kind: Kind, line: int) -> bool:
        lines = self._lines.setdefault(kind, set())
        if line in lines:
            return False
        if len(lines) >= LISTED:
            self._more[kind] += 1
            return False
        lines.add(line)
        return True
