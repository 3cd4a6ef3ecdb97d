"""What an expression asks, apart from what is its own: connection, data in memory, moments.

Two pages ask the same of two generations, two periods and two sets of people; the SQL differs in
names and moments alone. `Question` puts stand-ins in their place, so that the SQL of all of them is
worked out once, and puts them back into its text.

Not here: where SQL is kept (engine.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ibis.expr import operations as ops

# before any moment of a company's: a text of the SQL that has one is a stand-in
_FIRST = date(1601, 1, 1)
_PLACE = ...  # before the place of a node: no argument of an expression is it
Written = Callable[[ops.Literal], str]  # a constant as the engine writes it


class Question:
    """`key` is equal for equal questions, and free of backend and data; `memory` are its tables in memory.

    `written_in_sql`: a part of it is SQL already, and belongs to a backend.
    """

    def __init__(self, op: ops.Node, written: Written) -> None:
        self.op = op
        self.key, own = _read(op)
        self.written_in_sql = any(row[0] in (ops.SQLQueryResult, ops.SQLStringView) for row in self.key)
        self.tables = [one for one in own if isinstance(one, ops.DatabaseTable)]
        self.memory = [one for one in own if isinstance(one, ops.InMemoryTable)]
        self._stands: dict[ops.Node, ops.Node] = {}
        self._own: dict[str, str] = {}
        for place, table in enumerate(self.memory):
            self._stands[table] = ops.UnboundTable(f"table in memory {place}", table.schema)
            self._own[f'"table in memory {place}"'] = '"' + table.name.replace('"', '""') + '"'
        for place, moment in enumerate(one for one in own if isinstance(one, ops.Literal)):
            self._stands[moment] = ops.Literal(_stand_in(moment.value, place), moment.dtype)
            self._own[written(self._stands[moment])] = written(moment)

    @property
    def shape(self) -> ops.Node:
        """The expression with stand-ins."""
        stands = {one: ops.UnboundTable(one.name, one.schema, one.namespace) for one in self.tables} | self._stands
        return self.op.replace(stands) if stands else self.op

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


def _read(op: ops.Node) -> tuple[tuple[Any, ...], list[ops.Node]]:
    """The nodes of an expression as rows that name each other by place, children first; and what is its own.

    Making the expression anew with stand-ins, to compare it with others, takes several times as long.
    """
    places: dict[ops.Node, int] = {}
    rows: list[tuple[Any, ...]] = []
    own: list[ops.Node] = []
    waiting = [(op, False)]
    while waiting:
        node, ready = waiting.pop()
        if node in places:
            continue
        children = () if ready else node.__children__
        if children:
            waiting.append((node, True))
            waiting.extend((child, False) for child in reversed(children))
            continue
        if isinstance(node, ops.DatabaseTable):
            rows.append((ops.DatabaseTable, node.name, node.schema, node.namespace))
            own.append(node)
        elif isinstance(node, ops.InMemoryTable):
            rows.append((ops.InMemoryTable, node.schema))
            own.append(node)
        elif isinstance(node, ops.Literal) and _is_moment(node):
            rows.append((ops.Literal, type(node.value), node.dtype))
            own.append(node)
        else:
            rows.append((type(node), *(_part(one, places) for one in node.__args__)))
        places[node] = len(places)
    return tuple(rows), own


def _part(value: Any, places: Mapping[ops.Node, int]) -> Any:
    """An argument of a node, with the places of nodes instead of the nodes."""
    if isinstance(value, ops.Node):
        return _PLACE, places[value]
    if isinstance(value, (tuple, list)):
        return tuple(_part(one, places) for one in value)
    if isinstance(value, dict):
        return tuple((_part(name, places), _part(one, places)) for name, one in value.items())
    return value


def _is_moment(literal: ops.Literal) -> bool:
    dtype = literal.dtype
    return literal.value is not None and (dtype.is_date() or (dtype.is_timestamp() and dtype.timezone is None))


def _stand_in(value: Any, place: int) -> Any:
    """A moment of the same kind that nobody asks for."""
    day = _FIRST + timedelta(days=place)
    return datetime(day.year, day.month, day.day) if isinstance(value, datetime) else day
