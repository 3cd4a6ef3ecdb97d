"""Where a connection's options come from, what it points at, and who let LeadPact write over it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import audit_trail, open_database
from leadpact import overrides, settings, writing
from leadpact.errors import Misconfigured
from leadpact.settings import Connection

NOW = datetime(2026, 3, 1, 9)
FILE = """
[connections.acme]
type = "salesforce"
domain = "acme.my"
consumer_key = "from-file"
consumer_secret = "from-file"
[connections.acme_prod]
type = "airtable"
base_id = "appAAAAAAAAAAAAAA"
token = "from-file"
[connections.locked]
type = "airtable"
writable = false
[connections.open]
type = "airtable"
writable = true
[connections.demo]
type = "demo"
leads = 10
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    file = tmp_path / "secrets.toml"
    file.write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(settings, "SECRETS", file)
    return open_database(tmp_path / "home")


def test_the_environment_wins_over_the_file_and_the_longest_name_over_a_shorter(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADPACT_ACME_CONSUMER_SECRET", "12345")
    monkeypatch.setenv("LEADPACT_ACME_PROD_TOKEN", "true")
    monkeypatch.setenv("LEADPACT_DEMO_LEADS", "40")
    monkeypatch.setenv("LEADPACT_DEMO_WRITABLE", "True")
    monkeypatch.setenv("LEADPACT_ACME_DOMAIN", "")  # empty says nothing
    found = settings.connections(engine)
    assert found["acme"].options["consumer_secret"] == "12345"  # a secret is text, whatever it looks like
    assert found["acme"].options["domain"] == "acme.my" and "prod_token" not in found["acme"].options
    assert found["acme_prod"].options["token"] == "true"
    assert found["demo"].options["leads"] == 40 and found["demo"].writable


def test_a_connection_can_be_made_by_the_environment_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADPACT_NORTH_TYPE", "airtable")
    monkeypatch.setenv("LEADPACT_NORTH_BASE_ID", "appBBBBBBBBBBBBBB")
    monkeypatch.setenv("LEADPACT_SOUTH_TOKEN", "belongs to nobody")
    found = settings.connections(engine)
    assert (found["north"].type, found["north"].options) == ("airtable", {"base_id": "appBBBBBBBBBBBBBB"})
    assert "south" not in found
    assert overrides.variable("acme-prod", "token") == "LEADPACT_ACME_PROD_TOKEN"


@pytest.mark.parametrize(
    ("type", "options", "environment"),
    [
        ("salesforce", {"domain": "acme.my"}, "production"),
        ("salesforce", {"domain": "test"}, "sandbox"),
        ("salesforce", {"domain": "Acme--Dev.Sandbox.my"}, "sandbox"),
        ("salesforce", {"instance_url": "https://acme--uat.sandbox.my.salesforce.com"}, "sandbox"),
        ("salesforce", {"domain": "acme.my", "environment": "sandbox"}, "sandbox"),
        ("airtable", {"base_id": "app1"}, "production"),
        ("airtable", {"environment": "sandbox"}, "sandbox"),
        ("airtable", {"environment": "anything else"}, "production"),
        ("files", {"environment": "sandbox"}, "files"),
    ],
)
def test_what_a_connection_points_at(type: str, options: dict[str, str], environment: str) -> None:
    assert Connection("x", type, options).environment == environment


def test_nobody_writes_until_it_is_enabled_and_read_only_holds_at_once(engine: Engine) -> None:
    def writable(name: str) -> bool:
        return settings.connections(engine)[name].writable

    def decide(name: str, enabled: bool) -> None:
        one = settings.connections(engine)[name]
        settings.decide_writing(engine, one, enabled=enabled, actor="ana@x.example", door="app", now=NOW)

    assert [writable(name) for name in ("acme", "open", "locked")] == [False, True, False]
    decide("acme", True)
    decide("open", False)
    assert [writable(name) for name in ("acme", "open")] == [True, False]
    decide("acme", False)
    decide("open", True)
    assert [writable(name) for name in ("acme", "open")] == [False, True]
    with pytest.raises(Misconfigured, match="locked"):
        decide("locked", True)
    with engine.begin() as database:
        trail = database.execute(sa.select(audit_trail.c.action, audit_trail.c.actor)).all()
    assert trail == [
        ("connection.writing_enabled", "ana@x.example"),
        ("connection.writing_disabled", "ana@x.example"),
        ("connection.writing_disabled", "ana@x.example"),
        ("connection.writing_enabled", "ana@x.example"),
    ]


def test_writing_enabled_for_a_sandbox_does_not_follow_the_name_to_production(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADPACT_ACME_DOMAIN", "acme--dev.sandbox.my")
    one = settings.connections(engine)["acme"]
    settings.decide_writing(engine, one, enabled=True, actor="ana", door="cli", now=NOW)
    assert settings.connections(engine)["acme"].writable
    monkeypatch.delenv("LEADPACT_ACME_DOMAIN")
    assert not settings.connections(engine)["acme"].writable
    monkeypatch.setenv("LEADPACT_ACME_CONSUMER_SECRET", "changed")  # a new secret is not another CRM
    monkeypatch.setenv("LEADPACT_ACME_DOMAIN", "acme--dev.sandbox.my")
    assert settings.connections(engine)["acme"].writable


def test_files_are_never_written_and_nobody_is_no_name() -> None:
    with pytest.raises(Misconfigured, match="cannot"):
        writing.decide(None, "x", "files", {}, enabled=True, actor="ana", door="cli", now=NOW)  # type: ignore[arg-type]
    with pytest.raises(Misconfigured, match="nobody"):
        writing.decide(None, "x", "demo", {}, enabled=True, actor="  ", door="cli", now=NOW)  # type: ignore[arg-type]


def test_what_still_holds_a_placeholder_is_named() -> None:
    one = Connection("x", "airtable", {"token": "<personal access token>", "base_id": "app1"})
    assert one.placeholders == ["token"] and "personal" not in repr(one)
