"""An older backup brings nobody back: the database it replaces knows who was forgotten, on SQLite and on Postgres."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from config import versions
from config.database import FILE, observed_change
from config.pact_tables import pact_comment
from config.privacy_tables import forgetting, privacy_key
from config.trail import record
from leadpact.backup import backup, restore
from leadpact.privacy import forget, tombstones
from leadpact.workspace import Workspace
from tests import forgettable
from tests.command import called, document
from tests.forgettable import ACTOR, CANARY, CONNECTION, EMAIL, NOW, company, her, holding, synced, told
from tests.worlds import pact

without_derived, original, space = forgettable.without_derived, forgettable.original, forgettable.space


def older(space: Workspace, file: Path, *, mirrors: bool = True, url: str | None = None) -> Path:
    """A backup with her in its mirror, an export, a comment and the history that was noticed."""
    (space.home / "waiting.csv").write_text(f"name;email\n{CANARY};{EMAIL}\nBob Other;bob@other.example\n")
    with space.database.begin() as database:
        text = f"As {EMAIL} said"
        database.execute(pact_comment.insert().values(pact="main", path="", text=text, author="ana", at=NOW))
        for who in ("ana", "bob"):
            row = {"connection": CONNECTION, "object": "lead", "record_id": who, "field": "email", "from_value": None,
                   "to_value": EMAIL if who == "ana" else "bob@other.example", "at": NOW}  # fmt: skip
            database.execute(observed_change.insert().values(row))
    backup(space.home, url, file, now=NOW, mirrors=mirrors)
    assert holding(file.parent)
    return file


def nobody_but_bob(space: Workspace) -> None:
    """Nothing of her anywhere in what serves; all of him."""
    assert holding(space.home) == []
    assert told(space, "email") == [None, None, "bob@other.example"]
    assert "bob@other.example" in (space.home / "waiting.csv").read_text()
    with space.database.begin() as database:
        assert list(database.execute(sa.select(observed_change.c.record_id)).scalars()) == ["bob"]
        assert database.execute(sa.select(pact_comment.c.text)).scalar() == "As ••• said"
    who = tombstones.of(space.database, CONNECTION)
    assert who.has("lead", "ana") and who.has("contact", "ana-c") and not who.has("lead", "bob")
    space.database.dispose()


def test_an_older_backup_brings_nobody_back(
    space: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = older(space, tmp_path / "old.tar.gz")
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.database.dispose()
    words = ["--home", str(space.home), "restore", str(file), "--force", "--json"]
    assert document(called(capsys, *words))["forgotten"] == 3  # two records and an address
    again = Workspace(space.home)
    nobody_but_bob(again)
    again.sync(company(), CONNECTION, now=NOW)
    nobody_but_bob(again)


@pytest.mark.thorough
def test_a_backup_without_mirrors_too_and_what_was_not_finished_stays_to_do(space: Workspace, tmp_path: Path) -> None:
    file = older(space, tmp_path / "old.tar.gz", mirrors=False)
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    line = {"connection": CONNECTION, "state": forget.PENDING, "records": 2, "actor": "a", "backups": f'["{file}"]',
            "door": "cli", "began_at": NOW}  # fmt: skip
    with space.database.begin() as database:
        database.execute(forgetting.insert().values(line))
    space.database.dispose()
    restore(space.home, None, file, now=NOW, force=True)
    again = Workspace(space.home)
    again.sync(company(), CONNECTION, now=NOW)
    nobody_but_bob(again)
    assert forget.pending(again.database) == [] and holding(tmp_path) == []  # the backup that was named as well


@pytest.mark.thorough
def test_a_key_of_another_database_is_met_by_what_the_backup_tells(space: Workspace, tmp_path: Path) -> None:
    """Whoever was forgotten in either is, though hashes of two keys cannot be compared."""
    with space.database.begin() as database:
        tombstones.add(database, CONNECTION, {("lead", "zoe"): None}, (), why="asked", now=NOW)
    file = older(space, tmp_path / "old.tar.gz")
    with space.database.begin() as database:
        database.execute(privacy_key.delete())
        database.exec_driver_sql("DELETE FROM forgotten")
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.database.dispose()
    restore(space.home, None, file, now=NOW, force=True)
    again = Workspace(space.home)
    nobody_but_bob(again)
    assert tombstones.of(again.database, CONNECTION).has("lead", "zoe")


@pytest.mark.thorough
def test_a_backup_that_is_clean_is_restored_as_it_is(space: Workspace, tmp_path: Path) -> None:
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    backup(space.home, None, tmp_path / "new.tar.gz", now=NOW)
    mirror = space.mirror(CONNECTION)
    before = mirror.path(mirror.current() or 0).read_bytes()
    space.database.dispose()
    assert restore(space.home, None, tmp_path / "new.tar.gz", now=NOW, force=True).forgotten == 0
    assert mirror.path(mirror.current() or 0).read_bytes() == before


@pytest.mark.thorough
def test_a_database_that_cannot_say_is_told_of(
    space: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = older(space, tmp_path / "old.tar.gz")
    space.database.dispose()
    (space.home / FILE).write_bytes(b"no database at all, though of some length" * 99)
    code, out, err = called(capsys, "--home", str(space.home), "restore", str(file), "--force")
    assert code == 0 and "Run `forget` again" in out + err


def test_a_restore_that_was_killed_leaves_nothing_for_the_next_forgetting(space: Workspace) -> None:
    left = space.home / ".restore-1234abcd"
    left.mkdir()
    (left / "pact.db").write_text(CANARY)
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.database.dispose()
    assert not left.exists() and holding(space.home) == []


@pytest.mark.thorough
def test_on_postgres_and_from_it_and_to_it(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgotten on a server; older backups of SQLite and of the server restored to either."""
    lite = synced(tmp_path / "lite")
    of_lite = older(lite, tmp_path / "lite.tar.gz")
    monkeypatch.setenv("DATABASE_URL", postgres)
    space = Workspace(tmp_path / "home")
    versions.save(space.database, pact(), author="test", message="", now=NOW)
    space.sync(company(), CONNECTION, now=NOW)
    of_server = older(space, tmp_path / "server.tar.gz", url=postgres)
    with space.database.begin() as database:
        record(database, NOW, "ana", "plan.rehearsal_waived", {"reason": f"for {EMAIL}"})
    done = forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert done.records == 2 and done.quoted == {"audit_trail.detail": 1}
    nobody_but_bob(space)

    for file in (of_server, of_lite):
        assert restore(tmp_path / "home", postgres, file, now=NOW, force=True).forgotten == 3
        nobody_but_bob(Workspace(tmp_path / "home"))

    monkeypatch.delenv("DATABASE_URL")
    lite = Workspace(tmp_path / "lite")
    forget.forget(lite, her(lite), **ACTOR)  # type: ignore[arg-type]
    lite.database.dispose()
    assert restore(tmp_path / "lite", None, of_server, now=NOW, force=True).forgotten == 3
    nobody_but_bob(Workspace(tmp_path / "lite"))
