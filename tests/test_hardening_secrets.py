"""No secret leaves the place it was put in: planted in every option and variable there is, and searched for everywhere.

Everything that is said (screens, tables, JSON, logs of every level) and every byte that is kept (the home, a backup),
after paths that succeed, are refused, meet a server that answers with what it was sent, or fail unexpectedly.

Not here: what else no log tells (test_logs.py), redirects (test_hardening_addresses.py).
"""

from __future__ import annotations

import base64
import io
import logging
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from streamlit.testing.v1 import AppTest

from connectors.airtable import client as airtable_client
from connectors.salesforce import client as salesforce_client
from leadpact import logs
from tests.airtable.house import Crm
from tests.apptest import prepare, visit
from tests.command import called
from tests.salesforce import access, fixtures
from tests.salesforce.answers import Answer, Request
from tests.salesforce.faults import Fault
from tests.salesforce.server import Server

acme, org = fixtures.acme, fixtures.salesforce
PLANTED = ("password", "token", "secret", "session", "airtable", "client", "cookie", "apprise", "database", "proxy")
WRONG = {name: f"canary-wr0ng-{name}-7f3a" for name in PLANTED}


class Echo(Fault):
    """A server whose error page shows the request, password and all."""

    def before(self, request: Request) -> Answer:
        return Answer(500, {"error": f"{request.headers} {request.text}", "message": request.text})


@pytest.fixture
def mirror() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = f"{self.requestline}\n{self.headers}".encode()
            said += self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(422)
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def talkative() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    original = logs.begin

    def begin(form: str | None = None, _: Any = None) -> None:
        original(form, stream)
        for handler in root.handlers:
            handler.setLevel(logging.DEBUG)
        root.setLevel(logging.DEBUG)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "begin", begin)
        yield stream
    root.handlers[:], root.level = before, level


def settings(tmp_path: Path, org: Server, crm: Crm, mirror: str) -> tuple[Path, set[str]]:
    """A secrets file with every kind of connection, right and wrong; and every secret in it."""
    key = access.Access.private_key_file(tmp_path)
    ways = {
        "by-password": {"username": access.USERNAME, "password": access.PASSWORD,
                        "security_token": access.SECURITY_TOKEN},
        "by-client": {"consumer_key": access.CONSUMER_KEY, "consumer_secret": access.CONSUMER_SECRET,
                      "domain": org.domain},
        "by-key": {"consumer_key": access.CONSUMER_KEY, "username": access.USERNAME, "privatekey_file": str(key)},
        "by-session": {"instance_url": org.url, "session_id": org.access.session},
        "wrong-password": {"username": access.USERNAME, "password": WRONG["password"],
                           "security_token": WRONG["token"]},
        "wrong-client": {"consumer_key": access.CONSUMER_KEY, "consumer_secret": WRONG["secret"], "domain": org.domain},
        "wrong-session": {"instance_url": org.url, "session_id": WRONG["session"]},
    }  # fmt: skip
    base = crm.company.base.id
    bases = {
        "base": {"token": crm.server.token, "base_id": base, "endpoint_url": crm.server.url},
        "wrong-base": {"token": WRONG["airtable"], "base_id": base, "endpoint_url": crm.server.url},
        "mirror": {"token": WRONG["airtable"], "base_id": base, "endpoint_url": mirror},
    }
    lines = ["[auth]", 'redirect_uri = "http://localhost:8501/oauth2callback"', f'cookie_secret = "{WRONG["cookie"]}"',
             'client_id = "leadpact"', f'client_secret = "{WRONG["client"]}"',
             'server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"',
             "[digest.channels.chat]", f'url = "json://user:{WRONG["apprise"]}@127.0.0.1:9/x"',
             'audience = "leaders"']  # fmt: skip
    for kind, many in (("salesforce", ways), ("airtable", bases)):
        for name, options in many.items():
            lines += [f"[connections.{name}]", f'type = "{kind}"', *(f'{k} = "{v}"' for k, v in options.items())]
    path = tmp_path / "secrets.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    secret = {access.PASSWORD, access.SECURITY_TOKEN, access.CONSUMER_SECRET, org.access.session, crm.server.token}
    pem = "".join(key.read_text(encoding="ascii").splitlines()[1:4])
    return path, secret | set(WRONG.values()) | {pem[:60]}


def spellings(secret: str) -> set[bytes]:
    plain = {secret, quote(secret), quote_plus(secret), secret.replace("&", "&amp;"), secret.replace("&", "\\u0026")}
    # in base64 also behind something else: what stands there depends on how many bytes were before it
    packed = {base64.b64encode(b"\0" * before + secret.encode())[cut:-4] for before, cut in ((0, 0), (1, 2), (2, 3))}
    return {one.encode() for one in plain} | packed


def holders(secrets: set[str], found: dict[str, bytes]) -> list[str]:
    return [
        where for where, data in found.items() for secret in secrets if any(one in data for one in spellings(secret))
    ]


