"""The Findings page part by part: what to do first, filters, paging, evidence, maturity, the report to hand over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from leadpact.audit.steps import STEPS
from leadpact.language import Language
from leadpact.maturity.criteria import AREAS
from tests.apptest import company, fill, prepare, settle_company, visit, words
from tests.homes import copied
from tests.rows import Rows, lead
from tests.test_pages import DEMO, synced_demo  # noqa: F401 - a fixture
from ui.findings_parts import PARTS

MANY = 37
DEAL = {"opportunity_id": "d1", "object": "lead", "record_id": "carla", "created_at": "2026-01-02T09:00:00",
        "is_won": False, "is_closed": False, "amount": 900.0, "currency": "EUR"}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path, monkeypatch)
    settle_company(folder)
    return folder


def open_rule(at: AppTest, code: str) -> AppTest:
    at.session_state[f"_findings_rule_{code}"] = True
    return at.run()


def cards(at: AppTest) -> list[str]:
    return [one.key for one in at.button if (one.key or "").startswith("_findings_people_")]


def titles(at: AppTest) -> list[str]:
    return [one.label.replace("\\", "") for one in at.expander]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_on_rows(part: str, lang: str, home: Path) -> None:
    at = visit("findings", lang, view=part)
    assert not at.exception and not at.error
    assert [one.value for one in at.title] == [Language(lang)("page.findings.title")]


@pytest.mark.parametrize("part", ["todo", "maturity", "unchecked"])
def test_the_parts_open_on_the_demo_company(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    folder = prepare(tmp_path, monkeypatch, DEMO)
    copied(request.getfixturevalue("synced_demo"), folder)
    at = visit("findings", "es", view=part)
    assert not at.exception and not at.error


@pytest.mark.parametrize("part", ["todo", "maturity", "unchecked"])
def test_the_parts_open_where_there_is_hardly_anything(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(prepare(tmp_path, monkeypatch), Rows(record=[lead("ana", status="New", created_at="2026-01-01T00:00:00")]))
    at = visit("findings", view=part)
    assert not at.exception and not at.error


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_steps_stand_in_the_order_of_the_work(lang: str, home: Path) -> None:
    say, said = Language(lang), words(visit("findings", lang))
    places = [said.index(f"{number} · {say(f'audit.step.{step}')}") for number, step in enumerate(STEPS, start=1)]
    assert places == sorted(places)
    assert said.count(say("page.findings.first")) == 1
    assert said.index(say("page.findings.first")) < places[1]  # the definition is not signed: start there


def test_a_rule_draws_its_findings_only_while_it_is_open(home: Path) -> None:
    at = visit("findings")
    assert cards(at) == [] and any("STA01" in title for title in titles(at))
    open_rule(at, "STA01")
    assert cards(at) == ["_findings_people_STA01:lead:Left Voicemail"]
    assert "says what somebody did" in words(at)


def test_a_link_to_a_finding_opens_its_rule_and_its_people(home: Path) -> None:
    at = visit("findings", finding="STA01:lead:Left Voicemail")
    assert [list(frame.value["name"]) for frame in at.dataframe if "name" in frame.value] == [["=1+1"]]


def test_many_findings_of_a_rule_come_a_page_at_a_time(home: Path) -> None:
    record = company().tables["record"]
    record += [lead(f"x{n}", status=f"Left voicemail {n}", created_at="2026-01-01T00:00:00") for n in range(MANY)]
    fill(home, company(record=record))
    at = visit("findings", rule="STA01")
    assert len(cards(at)) == 10 and f"{MANY + 1} findings, 10 at a time" in words(at)
    last = visit("findings", finding=f"STA01:lead:Left voicemail {MANY - 1}")
    assert f"_findings_people_STA01:lead:Left voicemail {MANY - 1}" in cards(last)


def test_words_narrow_the_findings_and_steps_without_any_are_left_out(home: Path) -> None:
    at = visit("findings", words="voicemail STA01")
    assert [title for title in titles(at) if "STA" in title or "CON" in title] == [titles(at)[0]]
    assert "STA01" in titles(at)[0]
    assert "2 · " in words(at) and "1 · " not in words(at)
    assert "No finding under these filters" in words(visit("findings", words="nothing says this"))


@pytest.mark.parametrize(("name", "value", "kept"), [("severity", "error", "CON01"), ("object", "contact", "CON01")])
def test_filters_keep_what_they_name(name: str, value: str, kept: str, home: Path) -> None:
    shown = titles(visit("findings", **{name: value}))
    assert any(kept in title for title in shown) and not any("DEF01" in title for title in shown)


def test_a_record_type_that_stands_alone_can_be_chosen(home: Path) -> None:
    record = [
        lead(f"{kind}{n}", status=status, record_type=kind, created_at="2026-01-01T00:00:00")
        for kind, status in (("B2B", "MQL"), ("Partner", "Old MQL")) for n in range(40)
    ]  # fmt: skip
    values = [{"object": "lead", "value": value, "is_active": True, "record_type": kind}
              for kind, value in (("B2B", "MQL"), ("Partner", "MQL"), ("B2B", "Old MQL"))]  # fmt: skip
    fill(home, company(record=record, field_change=[], activity=[], status_value=values))
    at = visit("findings")
    assert not at.exception
    kinds: list[Any] = [one.options for one in at.selectbox if one.key == "_findings_record_type"]
    assert kinds and "Partner" in kinds[0]


def test_money_behind_a_value_is_told(home: Path) -> None:
    fill(home, company(opportunity=[DEAL]))
    said = words(visit("findings", rule="STA01"))
    assert "Behind it: 1 open deal worth 900 EUR" in said


def test_both_reports_are_one_click_away(home: Path) -> None:
    labels = [one.proto.label for one in visit("findings", "es").get("download_button")]
    say = Language("es")
    assert say("page.findings.report.html") in labels and say("page.findings.report.xlsx") in labels


def test_what_a_source_cannot_say_has_a_part_of_its_own(home: Path) -> None:
    fill(home, company(status_value=None))
    said = words(visit("findings", view="unchecked"))
    assert "STA14" in said and "picklist values" in said


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_scorecard_opens_to_its_evidence(lang: str, home: Path) -> None:
    at, say = visit("findings", lang, view="maturity"), Language(lang)
    shown = titles(at)
    for areas in AREAS.values():
        for name in areas:
            assert any(say(f"maturity.area.{name}") in title for title in shown)
    assert say("maturity.must.signed") not in words(at)
    at.session_state["_findings_area_components_definition"] = True
    said = words(at.run())
    assert say("maturity.must.signed") in said and say("maturity.seen.no_signed") in said
    frame = next(one.value for one in at.dataframe if "share" in one.value)
    assert say("maturity.field.email").capitalize() in set(frame["field"])
