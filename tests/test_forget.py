"""A forgotten person is nowhere: in no byte of the home, of a backup, nor after the next sync."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from config import trail
from config.database import FILE, audit_trail
from config.pact_tables import pact_comment
from leadpact.backup import backup, restore
from leadpact.errors import Misconfigured
from leadpact.metrics import sla
from leadpact.privacy import forget, tombstones
from leadpact.privacy.forget import Wanted
from leadpact.workspace import Workspace
from tests.command import called, document
from tests.forgettable import CANARY, CONNECTION, EMAIL, NOW, PHONE, WORDS, company, holding, synced

ACTOR = {"actor": "admin@acme.example", "door": "cli", "now": NOW}


@pytest.fixture(autouse=True)
def without_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derived tables are built when somebody reads them: building them here would take longest."""
    monkeypatch.setattr(Workspace, "prepared", lambda *_: None)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("forget") / "home"
    synced(home).database.dispose()
    return home


@pytest.fixture
def space(original: Path, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(original, tmp_path / "home")))


def her(space: Workspace) -> forget.Found:
    (found,) = forget.find(space, Wanted(email=EMAIL.upper()), [CONNECTION])
    return found


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
    names = Workspace(again).analyse(CONNECTION).tables.record.order_by("record_id").name.execute().tolist()
    assert [name if isinstance(name, str) else None for name in names] == [None, None, "Bob Other"]


def test_the_numbers_stay_and_so_does_everybody_else(space: Workspace) -> None:
    def numbers() -> tuple[object, ...]:
        one = space.analyse(CONNECTION)
        policies = sla.compliance(one.tables, one.pact, one.as_of)
        journeys = one.tables.journey.order_by("person_id").drop("campaign").to_pyarrow().to_pylist()
        spells = one.tables.spell.order_by("person_id", "n").to_pyarrow().to_pylist()
        bob = one.tables.record.filter(one.tables.record.record_id == "bob").to_pyarrow().to_pylist()
        drop = {"campaign"}
        return (policies, journeys, [{k: v for k, v in row.items() if k not in drop} for row in spells], bob)

    before = numbers()
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert numbers() == before
    record = space.analyse(CONNECTION).tables.record
    (ana,) = record.filter(record.record_id == "ana").to_pyarrow().to_pylist()
    assert (ana["status"], ana["source"], ana["country"], ana["owner_id"]) == ("Working", "Web", "ES", "u1")
    assert [ana[name] for name in ("name", "email", "phone", "company", "url", "campaign", "f_notes")] == [None] * 7


def test_the_next_sync_brings_nothing_of_her_back(space: Workspace) -> None:
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.sync(company(), CONNECTION, now=NOW)
    space.database.dispose()
    assert holding(space.home) == []
    record = space.analyse(CONNECTION).tables.record
    assert record.filter(record.record_id == "bob").email.execute().tolist() == ["bob@other.example"]
    who = tombstones.of(space.database, CONNECTION)
    assert who.has("lead", "ana") and who.has("contact", "ana-c") and not who.has("lead", "bob")


def test_an_id_that_is_an_address_gets_another_one_everywhere(tmp_path: Path) -> None:
    space = synced(tmp_path / "home", her_id=EMAIL)
    forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    space.sync(company(her_id=EMAIL), CONNECTION, now=NOW)
    space.database.dispose()
    assert holding(space.home) == []
    one = space.analyse(CONNECTION)
    record = one.tables.record.filter(one.tables.record.object == "lead").order_by("record_id")
    (bob, alias) = record.record_id.execute().tolist()
    assert bob == "bob" and alias.startswith("forgotten-")
    assert one.tables.spell.filter(one.tables.spell.record_id == alias).count().execute() == 3
    both = one.tables.record.filter(one.tables.record.record_id.isin(["ana-c", alias]))
    assert both.person_id.execute().tolist() == ["contact:ana-c"] * 2


STEPS = (
    "leadpact.privacy.files.clean", "leadpact.privacy.homes.rewrite_backup", "leadpact.privacy.mirrors.rewrite",
    "leadpact.store.Mirror.publish", "leadpact.privacy.mirrors.only", "leadpact.privacy.forget.compact",
)  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_is_finished_by_the_next_run(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    file = tmp_path / "backups" / "one.tar.gz"
    file.parent.mkdir()
    backup(space.home, None, file, now=NOW)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(step, killed)
        with pytest.raises(KeyboardInterrupt):
            forget.forget(space, her(space), backups=[file], **ACTOR)  # type: ignore[arg-type]
    if step != STEPS[-1]:
        assert len(forget.pending(space.database)) == 1
        if step == STEPS[0]:
            space.sync(company(), CONNECTION, now=NOW)  # a sync finishes it first
        else:
            forget.resume(space, NOW)
    else:
        forget.compact(space)
    assert forget.pending(space.database) == []
    space.database.dispose()
    assert holding(space.home) == [] and holding(file.parent) == []


def test_a_dry_run_changes_nothing_and_says_the_same(space: Workspace) -> None:
    seen = forget.look(space, her(space))
    assert holding(space.home) and tombstones.of(space.database, CONNECTION) == tombstones.NOBODY
    done = forget.forget(space, her(space), **ACTOR)  # type: ignore[arg-type]
    assert (seen.mirror, seen.database, seen.records) == (done.mirror, done.database, done.records)


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


def test_on_the_command_line(space: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "backups" / "one.tar.gz"
    file.parent.mkdir()
    backup(space.home, None, file, now=NOW)
    home = ["--home", str(space.home)]
    whom = ["forget", "--object", "lead", "--record", "ana", "--backup", str(file), "--json"]
    dry = document(called(capsys, *home, *whom))
    assert not dry["erased"] and dry["connections"][0]["mirror"]["record"] == 2 and holding(space.home)
    assert called(capsys, *home, *whom, "--yes")[0] == 2  # nobody named
    done = document(called(capsys, *home, *whom, "--yes", "--as", "admin@acme.example"))
    assert done["erased"] and done["connections"][0]["backups"] == {str(file): 2}
    space.database.dispose()
    assert holding(space.home) == [] and holding(file.parent) == []
    assert called(capsys, *home, "forget", "--email", EMAIL)[0] == 2  # nobody has it any more
    assert called(capsys, *home, "forget", "--email", EMAIL, "--person", "lead:ana")[0] == 2
