"""Today on ten leads whose numbers are known: first screen, promises, causes, report; nothing computed twice."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from config import versions
from config.document import default
from config.propose import propose
from config.schema import Pact
from leadpact.audit.registry import every
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.apptest import company, fill, prepare, settle_company, visit, words
from tests.rows import Rows, lead
from ui import audits, lights, today_view

PROMISES = {"marketing": {"mql_per_month": 2, "accepted_rate": 0.8}, "sales": {"follow_up": "mql-follow-up"}}
STATUSES = ["New", "MQL", "SAL", "Customer", "Left Voicemail", "Disqualified"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path, monkeypatch)
    settle_company(folder)
    return folder


def promise(home: Path) -> Pact:
    """Saves a pact with promises by both teams."""
    bare = propose(default("en"), {"lead": STATUSES})
    made = Pact.model_validate({**bare.model_dump(), "commitments": PROMISES})
    versions.save(Workspace(home).database, made, author="a@b.example", message="", now=datetime(2026, 3, 1))
    return made


def metrics(at: AppTest) -> dict[str, str]:
    return {one.label.replace("\\", ""): one.value.replace("\xa0", " ") for one in at.metric}


def people(at: AppTest) -> pd.DataFrame:
    found: pd.DataFrame = next(frame.value for frame in at.dataframe if {"name", "email"} <= set(frame.value.columns))
    return found


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_first_screen_tests_both_complaints_and_says_what_hurts_most(lang: str) -> None:
    at, say = visit("today", lang), Language(lang)
    assert not at.exception
    labels = [metric.label.replace("\\", "") for metric in at.metric][:4]
    assert labels == [say("page.today.in_time"), say("page.sla.never_touched"), say("page.today.accepted"),
                      say("page.today.sent_back")]  # fmt: skip
    assert at.warning[0].value.replace("\\", "") == say("page.today.hurts.waiting", count=1)  # Dora, ten days over
    said = words(at)
    order = [say("page.today.sales"), say("page.sla.waiting"), say("page.today.promises"), say("page.today.causes"),
             say("page.today.next"), say("page.today.six"), say("page.today.standing")]  # fmt: skip
    headings = [one.value.replace("\\", "") for one in at.subheader]
    assert order[0] in said and [text for text in headings if text in order] == order[1:]


def test_without_promises_the_page_says_which_are_missing() -> None:
    assert "The pact makes no promises yet" in words(visit("today"))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_promises_of_the_month_by_both_teams(home: Path, lang: str) -> None:
    promise(home)
    at, say = visit("today", lang), Language(lang)
    assert not at.exception
    found = metrics(at)
    pace = f"{say('team.marketing')}: {say('report.pace.promise', count=2)}"
    taken = f"{say('team.marketing')}: {say('report.accepted.promise', share=say.percent(0.8, 0))}"
    answered = f"{say('team.sales')}: {say('report.follow_up.promise', hours=48)}"
    assert found[pace] == "1"  # Eva, in March
    assert found[taken] == say("ui.unknown") and found[answered] == say("ui.unknown")
    assert "2" in say("report.pace.text", expected="2", share="1")


def test_a_promise_opens_to_the_people_behind_it(home: Path) -> None:
    promise(home)
    at = visit("today")
    at.button(key="_today_promise_pace_open").click().run()
    assert not at.exception
    listed = [set(frame.value["name"]) for frame in at.dataframe if "name" in frame.value.columns]
    assert {"Eva"} in listed


@pytest.mark.parametrize(
    ("button", "names"),
    [("sales_0", {"Ana"}), ("sales_1", {"Carla", "Dora", "Eva"}), ("marketing_0", {"Ana", "Berta", "=1+1"}),
     ("marketing_1", {"Flor"})],
)  # fmt: skip
def test_a_figure_opens_to_the_people_it_counts(button: str, names: set[str]) -> None:
    at = visit("today")
    at.button(key=f"_today_{button}_open").click().run()
    assert not at.exception
    listed = [set(frame.value["name"]) for frame in at.dataframe if "name" in frame.value.columns]
    value = next(metric.value for metric in at.metric)
    assert value == "50.0%"
    if button == "sales_1":
        assert any(len(found) == 3 for found in listed)
    elif button == "sales_0":
        assert any("Ana" in found and len(found) == 2 for found in listed)
    else:
        assert names in listed


def test_nothing_is_computed_twice_and_findings_uses_the_same_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    audit, complaints = audits.run, today_view.tested

    def counted(analysis: Any, codes: Any) -> Any:
        calls.extend(codes)
        return audit(analysis, codes)

    def asked(analysis: Any) -> Any:
        calls.append("complaints")
        return complaints(analysis)

    counted.__qualname__, asked.__qualname__ = "counted", "asked"
    monkeypatch.setattr(audits, "run", counted)
    monkeypatch.setattr(today_view, "tested", asked)
    at = visit("today")
    assert set(calls) - {"complaints"} >= lights.RULES
    visit("findings", again=at)
    visit("today", again=at)
    assert sorted(calls) == sorted(["complaints", *(rule.code for rule in every())])


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_report_is_one_click_away_and_holds_nobodys_data(home: Path, lang: str) -> None:
    from leadpact import settings
    from ui import sources, today_standing
    from ui.access import Visitor
    from ui.page import Page

    buttons = [one.proto.label for one in visit("today", lang).get("download_button")]
    assert Language(lang)("page.today.report") in buttons
    space = sources.workspace()
    found = settings.connections(space.database)
    used = space.pact_in_use("acme")
    page = Page("today", Language(lang), Visitor(), space, found, found["acme"], used, space.analyse("acme"))
    text = today_standing.written(page)
    assert text.startswith("<!doctype html>") and Language(lang)("report.t.funnel") in text
    assert not [name for name in ("acme.example", "Berta", "+34 600", "Olga") if name in text]


def test_a_company_without_status_history_opens(home: Path) -> None:
    fill(home, Rows(record=[lead("ana", status="New", created_at="2026-01-01T00:00:00")]))
    for lang in ("en", "es"):
        at = visit("today", lang)
        assert not at.exception and not at.error
        assert metrics(at)[Language(lang)("page.today.in_time")] == Language(lang)("ui.unknown")


def test_when_nobody_waits_the_worse_complaint_hurts_most(home: Path) -> None:
    history = [row for row in company().tables["field_change"] if row["record_id"] not in ("dora", "eva", "carla")]
    record = [row for row in company().tables["record"] if row["record_id"] not in ("dora", "eva", "carla")]
    fill(home, company(field_change=history, record=record))
    at = visit("today")
    assert not at.error and "What hurts most" in at.warning[0].value


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_share_of_the_few_whose_follow_up_is_known_accuses_nobody(home: Path, lang: str) -> None:
    rest = {
        name: [row for row in company().tables[name] if row["record_id"] != "ana"]
        for name in ("record", "field_change")
    }
    fill(home, company(activity=None, **rest))  # two clocks were stopped, late; of three nothing tells
    at, say = visit("today", lang), Language(lang)
    assert not at.exception
    told = [one.value.replace("\\", "") for one in at.caption]
    assert say("page.today.in_time.unclear", known="2", all="5") in told
    _, late = say("page.today.hurts.late", share="@").split("@")
    assert not any(late in one.value.replace("\\", "") for one in at.warning)
