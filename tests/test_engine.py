"""The SQL of an expression is worked out once, and belongs to no connection."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import duckdb
import ibis
import pyarrow as pa
import pytest

from leadpact import engine
from leadpact.engine import Ibis


def connected(rows: list[int]) -> Ibis:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a BIGINT)")
    connection.executemany("INSERT INTO t VALUES (?)", [[row] for row in rows])
    return Ibis.from_connection(connection)


def put(backend: Ibis, name: str, table: ibis.Table, of: str | None = None, *, view: bool = False) -> ibis.Table:
    """A table for later whose expression is there already."""
    return backend.later(name, table.schema(), lambda: table, of, view=view)


@pytest.fixture(autouse=True)
def empty() -> None:
    engine._known.clear()


def test_the_same_question_to_another_connection_is_answered_from_its_own_rows() -> None:
    one, other = connected([1, 2, 3]), connected([10])
    asked = [int(backend.table("t").a.sum().execute()) for backend in (one, other, one)]
    assert asked == [6, 10, 6]
    assert len(engine._known) == 1


def test_another_constant_is_another_question() -> None:
    table = connected([1, 2, 3]).table("t")
    assert [int(table.filter(table.a > least).count().execute()) for least in (0, 1, 2, 1)] == [3, 2, 1, 2]
    at = [table.filter(ibis.timestamp(moment) > ibis.timestamp(datetime(2026, 1, 1))).count().execute()
          for moment in (datetime(2026, 1, 2), datetime(2025, 1, 2))]  # fmt: skip
    assert [int(count) for count in at] == [3, 0]
    assert int(table.filter(table.a == 1).count().execute()) == 1
    assert str(table.a.cast("string").execute().iloc[0]) == "1"


def test_a_table_that_changed_its_columns_is_another_table() -> None:
    backend = connected([1])
    before = backend.table("t")
    assert before.count().execute() == 1
    backend.con.execute("CREATE OR REPLACE TABLE t (a BIGINT, b BIGINT)")
    assert list(backend.table("t").execute().columns) == ["a", "b"]


def test_a_limit_is_part_of_the_question() -> None:
    table = connected([1, 2, 3]).table("t")
    assert [len(table.execute(limit=limit)) for limit in (None, 1, 2, None)] == [3, 1, 2, 3]


def test_data_in_memory_is_each_questions_own_and_is_not_kept() -> None:
    table = connected([1, 2]).table("t")
    for wanted in ([1], [2], [1, 2]):
        found = table.semi_join(ibis.memtable({"a": wanted}), "a").order_by("a")
        assert found.execute()["a"].tolist() == wanted
    assert len(engine._known) == 1
    data = ibis.memtable({"a": [2]})
    assert table.semi_join(data, "a").execute()["a"].tolist() == [2]
    gone = weakref.ref(data.op())
    del data, found
    gc.collect()
    assert gone() is None


def test_tables_in_memory_that_change_places_keep_their_rows() -> None:
    table = connected([1, 2, 3]).table("t")
    one, other = ibis.memtable({"a": [1, 2]}), ibis.memtable({"a": [2, 3]})

    def left(of: ibis.Table, without: ibis.Table) -> list[int]:
        return list(table.semi_join(of, "a").anti_join(without, "a").order_by("a").execute()["a"])

    assert [left(one, other), left(other, one), left(one, other)] == [[1], [3], [1]]
    assert len(engine._known) == 1
    assert left(one, one) == [] and len(engine._known) == 2  # one table in two places is another question


def test_a_table_for_later_is_filled_when_it_is_asked_and_is_the_same_question_for_all() -> None:
    backend = connected([1, 2, 3])
    other = Ibis.from_connection(backend.con.cursor())
    for one, least in ((backend, 1), (other, 2)):
        table = one.table("t")
        kept = put(one, "asked", table.filter(table.a > least))
        assert one.con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'asked'").fetchone() == (0,)
        assert [int(kept.a.min().execute()), int(kept.count().execute())] == [least + 1, 3 - least]
    assert int(backend.table("asked", database=("temp", "main")).count().execute()) == 2  # each connection has its own
    assert len(engine._known) == 4  # what is above 1, above 2; and of whichever: the least, how many


def _made(backend: Ibis) -> dict[str, str]:
    """What the connection has of its own, by name."""
    found = backend.con.execute("""
        SELECT table_name, 'table' FROM duckdb_tables() WHERE temporary
        UNION ALL SELECT view_name, 'view' FROM duckdb_views() WHERE temporary AND NOT internal""")
    return dict(found.fetchall())


def test_what_is_for_later_is_made_with_what_it_needs_and_nothing_else() -> None:
    backend = connected([1, 2, 3])
    table = backend.table("t")
    seen = put(backend, "seen", table.filter(table.a > 1).mutate(b=table.a * 2), view=True)
    asked = put(backend, "asked", seen.semi_join(table.filter(table.a > 2), "a"))
    put(backend, "other", table)
    assert asked.execute().to_dict("list") == {"a": [3], "b": [6]}
    assert _made(backend) == {"seen": "view", "asked": "table"}


def test_the_rows_of_many_people_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_COPIED", 2)
    for rows, kind in (([1, 2], "table"), ([1, 2, 3], "view")):
        backend = connected(rows)
        table = backend.table("t")
        people = put(backend, "people", table.select("a").distinct())
        of_them = put(backend, "rows", table.semi_join(people, "a"), "people")
        assert int(of_them.count().execute()) == len(rows)
        assert _made(backend) == {"people": "table", "rows": kind}


@pytest.mark.parametrize("view", [True, False])
def test_what_is_made_for_later_has_the_types_its_expression_promised(view: bool) -> None:
    backend = connected([1, 2, 3])
    table = backend.table("t")
    asked = table.select("a", running=table.a.sum(), text=ibis.literal("x"), nothing=ibis.null("timestamp(6)"))
    kept = put(backend, "kept", asked, view=view)
    assert kept.schema() == asked.schema()
    assert kept.to_pyarrow().schema == asked.to_pyarrow().schema


def test_a_connection_does_not_live_on_because_of_what_it_was_asked() -> None:
    backend = connected([1])
    assert backend.table("t").count().execute() == 1
    gone = weakref.ref(backend)
    del backend
    gc.collect()
    assert len(engine._known) == 1 and gone() is None


def test_old_questions_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST", 2)
    table = connected([1, 2, 3]).table("t")
    for least in range(5):
        table.filter(table.a > least).count().execute()
    assert len(engine._known) == 2


def test_a_kept_table_has_the_types_its_expression_promised() -> None:
    backend = connected([1, 2, 3])
    table = backend.table("t")
    asked = table.select("a", running=table.a.sum(), text=ibis.literal("x"), nothing=ibis.null("timestamp(6)"))
    assert backend.keep("kept", asked).schema() == asked.schema()


@pytest.mark.parametrize("alone", [True, False])
def test_data_in_memory_is_forgotten_with_its_expression(alone: bool) -> None:
    backend = connected([1, 2])
    before = pa.total_allocated_bytes()
    for number in range(5):
        rows = ibis.memtable(pa.table({"a": range(number, number + 1000), "text": ["x" * 100] * 1000}))
        joined = rows.filter(rows.a == 1) if alone else backend.table("t").inner_join(rows, "a")
        assert len(joined.execute()) == (number < 2) + (not alone and number < 3)
        del rows, joined
        gc.collect()
    # what the last expression had is forgotten with the next
    assert pa.total_allocated_bytes() - before < 2 * 1000 * 108


def test_expressions_of_data_in_memory_run_apart_in_each_thread() -> None:
    def where() -> int:
        rows = ibis.memtable({"a": [1, 2, 3]})
        assert int(rows.a.sum().execute()) == 6
        return id(ibis.options.default_backend.con)

    with ThreadPoolExecutor(1) as other:
        assert where() == where() != other.submit(where).result()
