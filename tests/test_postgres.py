"""The pact on Postgres: migrated with data in it, edited at once, signed, and refused what it must refuse.

The same paths on SQLite are tested where they belong (test_drafts.py, test_signatures.py, test_pact_lines.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config import comments, drafts, lines, sources, versions
from config.database import HEAD, driven, metadata, open_database, pact_version
from config.errors import LeadPactError
from config.migrating import upgrade
from tests.full_database import everything, fill
from tests.test_migrations import FILLED, first_release, kept
from tests.together import together
from tests.worlds import SMALL, pact

NOW = datetime(2026, 3, 1, 9)


@pytest.fixture
def engine(postgres: str, tmp_path: Path) -> Iterator[Engine]:
    """Every test has an empty schema."""
    found = open_database(tmp_path, postgres)
    yield found
    found.dispose()


def test_the_first_release_is_brought_up_with_its_data(postgres: str, engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as database:
        database.exec_driver_sql("DROP SCHEMA public CASCADE")
        database.exec_driver_sql("CREATE SCHEMA public")
    with engine.begin() as database:
        upgrade(database, "0001")
    first_release(engine)
    migrated = open_database(tmp_path, postgres)
    with migrated.begin() as database:
        assert database.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
        for table in metadata.sorted_tables:
            database.execute(sa.select(table).limit(1)).all()
    found = versions.history(migrated)
    assert [one.number for one in found] == [4, 3, 2, 1]
    assert versions.in_force(found).number == 2  # type: ignore[union-attr]
    assert versions.save(migrated, pact(name="Five"), author="ana@x.com", message="", now=NOW).number == 5
    migrated.dispose()


@pytest.mark.thorough
@pytest.mark.parametrize("revision", FILLED)
def test_every_row_of_every_release_is_kept(postgres: str, tmp_path: Path, revision: str) -> None:
    admin = sa.create_engine(driven(postgres))
    with admin.begin() as database:
        upgrade(database, revision)
        fill(database)
        before = everything(database)
    migrated = open_database(tmp_path, postgres)
    with migrated.begin() as database:
        kept(before, everything(database))
    migrated.dispose()
    admin.dispose()


def test_many_edit_and_save_at_once_and_nothing_is_lost(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)

    def work(who: int) -> None:
        draft = drafts.begin(engine, author=str(who), now=NOW)
        value = {**SMALL["status_map"], "lead": {**SMALL["status_map"]["lead"], f"Own {who}": "mql"}}
        drafts.edit(engine, draft.id, section="status_map", value=value, expected=0, author=str(who), now=NOW)
        versions.save(engine, pact(name=f"P{who}"), author="a", message="", now=NOW, line=f"line{who % 2}")

    raised = together(*(partial(work, who) for who in range(6)))
    # two pacts that govern everything: one of them is refused
    failed = [error for error in raised if getattr(error, "key", "") != "pact.scopes_all"]
    draft = drafts.newest(engine)
    assert failed == [] and draft is not None and draft.revision == 6
    assert {f"Own {who}" for who in range(6)} < set(draft.document["status_map"]["lead"])


def test_signing_withdrawing_and_comments(engine: Engine) -> None:
    version = versions.save(engine, pact(), author="ana", message="", now=NOW)
    sources.keep(engine, version.pact, "# why\nname: x", now=NOW)
    for email, team in (("ana@x.com", "marketing"), ("bob@x.com", "sales")):
        version = versions.sign(engine, version, email=email, team=team, door="app", now=NOW)  # type: ignore[arg-type]
    assert version.signed_by_both
    with pytest.raises(LeadPactError, match="signed_already"):
        versions.sign(engine, version, email="ANA+x@x.com", team="sales", door="app", now=NOW)
    assert not versions.withdraw(engine, version, email="bob@x.com", door="app", now=NOW).signed_by_both
    versions.record_votes(engine, version.hash, team="sales", voted=3, of=5, author="ana", now=NOW)
    assert versions.voted(engine, version.hash)["sales"].voted == 3
    made = comments.add(engine, path="sla", text="Too\x00 short?", author="ana", now=NOW)
    assert comments.resolve(engine, made.id, author="bob", now=NOW).resolved_by == "bob"
    draft = drafts.begin(engine, author="ana", now=NOW)
    kept = drafts.edit(engine, draft.id, section="name", value="Two \u0000", expected=0, author="ana", now=NOW)
    assert drafts.publish(engine, draft.id, expected=kept.revision, author="ana", message="", now=NOW).number == 2


def test_the_database_itself_changes_no_version(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)
    statements: list[Any] = [sa.update(pact_version).values(document="{}"), sa.delete(pact_version)]
    for statement in statements:
        with pytest.raises(sa.exc.DatabaseError, match="only added to"), engine.begin() as database:
            database.execute(statement)


def test_lines_are_kept_apart(engine: Engine) -> None:
    for line, kind in (("main", "B2B"), ("b2c", "B2C")):
        versions.save(
            engine, pact(name=kind, scope={"record_type": [kind]}), author="a", message="", now=NOW, line=line
        )
    with pytest.raises(LeadPactError, match="scopes_overlap"):
        versions.save(engine, pact(name="X", scope={"record_type": ["B2B"]}), author="a", message="", now=NOW, line="x")
    assert [line.slug for line in lines.every(engine)] == ["main", "b2c"]