def kept(folder: Path, *, without: Path) -> dict[str, bytes]:
    """Every file of a folder, archives unpacked."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and path != without and path.suffix != ".pem":
            found[str(path)] = path.read_bytes()
            if path.name.endswith(".tar.gz"):
                with tarfile.open(path) as archive:
                    for one in archive.getmembers():
                        part = archive.extractfile(one)
                        found[f"{path}:{one.name}"] = part.read() if part else b""
    return found


def failing(error: type[Exception]) -> Any:
    def ask(self: Any, *_: Any, **__: Any) -> Any:
        raise error(repr({**getattr(self.settings, "login", {}), "token": getattr(self.settings, "token", "")}))

    return ask


CLIENTS = ((salesforce_client.Client, "_sign_in", "by-password"), (airtable_client.Client, "ask", "base"))


@pytest.fixture
def run(
    tmp_path: Path, org: Server, mirror: str, talkative: io.StringIO, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:  # fmt: skip
    """A command with the connections above; `run.said` is what came of each. At the end everything is searched."""
    path, secrets = settings(tmp_path, org, Crm(), mirror)
    home, said = prepare(tmp_path / "home", monkeypatch), dict[str, bytes]()
    monkeypatch.delenv("LEADPACT_RAISE")
    monkeypatch.setattr(airtable_client, "TRIES", 2)
    monkeypatch.setattr(salesforce_client, "TRIES", 2)
    monkeypatch.setattr(airtable_client, "BACKOFF", 0.0)
    monkeypatch.setattr(salesforce_client, "FIRST_PAUSE", 0.0)
    monkeypatch.setenv("LEADPACT_BASE_PROXY_PASSWORD", WRONG["proxy"])

    def one(*words: str) -> int:
        code, out, err = called(capsys, *words, "--home", str(home), "--secrets", str(path))
        said[f"{len(said)} {' '.join(words)}"] = (out + err).encode()
        return code

    yield one
    assert said and holders(secrets, said) == []
    assert "command" in talkative.getvalue() and holders(secrets, {"log": talkative.getvalue().encode()}) == []
    assert holders(secrets, _screens(path, home, monkeypatch)) == []
    assert holders(secrets, kept(tmp_path, without=path)) == []


def _screens(path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the page that knows of connections sends to the browser, and what a session keeps."""
    text = path.read_text(encoding="utf-8")
    text = text[text.index("[connections") :]  # signed in, for a session without it sees no connection
    prepare(home, monkeypatch, text)
    at: AppTest = visit("connection", "en", connection="base")
    assert not at.exception
    (home / "secrets.toml").unlink()
    return {"page": repr([child.proto for child in at.main]).encode() + repr(at).encode()}


def test_what_is_refused_or_breaks_says_no_secret(run: Any, org: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("wrong-password", "wrong-client", "wrong-base", "mirror"):
        run("check", name)
    org.faults.add("POST|GET", Echo(), times=None)
    assert run("sync", "by-client", "--log", "json") == 3
    for client, method, name in CLIENTS:
        for error in (ZeroDivisionError, ValueError):
            with monkeypatch.context() as patch:
                patch.setattr(client, method, failing(error))
                run("check", name)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:{WRONG['database']}@127.0.0.1:9/leadpact")
    run("health")
    monkeypatch.delenv("DATABASE_URL")


@pytest.mark.thorough
def test_no_path_says_or_keeps_a_secret(run: Any, org: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("by-password", "by-client", "by-key", "by-session", "base"):
        assert run("check", name) == 0, name
        run("mapping", name, "--propose")
    for name in ("by-password", "by-session"):
        assert run("sync", name, "--log", "json") == 0
    for name in ("wrong-password", "wrong-client", "wrong-session", "wrong-base", "mirror"):
        assert run("sync", name) in (2, 3), name
        run("doctor", name, "--json")
    org.faults.add("POST|GET", Echo(), times=None)
    for name in ("by-password", "by-client", "by-session"):
        assert run("sync", name, "--full", "--log", "json") == 3
    org.faults.clear()
    for error in (ZeroDivisionError, ValueError, KeyError, OSError):
        for client, method, name in CLIENTS:
            with monkeypatch.context() as patch:
                patch.setattr(client, method, failing(error))
                run("sync", name, "--full")
    for words in ("digest --log json", "digest --dry-run", "audit --json"):
        run(*words.split(), "--connection", "by-password")
    run("report", "--connection", "by-password", "--out", str(tmp_path / "report.html"))
    assert run("backup", str(tmp_path / "all.tar.gz")) == 0
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:{WRONG['database']}@127.0.0.1:9/leadpact")
    for words in ("health", "doctor --offline", "audit --log json", "pact show"):
        run(*words.split())
    monkeypatch.delenv("DATABASE_URL")


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    secret = "canary &/+ 1"  # each spelling of it
    for number, one in enumerate(spellings(secret)):
        (tmp_path / str(number)).write_bytes(b"x" + one + b"y")
    found = kept(tmp_path, without=tmp_path / "none")
    assert len(holders({secret}, found)) == len(found) == len(spellings(secret))
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "0", arcname="inside")
    assert any(where.endswith(":inside") for where in holders({secret}, kept(tmp_path, without=tmp_path)))
