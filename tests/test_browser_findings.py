"""The Findings page in a browser: from the first step to the people behind, to the report that is handed over."""

from __future__ import annotations

from pathlib import Path

from tests import test_browser
from tests.browsing import MARKS, WAIT, Page, expect, heading, seen, told

app, page = test_browser.app, test_browser.page

pytestmark = MARKS


def test_from_what_to_do_first_to_the_report_to_hand_over(app: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{app}/findings?lang=es")
    heading(page, "Hallazgos")
    told(page, "empieza aquí")
    page.locator("summary").filter(has_text="STA01").click()
    page.get_by_role("button", name="Ver el registro").first.click()
    seen(page, "1 registro")
    assert "finding=STA01" in page.url
    with page.expect_download(timeout=WAIT) as waiting:
        page.get_by_role("button", name="Informe (HTML)").click()
    file = tmp_path / "audit.html"
    waiting.value.save_as(file)
    assert waiting.value.suggested_filename == "leadpact-audit-2026-03-02.html"
    text = file.read_text(encoding="utf-8")
    assert "Auditoría de estados" in text and "acme.example" not in text
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", name="2 · Limpiar los estados del lead")).to_be_visible(timeout=WAIT)
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000


def test_the_scorecard_leads_to_the_finding_that_holds_it_back(app: str, page: Page) -> None:
    page.goto(f"{app}/findings?view=maturity")
    heading(page, "Findings")
    page.locator("summary").filter(has_text="Statuses").first.click()
    told(page, "At least 90% of the leads have a status.")
    page.get_by_role("button", name="Mend it here").first.click()
    told(page, "3 · Set up the contact status")
    assert "rule=CON01" in page.url and "view" not in page.url
