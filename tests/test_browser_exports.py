"""What people take with them, in a real browser: a chart as a picture, tables as workbooks, the report on paper."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from leadpact.language import Language
from leadpact.pact_in_use import PactInUse
from leadpact.report.gather import Report
from leadpact.report.page import html
from tests import test_browser, test_report
from tests.browsing import MARKS, WAIT, Page, browsed, expect, heading

app, page = test_browser.app, test_browser.page
world, opened, report = test_report.world, test_report.opened, test_report.report
EN, ES = Language("en"), Language("es")
PAGES = re.compile(rb"/Type\s*/Page[^s]")
A4 = re.compile(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]")

pytestmark = MARKS


@pytest.fixture
def phone() -> Iterator[Page]:
    """A phone in Spanish: narrow, and without a mouse that could hover."""
    with browsed("es-ES", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        yield page


def taken(page: Page, button: Any, *, tap: bool = False) -> tuple[str, bytes]:
    """The name and content of the file a button gives."""
    expect(button).to_be_visible(timeout=WAIT)
    with page.expect_download() as waiting:
        if tap:
            button.tap()
        else:
            button.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_finger_saves_a_chart_as_a_picture_and_the_button_speaks_the_readers_language(app: str, phone: Page) -> None:
    phone.goto(f"{app}/funnel?lang=es")
    heading(phone, "Embudo")
    button = phone.locator(".js-plotly-plot .modebar-btn").first
    expect(button).to_be_visible(timeout=WAIT)
    assert button.get_attribute("data-title") == ES("ui.export.png")
    assert phone.locator(".js-plotly-plot").first.locator(".modebar-btn").count() == 1
    name, data = taken(phone, button, tap=True)
    assert name == "funnel-chart.png"
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    assert width >= 600 and height >= 400  # twice as fine as on the phone


def test_a_table_is_saved_as_a_workbook_that_says_what_it_stands_on(app: str, page: Page) -> None:
    page.goto(f"{app}/funnel?lang=es&source=Web&window=90")
    heading(page, "Embudo")
    name, data = taken(page, page.locator(".st-key-_funnel_table_xlsx button").first)
    assert name == "funnel-table.xlsx"
    rows, about = load_workbook(io.BytesIO(data)).worksheets
    header = [cell.value for cell in rows[1]]
    assert header[:2] == [ES("ui.col.stage"), ES("ui.col.entered")]
    assert rows["B2"].value == 5 and not [cell for row in rows.rows for cell in row if cell.data_type == "f"]
    said = {row[0].value: row[1].value for row in about.rows}
    assert about.title == ES("ui.export.about")
    assert ES("page.funnel.coverage") in said and ES("ui.explain.hash") in said and ES("ui.explain.zone") in said
    assert "Web" in said[ES("ui.explain.where")] and "90" in said[ES("ui.filter.window")]
    name, data = taken(page, page.locator(".st-key-_funnel_table_csv button").first)
    assert name == "funnel-table.csv" and ES("ui.col.stage") in data.decode("utf-8")


def test_a_list_of_people_is_saved_as_a_workbook_masked_as_on_screen(app: str, page: Page) -> None:
    page.goto(f"{app}/funnel?lang=en&step=sal.converted")
    name, data = taken(page, page.locator(".st-key-_funnel_people_xlsx button").first)
    assert name == "funnel-people.xlsx"
    rows = list(load_workbook(io.BytesIO(data)).worksheets[0].values)
    names, mail = rows[0].index(EN("ui.col.name")), rows[0].index(EN("ui.col.email"))
    assert sorted(str(row[names]) for row in rows[1:]) == ["'=1+1", "Ana", "Berta"]
    assert all("•••" in str(row[mail]) for row in rows[1:])


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_report_is_one_a4_page(app: str, page: Page, lang: str) -> None:
    page.goto(f"{app}/today?lang={lang}")
    name, data = taken(page, page.locator(".st-key-_today_report button").first)
    assert name == "leadpact-2026-03-02.html" and b"<script" not in data
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(data.decode("utf-8"))
    assert page.locator("h1").count() == 1
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(PAGES.findall(paper)) == 1 and A4.search(paper)
    assert not [url for url in asked if not url.startswith(("about:", "data:"))]


@pytest.mark.parametrize("lang", [EN, ES])
def test_many_stages_and_policies_with_long_names_are_still_one_page(
    page: Page, report: Report, lang: Language
) -> None:
    name = "A name that somebody wrote in full, with words and more words, and then some"
    used = report.used.pact
    long = used.model_copy(
        update={"name": name * 3, "stages": [stage.model_copy(update={"label": name}) for stage in used.stages]}
    )
    speeds = [one for one in report.velocity.stages if one.stage in {stage.key for stage in used.funnel}]
    many = replace(
        report,
        used=PactInUse(long, None, False),
        funnel=replace(report.funnel, steps=(report.funnel.steps * 4)[:11]),
        velocity=replace(report.velocity, stages=(tuple(speeds) * 4)[:10]),
        policies=tuple(replace(one, policy=name.replace(" ", "-")) for one in report.policies * 6),
        complaints=replace(report.complaints, first_reason=name, first_reason_count=9),
        conditions={"source": name, "country": name},
        leak=test_report.leak(),
        engine=test_report.engine(name),
    )
    page.set_content(html(many, lang))
    assert len(PAGES.findall(page.pdf(prefer_css_page_size=True, print_background=True))) == 1


def test_a_page_prints_without_the_sidebar_once_that_is_folded(app: str, page: Page) -> None:
    page.goto(f"{app}/funnel?lang=en")
    heading(page, "Funnel")
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=WAIT)
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Findings")).to_be_hidden(timeout=WAIT)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert len(PAGES.findall(page.pdf(format="A4"))) <= 3
