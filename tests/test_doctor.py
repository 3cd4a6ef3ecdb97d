"""The doctor: every fault it is there for is found, nothing is changed, and one bad look stops no other."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from config.database import FILE, HEAD, open_database
from leadpact.connector import Check
from leadpact.digest import claims
from leadpact.doctor import Answer, Site, connected, examine, machine, places, signing, stored, telling, well
from leadpact.errors import SourceUnreachable
from leadpact.language import LANGUAGES, Language
from leadpact.store import Mirror
from tests.command import called, document
from tests.homes import copied
from tests.test_backup import NOW, publish

ROOT = Path(__file__).resolve().parent.parent
CANARY = "canary-91ab"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home synced at NOW; tests copy it."""
    home = tmp_path_factory.mktemp("made") / "home"
    open_database(home).dispose()
    (home / "acme").mkdir()
    publish(Mirror.of(home, "acme"), 1)
    return home


class Source:
    """What a connection would answer: these checks, then perhaps an error or a long silence."""

    def __init__(self, *checks: Check, fails: Exception | None = None, wait: threading.Event | None = None) -> None:
        self.checks, self.fails, self.wait = checks, fails, wait

    def check(self) -> Iterator[Check]:
        yield from self.checks
        if self.wait is not None:
            self.wait.wait(10)
        if self.fails is not None:
            raise self.fails


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Site:
    """A copy of the home, a secrets file with one connection, and a source that is well."""
    home = copied(made, tmp_path / "home")
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('[connections.acme]\ntype = "files"\npath = "/x"\n', encoding="utf-8")
    secrets.chmod(0o600)
    fine = Source(Check("folder", True, "doctor.private", params={"path": "/x"}))
    return Site(home, None, secrets, ROOT, NOW + timedelta(hours=1), lambda *_, **__: fine)


def having(site: Site, **changes: Any) -> Site:
    return Site(**{**{name: getattr(site, name) for name in Site.__dataclass_fields__}, **changes})


def answers(site: Site, *names: str, offline: bool = False) -> dict[tuple[str | None, str], Answer]:
    found = list(examine(site, names, offline=offline))
    for code in LANGUAGES:  # every one of them can be said, and says nothing of what is secret
        assert CANARY not in str([one.as_json(Language(code)) for one in found])
    return {(one.about, one.name): one for one in found}


def wrong(site: Site, *names: str, offline: bool = False) -> set[tuple[str | None, str]]:
    return {key for key, one in answers(site, *names, offline=offline).items() if one.ok is False}


def test_all_well_and_nothing_is_changed(site: Site) -> None:
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in site.home.rglob("*") if path.is_file()}
    found = answers(site)
    assert not wrong(site) and well(list(found.values()))
    assert found["acme", "folder"].ok and found["acme", "mirror"].ok and found[None, "database_sound"].ok
    after = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in site.home.rglob("*") if path.is_file()}
    assert {path: at for path, at in after.items() if not path.name.endswith(("-wal", "-shm"))} == before


def test_a_home_that_is_not_there_is_not_made(site: Site) -> None:
    away = having(site, home=site.home.parent / "nowhere")
    found = answers(away)
    assert found[None, "home"].ok is None and found[None, "database"].ok is None and not wrong(away)
    assert not away.home.exists()


def test_who_may_look_in(site: Site) -> None:
    site.home.chmod(0o755)
    site.secrets.chmod(0o644)
    assert wrong(site) == {(None, "home_private"), (None, "secrets_file")}
    site.home.chmod(0o750)
    site.secrets.chmod(0o640)
    assert not wrong(site)


def test_a_database_somebody_meddled_with(site: Site) -> None:
    with contextlib.closing(sqlite3.connect(site.home / FILE)) as one:
        one.execute("DROP TRIGGER audit_trail_no_update")
        one.execute("PRAGMA journal_mode=DELETE")
    assert wrong(site) == {(None, "only_added_to"), (None, "database_journal")}


def test_what_is_only_added_to_is_what_the_migrations_guard(site: Site) -> None:
    with stored.reading(site) as database:
        guarded = {name for name, both in stored._triggers(database).items() if both}
    assert guarded == set(stored.ONLY_ADDED_TO)


