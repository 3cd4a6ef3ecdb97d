"""An analysis at a past moment or of some people reads the rows its conditions mean, in whatever form they are kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from leadpact import engine
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
