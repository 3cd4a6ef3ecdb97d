"""A forgotten person is nowhere: in no byte of the home, of a backup, nor after the next sync."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from config import trail
from config.database import FILE, audit_trail
from config.pact_tables import pact_comment
from leadpact.backup import backup, restore
from leadpact.connector import Page
from leadpact.errors import Misconfigured
from leadpact.privacy import forget, tombstones
from leadpact.privacy.tombstones import Forgotten
from leadpact.store import SPILL
from leadpact.workspace import Workspace
from tests import forgettable
from tests.forgettable import ACTOR, CANARY, CONNECTION, EMAIL, NOW, PHONE, WORDS, company, her, holding, told

without_derived, original, space = forgettable.without_derived, forgettable.original, forgettable.space


def test_no_byte_of_her_is_left(space: Workspace, tmp_path: Path) -> None:
    exports = space.home / "exports"
    exports.mkdir()
    table = f'name;email\n"{CANARY}\nSL";{EMAIL}\nBob Other;bob@other.example\n'
    (exports / "waiting.csv").write_text(table, encoding="utf-8")
    with space.database.begin() as database:
        database.execute(pact_comment.insert().values(pact="main", path="", text=f"As {CANARY} ({PHONE}) said",
                                                      author="ana", at=NOW))  # fmt: skip
    file = tmp_path / "backups" / "one.tar.gz"
    file.parent.mkdir()
    backup(space.home, None, file, now=NOW)
    before = {*holding(space.home), *holding(file.parent)}
    assert {"exports/waiting.csv", "one.tar.gz", "small/crm-1.duckdb", "small/crm-2.duckdb"} <= before

    done = forget.forget(space, her(space), backups=[file], **ACTOR)  # type: ignore[arg-type]

    assert (done.people, done.records, done.rows, done.backups) == (1, 2, 1, {str(file): 2})
    assert done.mirror == {"record": 2, "field_change": 5, "activity": 1, "opportunity": 1}
    assert not done.quoted and not done.left
    space.database.dispose()
    assert holding(space.home) == [] and holding(file.parent) == []
    assert (exports / "waiting.csv").read_text(encoding="utf-8") == "name;email\nBob Other;bob@other.example\n"
    again = tmp_path / "again"
    restore(again, None, file, now=NOW)
    assert holding(again) == []
    assert told(Workspace(again), "name") == [None, None, "Bob Other"]


def test_what_a_killed_process_put_aside_on_disk_goes_too(space: Workspace) -> None:
    """A query larger than memory, killed: DuckDB's files of it stay. Those of a process that runs are its own."""
    spill = space.mirror(CONNECTION).folder / SPILL
    query = f"""
        import duckdb, sys
        one = duckdb.connect()
        one.execute("SET memory_limit = '60MB'; SET threads = 1")
        one.execute("SET temp_directory = '" + sys.argv[1] + "'")
        while True:
            one.execute("SELECT sum(hash(text, n)) FROM (SELECT text, row_number() OVER (ORDER BY hash(text)) AS n "
                        "FROM (SELECT repeat('{CANARY}', 3) || i AS text FROM range(1000000) t(i)))").fetchone()
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(query), str(spill)]) as running:
        until = time.monotonic() + 30
        while not any(path.stat().st_size for path in spill.glob("*")):
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.02)
        running.kill()
    left = list(spill.iterdir())
    assert left and all(f"_{running.pid}_" in path.name for path in left)
    lives = spill / f"duckdb_temp_{os.getpid()}_0_storage_DEFAULT-0.tmp"
    lives.touch()
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert list(spill.iterdir()) == [lives]


def test_the_next_sync_brings_nothing_of_her_back(space: Workspace) -> None:
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.sync(company(), CONNECTION, now=NOW)
    space.database.dispose()
    assert holding(space.home) == []
    assert told(space, "email") == [None, None, "bob@other.example"]
    who = tombstones.of(space.database, CONNECTION)
    assert who.has("lead", "ana") and who.has("contact", "ana-c") and not who.has("lead", "bob")


def test_what_nobody_may_change_is_told(space: Workspace) -> None:
    with space.database.begin() as database:
        trail.record(database, NOW, "ana", "plan.rehearsal_waived", {"reason": f"for {EMAIL}"})
    done = forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert done.quoted == {"audit_trail.detail": 1}
    with space.database.begin() as database:
        last = database.execute(sa.select(audit_trail).order_by(audit_trail.c.id.desc())).mappings().first()
    assert last is not None and (last["action"], last["actor"]) == (forget.FORGOT, "admin@acme.example")
    assert not any(word.lower() in last["detail"].lower() for word in (*WORDS, "ana-c"))


def test_tombstones_hold_nothing_in_plain(space: Workspace) -> None:
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.database.dispose()
    with sqlite3.connect(space.home / FILE) as one:
        rows = one.execute("SELECT * FROM forgotten").fetchall()
    assert len(rows) == 3 and not any("ana" in str(row) for row in rows)


def test_nobody_is_forgotten_by_nobody_or_into_a_broken_backup(space: Workspace, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no backup")
    with pytest.raises(Misconfigured):
        forget.forget(space, her(space), actor=" ", door="cli", now=NOW)
    with pytest.raises(Misconfigured):
        forget.forget(space, her(space), backups=[broken], **ACTOR)  # type: ignore[arg-type]
    assert holding(space.home) and not forget.pending(space.database)


def test_a_crash_is_finished_by_the_next_run(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every step of it: test_forget_everywhere.py."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("leadpact.store.Mirror.publish", killed)
        with pytest.raises(KeyboardInterrupt):
            forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert len(forget.pending(space.database)) == 1 and len(forget.resume(space, NOW)) == 1
    space.database.dispose()
    assert holding(space.home) == []


def test_a_page_keeps_its_order_and_what_is_nobodys_of_them() -> None:
    rows = pa.table({
        "object": ["lead", "lead", "contact", "lead"], "record_id": ["a", "b", "b", "c"],
        "field": ["email", "status"] * 2,
        "to_value": ["1", "2", "3", "4"], "actor_id": pa.nulls(4),
    })  # fmt: skip
    who = Forgotten("k")
    nobody = Page("field_change", rows)
    assert who.page(nobody) is nobody
    for gone, left in (
        (("lead", "z"), "1234"),
        (("lead", "b"), "1234"),
        (("lead", "a"), "234"),
        (("contact", "b"), "124"),
    ):
        one = Forgotten("k", {who.hash(*gone): None}).page(nobody).rows
        assert "".join(one["to_value"].to_pylist()) == left and one.column_names == rows.column_names
