"""Every way of signing in to Salesforce, sessions that end, and settings that cannot be.

Not here: what a user may not read (test_salesforce_access.py).
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.salesforce import Salesforce
from leadpact.errors import Misconfigured, SourceRefused
from tests.salesforce import access, fixtures
from tests.salesforce.asked import connect
from tests.salesforce.company import Company, company
from tests.salesforce.fixtures import serving
from tests.salesforce.server import Server

acme, salesforce = fixtures.acme, fixtures.salesforce


@pytest.fixture
def ways(tmp_path: Any) -> dict[str, dict[str, Any]]:
    key = str(access.Access.private_key_file(tmp_path))
    return {
        "client": {"consumer_key": access.CONSUMER_KEY, "consumer_secret": access.CONSUMER_SECRET},
        "jwt": {"consumer_key": access.CONSUMER_KEY, "username": access.USERNAME, "privatekey_file": key},
        "password": {
            "username": access.USERNAME, "password": access.PASSWORD, "security_token": access.SECURITY_TOKEN,
        },
    }  # fmt: skip


@pytest.mark.parametrize(("way", "sandbox"), [("client", True), ("jwt", False), ("jwt", True), ("password", False)])
def test_every_way_of_signing_in(
    ways: dict[str, dict[str, Any]], way: str, sandbox: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a session that ends in mid-reading is replaced, once."""
    with serving(Server(company(leads=1, sandbox=sandbox).org), monkeypatch) as server:
        domain = {
            "client": server.domain,
            "jwt": "test" if sandbox else "login",
            "password": "test" if sandbox else None,
        }
        connector = connect(server, **ways[way], domain=domain[way])
        pages = connector.extract().pages
        next(pages)
        server.access.expire()
        rows = sum(page.rows.num_rows for page in pages if page.table == "record")
        assert rows == len(server.org.rows["Lead"]) + len(server.org.rows["Contact"])
        assert server.access.logins == 2
        (first, *_) = connector.check()
        assert first.message == ("salesforce.check.sandbox" if sandbox else "salesforce.check.production")


def test_a_token_that_ended_is_an_answer_with_a_remedy(acme: Company, salesforce: Server) -> None:
    pages = connect(salesforce).extract().pages
    next(pages)
    salesforce.access.expire()
    with pytest.raises(SourceRefused, match="session_expired"):
        list(pages)


def test_wrong_credentials_are_said_without_them(ways: dict[str, dict[str, Any]], salesforce: Server) -> None:
    for name in ("consumer_secret", "password"):
        way = next(one for one in ways.values() if name in one)
        domain = salesforce.domain if name == "consumer_secret" else "login"
        connector = connect(salesforce, **{**way, name: "canary-wr0ng"}, domain=domain)
        (answer,) = connector.check()
        assert answer.message == "salesforce.sign_in_refused"
        assert "canary" not in repr(answer) + repr(connector.__dict__)


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"username": "u", "password": "p"}, {"consumer_key": "k", "consumer_secret": "s"},
        {"consumer_key": "k", "consumer_secret": "s", "domain": "test"},
        {"consumer_key": "k", "consumer_secret": "s", "domain": "evil.example/x?"},
        {"instance_url": "https://user@acme.my.salesforce.com", "session_id": "s"},
        {"instance_url": "acme.my.salesforce.com", "session_id": "s"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_said_at_once(wrong: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        Salesforce(wrong)


@pytest.mark.parametrize(
    "entry",
    [
        "{source: Account, to: leads}",
        "{source: Lead, to: contacts}",
        "{source: Lead, to: leads}\n- {source: lead, to: leads}",
    ],
)
def test_a_mapping_that_cannot_be_is_said_at_once(entry: str) -> None:
    with pytest.raises(Misconfigured):
        Salesforce(
            {"instance_url": "https://x.example", "session_id": "s"}, mapping=f"version: 1\ntables:\n- {entry}\n"
        )
