"""Backups of a database on Postgres: one moment of it, restored there and to SQLite, all or nothing.

The same on SQLite: test_backup.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from config.database import open_database
from config.migrating import revision
from leadpact.backup import backup, databases, restore
from leadpact.errors import LeadPactError
from tests.full_database import everything, fill

NOW = datetime(2026, 3, 1, 9)


@pytest.fixture
def engine(postgres: str, tmp_path: Path) -> Iterator[sa.Engine]:
    """A database with rows in every table, and beside them a table that is not LeadPact's."""
    found = open_database(tmp_path, postgres)
    with found.begin() as database:
        fill(database)
        database.exec_driver_sql("CREATE TABLE theirs (id integer PRIMARY KEY)")
        database.exec_driver_sql("INSERT INTO theirs VALUES (1)")
    yield found
    found.dispose()


def everywhere(engine: sa.Engine) -> dict[str, list[dict[str, object]]]:
    with engine.begin() as database:
        found = everything(database)
    return found


def test_restored_there_and_to_sqlite(
    postgres: str, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everywhere(engine)
    copied = databases._rows

    def in_between(source: sa.Connection, target: sa.Connection) -> None:
        source.execute(sa.text("SELECT 1 FROM mapping")).all()  # the moment is that of the first look
        with engine.begin() as other:
            other.exec_driver_sql("DELETE FROM mapping")
        copied(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(databases, "_rows", in_between)
        made = backup(tmp_path / "home", postgres, tmp_path / "b.tar.gz", now=NOW)
    assert made.database == "postgresql"

    with pytest.raises(LeadPactError, match=r"backup\.not_empty"):
        restore(tmp_path / "home", postgres, tmp_path / "b.tar.gz", now=NOW)
    restore(tmp_path / "home", postgres, tmp_path / "b.tar.gz", now=NOW, force=True)
    assert everywhere(engine) == before
    with engine.begin() as database:  # numbers go on, and what may only be added to still is
        line = "INSERT INTO audit_trail (at, actor, action, detail) VALUES (now(), 'a', 'b', '{}') RETURNING id"
        assert database.exec_driver_sql(line).scalar() == 4
    with pytest.raises(sa.exc.DatabaseError, match="only added to"), engine.begin() as database:
        database.exec_driver_sql("DELETE FROM audit_trail")

    restore(tmp_path / "lite", None, tmp_path / "b.tar.gz", now=NOW)
    lite = open_database(tmp_path / "lite")
    assert everywhere(lite) == {name: found for name, found in before.items() if name != "theirs"}
    lite.dispose()


def test_what_fails_at_the_end_changes_nothing(
    postgres: str, engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "lexicon").mkdir(parents=True)
    (home / "lexicon" / "own.yaml").write_text("before", encoding="utf-8")
    backup(home, postgres, tmp_path / "b.tar.gz", now=NOW)
    with engine.begin() as database:
        database.exec_driver_sql("UPDATE mapping SET document = 'since'")
    (home / "lexicon" / "own.yaml").write_text("since", encoding="utf-8")
    before = everywhere(engine)

    def refused(_: object) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("the link died"))

    with monkeypatch.context() as patch:
        patch.setattr(sa.Connection, "commit", refused)
        with pytest.raises(LeadPactError, match=r"database\.unavailable"):
            restore(home, postgres, tmp_path / "b.tar.gz", now=NOW, force=True)
    assert everywhere(engine) == before
    assert (home / "lexicon" / "own.yaml").read_text(encoding="utf-8") == "since"
    assert not list(home.glob(".re*"))


def test_an_empty_server_and_one_that_is_not_there(postgres: str, engine: sa.Engine, tmp_path: Path) -> None:
    lite = open_database(tmp_path / "lite")
    with lite.begin() as database:
        fill(database)
        database.execute(sa.text("UPDATE mapping SET document = :text"), {"text": "nul \0 sign"})
        expected = everything(database)
    lite.dispose()
    backup(tmp_path / "lite", None, tmp_path / "b.tar.gz", now=NOW)
    with engine.begin() as database:
        database.exec_driver_sql("DROP SCHEMA public CASCADE")
        database.exec_driver_sql("CREATE SCHEMA public")
        assert revision(database) is None
    restore(tmp_path / "home", postgres, tmp_path / "b.tar.gz", now=NOW)
    for row in expected["mapping"]:
        row["document"] = row["document"].replace("\0", "")
    assert everywhere(engine) == expected
    with pytest.raises(LeadPactError, match=r"database\.unavailable"):
        backup(tmp_path / "lite", "postgresql://leadpact:pass@127.0.0.1:9/x", tmp_path / "c.tar.gz", now=NOW)
    assert not (tmp_path / "c.tar.gz").exists()
