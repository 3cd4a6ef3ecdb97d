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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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

MOST = 1024  # statements that are kept, some 0.05 MB each: what three pacts ask with and without filters
MOST_COPIED = 20_000  # people whose rows are copied for one connection: some 40 MB
TEMPORARY = "temp"  # DuckDB's own name for what one connection alone sees

Statement = tuple[tuple[Any, int | None, bool], str]  # what is asked, and its SQL

_known: OrderedDict[tuple[Any, int | None, bool], str] = OrderedDict()
_fresh: deque[Statement] = deque(maxlen=MOST)  # worked out here, and not yet told to anybody
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
        prepared: Question | None = self.__dict__.pop("_prepared", None)
        asked = prepared if prepared and prepared.op is expr.op() else Question(expr.op(), self._written)
        if params or asked.written_in_sql:
            return str(super().compile(expr, limit=limit, params=params, pretty=pretty))
        key = (asked.key, limit, pretty)
        with _lock:
            sql = _known.get(key)
            if sql is not None:
                _known.move_to_end(key)
        if sql is None:
            sql = str(super().compile(asked.shape.to_expr(), limit=limit, pretty=pretty))
            _keep([(key, sql)])
            _fresh.append((key, sql))
        told = asked.told(sql)
        return str(super().compile(expr, limit=limit, pretty=pretty)) if told is None else told

    def _written(self, literal: ops.Literal) -> str:
        found = self.compiler.visit_Literal(literal, value=literal.value, dtype=literal.dtype)
        return str(found.sql(self.dialect))

    def keep(self, name: str, table: ibis.Table, catalog: str = "memory") -> ibis.Table:
        """Writes an expression as a table of an attached file (or of memory), and reads it from there.

        The columns have the types the expression promises: DuckDB alone would widen them (the sum
        of whole numbers to a HUGEINT), and what is read from the table would not join or unite
        with what is computed.
        """
        schema = table.schema()
        self._create("TEMP TABLE" if catalog == TEMPORARY else "TABLE", name, table, schema, catalog)
        where = ops.Namespace(catalog=catalog, database="main")
        return ops.DatabaseTable(name, _as_read(schema), self, where).to_expr()

    def later(
        self,
        name: str,
        schema: ibis.Schema,
        make: Callable[[], ibis.Table],
        of: str | None = None,
        *,
        view: bool = False,
    ) -> ibis.Table:
        """As `keep`, a table of this connection alone that is there when a query first asks for it.

        Whatever `make` gives then, what is asked of the result is the same expression: its SQL is worked
        out once for all of them. A page whose results are there already never makes it. `view`: nothing
        is copied, each query reads what it needs of it; so too where the table `of` (another one of
        these, the people it is about) has more than MOST_COPIED rows.
        """
        self.__dict__.setdefault("_due", {})[name] = _Due(make, schema, of, view)
        where = ops.Namespace(catalog=TEMPORARY, database="main")
        return ops.DatabaseTable(name, _as_read(schema), self, where).to_expr()

    def _run_pre_execute_hooks(self, expr: ibis.Expr) -> None:
        """What a query needs is there: tables that are due, and data in memory.

        Ibis itself also looks for readers half read, places on a map and functions in Python: there are none here.
        """
        asked = Question(expr.op(), self._written)
        due: dict[str, _Due] = self.__dict__.get("_due", {})
        for table in asked.tables:
            if table.namespace.catalog == TEMPORARY and table.name in due:
                one = due.pop(table.name)
                made = one.make()
                kind = "TEMP VIEW" if one.view or self._large(one.of) else "TEMP TABLE"
                self._create(kind, table.name, made, one.schema, TEMPORARY)
        self._register(asked.memory)
        self.__dict__["_prepared"] = asked  # it is compiled next

    def _register(self, memory: Iterable[ops.InMemoryTable]) -> None:
        """Also forgets the data of expressions that are gone: Ibis itself keeps all until the process ends."""
        gone = self.__dict__.setdefault("_gone", deque())
        while gone:
            self.con.unregister(gone.popleft())
        for table in memory:
            if table not in self._memtables:
                # noted here and done above: a connection must not be touched by whoever collects garbage
                weakref.finalize(table, gone.append, table.name).atexit = False
                self._register_in_memory_tables(table.to_expr())

    def _large(self, name: str | None) -> bool:
        if name is None:
            return False
        where = ops.Namespace(catalog=TEMPORARY, database="main")
        rows = ops.DatabaseTable(name, ibis.schema({"n": "int64"}), self, where).to_expr().count()
        return int(rows.execute()) > MOST_COPIED

    def _create(self, kind: str, name: str, table: ibis.Table, schema: ibis.Schema, catalog: str) -> None:
        """A table or a view of an expression, its columns and types those of the schema."""
        self._run_pre_execute_hooks(table)
        typed = ", ".join(
            f"CAST({quoted_name(column)} AS {self.compiler.type_mapper.to_string(dtype)}) AS {quoted_name(column)}"
            for column, dtype in schema.items()
        )
        target = quoted_name(catalog, "main", name)
        self.con.execute(f"CREATE OR REPLACE {kind} {target} AS SELECT {typed} FROM ({self.compile(table)})")


@dataclass(frozen=True)
class _Due:
    """What a table or view will be of, once somebody asks for it."""

    make: Callable[[], ibis.Table]
    schema: ibis.Schema
    of: str | None
    view: bool


def _as_read(schema: ibis.Schema) -> ibis.Schema:
    """The types as they are read from a table: DuckDB keeps moments to the microsecond, whoever promised them."""
    moment = dt.Timestamp(scale=6)
    return ibis.schema({name: moment if dtype == dt.timestamp else dtype for name, dtype in schema.items()})


def fresh() -> list[Statement]:
    """The SQL worked out by this process since this was asked last, for `learn` of another one."""
    found = []
    while _fresh:
        found.append(_fresh.popleft())
    return found


def learn(statements: Iterable[Statement]) -> None:
    """SQL that another process of this very release has worked out."""
    _keep(statements)


def forget() -> None:
    """No SQL stays in memory: it has in it what somebody looked for."""
    with _lock:
        _known.clear()
        _fresh.clear()


def _keep(statements: Iterable[Statement]) -> None:
    with _lock:
        _known.update(statements)
        while len(_known) > MOST:
            _known.popitem(last=False)


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