def test_a_damaged_database(site: Site) -> None:
    file = site.home / FILE
    size = file.stat().st_size
    with file.open("r+b") as out:  # its head is whole: only looking at all of it shows the damage
        out.seek(size // 2)
        out.write(b"\xff" * (size - size // 2))
    assert {name for _, name in wrong(site)} & {"database", "database_sound", "store", "settings"}
    file.write_bytes(b"not a database" * 1000)
    found = answers(site)
    assert found[None, "database"].ok is False and found["acme", "mirror"].ok, "one bad look stops no other"


def test_mirrors(site: Site) -> None:
    folder = site.home / "acme"
    late = having(site, now=NOW + timedelta(days=8))
    assert wrong(late) == {("acme", "mirror")}
    early = having(site, now=NOW - timedelta(hours=1))
    assert answers(early)["acme", "mirror"].message == "doctor.mirror.future"
    derived = next(folder.glob("derived-*"))
    derived.rename(folder / f"derived-1-abc-{stored.DERIVED_FORM}.duckdb")
    assert answers(site)["acme", "derived"].message == "doctor.derived.fine"
    (folder / f"derived-1-abc-{stored.DERIVED_FORM}.duckdb").write_bytes(b"x" * 5000)
    assert wrong(site) == {("acme", "derived")}
    Mirror.of(site.home, "acme").path(1).write_bytes(b"x" * 5000)
    assert ("acme", "mirror") in wrong(site)


def test_a_sync_cut_short_is_told_from_one_that_runs(site: Site) -> None:
    folder = site.home / "acme"
    (folder / "crm-2.duckdb.partial").write_bytes(b"half")
    if not stored.LOCKS.exists():
        pytest.skip("this system does not list its locks")
    assert wrong(site) == {("acme", "leftovers")}
    with FileLock(folder / "writer.lock"):
        assert not wrong(site)
        assert stored.held(folder / "writer.lock") is True
    assert wrong(site) == {("acme", "leftovers")}


def test_settings_that_are_not_complete_and_a_type_nobody_knows(site: Site) -> None:
    site.secrets.write_text(
        '[connections.acme]\ntype = "airtable"\ntoken = "<token>"\n'
        f'[connections.b]\ntype = "nosuch"\ntoken="{CANARY}"\n',
        encoding="utf-8",
    )
    from connectors import connect

    assert wrong(having(site, connect=connect)) == {("acme", "settings"), ("b", "settings")}
    site.secrets.write_text(f'[connections.acme\ntoken = "{CANARY}"\n', encoding="utf-8")
    assert (None, "settings") in wrong(site)


def test_what_a_source_answers(site: Site) -> None:
    silent = threading.Event()
    one = {"acme": connected.known(site)["acme"]}
    told = Check("token", True, "doctor.private", params={"path": "/x"})
    refused = Check("records", False, "doctor.private", "doctor.private.remedy", {"path": "/x", "mode": "600"})
    unwritten = Check("write", False, "doctor.writing.off", params={"name": "acme"})

    def found(source: Source) -> dict[str, bool | None]:
        asked = having(site, connect=lambda *_, **__: source)
        return {answer.name: answer.ok for answer in connected.look(asked, one, offline=False, longest=0.1)}

    said = {"settings": True, "writing": True}
    # that writing is not enabled is a choice, and no fault
    assert found(Source(told, refused, unwritten)) == {**said, "token": True, "records": False, "write": None}
    assert found(Source(told, fails=SourceUnreachable("doctor.offline"))) == {**said, "token": True, "test": False}
    assert found(Source(told, fails=ValueError(CANARY))) == {**said, "token": True, "test": False}
    assert found(Source(told, wait=silent)) == {**said, "token": True, "test": False}
    silent.set()
    assert (
        answers(having(site, connect=lambda *_, **__: Source(fails=ValueError())), offline=True)["acme", "test"].ok
        is None
    )


@contextlib.contextmanager
def server(ahead: timedelta, code: int) -> Iterator[str]:
    """A server whose clock is `ahead`; it refuses every question, with the time."""

    class Answers(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(code)
            self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as one:
        threading.Thread(target=one.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{one.server_port}"
        one.shutdown()


@pytest.mark.parametrize(("minutes", "code", "ok"), [(0, 401, True), (3, 404, False), (-3, 302, False)])
def test_the_clock_is_held_against_the_servers(site: Site, minutes: float, code: int, ok: bool) -> None:
    now = having(site, now=datetime.now(UTC).replace(tzinfo=None))
    with server(timedelta(minutes=minutes), code) as address:
        found = connected.clock(now, address, "acme")
    assert found.ok is ok and abs(found.params["seconds"] - abs(minutes) * 60) <= 2
    assert connected.clock(now, "http://127.0.0.1:9", "acme").ok is None
    assert connected.clock(now, "file:///etc/hostname", "acme").ok is None


def test_sign_in(site: Site) -> None:
    def judged(text: str) -> tuple[bool | None, str]:
        site.secrets.write_text(text, encoding="utf-8")
        (found,) = signing.look(site)
        assert CANARY not in str(found)
        return found.ok, found.message

    provider = f'client_id = "a"\nclient_secret = "{CANARY}"\nserver_metadata_url = "https://x.example/y"\n'
    shared = (
        f'[auth]\nredirect_uri = "https://leadpact.acme.com/oauth2callback"\ncookie_secret = "{CANARY}{"c" * 32}"\n'
    )
    assert judged(shared + provider) == (True, "doctor.sign_in.fine")
    assert judged(shared)[0] is False, "half of it lets nobody in"
    assert judged(f'[auth\nclient_secret = "{CANARY}"')[0] is False
    bare = Site(site.home, None, site.secrets, site.home, NOW, site.connect)
    site.secrets.write_text("", encoding="utf-8")
    assert [one.ok for one in signing.look(bare)] == [None], "nothing says where it will serve"
    (site.home / ".streamlit").mkdir()
    for address, ok in (("127.0.0.1", True), ("10.0.0.5", False)):
        (site.home / ".streamlit" / "config.toml").write_text(f'[server]\naddress = "{address}"\n', encoding="utf-8")
        assert [one.ok for one in signing.look(bare)] == [ok]


def test_the_machine(tmp_path: Path) -> None:
    import duckdb

    pins = tmp_path / "requirements.txt"
    pins.write_text(
        f"# by uv\nduckdb=={duckdb.__version__}\nnosuch-package==1 ; sys_platform == 'plan9'\n", encoding="utf-8"
    )
    assert machine.packages(pins).ok
    pins.write_text("duckdb==0.0.1\nnosuch-package==1\n", encoding="utf-8")
    found = machine.packages(pins)
    assert found.ok is False and found.params["count"] == 2
    assert f"duckdb {duckdb.__version__} ≠ 0.0.1" in found.params["packages"]
    assert machine.packages(tmp_path / "none").ok is None
    assert [machine.memory(whole, 2).ok for whole in (None, 10**9, 4 * 10**9)] == [None, False, True]


def test_the_disk_a_home_lies_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = "1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / /srv rw shared:1 - nfs4 host:/x rw\n"
    mounts += "3 1 0:3 / /srv/a\\040b rw - xfs /d rw\n"
    kinds = [places.file_system(Path(path), mounts) for path in ("/var/x", "/srv/x", "/srv/a b/home", "/srvx")]
    assert kinds == ["ext4", "nfs4", "xfs", "ext4"]
    crm = Mirror.of(site.home, "acme").path(1).stat().st_size
    monkeypatch.setattr(places, "LEAST_FREE", 0)
    room = places.disk(site.home)
    assert room.ok and crm > 0
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 2 * crm))
    assert places.disk(site.home).ok is False, "what is derived is copied too"


def test_on_the_command_line(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--home", str(site.home), "--secrets", str(site.secrets)]
    code, out, _ = called(capsys, "doctor", "--offline", *words)
    assert code == 1 and "acme" in out and "→" in out, "the mirror of this world is of long ago"
    found = document(called(capsys, "doctor", "--offline", "--json", *words), 1)
    assert not found["ok"] and {"name", "connection", "ok", "message", "remedy"} == set(found["checks"][0])
    assert all((one["remedy"] is not None) == (one["ok"] is False) for one in found["checks"])
    assert called(capsys, "doctor", "nobody", *words)[0] == 2
    assert "necesita" in called(capsys, "doctor", "--offline", "--lang", "es", *words)[1]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_on_the_connection_page(lang: str, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.apptest import prepare, visit, words

    prepare(tmp_path / "other", monkeypatch)
    page = visit("connection", lang=lang)
    page.button(key="_connection_doctor").click().run()
    say = Language(lang)
    assert not page.exception
    found = words(page)
    assert say("doctor.database.fine", place=FILE, schema=HEAD) in found, "the page itself made the database"
    assert say("doctor.home.fine", path=str(tmp_path / "other")) in found


def test_digests(site: Site) -> None:
    def judged(text: str) -> dict[str, bool | None]:
        site.secrets.write_text(text, encoding="utf-8")
        found = list(telling.look(site))
        assert CANARY not in str(found)
        return {one.name: one.ok for one in found}

    channel = '[digest.channels.boss]\naudience = "manager"\nurl = "{}"\n'
    assert judged("") == {"digest": None}
    assert judged(channel.format(f"json://127.0.0.1/{CANARY}")) == {"digest": True, "digest_doubt": True}
    assert judged(channel.format(f"nosuch://{CANARY}")) == {"digest": False, "digest_doubt": True}
    assert judged(channel.format(CANARY)) == {"digest": False}
    engine = open_database(site.home)
    claims.claim(engine, "acme", "boss", {"k" * 64: "breaches"}, NOW)
    engine.dispose()
    later = having(site, now=NOW + claims.ABANDONED + timedelta(seconds=1))
    site.secrets.write_text(channel.format("json://127.0.0.1/x"), encoding="utf-8")
    assert {one.name: one.ok for one in telling.look(later)} == {"digest": True, "digest_doubt": False}


def test_on_postgres(site: Site, postgres: str) -> None:
    open_database(site.home, postgres).dispose()
    now = datetime.now(UTC).replace(tzinfo=None)
    found = answers(having(site, url=postgres, now=now), offline=True)
    assert found[None, "database"].ok and found[None, "only_added_to"].ok and found[None, "clock"].ok
    assert (None, "database_journal") not in found
    assert answers(having(site, url=postgres), offline=True)[None, "clock"].ok is False, "our clock is of long ago"
    engine = open_database(site.home, postgres)
    with engine.begin() as database:
        database.exec_driver_sql("ALTER TABLE audit_trail DISABLE TRIGGER audit_trail_no_change")
    engine.dispose()
    assert (None, "only_added_to") in wrong(having(site, url=postgres, now=now), offline=True)
    gone = answers(having(site, url=f"postgresql://a:{CANARY}@127.0.0.1:9/x"), offline=True)
    assert gone[None, "database"].ok is False and gone["acme", "mirror"].ok
