"""The engine of every analysis: Ibis on DuckDB, with the SQL of an expression worked out once.

Turning an expression into SQL often takes longer than the query itself, and pages, rules and
sessions ask the same questions of one generation after the other. The SQL is kept by the
expression without its backend and without data in memory, so that neither lives on because of
it: a table in memory is a name in the SQL, and each question puts its own there.

Not here: which file is read (store.py), what is asked (metrics, audit).
"""

from __future__ import annotations

import functools
import re
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
from ibis.expr import operations as ops
from ibis.expr.datatypes import DataType

MOST = 256  # statements that are kept
TEMPORARY = "temp"  # DuckDB's own name for what one connection alone sees

_MEMORY = re.compile(r"ibis_\w+_memtable_[a-z0-9]{20,}")  # as Ibis names data in memory: no two alike

_known: OrderedDict[tuple[Any, int | None, bool], tuple[str, tuple[str, ...]]] = OrderedDict()
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
        memory = tuple(table.name for table in expr.op().find(ops.InMemoryTable, ordered=True))
        if params or expr.op().find((ops.SQLQueryResult, ops.SQLStringView)) or not all(map(_MEMORY.fullmatch, memory)):
            return str(super().compile(expr, limit=limit, params=params, pretty=pretty))
        key = (_bare(expr.op()), limit, pretty)
        with _lock:
            found = _known.get(key)
            if found is not None:
                _known.move_to_end(key)
                sql, names = found
                return sql if names == memory else _renamed(sql, dict(zip(names, memory, strict=True)))
        sql = str(super().compile(expr, limit=limit, pretty=pretty))
        with _lock:
            _known[key] = (sql, memory)
            while len(_known) > MOST:
                _known.popitem(last=False)
        return sql

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
        return ops.DatabaseTable(name, table.schema(), self, where).to_expr()

    def later(self, name: str, table: ibis.Table) -> ibis.Table:
        """As `keep`, a table of this connection alone that is filled when a query first runs.

        Whatever `table` asks for, what is asked of the result is the same expression: its SQL is
        worked out once for all of them. A page whose results are there already never fills it.
        """
        self.__dict__.setdefault("_due", {})[name] = table
        where = ops.Namespace(catalog=TEMPORARY, database="main")
        return ops.DatabaseTable(name, table.schema(), self, where).to_expr()

    def _run_pre_execute_hooks(self, expr: ibis.Expr) -> None:
        due: dict[str, ibis.Table] = self.__dict__.get("_due", {})
        while due:
            self.keep(*due.popitem(), catalog=TEMPORARY)
        super()._run_pre_execute_hooks(expr)


def _bare(op: ops.Node) -> ops.Node:
    """An expression without the backend its tables live on, and without the data of those in memory."""
    bare = {table: ops.UnboundTable(table.name, table.schema, table.namespace) for table in op.find(ops.DatabaseTable)}
    for place, table in enumerate(op.find(ops.InMemoryTable, ordered=True)):
        bare[table] = ops.UnboundTable(f"\0memory {place}", table.schema)
    return op.replace(bare) if bare else op


def _renamed(sql: str, names: Mapping[str, str]) -> str:
    """The statement over other tables in memory, all put in at once: two may have changed places."""
    return _MEMORY.sub(lambda found: names.get(found[0], found[0]), sql)


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
