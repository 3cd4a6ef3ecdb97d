"""An analysis at a past moment or of some people reads the rows its conditions mean, in whatever form they are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.parts import SlaPolicy, Target
from leadpact import engine
from leadpact.metrics import sla
from leadpact.metrics.clocks import clocks
from leadpact.tables import OF_PEOPLE, OF_TIME, Tables
from leadpact.workspace import Analysis, Workspace
from tests.apptest import prepare, settle_company


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    home = prepare(tmp_path / "home", monkeypatch)
    settle_company(home)
    return Workspace(home)


def rows(tables: Tables, name: str) -> list[tuple[Any, ...]] | None:
    table = getattr(tables, name)
    return None if table is None else sorted(map(repr, table.to_pyarrow().to_pylist()))  # type: ignore[arg-type]


def middle(one: Analysis) -> datetime:
    found: datetime = one.tables.record.created_at.quantile(0.5).execute().to_pydatetime()
    return found


@pytest.mark.parametrize("most", [0, engine.MOST_COPIED])
@pytest.mark.parametrize("past", [False, True])
@pytest.mark.parametrize("narrowed", [False, True])
def test_every_table_has_the_rows_its_conditions_mean(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, most: int, past: bool, narrowed: bool
) -> None:
    monkeypatch.setattr(engine, "MOST_COPIED", most)
    plain = space.analyse("acme")
    where = {"source": str(plain.tables.record.source.max().execute())} if narrowed else {}
    moment = middle(plain) if past else plain.as_of
    wanted = (plain.tables.at(moment) if past else plain.tables).where(where)
    found = space.analyse("acme", as_of=moment, where=where).tables
    for name in {*OF_TIME, *OF_PEOPLE, "owner", "status_value"}:
        assert rows(found, name) == rows(wanted, name), name
        if getattr(wanted, name) is not None:
            assert getattr(found, name).to_pyarrow().schema == getattr(wanted, name).to_pyarrow().schema, name
    whole = rows(plain.tables, "record") or []
    assert (len(rows(found, "record") or []) < len(whole)) == (past or narrowed)


def test_the_same_is_asked_with_the_same_sql_whoever_is_asked_for(space: Workspace) -> None:
    """Else each filter that somebody moves is worked out anew."""
    values = [str(one) for one in space.analyse("acme").tables.record.source.topk(2).execute()["source"]]
    engine._known.clear()
    known = []
    for value in values:
        one = space.analyse("acme", where={"source": value})
        one.tables.journey.left_join(one.tables.spell, "person_id").count().execute()
        known.append(len(engine._known))
    # but for who they are
    assert known[1] == known[0] + 1


def told(clock: Any) -> list[str]:
    return sorted(map(repr, clock.to_pyarrow().to_pylist()))


def _half(one: Analysis) -> datetime:
    """A moment before which half of the clocks have started."""
    starts = sorted(clocks(one.tables, one.pact, one.as_of, policy(one)).started_at.execute())
    found: datetime = starts[len(starts) // 2].to_pydatetime()
    return found


def policy(one: Analysis, **changes: Any) -> SlaPolicy:
    return one.pact.sla[0].model_copy(update=changes)


@pytest.mark.parametrize("past", [False, True])
def test_clocks_are_worked_out_once_and_are_those_of_their_tables(space: Workspace, past: bool) -> None:
    now = space.analyse("acme")
    one = space.analyse("acme", as_of=_half(now)) if past else now
    bare = replace(one.tables, kept=None)
    wanted = told(clocks(bare, one.pact, one.as_of, policy(one)))
    assert wanted
    assert told(clocks(one.tables, one.pact, one.as_of, policy(one))) == wanted
    for by in ("source", "country", "owner"):
        ours, theirs = (sla.compliance(tables, one.pact, one.as_of, by=by) for tables in (one.tables, bare))
        assert ours == theirs
    first = clocks(one.tables, one.pact, one.as_of, policy(one))
    assert first.equals(clocks(one.tables, one.pact, one.as_of, policy(one))), "read from one table"
    assert not first.equals(clocks(bare, one.pact, one.as_of, policy(one)))


def test_kept_clocks_are_nobody_elses(space: Workspace) -> None:
    """Of other tables, another moment, policy or funnel, and of days asked for, they are the right ones too."""
    one = space.analyse("acme")
    strict, early = policy(one, target=Target(hours=0.001)), one.as_of - timedelta(days=300)
    stages = [one.pact.stages[0], *reversed(one.pact.stages[1:])]
    other = one.pact.model_copy(update={"stages": stages})
    few = replace(one.tables, touch=one.tables.touch.limit(0))
    plain = told(clocks(one.tables, one.pact, one.as_of, policy(one)))
    asked = [(one.tables, one.pact, one.as_of, strict), (one.tables, one.pact, early, policy(one)),
             (one.tables, other, one.as_of, policy(one)), (few, one.pact, one.as_of, policy(one))]  # fmt: skip
    for tables, used, moment, rule in asked:
        found = told(clocks(tables, used, moment, rule))
        assert found == told(clocks(replace(tables, kept=None), used, moment, rule))
    assert sum(told(clocks(*given)) != plain for given in asked) >= 2, "or nothing was tried"
    half = one.between(_half(one).date(), None).tables
    found = told(clocks(half, one.pact, one.as_of, policy(one)))
    assert 0 < len(found) < len(plain)
    assert found == told(clocks(replace(half, kept=None), one.pact, one.as_of, policy(one)))
