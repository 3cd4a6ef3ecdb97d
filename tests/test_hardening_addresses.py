"""Credentials go to the host that was asked, by https, and nowhere else: settings, redirects, answers that point away.

Not here: links people follow (test_weblink.py), Airtable's redirects and .netrc (test_airtable_limiter.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.airtable import settings as airtable
from connectors.salesforce import settings as salesforce
from connectors.salesforce.link import Link
from leadpact import endpoints
from leadpact.errors import Misconfigured, SourceRefused, SourceUnreachable
from tests.salesforce import access, fixtures
from tests.salesforce.answers import Answer, Request
from tests.salesforce.asked import connect
from tests.salesforce.faults import Fault
from tests.salesforce.server import Server

acme, org = fixtures.acme, fixtures.salesforce

GOOD = ["https://acme.my.salesforce.com", "https://acme.example:8443/proxy/", "https://10.1.2.3", "https://[::1]:8443",
        "https://127.0.0.1:8443", "https://xn--bcher-kva.example"]  # fmt: skip
PLAIN = ["http://127.0.0.1:8080", "http://localhost:8080/v0", "http://[::1]"]
BAD = [
    "", "acme.my.salesforce.com", "//acme.example", "http://acme.my.salesforce.com", "ftp://acme.example",
    "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///path", "https://acme.example:99999",
    "https://acme.example:0", "https://acme.example:x", "https://login.salesforce.com@evil.example",
    "https://login.salesforce.com:x@evil.example", "https://@evil.example", "https://acme.example\\@evil.example",
    "https://acme.example\n.evil.example", "https://acme example", "https://acme.example\x00", "https://bücher.example",
    "https://①②⑦.0.0.1", "https://[::1", "https://2130706433", "https://0x7f000001", "https://0177.0.0.1",
    "https://127.1", "https://169.254.169.254/latest", "https://2852039166", "https://[::ffff:169.254.169.254]",
    "https://[fe80::1]", "https://[fd00:ec2::254]", "https://100.100.100.200", "https://metadata.google.internal",
    "https://metadata.google.internal.", "https://0.0.0.0", "https://[::]", "https://224.0.0.1", "https://255.255.255.255",
    "http://169.254.169.254", "http://0.0.0.0", "http://10.1.2.3", "http://127.0.0.1.evil.example", "http://2130706433",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_an_address_nobody_should_be_sent_to(url: str) -> None:
    assert not endpoints.allowed(url) and not endpoints.allowed(url, plain_on_loopback=True)
    with pytest.raises(Misconfigured):
        salesforce.read({"instance_url": url, "session_id": "s"})
    if url:  # Airtable's own is the default
        with pytest.raises(Misconfigured):
            airtable.read({"token": "t", "base_id": "app00000000000000", "endpoint_url": url})


@pytest.mark.parametrize("url", [*GOOD, *PLAIN])
def test_an_address_of_a_crm_or_of_this_machine(url: str) -> None:
    assert endpoints.allowed(url) == (url in GOOD)
    assert airtable.read({"token": "t", "base_id": "app00000000000000", "endpoint_url": url}).endpoint
    if url in GOOD:
        assert salesforce.read({"instance_url": url, "session_id": "s"}).login["instance_url"] == url
    else:
        with pytest.raises(Misconfigured):
            salesforce.read({"instance_url": url, "session_id": "s"})


@dataclass
class Elsewhere:
    """A server nobody should reach, and what reached it."""

    url: str
    seen: list[str]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with _listening() as found:
        yield found


@contextmanager
def _listening() -> Iterator[Elsewhere]:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            seen.append(f"{self.requestline} {dict(self.headers)} {self.rfile.read(length)!r}")
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield Elsewhere(f"http://127.0.0.1:{server.server_address[1]}/latest/meta-data", seen)
        server.shutdown()


@dataclass
class Moved(Fault):
    """The answer sends the client to another address; 307 asks it to take its body there."""

    code: int
    to: str

    def before(self, request: Request) -> Answer:
        return Answer(self.code, {}, {"Location": self.to})


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_takes_no_password_to_another_host(code: int, org: Server, elsewhere: Elsewhere) -> None:
    org.faults.add("POST /services/Soap", Moved(code, elsewhere.url), times=None)
    connector = connect(org, username=access.USERNAME, password=access.PASSWORD,
                        security_token=access.SECURITY_TOKEN, domain="login")  # fmt: skip
    with pytest.raises((SourceRefused, SourceUnreachable)):
        list(connector.extract().pages)
    assert org.faults.hit and not elsewhere.seen


def test_a_redirect_takes_no_token_to_another_host(org: Server, elsewhere: Elsewhere) -> None:
    org.faults.add("GET .*/sobjects", Moved(302, elsewhere.url), times=None)
    with pytest.raises((SourceRefused, SourceUnreachable)):
        list(connect(org).extract().pages)
    assert org.faults.hit and not elsewhere.seen


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "https://acme.my.salesforce.com@evil.example/x"])
def test_nothing_is_sent_where_an_answer_points_astray(url: str) -> None:
    with pytest.raises(requests.exceptions.InvalidURL):
        Link().post(url, data="secret")


@pytest.mark.parametrize("url", [".evil.example/x", "@evil.example/x", ":99/x", ""])
def test_the_next_page_is_a_path_of_the_same_host(url: str, org: Server) -> None:
    before = len(org.requests)
    with pytest.raises(SourceUnreachable, match="garbled"):
        connect(org).client.more(url)
    assert len(org.requests) == before


def test_a_netrc_of_the_machine_does_not_sign_in(org: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    next(iter(connect(org).extract().pages))
    assert {one.headers.get("Authorization", one.headers.get("authorization", ""))[:7] for one in org.requests} <= {
        "Bearer ", ""
    }  # fmt: skip
