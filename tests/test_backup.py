"""A backup restores to what was there, whatever goes on meanwhile; what is not whole changes nothing."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import threading
import tomllib
import zlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from config.database import FILE, HEAD, open_database
from leadpact.backup import archive, backup, databases, restore, verify
from leadpact.errors import Busy, LeadPactError
from leadpact.release import VERSION
from leadpact.store import Mirror
from tests.command import called, document
from tests.full_database import everything, fill
from tests.test_migrations import database_of, kept

NOW = datetime(2026, 3, 1, 9)
CANARY = "canary-7f3a"


def publish(mirror: Mirror, value: int) -> None:
    """A generation with one number in it, and a derived file of it."""
    partial = mirror.draft(None)
    with duckdb.connect(str(partial)) as one:
        one.execute("CREATE TABLE info (document VARCHAR)")
        one.execute("INSERT INTO info VALUES (?)", [json.dumps({"as_of": NOW.isoformat(), "value": value})])
    number = mirror.publish(partial)
    shutil.copy(mirror.path(number), mirror.derived_path(number, "abc"))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with everything a home may hold; tests copy it."""
    home = tmp_path_factory.mktemp("original") / "home"
    engine = open_database(home)
    with engine.begin() as database:
        fill(database)
    engine.dispose()
    mirror = Mirror.of(home, "acme")
    mirror.folder.mkdir()
    publish(mirror, 1)
    publish(mirror, 2)
    (home / "acme" / "state").mkdir()
    (home / "acme" / "state" / "webhooks.json").write_text('{"cursor": 7}', encoding="utf-8")
    with sqlite3.connect(home / "acme" / "state" / "demo.sqlite") as state:
        state.execute("CREATE TABLE edit (value TEXT)")
        state.execute("INSERT INTO edit VALUES ('kept')")
    (home / "lexicon").mkdir()
    (home / "lexicon" / "own.yaml").write_text("words: ñ\n", encoding="utf-8")
    for name in ("writer.lock", "crm-3.duckdb.partial"):
        (home / "acme" / name).write_text("passing", encoding="utf-8")
    for name in ("secrets.toml", "acme.pem"):
        (home / name).write_text(CANARY, encoding="utf-8")
    return home


@pytest.fixture
def home(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "home"))


def rows(home: Path, url: str | None = None) -> Any:
    engine = open_database(home, url)
    with engine.begin() as database:
        found = everything(database)
    engine.dispose()
    return found


def files(home: Path) -> dict[str, str]:
    """Every file by its content; a database by its rows, for its pages may lie otherwise."""
    found = {}
    for path in sorted(one for one in home.rglob("*") if one.is_file()):
        content = path.read_bytes()
        if content.startswith(b"SQLite format 3\0"):
            with sqlite3.connect(path) as one:
                content = "\n".join(one.iterdump()).encode()
        name = path.relative_to(home).as_posix()
        if not name.endswith(("-wal", "-shm")):
            found[name] = hashlib.sha256(content).hexdigest()
    return found


def test_restored_equal(home: Path, tmp_path: Path) -> None:
    made = backup(home, None, tmp_path / "b.tar.gz", now=NOW)
    assert (made.connections, made.database, made.schema) == ({"acme": 2}, "sqlite", HEAD)
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    done = restore(tmp_path / "again", None, tmp_path / "b.tar.gz", now=NOW)
    assert (done.schema, done.migrated_from, done.replaced) == (HEAD, None, None)
    before, after = files(home), files(tmp_path / "again")
    left_out = {"acme/writer.lock", "acme/crm-3.duckdb.partial", "acme/crm-1.duckdb", "acme/derived-1-abc-4.duckdb",
                "secrets.toml", "acme.pem"}  # fmt: skip
    assert before.keys() - after.keys() == left_out
    assert after == {name: content for name, content in before.items() if name not in left_out}
    assert rows(tmp_path / "again") == rows(home)
    assert Mirror.of(tmp_path / "again", "acme").info()["value"] == 2
    current = Path("acme/CURRENT")
    assert int((tmp_path / "again" / current).stat().st_mtime) == int((home / current).stat().st_mtime)


def test_no_secret_is_in_it(home: Path, tmp_path: Path) -> None:
    backup(home, None, tmp_path / "b.tar.gz", now=NOW)
    assert CANARY.encode() not in gzip.decompress((tmp_path / "b.tar.gz").read_bytes())


