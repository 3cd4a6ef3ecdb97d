"""What an expression asks, apart from what is its own: connection, data in memory, moments.

Two pages ask the same of two generations, two periods and two sets of people; the SQL differs in
names and moments alone. `Question` puts stand-ins in their place, so that the SQL of all of them is
worked out once, and puts them back into its text.

Not here: where SQL is kept (engine.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from ibis.expr import operations as ops

# before any moment of a company's: a text of the SQL that has one is a stand-in
_FIRST = date(1601, 1, 1)
Written = Callable[[ops.Literal], str]  # a constant as the engine writes it


class Question:
    """`shape` is the expression with stand-ins; equal for equal questions, and free of backend and data."""

    def __init__(self, op: ops.Node, written: Written) -> None:
        stands: dict[ops.Node, ops.Node] = {
            table: ops.UnboundTable(table.name, table.schema, table.namespace) for table in op.find(ops.DatabaseTable)
        }
        self._own: dict[str, str] = {}
        for place, table in enumerate(op.find(ops.InMemoryTable, ordered=True)):
            stands[table] = ops.UnboundTable(f"table in memory {place}", table.schema)
            self._own[f'"table in memory {place}"'] = '"' + table.name.replace('"', '""') + '"'
        for place, moment in enumerate(filter(_is_moment, op.find(ops.Literal, ordered=True))):
            stands[moment] = ops.Literal(_stand_in(moment.value, place), moment.dtype)
            self._own[written(stands[moment])] = written(moment)
        self.shape = op.replace(stands) if stands else op

    def told(self, sql: str) -> str | None:
        """The SQL of the shape with the question's own in place of the stand-ins, all put in at once.

        Null where the SQL may still have one, written in another way: ask the question as it stands.
        """
        if not self._own:
            return sql
        if not all(stand_in in sql for stand_in in self._own):
            return None
        # the longest first: the tenth place begins as the first does
        stand_ins = sorted(self._own, key=len, reverse=True)
        found = re.sub("|".join(map(re.escape, stand_ins)), lambda found: self._own[found[0]], sql)
        return None if str(_FIRST.year) in found else found


def _is_moment(literal: ops.Literal) -> bool:
    dtype = literal.dtype
    return literal.value is not None and (dtype.is_date() or (dtype.is_timestamp() and dtype.timezone is None))


def _stand_in(value: Any, place: int) -> Any:
    """A moment of the same kind that nobody asks for."""
    day = _FIRST + timedelta(days=place)
    return datetime(day.year, day.month, day.day) if isinstance(value, datetime) else day
