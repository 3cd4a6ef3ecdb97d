"""The audit to hand over: everything in it, nothing that runs, nobody's data, nothing claimed unseen."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from leadpact import audit
from leadpact.audit.identity import Identity
from leadpact.audit.suppression import Suppression
from leadpact.cli import main
from leadpact.language import Language
from leadpact.report import audit_book, audit_page
from leadpact.report.audit import AuditReport, gather
from leadpact.workspace import Analysis
from tests.audit_cases import rows, world
from tests.test_report import ATTRIBUTES, CANARIES, EVIL, Read
from tests.worlds import World, pact

EN, ES, LATIN = Language("en"), Language("es"), Language("es_419")
TAGS = {"html", "head", "meta", "title", "style", "body", "header", "div", "h1", "h2", "h3", "p", "span", "section",
        "strong", "table", "thead", "tr", "th", "td", "footer"}  # fmt: skip
FORMULA = '=HYPERLINK("http://evil.example","x")'
PERSON = {"name": CANARIES[0], "email": CANARIES[1], "phone": CANARIES[2], "company": CANARIES[3], "owner_id": "u1"}
CASE: dict[str, Any] = {
    "leads": {
        "ana": {"status": "Left voicemail", **PERSON},
        "canary-id-1": {"status": FORMULA, **PERSON},
        "bo": {"status": EVIL, **PERSON},
        "cy": {"status": None, **PERSON},
        "di": {"status": "MQL", **PERSON},
    },
    "contacts": {"kim": None},
    "history": {"ana": [["2026-01-05", "Left voicemail"]]},
    "owners": {"u1": {"name": "Olga Canary", "is_active": False}},
    "opportunities": [{"object": "lead", "record_id": "ana", "created_at": "2026-01-10", "is_won": False,
                       "is_closed": False, "amount": 1250.0, "currency": "MXN"}],
    "picklist": {"lead": ["MQL", "Left voicemail"]},
    "pact": {"routing": [{"when": [{"field": "company", "op": "filled"}], "to": "Olga Canary the Second"}]},
    "journeys": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def opened() -> Analysis:
    return world(CASE)


@pytest.fixture(scope="module")
def report(opened: Analysis) -> AuditReport:
    result = audit.run(opened)
    wide = next(one for one in result.findings if one.code == "STA13" and one.object == "lead")
    why = Suppression(Identity.of(wide), "Known; ask canary@secret.example or +34 600 111 222", "olga@canary.example",
                      datetime(2026, 2, 1), date(2026, 5, 1))  # fmt: skip
    counted = audit.Audit(tuple(one for one in result.findings if one != wide), result.not_checked)
    return gather(opened, counted, [(wide, why)])


def book(report: AuditReport, lang: Language = EN) -> dict[str, list[tuple[Any, ...]]]:
    made = load_workbook(io.BytesIO(audit_book.xlsx(report, lang)))
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in made}


@pytest.mark.parametrize("lang", [EN, ES, LATIN])
def test_nothing_in_it_runs_or_is_loaded_from_elsewhere(report: AuditReport, lang: Language) -> None:
    text = audit_page.html(report, lang)
    read = Read(text)
    assert read.tags <= TAGS and {name for name, _ in read.attributes} <= ATTRIBUTES
    assert not re.search(r"url\(|@import|javascript:|<script|<img", text)
    assert "default-src 'none'" in text
    assert "<script>alert(1)</script>" in read.text and "{{ 7*7 }}" in read.text


@pytest.mark.parametrize("lang", [EN, ES])
def test_every_step_finding_and_definition_is_in_it(report: AuditReport, lang: Language) -> None:
    text = Read(audit_page.html(report, lang)).text
    for step in report.steps:
        assert lang(f"audit.step.{step.step}") in text
    for one in report.findings:
        assert " ".join(audit_page.message(one, lang).split()) in text and one.code in text
    assert "ROU03" in text
    for one in report.not_checked:
        assert lang.text(one.message) in text
    for stage in report.used.pact.stages:
        assert stage.label in text
    assert report.used.pact.hash[:12] in text and lang("report.draft") in text
    assert lang("report.audit.aside") in text and lang.day(date(2026, 5, 1)) in text
    assert not re.search(r"\b(report|audit|page)\.[a-z]+\.\w+|\{[a-z_]+\}", text)


def test_findings_stand_in_the_order_of_the_work(report: AuditReport) -> None:
    text = Read(audit_page.html(report, EN)).text
    places = [text.index(f"{number} · {EN(f'audit.step.{step.step}')}") for number, step in enumerate(report.steps, 1)]
    assert places == sorted(places)


def test_nobodys_data_is_in_it(report: AuditReport) -> None:
    sheets = repr(book(report))
    for text in (audit_page.html(report, EN), audit_page.html(report, ES), sheets):
        assert not [canary for canary in (*CANARIES, "canary.example") if canary in text]
        assert "Known; ask •••" in text


def test_money_is_told_by_currency_and_not_at_all_where_there_is_none(report: AuditReport, opened: Analysis) -> None:
    text = Read(audit_page.html(report, EN)).text
    assert "1 open deal worth 1,250 MXN" in text
    bare = replace(report, money=None)
    assert EN("report.audit.money") not in Read(audit_page.html(bare, EN)).text
    assert "Open deals" not in repr(book(bare))


def test_the_workbook_has_its_five_sheets_and_runs_nothing(report: AuditReport) -> None:
    made = load_workbook(io.BytesIO(audit_book.xlsx(report, EN)))
    assert made.sheetnames == ["Summary", "Findings", "Not checked", "Set aside", "About"]
    cells = [cell for sheet in made for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d"}
    values = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert f"'{FORMULA}" in values
    assert not [text for text in values if text.startswith(("=", "+", "-", "@"))]


def test_the_sheet_of_findings_has_a_row_each_with_numbers_as_numbers(report: AuditReport) -> None:
    header, *lines = book(report)["Findings"]
    assert len(lines) == len(report.findings)
    voice = next(dict(zip(header, line, strict=True)) for line in lines if line[6] == "Left voicemail")
    assert (voice["Records"], voice["Open deals"], voice["Open amount (MXN)"], voice["Won amount (MXN)"]) == (
        1,
        1,
        1250,
        0,
    )
    assert isinstance(voice["Since"], datetime)
    none = next(dict(zip(header, line, strict=True)) for line in lines if line[1] == "CON01")
    assert none["Open amount (MXN)"] is None and none["Open deals"] == 0


def test_the_summary_counts_what_the_steps_hold(report: AuditReport) -> None:
    _, *lines = book(report)["Summary"]
    assert [line[2:5] for line in lines] == [
        tuple(step.count(level) for level in ("error", "warning", "info")) for step in report.steps
    ]


def test_of_rules_that_did_not_run_no_step_is_called_done(opened: Analysis) -> None:
    found = gather(opened, audit.run(opened, codes=["DEF02"]), codes=["DEF02"])
    states = {step.step: step.state for step in found.steps}
    assert states.pop("definition") == "done" and set(states.values()) == {"unknown"}


def test_a_company_without_anything_makes_a_report_too() -> None:
    bare = world({"leads": {"ana": "MQL"}})
    found = gather(bare, audit.run(bare))
    assert found.money is None
    for lang in (EN, ES):
        assert "None" not in Read(audit_page.html(found, lang)).text
        assert len(book(found, lang)) == 5


Run = Callable[..., int]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = World(tmp_path_factory.mktemp("handed"))
    made.sync(rows(CASE), used=pact())
    return lambda *words: main(["--home", str(made.workspace.home), *words])


def test_the_command_writes_both_forms(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, sheet = tmp_path / "audit.html", tmp_path / "audit.XLSX"
    assert run("audit", "--codes", "STA01,CON01", "--report", str(page), "--lang", "es") == 0
    assert ES("audit.step.statuses") in page.read_text(encoding="utf-8")
    assert run("audit", "--codes", "STA01", "--report", str(sheet)) == 0
    assert load_workbook(sheet).sheetnames[0] == "Summary"
    assert str(sheet.name) in capsys.readouterr().out


@pytest.mark.parametrize("file", ["audit.pdf", "audit", "/nowhere/at/all.html"])
def test_what_cannot_be_written_is_said(run: Run, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "--codes", "STA01", "--report", file) == 2
    assert file in capsys.readouterr().err
