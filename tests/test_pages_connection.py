"""Connecting a CRM on the page Connection: the guide, the test, and who lets LeadPact write."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from config.database import audit_trail, open_database
from leadpact import settings, signing_in
from leadpact.connector import Check
from leadpact.errors import Misconfigured, SourceUnreachable
from leadpact.language import Language
from leadpact.signing_in import WAYS
from leadpact.workspace import Workspace
from tests.apptest import SECRETS, prepare, visit, words
from tests.conftest import ROOT
from ui import connection_source

EN = Language("en")
BASE = "appABCDEFGHIJKLMN"
TWO = f'{SECRETS}\n[connections.invented]\ntype = "demo"\nleads = 5\n'  # of two, none is synced by itself
TOKEN = "patAbCdEfGhIjKlMn.0123456789abcdef"
WORDS = {secret: secret for ways in WAYS.values() for way in ways for secret in way.secrets}
ASKED = {"address": "https://acme.lightning.force.com/lightning/page/home", "base": f"https://airtable.com/{BASE}/tbl1"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A database in which nothing was decided."""
    return open_database(tmp_path_factory.mktemp("pact"))


def blocks(at: AppTest) -> list[str]:
    return [block.value for block in at.code]


# The settings to paste


@pytest.mark.parametrize(("type", "way"), [(type, way.name) for type, ways in WAYS.items() for way in ways])
def test_every_way_of_signing_in_is_a_block_the_settings_read(
    type: str, way: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ASKED.get(signing_in.way(type, way).asks or "", "")
    found = signing_in.options(type, way, environment="sandbox", zone="UTC", asked=asked, words=WORDS)
    prepare(tmp_path, monkeypatch, signing_in.as_toml("acme", found, "note"))
    one = settings.connections(engine)["acme"]
    assert (one.type, one.environment, one.writable) == (type, "sandbox", False)
    assert set(one.placeholders) == set(signing_in.way(type, way).secrets)
    for line in signing_in.as_variables("acme", found).splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value.strip('"'))
    settings.SECRETS.unlink()
    assert settings.connections(engine)["acme"].options == one.options


def test_the_example_file_shows_every_way_and_holds_no_secret() -> None:
    text = (ROOT / ".streamlit" / "secrets.example.toml").read_text(encoding="utf-8")
    known = list(tomllib.loads(text)["connections"])
    bare = "\n".join(
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else "" for line in text.splitlines()
    )
    shown = [set(one.partition("]")[2].split()) for one in bare.split("[connections.")]
    for ways in WAYS.values():
        for way in ways:
            assert any(set(way.secrets) <= names for names in shown), way.name
    assert known == ["demo", "exports"]


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://acme.lightning.force.com/lightning/o/Lead/list", "acme.my"),
        ("acme.my.salesforce.com", "acme.my"),
        ("https://acme--uat.sandbox.lightning.force.com/", "acme--uat.sandbox.my"),
        ("https://acme-dev-ed.develop.my.salesforce.com", "acme-dev-ed.develop.my"),
        ("Acme", "acme.my"),
    ],
)
def test_the_address_people_see_tells_the_my_domain(address: str, domain: str) -> None:
    assert signing_in.my_domain(address) == domain


@pytest.mark.parametrize(
    "address", ["", "https://login.salesforce.com", "https://evil.example/acme", "a b", "https://[x"]
)
def test_an_address_that_tells_no_company_is_refused(address: str) -> None:
    with pytest.raises(Misconfigured, match="bad_address"):
        signing_in.my_domain(address)


# The guide