def test_without_mirrors(home: Path, tmp_path: Path) -> None:
    backup(home, None, tmp_path / "b.tar.gz", now=NOW, mirrors=False)
    done = restore(tmp_path / "again", None, tmp_path / "b.tar.gz", now=NOW)
    assert not done.mirrors and rows(tmp_path / "again") == rows(home)
    assert set(files(tmp_path / "again")) == {FILE, "acme/state/webhooks.json", "acme/state/demo.sqlite",
                                              "lexicon/own.yaml"}  # fmt: skip


def test_while_syncs_publish_and_a_repair_writes(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two syncs take the generation away in the middle; every journal line comes with its fellow."""
    stop, began = threading.Event(), threading.Event()
    engine = open_database(home)

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with engine.begin() as database:
                for side in ("intent", "outcome"):
                    line = {"at": str(NOW), "actor": f"run {number}", "action": side, "detail": "{}"}
                    database.execute(sa.text("INSERT INTO audit_trail (at, actor, action, detail) "
                                             "VALUES (:at, :actor, :action, :detail)"), line)  # fmt: skip
            began.set()

    copy = databases.snapshot

    def in_between(*given: Any) -> Any:
        for value in (3, 4):
            publish(Mirror.of(home, "acme"), value)
        return copy(*given)

    monkeypatch.setattr(databases, "snapshot", in_between)
    thread = threading.Thread(target=write)
    thread.start()
    try:
        began.wait(10)
        with Mirror.of(home, "acme").writer():  # a sync that runs all the while
            made = backup(home, None, tmp_path / "b.tar.gz", now=NOW)
    finally:
        stop.set()
        thread.join()
    engine.dispose()
    assert made.connections == {"acme": 2} and not Mirror.of(home, "acme").path(2).exists()
    restore(tmp_path / "again", None, tmp_path / "b.tar.gz", now=NOW)
    assert Mirror.of(tmp_path / "again", "acme").info()["value"] == 2
    trail = [(one["actor"], one["action"]) for one in rows(tmp_path / "again")["audit_trail"] if "run" in one["actor"]]
    runs = {actor for actor, _ in trail}
    assert runs and len(trail) == 2 * len(runs) == len(set(trail))


def test_a_home_in_use_or_with_data_is_left_alone(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    backup(home, None, file, now=NOW)
    before = files(home)
    with pytest.raises(LeadPactError, match=r"backup\.not_empty"):
        restore(home, None, file, now=NOW)
    with Mirror.of(home, "acme").writer(), pytest.raises(Busy):
        restore(home, None, file, now=NOW, force=True)
    assert files(home) == before
    (home / "lexicon" / "own.yaml").write_text("newer", encoding="utf-8")
    done = restore(home, None, file, now=NOW, force=True)
    assert done.replaced is not None and (done.replaced / "lexicon" / "own.yaml").read_text() == "newer"
    assert (home / "lexicon" / "own.yaml").read_text(encoding="utf-8") == "words: ñ\n"
    assert backup(home, None, tmp_path / "c.tar.gz", now=NOW).files == backup(
        tmp_path / "home", None, file, now=NOW, force=True).files  # what was set aside is not kept again  # fmt: skip


def test_damage_anywhere_is_refused_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    backup(home, None, file, now=NOW, mirrors=False)
    whole, before = file.read_bytes(), files(home)
    bad = tmp_path / "bad.tar.gz"
    spots = range(12, len(whole) - 700, max(len(whole) // 12, 1))
    broken = [whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :] for at in spots]
    broken += [whole[: len(whole) * part // 6] for part in range(6)] + [b"not a backup", whole[:-600]]
    for content in broken:
        with contextlib.suppress(OSError, EOFError, zlib.error):
            if gzip.decompress(content) == gzip.decompress(whole):
                continue  # packed otherwise, and the same
        bad.write_bytes(content)
        with pytest.raises(LeadPactError, match="backup"):
            restore(home, None, bad, now=NOW, force=True)
    assert files(home) == before and not list(home.glob(".re*"))


def crafted(file: Path, members: Mapping[str, bytes | tarfile.TarInfo], schema: str = HEAD, form: int = 1) -> Path:
    """A file of our form, whose manifest is right, with these members."""
    header = json.dumps({"format": form, "schema": schema, "leadpact": "99", "connections": {}}).encode()
    texts: dict[str, Any] = {archive.HEADER: header, **members}
    told = {name: {"sha256": hashlib.sha256(one).hexdigest(), "bytes": len(one)}
            for name, one in texts.items() if isinstance(one, bytes)}  # fmt: skip
    texts[archive.MANIFEST] = json.dumps({"files": told}).encode()
    with tarfile.open(file, "w:gz") as tar:
        for name, one in texts.items():
            if isinstance(one, tarfile.TarInfo):
                tar.addfile(one)
                continue
            about = tarfile.TarInfo(name)
            about.size = len(one)
            tar.addfile(about, io.BytesIO(one))
    return file


def link(name: str, kind: bytes) -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    about.type, about.linkname = kind, "/etc/hosts"
    return about


@pytest.mark.parametrize("name", ["home/../../out", "/out", "../out", "out", "home", "home/a/../../../out"])
def test_no_name_leaves_the_home(tmp_path: Path, name: str) -> None:
    with pytest.raises(LeadPactError, match=r"backup\.outside"):
        restore(tmp_path / "home", None, crafted(tmp_path / "b.tar.gz", {name: b"x"}), now=NOW)
    assert not (tmp_path / "out").exists() and not any((tmp_path / "home").iterdir())


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_files_are_unpacked(tmp_path: Path, kind: bytes) -> None:
    file = crafted(tmp_path / "b.tar.gz", {"home/x": link("home/x", kind)})
    with pytest.raises(LeadPactError, match=r"backup\.damaged"):
        restore(tmp_path / "home", None, file, now=NOW)
    assert not any((tmp_path / "home").iterdir())


def test_a_crafted_file_of_our_form_is_one(tmp_path: Path) -> None:
    restore(tmp_path / "home", None, crafted(tmp_path / "b.tar.gz", {"home/x": b"x"}), now=NOW)
    assert (tmp_path / "home" / "x").read_bytes() == b"x"


@pytest.mark.parametrize("newer", [{"schema": "9999"}, {"form": 2}])
def test_a_newer_release_is_refused(tmp_path: Path, newer: Any) -> None:
    file = crafted(tmp_path / "b.tar.gz", {"home/x": b"x"}, **newer)
    for attempt in (lambda: verify(file), lambda: restore(tmp_path / "home", None, file, now=NOW)):
        with pytest.raises(LeadPactError, match=r"backup\.newer"):
            attempt()
    assert not any((tmp_path / "home").iterdir())


def test_an_older_one_is_migrated_and_the_backup_itself_migrates_nothing(tmp_path: Path) -> None:
    old = database_of(tmp_path / "old", "0006")
    with old.begin() as database:
        fill(database)
        before = everything(database)
    old.dispose()
    made = backup(tmp_path / "old", None, tmp_path / "b.tar.gz", now=NOW)
    assert made.schema == databases.schema_of(tmp_path / "old" / FILE) == "0006"
    done = restore(tmp_path / "new", None, tmp_path / "b.tar.gz", now=NOW)
    assert (done.schema, done.migrated_from) == (HEAD, "0006")
    kept(before, rows(tmp_path / "new"))


def test_a_damaged_database_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    for name in (f"{FILE}-wal", f"{FILE}-shm"):
        (home / name).unlink(missing_ok=True)
    content = bytearray((home / FILE).read_bytes())
    content[4096:40960] = os.urandom(36864)
    (home / FILE).write_bytes(content)
    with pytest.raises(LeadPactError, match=r"backup\.database_damaged"):
        backup(home, None, tmp_path / "b.tar.gz", now=NOW)
    assert not list(tmp_path.glob("*.gz*")) and not list(tmp_path.glob(".b*"))


def test_on_the_command_line(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "b.tar.gz"
    words = ["--home", str(home), "--json"]
    assert document(called(capsys, "backup", str(file), *words))["connections"] == {"acme": 2}
    assert called(capsys, "backup", str(file), *words)[0] == 2
    assert called(capsys, "backup", str(home / "b.tar.gz"), *words)[0] == 2
    assert document(called(capsys, "restore", str(file), "--check", *words))["schema"] == HEAD
    code, _, said = called(capsys, "restore", str(file), "--home", str(home), "--lang", "es")
    assert code == 2 and "--force" in said and "ya tiene datos" in said
    done = document(called(capsys, "restore", str(file), "--force", *words))
    assert done["migrated_from"] is None and Path(done["replaced"]).is_dir()
    assert called(capsys, "backup", str(tmp_path / "c"), "--home", str(tmp_path / "nowhere"))[0] == 2


def test_the_release_is_the_one_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
