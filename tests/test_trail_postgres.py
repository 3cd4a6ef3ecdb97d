"""On Postgres: what is only added to, and one writer to a connection over two homes.

The same on SQLite: test_trail.py, test_pausing.py. Skipped where there is no server (tests/postgres.py).
"""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import open_database
from config.trail import record
from leadpact.errors import Busy
from leadpact.settings import Connection
from leadpact.writeback.target import Target
from tests.writeback_crm import Crm

ONLY_ADDED_TO = ("audit_trail", "plan_event", "plan_approval", "plan_request")


@pytest.fixture
def target(tmp_path: Path, postgres: str) -> Target:
    connection = Connection("acme", "crm", {"writable": True})
    return Target(
        open_database(tmp_path, postgres), connection, Crm(tmp_path / "crm.sqlite"), tmp_path / "one" / "acme"
    )


@pytest.mark.parametrize("table", ONLY_ADDED_TO)
@pytest.mark.parametrize("what", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_or_remove_a_line(target: Target, table: str, what: str) -> None:
    with target.engine.begin() as database:
        record(database, datetime(2026, 3, 1), "ana", "plan.made", {})
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), target.engine.begin() as database:
        database.exec_driver_sql(what.format(table))


def test_two_homes_have_one_writer_and_a_killed_one_holds_nothing(
    target: Target, tmp_path: Path, postgres: str
) -> None:
    other = replace(target, folder=tmp_path / "two" / "acme")
    with target.alone() as hold:
        hold.check()
        with pytest.raises(Busy), other.alone():
            pass
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        own = replace(target, engine=open_database(tmp_path, postgres))
        with own.alone():
            os.write(tell, b"!")
            signal.pause()
    os.read(ready, 1)
    assert other.busy()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert any(not other.busy() for _ in range(200))


def test_a_lost_session_ends_the_run_that_held_it(target: Target) -> None:
    mine = sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    with target.alone() as hold:
        with target.engine.begin() as database:
            database.execute(mine)
        with pytest.raises(Busy) as found:
            hold.check()
    assert found.value.key == "repair.lock_lost"
    assert not target.busy()
