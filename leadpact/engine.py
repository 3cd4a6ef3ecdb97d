"""The engine of every analysis: Ibis on DuckDB, with the SQL of an expression worked out once.

Turning an expression into SQL often takes longer than the query itself, and pages, rules and
sessions ask the same questions of one generation after the other. The SQL is kept by what is asked
(questions.py), so that no connection and no data in memory lives on because of it.

Not here: which file is read (store.py), what is asked (metrics, audit).
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Any

import duckdb
import ibis
from ibis.backends.duckdb import Backend
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.backends.sql.datatypes import DuckDBType
from ibis.expr import datatypes as dt
from ibis.expr import operations as ops
from ibis.expr.datatypes import DataType

from leadpact.questions import Question

MOST = 512  # statements that are kept, some 0.2 MB each: what three pacts ask with and without filters
TEMPORARY = "temp"  # DuckDB's own name for what one connection alone sees

_known: OrderedDict[tuple[Any, int | None, bool], str] = OrderedDict()
_lock = threading.Lock()


class _Types(DuckDBType):  # type: ignore[misc]
    """DuckDB's types in Ibis' words; the few texts there are, each read once."""

    @classmethod
    @functools.cache
    def from_string(cls, text: str, nullable: bool | None = None) -> DataType:
        return super().from_string(text, nullable)


class _Compiler(DuckDBCompiler):  # type: ignore[misc]
    __slots__ = ()
    type_mapper = _Types


class Ibis(Backend):  # type: ignore[misc]  # ibis.backends is not typed
    """Ibis' DuckDB backend; only `compile` remembers. Use `Ibis.from_connection`, one per thread."""

    compiler = _Compiler()

    def compile(
        self,
        expr: ibis.Expr,
        /,
        *,
        limit: int | None = None,
        params: Mapping[ibis.Expr, Any] | None = None,
        pretty: bool = False,
    ) -> str:
        """The SQL of an expression; the same text for equal expressions on any connection."""
        if params or expr.op().find((ops.SQLQueryResult, ops.SQLStringView)):
            return str(super().compile(expr, limit=limit, params=params, pretty=pretty))
        asked = Question(expr.op(), self._written)
        key = (asked.shape, limit, pretty)
        with _lock:
            sql = _known.get(key)
            if sql is not None:
                _known.move_to_end(key)
        if sql is None:
            sql = str(super().compile(asked.shape.to_expr(), limit=limit, pretty=pretty))
            with _lock:
                _known[key] = sql
                while len(_known) > MOST:
                    _known.popitem(last=False)
        told = asked.told(sql)
        return str(super().compile(expr, limit=limit, pretty=pretty)) if told is None else told

    def _written(self, literal: ops.Literal) -> str:
        found = self.compiler.visit_Literal(literal, value=literal.value, dtype=literal.dtype)
        return str(found.sql(self.dialect))

    def _register_in_memory_tables(self, expr: ibis.Expr) -> None:
        """Also forgets the data of expressions that are gone: Ibis itself keeps all until the process ends."""
        gone = self.__dict__.setdefault("_gone", deque())
        while gone:
            self.con.unregister(gone.popleft())
        for table in expr.op().find(ops.InMemoryTable):
            if table not in self._memtables:
                # noted here and done above: a connection must not be touched by whoever collects garbage
                weakref.finalize(table, gone.append, table.name).atexit = False
        super()._register_in_memory_tables(expr)

    def keep(self, name: str, table: ibis.Table, catalog: str = "memory") -> ibis.Table:
        """Writes an expression as a table of an attached file (or of memory), and reads it from there.

        The columns have the types the expression promises: DuckDB alone would widen them (the sum
        of whole numbers to a HUGEINT), and what is read from the table would not join or unite
        with what is computed.
        """
        self._run_pre_execute_hooks(table)
        typed = ", ".join(
            f"CAST({quoted_name(column)} AS {self.compiler.type_mapper.to_string(dtype)}) AS {quoted_name(column)}"
            for column, dtype in table.schema().items()
        )
        kind, target = "TEMP TABLE" if catalog == TEMPORARY else "TABLE", quoted_name(catalog, "main", name)
        self.con.execute(f"CREATE OR REPLACE {kind} {target} AS SELECT {typed} FROM ({self.compile(table)})")
        where = ops.Namespace(catalog=catalog, database="main")
        return ops.DatabaseTable(name, _as_read(table.schema()), self, where).to_expr()

    def later(self, name: str, table: ibis.Table) -> ibis.Table:
        """As `keep`, a table of this connection alone that is filled when a query first runs.

        Whatever `table` asks for, what is asked of the result is the same expression: its SQL is
        worked out once for all of them. A page whose results are there already never fills it.
        """
        self.__dict__.setdefault("_due", {})[name] = table
        where = ops.Namespace(catalog=TEMPORARY, database="main")
        return ops.DatabaseTable(name, _as_read(table.schema()), self, where).to_expr()

    def _run_pre_execute_hooks(self, expr: ibis.Expr) -> None:
        due: dict[str, ibis.Table] = self.__dict__.get("_due", {})
        while due:
            self.keep(*due.popitem(), catalog=TEMPORARY)
        super()._run_pre_execute_hooks(expr)


def _as_read(schema: ibis.Schema) -> ibis.Schema:
    """The types as they are read from a table: DuckDB keeps moments to the microsecond, whoever promised them."""
    moment = dt.Timestamp(scale=6)
    return ibis.schema({name: moment if dtype == dt.timestamp else dtype for name, dtype in schema.items()})


class _Memory:
    """Where expressions of nothing but data in memory run: an engine for each thread, as everywhere.

    Ibis' own is one for the whole process: sessions would meet in it.
    """

    def __init__(self) -> None:
        self._of = threading.local()

    def __getattr__(self, name: str) -> Any:
        if not hasattr(self._of, "backend"):
            self._of.backend = Ibis.from_connection(duckdb.connect())
        return getattr(self._of.backend, name)


ibis.options.default_backend = _Memory()


def quoted_name(*parts: str) -> str:
    """An identifier of several parts as DuckDB reads it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
