"""The audit trail: only added to, filtered, paged, exported; and every action on it has a text.

Not here: which acts write which line (beside the acts).
"""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.trail import record
from leadpact import trail
from leadpact.language import Language
from leadpact.trail import Asked
from tests.writeback_crm import Crm, target_of

ROOT = Path(__file__).resolve().parent.parent
START = datetime(2026, 3, 1, 9)
LINES = [
    ("ana@acme.example", "plan.made"),
    ("Bo@acme.example", "plan.approved"),
    ("ana@acme.example", "plan.apply_began"),
    ("=cmd()", "pact.signed"),
    ("ana@acme.example", "planet.seen"),
]
ONLY_ADDED_TO = ("audit_trail", "plan_event", "plan_approval", "plan_request")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    found = target_of(tmp_path, Crm(tmp_path / "crm.sqlite")).engine
    for number, (actor, action) in enumerate(LINES):
        with found.begin() as database:
            record(database, START + timedelta(hours=number), actor, action, {"plan": number, "a": "ñ"})
    return found


def numbers(engine: Engine, asked: Asked) -> list[int]:
    found = [one.id for one in trail.every(engine, asked)]
    assert trail.count(engine, asked) == len(found)
    return found


@pytest.mark.parametrize("table", ONLY_ADDED_TO)
@pytest.mark.parametrize("what", ["UPDATE {} SET id = id", "DELETE FROM {}", "DELETE FROM {} WHERE id = 1"])
def test_the_database_refuses_to_change_or_remove_a_line(engine: Engine, table: str, what: str) -> None:
    with engine.begin() as database:
        own = sa.Table(table, sa.MetaData(), autoload_with=database)
        row = {column.name: START if column.name == "at" else 7_777 for column in own.columns}
        database.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # of no plan; nothing of it is kept
        database.execute(own.insert().values(**row))
        with pytest.raises(sa.exc.IntegrityError, match="only added to"):
            database.exec_driver_sql(what.format(table).replace("= 1", "= 7777"))
        assert database.execute(sa.select(own.c.id).where(own.c.id == 7_777)).scalar() == 7_777
        database.rollback()


def test_lines_are_newest_first_and_told_by_pages(engine: Engine) -> None:
    first = trail.page(engine, most=2)
    assert [one.id for one in first] == [5, 4]
    second = trail.page(engine, before=first[-1].id, most=2)
    assert [one.id for one in second] == [3, 2]
    assert [one.id for one in trail.page(engine, before=2, most=2)] == [1]
    assert (second[1].actor, second[1].action, second[1].detail) == ("Bo@acme.example", "plan.approved",
                                                                     {"plan": 1, "a": "ñ"})  # fmt: skip


def test_lines_are_found_by_time_action_and_actor(engine: Engine) -> None:
    assert numbers(engine, Asked()) == [5, 4, 3, 2, 1]
    assert numbers(engine, Asked(since=START + timedelta(hours=1), until=START + timedelta(hours=3))) == [3, 2]
    assert numbers(engine, Asked(action="plan")) == [3, 2, 1]  # of the kind, not whatever begins like it
    assert numbers(engine, Asked(action="plan.approved")) == [2]
    assert numbers(engine, Asked(action="p%")) == []
    assert numbers(engine, Asked(actor="bo@ACME.example ")) == [2]
    assert numbers(engine, Asked(actor="nobody")) == []
    assert trail.known(engine) == (sorted(action for _, action in LINES), ["=cmd()", "ana@acme.example",
                                                                            "Bo@acme.example"])  # fmt: skip


def test_the_export_has_every_line_and_no_formula(engine: Engine) -> None:
    text = trail.csv_of(engine, Asked(action="pact"))
    (line,) = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    assert line == {"id": "4", "at": "2026-03-01T12:00:00Z", "actor": "'=cmd()", "action": "pact.signed",
                    "detail": '{"a": "ñ", "plan": 3}'}  # fmt: skip
    assert trail.csv_of(engine).count("\n") == len(LINES) + 1


def test_every_action_the_code_puts_on_the_record_is_known_and_has_a_text() -> None:
    said = set()
    for folder in ("config", "leadpact", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            said |= set(re.findall(r'\brecord\([^)]*?"([a-z_]+\.[a-z_]+)"', text))
    assert len(said) > 10
    assert said <= set(trail.ACTIONS)
    for lang in ("en", "es"):
        assert all(Language(lang)(f"trail.did.{action}") for action in trail.ACTIONS)
