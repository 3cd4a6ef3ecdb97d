"""What every page and part of it gives a viewer and a member of one team, with its files and the people behind it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from config import versions
from config.document import parse
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests import canaries
from tests.apptest import AS_OF, prepare, visit, words
from tests.canaries import (
    ADMINISTRATOR,
    EVERYBODY,
    IN_SPAIN,
    NORTH,
    OF_NORTH,
    SOUTH,
    VIEWER,
    behind,
    given,
    of_team,
    told,
)
from tests.forgettable import holding
from tests.homes import copied

home, synced = canaries.home, canaries.synced
VIEWS: dict[str, list[dict[str, str]]] = {
    "today": [{}],
    "funnel": [{"view": name} for name in ("funnel", "leaks", "cohorts", "flow", "trends", "pipeline")],
    "velocity": [{"view": name} for name in ("stages", "curves", "reach", "ageing", "engines")],
    "sla": [{"view": name} for name in ("policies", "waiting", "response", "bands", "when", "people")],
    "findings": [{"view": name} for name in ("todo", "target", "imports", "history", "aside", "maturity", "unchecked")],
    "scoring": [{"view": name} for name in ("rules", "simulate", "quality", "suggest")],
    "fixes": [{}, {"plan": "new"}],
    "definition": [{"view": name} for name in ("stages", "lists", "versions")],
    "connection": [{"section": name} for name in ("mapping", "sync", "data", "writeback")],
    "meeting": [{}],
    "person": [{"object": "lead", "record": "Sthzq1id"}],
    "people": [{}],
}
PACT: dict[str, Any] = {
    "scoring": {"rules": [{"id": "web", "category": "fit", "when": {"field": "source", "op": "eq", "value": "Web"},
                           "points": 20}]},
    "sales_ready": {"threshold": 10, "all": [{"field": "email", "op": "filled"}]},
    "lists": [{"id": "all", "name": "Everybody", "stages": [], "when": []}],
}  # fmt: skip


CLICK = re.compile(r"\bclick an? \w+|\bhaz clic en una? \w+|\brow of the table\b", re.IGNORECASE)


def filled(home: Path) -> None:
    """A pact with a rule and a list, so that their pages have people behind them."""
    space = Workspace(home)
    whole = json.loads(space.pact_in_use("acme").pact.canonical)
    versions.save(space.database, parse({**whole, **PACT}), author="a@acme.example", message="", now=AS_OF)


@pytest.mark.parametrize("page", VIEWS)
def test_no_page_gives_more_than_its_visitor_may_see(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    home = prepare(copied(synced, tmp_path / "home"), monkeypatch)
    filled(home)
    asked = {"Sthzq1id"} if page == "person" else set()  # as it was asked for in the link
    for query in VIEWS[page]:
        for who in (VIEWER, OF_NORTH):
            with given(monkeypatch, who) as seen:
                at = visit(page, **query)
                behind(at)
                # no click leads a viewer to people, so nothing invites them to one
                assert who is OF_NORTH or not CLICK.search(words(at)), (page, query)
                assert not at.exception, (page, query, at.exception)
            found = told(seen) - asked
            assert not of_team(found, SOUTH), (page, query, who.email)
            assert who is OF_NORTH or not found, (page, query)


def test_a_viewer_is_told_why_and_the_number_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with given(monkeypatch, VIEWER):
        said = words(visit("sla", view="waiting"))
    assert "2 records" in said and "You see figures here, not names" in said and "RevOps" in said
    with given(monkeypatch, VIEWER):
        said = words(visit("person", "es", object="lead", record="Nrthzq1id"))
    assert "Aquí ves cifras, no nombres" in said


def test_a_click_that_leads_to_people_is_offered_to_who_sees_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for lang, view, hint in (
        ("es", "policies", "Haz clic en una parte para ver a las personas."),
        ("en", "people", "Click a bar to see the people."),
    ):
        for who in (OF_NORTH, VIEWER):
            with given(monkeypatch, who):
                at = visit("sla", lang, view=view)
            (picked,) = [one for one in at.selectbox if one.label == Language(lang)("ui.people.behind")]
            assert (hint in words(at)) is (who is OF_NORTH)
            told = "ui.people.pick" if who is OF_NORTH else "ui.people.pick.count"
            assert picked.options[0] == Language(lang)(told)


def test_a_list_says_how_many_it_leaves_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with given(monkeypatch, IN_SPAIN):
        said = words(visit("sla", view="waiting"))
    assert "1 more is counted in the figures" in said and "countries: ES" in said


def test_a_person_of_another_team_is_not_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with given(monkeypatch, OF_NORTH) as seen:
        at = visit("person", object="lead", record="Sthzq1id")
        at.text_input(key="_person_search").set_value("zq1").run()
    found = told(seen)
    assert of_team(found, SOUTH) == {"Sthzq1id"}  # as it was asked for in the link
    assert "Nrthzq1name" in found


def test_an_administrator_forgets_somebody_and_nobody_else_can(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = prepare(copied(synced, tmp_path / "home"), monkeypatch)
    where = {"object": "lead", "record": "Nrthzq3id"}
    with given(monkeypatch, EVERYBODY):
        assert not [one for one in visit("person", **where).text_input if one.key == "_person_forget_typed"]
    with given(monkeypatch, ADMINISTRATOR):
        at = visit("person", **where)
        at.text_input(key="_person_forget_typed").set_value("another")
        at.button(key="_person_forget_do").click().run()
        assert at.error and "Nrthzq3name" in words(at)
        at.text_input(key="_person_forget_typed").set_value("Nrthzq3id")
        at.button(key="_person_forget_do").click().run()
        assert "Forgotten: 1 record" in words(at) and "Nrthzq3name" not in words(at)
    assert not holding(home, "Nrthzq3name", "Nrthzq3mail", "Nrthzq3company", "Nrthzq3subject")
    assert holding(home, "Nrthzq4name")


def test_whoever_may_see_everybody_does(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests above could not fail."""
    with given(monkeypatch, EVERYBODY) as seen:
        visit("sla", view="waiting")
    assert of_team(told(seen), SOUTH) and of_team(told(seen), NORTH)
