"""Migrations run forward from every schema a company may have, with its data in it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from config import versions
from config.database import FILE, HEAD, MIGRATIONS, metadata, open_database
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 9)


def database_of(home: Path, revision: str) -> sa.Engine:
    """A database as the release with this migration left it."""
    home.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{home / FILE}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


def test_a_database_of_the_first_release_keeps_its_signatures(tmp_path: Path) -> None:
    old = database_of(tmp_path, "0001")
    with old.begin() as database:
        assert not sa.inspect(database).has_table("finding_suppression")
    versions.save(old, pact(), author="ana@x.com", message="first", now=NOW)
    for email, team in (("ana@x.com", "marketing"), ("bob@x.com", "sales")):
        versions.sign(old, versions.find(old, "1"), email=email, team=team, door="cli", now=NOW)  # type: ignore[arg-type]
    old.dispose()

    engine = open_database(tmp_path)

    with engine.begin() as database:
        assert database.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == HEAD
        assert len(database.execute(sa.select(metadata.tables["audit_trail"])).all()) == 3
        for table in metadata.sorted_tables:
            database.execute(sa.select(table).limit(1)).all()
    (kept,) = versions.history(engine)
    assert kept.signed_by_both
    assert kept.pact.hash == pact().hash


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
