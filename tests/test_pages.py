"""Every page opens: in both languages, before the first sync, on rows and on the demo company."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, company, fill, prepare, settle_company, visit, words
from tests.conftest import ROOT
from tests.homes import copied
from tests.rows import Rows
from ui import registry, sources, today_view

PAGES = [entry.name for entry in registry.registered()]
DEMO = '[connections.demo]\ntype = "demo"\nleads = 150\nuntil = 2026-03-02T15:00:00\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def synced_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small demo company, synced once for all tests."""
    from connectors.demo import Demo

    folder = tmp_path_factory.mktemp("demo")
    connector = Demo({"leads": 150, "until": AS_OF}, state=folder / "demo" / "state")
    Workspace(folder).sync(connector, "demo", now=AS_OF)
    return folder


@pytest.mark.parametrize("data", ["empty", "rows", "demo"])
@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("page", PAGES)
def test_page_opens(
    page: str, lang: str, data: str, home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if data == "rows":
        settle_company(home)
    if data == "demo":
        copied(request.getfixturevalue("synced_demo"), prepare(home, monkeypatch, DEMO))
    at = visit(page, lang)
    assert not at.exception
    say, said = Language(lang), words(at)
    assert [title.value for title in at.title] == [say(f"page.{page}.title")]
    assert not at.error
    # where it reads, and whether anything may be written there, is in sight on every page
    assert say(f"setup.environment.{'demo' if data == 'demo' else 'files'}") in said
    assert say("setup.read_only") in said


@pytest.mark.parametrize("page", [entry.name for entry in registry.registered() if entry.needs_data])
def test_before_the_first_sync_a_page_leads_to_the_connection(page: str) -> None:
    at = visit(page)
    assert "There is no data from “acme” yet" in words(at)
    links = [link.proto.page for link in at.get("page_link")]
    assert links.count("connection") >= (2 if registry.entry("connection").exists else 0)


def test_the_first_visitor_of_an_empty_installation_gets_the_demo_company(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(home, monkeypatch, DEMO)
    at = visit("funnel")
    assert not at.exception
    assert Workspace(home).synced() == ["demo"]
    assert at.metric[0].value != "0"


def test_the_demo_is_not_synced_for_people_who_have_a_source_of_their_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(home, monkeypatch, DEMO + '[connections.acme]\ntype = "files"\npath = "nowhere"\n')
    visit("funnel")
    assert Workspace(home).synced() == []


def test_the_way_in_without_a_page_is_today_and_keeps_what_the_link_says() -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.query_params["lang"] = "es"
    at.run()
    assert [title.value for title in at.title] == ["Hoy"]


def test_a_language_once_chosen_goes_along_to_the_next_page(home: Path) -> None:
    settle_company(home)
    at = visit("sla", "en")
    at.button_group(key="_sla_lang").set_value("es").run()
    assert "Cumplimiento" in [metric.label for metric in at.metric]
    assert at.query_params["lang"] == ["es"] or at.query_params["lang"] == "es"
    del at.query_params["lang"]
    at.switch_page("pages/funnel.py").run()
    assert at.title[0].value == "Embudo"


def test_a_connection_that_is_not_configured_is_said_with_those_that_are() -> None:
    at = visit("funnel", connection="acne")
    assert not at.exception
    assert "acne" in at.error[0].value and "acme" in at.error[0].value


def test_an_error_of_the_domain_is_a_message_with_its_remedy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_company(home)

    def refuse(*_: object) -> None:
        raise Misconfigured("funnel.no_stages")

    monkeypatch.setattr(today_view, "tested", refuse)
    at = visit("today")
    assert [error.value.replace("\\", "") for error in at.error] == [Language("en")("funnel.no_stages")]


def test_an_unexpected_error_is_a_number_on_screen_and_a_place_in_the_log(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settle_company(home)
    monkeypatch.delenv("LEADPACT_RAISE")

    def fail(*_: object) -> None:
        raise ValueError("ana@acme.example")

    monkeypatch.setattr(today_view, "tested", fail)
    with caplog.at_level(logging.ERROR):
        at = visit("today")
    assert not at.exception
    said = at.error[0].value
    logged = caplog.text
    incident = logged.split("incident=")[1].split()[0]
    assert incident in said
    assert "ValueError" in logged and "fail" in logged
    assert "ana@acme.example" not in said + logged
    assert "Traceback" not in said + logged


def test_a_pact_signed_by_both_is_said_to_be_in_force(home: Path) -> None:
    from config import versions
    from config.document import default

    settle_company(home)
    engine = Workspace(home).database
    version = versions.save(engine, default("en"), author="ana@acme.example", message="", now=AS_OF)
    for email, team in (("ana@acme.example", "marketing"), ("olga@acme.example", "sales")):
        version = versions.sign(engine, version, email=email, team=team, door="cli", now=AS_OF)  # type: ignore[arg-type]
    at = visit("sla")
    assert "version 1 · in force" in words(at)
    assert "draft" not in words(at)


def test_a_source_without_history_says_so(home: Path) -> None:
    fill(home, company(field_change=None))
    at = visit("today")
    assert not at.exception
    assert "none: this source gives no history" in words(at)


def test_two_connections_never_show_each_other(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = "".join(f'[connections.{name}]\ntype = "files"\npath = "x"\n' for name in ("acme", "other"))
    prepare(home, monkeypatch, secrets)
    settle_company(home)
    fill(
        home,
        Rows(record=[{"object": "lead", "record_id": "zoe", "name": "Zoe", "condition": "active"}]),
        connection="other",
    )
    at = visit("funnel", connection="acme")
    assert at.metric[0].value == "10"
    at.selectbox(key="_funnel_connection").set_value("other").run()
    assert not at.metric or at.metric[0].value != "10"


def test_the_clock_of_the_pages_is_utc_without_zone() -> None:
    assert sources.now().tzinfo is None


def test_after_a_link_in_vain_the_next_page_opens(home: Path) -> None:
    settle_company(home)
    at = visit("funnel", connection="acne")
    assert at.error and at.title[0].value == "Funnel"
    assert "connection" not in at.query_params
    at.switch_page("pages/sla.py").run()
    assert not at.error and at.metric


def test_spanish_of_latin_america_has_its_own_words(home: Path) -> None:
    settle_company(home)
    at = visit("today", "es-MX")
    assert "“Ventas no da seguimiento”." in words(at)
    assert "Responsable" not in words(visit("today", "es"))
