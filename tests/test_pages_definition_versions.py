"""The Versions part of the Definition page: publish, sign, withdraw, compare, comment; roles hold where the act is.

Not here: editing (test_pages_definition.py), signatures themselves (test_signatures.py).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from config import comments, drafts, versions
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.apptest import prepare, settle_company, visit, words
from tests.worlds import pact
from ui import access

NOW = datetime(2026, 3, 1, 9)
KEY = "_definition_"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    home = prepare(tmp_path / "home", monkeypatch)
    settle_company(home)
    return Workspace(home).database


def asked(monkeypatch: pytest.MonkeyPatch, email: str, *roles: str) -> None:
    """Somebody signed in, with roles."""
    visitor = access.Visitor(email, frozenset(roles))
    monkeypatch.setattr(access, "admit", lambda page, lang: visitor)


def test_from_draft_to_in_force_and_back(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)
    draft = drafts.begin(engine, author="ana", now=NOW)
    drafts.edit(engine, draft.id, section="sales_ready", value={"threshold": 80}, expected=0, author="ana", now=NOW)
    at = visit("definition", view="versions")
    assert "Threshold none → 80" in words(at)
    at.text_input(key=f"{KEY}author").input("Ana").run()
    at.button(key=f"{KEY}publish").click().run()
    assert [one.number for one in versions.history(engine)] == [2, 1] and drafts.newest(engine) is None
    at.text_input(key=f"{KEY}signer_marketing").input("ana@x.com").run()
    at.button(key=f"{KEY}sign_marketing").click().run()
    at.text_input(key=f"{KEY}signer_sales").input("Ana@X.com").run()
    at.button(key=f"{KEY}sign_sales").click().run()
    assert "signed version 2 already" in "".join(one.value for one in at.error)
    at.text_input(key=f"{KEY}signer_sales").input("bob@x.com").run()
    at.button(key=f"{KEY}sign_sales").click().run()
    force = versions.in_force(versions.history(engine))
    assert force is not None and force.number == 2
    at.button(key=f"{KEY}withdraw_sales").click().run()
    assert versions.in_force(versions.history(engine)) is None
    spanish = visit("definition", "es", again=at, view="versions", version="1", against="2")
    assert "Umbral nada → 80" in words(spanish) and "Los mismos datos con cada una" in words(spanish)


def test_two_versions_are_compared_with_the_filters_of_the_dashboard(engine: Engine) -> None:
    stages = [{"key": one.key, "label": one.label, "kind": one.kind} for one in pact().stages]
    for threshold in (None, 20):
        ready = {} if threshold is None else {"threshold": threshold}
        rules = {"rules": [{"id": "mail", "category": "fit", "when": {"field": "email", "op": "filled"}, "points": 25}]}
        made = pact(name="Acme", stages=stages, sales_ready=ready, scoring=rules)
        versions.save(engine, made, author="ana", message="", now=NOW)
    at = visit("funnel", **{"from": "2026-02-01", "source": "Web"})
    links = [one for one in at.get("page_link") if one.label == Language("en")("ui.explain.versions")]
    assert len(links) == 1
    query = links[0].proto.query_string
    assert all(part in query for part in ("view=versions", "from=2026-02-01", "source=Web"))
    at = visit("definition", again=at, view="versions")
    texts = words(at)
    assert "Median days in each stage" in texts and "Lights of the leads Sales does not have yet" in texts
    assert at.query_params["source"] in ("Web", ["Web"]) and "= Web" in texts


def test_a_team_is_signed_for_by_its_own_people_only(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)
    asked(monkeypatch, "ana@x.com", "marketing")
    at = visit("definition", view="versions")
    keys = {one.key for one in at.button}
    assert f"{KEY}sign_marketing" in keys and f"{KEY}sign_sales" not in keys
    at.button(key=f"{KEY}sign_marketing").click().run()
    (mine,) = versions.history(engine)[0].signatures
    assert (mine.email, mine.team, mine.door) == ("ana@x.com", "marketing", "app")
    for act, role in (
        (access.SIGN_MARKETING, "sales"),
        (access.SIGN_SALES, "marketing"),
        (access.SIGN_SALES, "administrator"),
    ):
        with pytest.raises(access.NotAllowed):
            access.acting(access.Visitor("root@x.com", frozenset({role})), act, "bob@x.com")
    own = access.Visitor("bob@x.com", frozenset({"sales"}))
    assert access.acting(own, access.SIGN_SALES, "somebody.else@x.com") == "bob@x.com"


def test_comments_are_written_and_settled(engine: Engine) -> None:
    at = visit("definition", view="versions")
    at.text_input(key=f"{KEY}author").input("Bob").run()
    at.selectbox(key=f"{KEY}comment_path").set_value("sla")
    at.text_area(key=f"{KEY}comment_text").input("Two days are *too* long")
    next(one for one in at.button if one.label == Language("en")("comments.send")).click().run()
    (made,) = comments.on(engine)
    assert (made.path, made.author) == ("sla", "Bob")
    at.button(key=f"{KEY}resolve_{made.id}").click().run()
    assert comments.on(engine, open_only=True) == []


def test_several_pacts_are_chosen_in_the_frame(engine: Engine) -> None:
    for line, kind in (("main", "B2B"), ("b2c", "B2C")):
        made: dict[str, Any] = {"name": kind, "scope": {"record_type": [kind]}}
        versions.save(engine, pact(**made), author="a", message="", now=NOW, line=line)
    at = visit("definition", view="versions")
    assert at.selectbox(key=f"{KEY}pact").value == "main"
    at = visit("definition", view="versions", pact="b2c")
    assert "B2C · version 1" in words(at) or "B2C" in words(at)
    assert at.selectbox(key=f"{KEY}pact").value == "b2c"


def test_what_is_said_of_one_stage_stands_at_it(engine: Engine) -> None:
    versions.save(engine, pact(), author="ana", message="", now=NOW)
    comments.add(engine, path="stages[mql].meaning", text="Too *vague*", author="Eva", now=NOW)
    at = visit("definition", view="stages")
    counts = {one.key: one.label for one in at.button if one.key and one.key.startswith(f"{KEY}remarks_")}
    assert counts[f"{KEY}remarks_stages"] == counts[f"{KEY}remarks_stages_mql"] == "1"
    assert counts[f"{KEY}remarks_stages_sal"] == ""
    at.button(key=f"{KEY}remarks_stages_mql").click().run()
    assert "Too *vague*" in words(at) and "Stages · MQL · meaning · Eva" in words(at)
    at.text_area(key=f"{KEY}remark_text").input("Say who met them")
    at.button(key=f"{KEY}remark_send").click().run()
    assert len(comments.on(engine)) == 1