def test_the_guide_shows_what_to_paste_and_finds_it_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(tmp_path, monkeypatch)
    at = visit("connection")
    at.button_group(key="_connection_crm_type").set_value("airtable").run()
    at.text_input(key="_connection_crm_base").input(ASKED["base"]).run()
    assert not blocks(at) and EN("connect.name") in words(at)
    at.text_input(key="_connection_crm_name").input("base").run()
    (block,) = blocks(at)
    assert tomllib.loads(block)["connections"]["base"]["base_id"] == BASE
    assert EN("page.connection.crm.waiting", name="base") in words(at)
    settings.SECRETS.write_text(f"{SECRETS}\n{block}", encoding="utf-8")
    assert "token" in words(at.run()) and not [one for one in at.button if one.key == "_connection_crm_test"]
    settings.SECRETS.write_text(f"{SECRETS}\n{block.replace('<personal access token>', TOKEN)}", encoding="utf-8")
    at.run()
    assert EN("page.connection.crm.found", name="base") in words(at)
    at.button(key="_connection_crm_test").click().run()
    assert at.query_params["connection"] in ("base", ["base"]) and TOKEN not in words(at)


def test_a_token_typed_into_the_guide_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    at = visit("connection")
    at.text_input(key="_connection_crm_name").input(TOKEN).run()
    assert EN("page.connection.crm.secret") in words(at)
    assert TOKEN not in repr(at.session_state._state.filtered_state) and TOKEN not in words(at)


# The test


class Answers:
    """A connector of which only the answers matter."""

    def __init__(self, *checks: Check, error: Exception | None = None) -> None:
        self.checks, self.error = checks, error

    def check(self) -> Iterable[Check]:
        yield from self.checks
        if self.error is not None:
            raise self.error


def test_what_breaks_a_test_is_an_answer_and_the_page_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    fine, bad = (
        Check("company", True, "demo.check_writable"),
        Check("x", False, "demo.check_read_only", "files.remedy.folder"),
    )
    gone = SourceUnreachable("setup.add.no_folder", path="/x")
    made = Answers(fine, bad, error=gone)
    monkeypatch.setattr(connection_source, "adapter", lambda page: made)
    at = visit("connection")
    at.button(key="_connection_test").click().run()
    said = words(at)
    assert EN("demo.check_writable") in said and EN("files.remedy.folder") in said
    assert EN("setup.add.no_folder", path="/x") in said and not at.exception
    assert at.button(key="_connection_add")  # what stands below is drawn all the same
    assert "1" in at.status[0].label


def test_that_writing_is_not_enabled_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    made = Answers(Check("write", False, "demo.check_read_only", "demo.check_read_only_remedy"))
    monkeypatch.setattr(connection_source, "adapter", lambda page: made)
    at = visit("connection")
    at.button(key="_connection_test").click().run()
    assert at.status[0].state == "complete" and EN("demo.check_read_only") in words(at)


# Writing


def test_writing_is_enabled_by_typing_the_name_and_taken_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = prepare(tmp_path, monkeypatch, TWO)
    engine = Workspace(home).database

    def writable() -> bool:
        return settings.connections(engine)["invented"].writable

    at = visit("connection", connection="invented")
    assert EN("setup.read_only") in words(at)
    at.text_input(key="_connection_writing_who_0").input("ana@x.example")
    at.text_input(key="_connection_writing_name_0").input("invente")
    at.button(key="_connection_writing_enable").click().run()
    assert not writable() and at.error
    at.text_input(key="_connection_writing_name_0").input("invented")
    at.button(key="_connection_writing_enable").click().run()
    assert writable() and "ana@x.example" in words(at)
    at.button(key="_connection_writing_disable").click().run()
    assert not writable()
    with engine.begin() as database:
        assert len(database.execute(sa.select(audit_trail)).all()) == 2


def test_only_an_administrator_enables_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import access

    revops = access.Visitor("rev@x.example", frozenset({"revops"}))
    assert not access.may(revops, access.WRITING_ON) and access.may(revops, access.WRITING_OFF)
    with pytest.raises(access.NotAllowed):
        access.acting(revops, access.WRITING_ON)
    prepare(tmp_path, monkeypatch, TWO)
    monkeypatch.setattr(access, "admit", lambda page, lang: revops)
    at = visit("connection", connection="invented")
    assert EN("page.connection.writing.ask_admin") in words(at)
    assert not [one for one in at.button if one.key == "_connection_writing_enable"]
