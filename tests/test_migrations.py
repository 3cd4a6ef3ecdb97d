"""Migrations run forward from every schema a company may have, with its data in it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from config import versions
from config.database import FILE, HEAD, metadata, open_database
from config.errors import LeadPactError
from config.migrating import MIGRATIONS, upgrade
from tests.full_database import ROWS, Rows, everything, fill
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 9)


def database_of(home: Path, revision: str) -> sa.Engine:
    """A database as the release with this migration left it."""
    home.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{home / FILE}")
    with engine.begin() as connection:
        upgrade(connection, revision)
    return engine


def first_release(engine: sa.Engine) -> None:
    """What the first release left: version 2 signed by both, then 1 again as 3, and an unsigned 4."""
    one, two, three = pact(), pact(name="Two"), pact(name="Three")
    with engine.begin() as database:
        for number, kept in enumerate((one, two, one, three), 1):
            row = {"number": number, "hash": kept.hash, "parent": number - 1 or None, "author": "ana@x.com",
                   "message": "m", "document": kept.canonical, "created_at": str(NOW)}  # fmt: skip
            database.execute(sa.text(
                "INSERT INTO pact_version (number, hash, parent, author, message, document, created_at) "
                "VALUES (:number, :hash, :parent, :author, :message, :document, :created_at)"), row)  # fmt: skip
        for kept, email, team in ((two, "Ana@x.com", "marketing"), (two, "bob@x.com", "sales"),
                                  (one, "eve", "sales")):  # fmt: skip
            database.execute(sa.text(
                "INSERT INTO signature (hash, email, team, door, signed_at) VALUES (:hash, :email, :team, 'cli', :at)"),
                {"hash": kept.hash, "email": email, "team": team, "at": str(NOW)})  # fmt: skip


def test_a_database_of_the_first_release_keeps_its_signatures(tmp_path: Path) -> None:
    old = database_of(tmp_path, "0001")
    with old.begin() as database:
        assert not sa.inspect(database).has_table("finding_suppression")
    first_release(old)
    old.dispose()

    engine = open_database(tmp_path)

    with engine.begin() as database:
        assert database.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == HEAD
        for table in metadata.sorted_tables:
            database.execute(sa.select(table).limit(1)).all()
    found = versions.history(engine)
    assert [(one.number, one.parent, one.pact.name, one.line) for one in found] == [
        (4, 3, "Three", "main"), (3, 2, "Small", "main"), (2, 1, "Two", "main"), (1, None, "Small", "main")
    ]  # fmt: skip
    assert [[one.email for one in version.signatures] for version in found] == [
        [], ["eve"], ["Ana@x.com", "bob@x.com"], ["eve"]
    ]  # fmt: skip
    assert versions.in_force(found).number == 2  # type: ignore[union-attr]
    with pytest.raises(LeadPactError, match="signed_already"):
        versions.sign(engine, found[2], email="ana@X.com", team="sales", door="cli", now=NOW)
    assert versions.save(engine, pact(name="Five"), author="ana@x.com", message="", now=NOW).number == 5


def test_a_migration_that_ran_does_nothing_the_second_time(tmp_path: Path) -> None:
    database_of(tmp_path, "0001").dispose()
    open_database(tmp_path).dispose()
    engine = open_database(tmp_path)
    row = {"connection": "acme", "fingerprint": "f" * 64, "code": "STA01", "reason": "why", "author": "ana",
           "created_at": NOW, "until": date(2026, 5, 1)}  # fmt: skip
    with engine.begin() as database:
        database.execute(metadata.tables["finding_suppression"].insert().values(row))
    engine.dispose()
    with open_database(tmp_path).begin() as database:
        assert database.execute(sa.select(metadata.tables["finding_suppression"].c.code)).scalar() == "STA01"


def test_a_run_is_kept_once_by_the_database_itself(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    row = {"connection": "acme", "line": "", "generation": 1, "as_of": NOW, "pact_hash": "a" * 64,
           "in_force": False, "ran_at": NOW, "rules": "{}"}  # fmt: skip
    run = metadata.tables["audit_run"]
    with engine.begin() as database:
        database.execute(run.insert().values(row))
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as database:
        database.execute(run.insert().values(row))
    with engine.begin() as database:
        database.execute(run.insert().values({**row, "in_force": True}))


FILLED = [one.name[:4] for one in sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))]


def kept(before: Rows, after: Rows) -> None:
    """Every row is there, with what it held in the columns there still are."""
    for name, rows in before.items():
        now = after[name]
        assert len(now) == len(rows), name
        shared = set(rows[0]) & set(now[0])
        assert shared, name
        for was, found in zip(rows, now, strict=True):
            assert {key: was[key] for key in shared} == {key: found[key] for key in shared}, name


def test_there_is_a_database_of_every_release() -> None:
    assert [f"{number:04}" for number in range(1, int(HEAD) + 1)] == FILLED


@pytest.mark.parametrize("revision", FILLED)
def test_every_row_of_every_table_of_every_release_is_kept(tmp_path: Path, revision: str) -> None:
    old = database_of(tmp_path, revision)
    with old.begin() as database:
        fill(database)
        before = everything(database)
    old.dispose()
    assert all(len(rows) == ROWS for rows in before.values()) and len(before) >= 7

    engine = open_database(tmp_path)

    with engine.begin() as database:
        after = everything(database)
    kept(before, after)
    assert {table.name for table in metadata.sorted_tables} <= set(after)
    engine.dispose()


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    with engine.begin() as database:
        database.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(LeadPactError, match=r"database\.newer"):
        open_database(tmp_path)
