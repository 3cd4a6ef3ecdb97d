"""SQL that is worked out once for many questions is, to the letter, what each alone would have got."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import ibis
import pytest
from ibis.backends.duckdb import Backend

from config.document import parse
from config.schema import Pact
from connectors.demo.company import Company
from leadpact import engine
from leadpact.engine import Ibis
from leadpact.questions import Question
from leadpact.tables import Tables
from tests.engine import Whole, derived, loaded
from tests.every_metric import EVERY, asking_everything

UNTIL = datetime(2026, 3, 4, 16, 20)


@pytest.fixture
def backend() -> Ibis:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (a TIMESTAMP, d DATE, n BIGINT)")
    connection.execute("INSERT INTO t VALUES ('2026-01-01 10:00:00.000007', '2026-01-01', 1), ('2026-02-01', NULL, 2)")
    return Ibis.from_connection(connection)


def ordered(sql: str) -> str:
    """Ibis writes the columns it leaves out in any order."""
    return re.sub(r"EXCLUDE \(([^)]*)\)", lambda found: str(sorted(found[1].split(", "))), sql)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement from here on, each the same as Ibis' own."""
    seen: list[str] = []
    known = Ibis.compile

    def both(self: Ibis, expr: ibis.Expr, /, **options: Any) -> str:
        found = known(self, expr, **options)
        assert ordered(found) == ordered(str(Backend.compile(self, expr, **options)))
        seen.append(found)
        return found

    monkeypatch.setattr(Ibis, "compile", both)
    engine._known.clear()
    yield seen
    assert seen


def test_other_moments_are_the_same_question(backend: Ibis, compared: list[str]) -> None:
    table = backend.table("t")
    for second in range(12):
        at = datetime(2026, 1, 1, 10, 0, 0, 7) + timedelta(seconds=second)
        after = table.filter(table.a >= ibis.timestamp(at.isoformat(" "))).n.sum()
        assert int(after.execute()) == (3 if second == 0 else 2)
    days = [int(table.filter(table.d <= ibis.date(str(date(2026, 1, day)))).count().execute()) for day in (1, 2)]
    assert days == [1, 1] and len(engine._known) == 2


def test_moments_that_are_one_and_that_are_two(backend: Ibis, compared: list[str]) -> None:
    def within(start: str, end: str) -> int:
        table = backend.table("t")
        return int(table.filter(table.a >= ibis.timestamp(start), table.a < ibis.timestamp(end)).count().execute())

    asked = [within("2026-01-01", "2026-01-15"), within("2026-01-15", "2026-03-01"), within("2026-03-01", "2026-01-01")]
    assert asked == [1, 1, 0]
    assert within("2026-01-15", "2026-01-15") == 0


def test_many_moments_in_one_question_do_not_take_each_others_place(backend: Ibis, compared: list[str]) -> None:
    for start in (datetime(2025, 1, 1), datetime(2024, 2, 29, 23, 59, 59, 999_999)):
        wanted = [start + timedelta(days=37 * place, seconds=place) for place in range(25)]
        found = backend.table("t").select(**{f"c{place}": ibis.literal(at) for place, at in enumerate(wanted)}).limit(1)
        assert [at.to_pydatetime() for at in found.execute().iloc[0]] == wanted


def test_a_number_that_reads_like_a_stand_in_is_asked_as_it_stands(backend: Ibis, compared: list[str]) -> None:
    table = backend.table("t")
    for at in ("2026-01-01", "2026-01-02"):
        asked = table.filter(table.a >= ibis.timestamp(at), table.n < 1601, ibis.literal("MAKE_TIMESTAMP(1601") != "x")
        assert int(asked.count().execute()) == (2 if at == "2026-01-01" else 1)


def test_questions_are_one_where_their_expressions_are_and_only_there(backend: Ibis) -> None:
    table = backend.table("t")
    late = ibis.timestamp("2026-01-01")
    different = [
        table.filter(table.n > 1), table.filter(table.n > 2), table.filter(table.n > 1.0), table.filter(table.n >= 1),
        table.filter(table.n > 1).select("n"), table.select(m=table.n), table.select(m=table.n, n=table.n),
        table.filter(table.a > late), table.filter(table.a.cast("date") > ibis.date("2026-01-01")),
        table.filter(table.a > late, table.a < late),
        table.filter(table.a > late, table.a < ibis.timestamp("2027-01-01")),
        table.mutate(x=ibis.literal("1")), table.mutate(x=ibis.literal(1)), table.mutate(x=ibis.literal(True)),
        table.mutate(x=ibis.literal(1.0)), table.mutate(x=ibis.null("int64")), table.mutate(x=ibis.null("string")),
        table.order_by("n"), table.order_by(table.n.desc()), table.limit(1), table.limit(2), table.distinct(),
        table.mutate(x=ibis.row_number().over(order_by="n")), table.mutate(x=ibis.row_number().over(order_by="a")),
        table.mutate(x=ibis.cases((table.n == 1, "a"), else_="b")),
        table.mutate(x=ibis.cases((table.n == 1, "b"), else_="a")),
        table.semi_join(ibis.memtable({"n": [1]}), "n"), table.anti_join(ibis.memtable({"n": [1]}), "n"),
        table.semi_join(ibis.memtable({"n": [1.5]}), "n"), table.union(table), table.inner_join(table.view(), "n"),
    ]  # fmt: skip
    keys = [Question(one.op(), backend._written).key for one in different]
    assert len(set(keys)) == len(keys)
    other = Ibis.from_connection(backend.con.cursor()).table("t")
    again = other.filter(other.a > ibis.timestamp("1999-01-01"))
    assert Question(again.op(), backend._written).key == Question(different[7].op(), backend._written).key


@pytest.fixture(scope="module")
def asked() -> tuple[Tables, Pact]:
    """A demo company of 200 leads and its pact."""
    company = Company.generate(200, 19, until=UNTIL)
    pact = parse(asking_everything(dict(company.truth["pact"])))
    return derived(*loaded(Whole(dict(company.tables))), pact, remaps=False), pact


@pytest.mark.thorough
@pytest.mark.parametrize("name", EVERY)
def test_every_metric_is_asked_as_ibis_would(name: str, asked: tuple[Tables, Pact], compared: list[str]) -> None:
    tables, pact = asked
    past = UNTIL - timedelta(days=100)
    for cut, moment in ((tables, UNTIL), (tables.at(past).where({"source": "Partner"}), past)):
        found = EVERY[name](cut, pact, moment)
        if isinstance(found, ibis.Expr):
            found.to_pyarrow()
