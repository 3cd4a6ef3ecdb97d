"""One real run in a browser: what AppTest cannot see (clicks on a chart, downloads, the address bar).

Skipped only where there is no Chromium to drive.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadpact.export import MARK
from tests.browsing import MARKS, WAIT, Page, another_site, browsed, expect, heading, seen, small_app

pytestmark = MARKS


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with small_app(tmp_path_factory.mktemp("app")) as address:
        yield address


@pytest.fixture
def page(app: str) -> Iterator[Page]:
    with browsed() as page:
        yield page


def test_from_the_funnel_in_spanish_to_a_file_of_people(app: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{app}/funnel")
    heading(page, "Funnel")
    seen(page, "Journeys")
    page.get_by_role("button", name="Español").or_(page.get_by_role("radio", name="Español")).first.click()
    heading(page, "Embudo")
    seen(page, "Recorridos")
    bars = page.locator(".js-plotly-plot .barlayer .point path")
    expect(bars.first).to_be_visible(timeout=WAIT)
    # three traces of five stages: the third bar of the first is who reached "accepted by Sales"
    bars.nth(2).click(force=True)
    expect(page.get_by_role("heading", name="Aceptado por Ventas · la alcanzaron")).to_be_visible(timeout=WAIT)
    assert "step=sal.converted" in page.url and "lang=es" in page.url
    seen(page, "3 registros")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Descargar CSV").click()
    file = tmp_path / "people.csv"
    waiting.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(MARK)
    rows = list(csv.DictReader(text.removeprefix(MARK).splitlines()))
    assert sorted(row["Nombre"] for row in rows) == ["'=1+1", "Ana", "Berta"]
    assert {row["Correo"] for row in rows} <= {"a•••@•••.example", "b•••@•••.example", "c•••@•••.example"}
    assert waiting.value.suggested_filename == "funnel-people.csv"


def test_a_view_is_a_link_over_two_pages_and_back_to_the_default(app: str, page: Page) -> None:
    page.goto(f"{app}/funnel?source=Web&window=90")
    heading(page, "Funnel")
    seen(page, "Only people with a record where Source = Web.")
    page.get_by_role("link", name="SLA", exact=True).first.click()
    heading(page, "SLA")
    seen(page, "Only people with a record where Source = Web.")
    page.wait_for_url("**/sla?*source=Web*")
    page.get_by_role("button", name="Reset filters").click()
    expect(page.get_by_text("Only people with a record where")).to_have_count(0, timeout=WAIT)
    page.wait_for_url(lambda url: "source" not in url)
    page.get_by_role("link", name="Funnel", exact=True).first.click()
    heading(page, "Funnel")
    expect(page.get_by_role("combobox", name="Time allowed")).to_have_value("90 days", timeout=WAIT)
    page.wait_for_url("**/funnel?*window=90*")
    assert "source" not in page.url
    expect(page.get_by_text("Only people with a record where")).to_have_count(0)


def test_the_address_without_a_page_opens_today(app: str, page: Page) -> None:
    page.goto(f"{app}/?lang=es")
    heading(page, "Hoy")
    page.wait_for_url("**/today?*lang=es*")


def test_a_deep_link_needs_no_page_before_it_and_shows_no_machinery(app: str, page: Page) -> None:
    page.goto(f"{app}/findings?lang=es&finding=STA01:lead:Left%20Voicemail")
    heading(page, "Hallazgos")
    seen(page, "1 registro")
    assert page.get_by_text("Traceback").count() == 0
    assert page.get_by_text("Deploy", exact=True).count() == 0


@pytest.fixture
def outside(app: str) -> Iterator[str]:
    """A page of another site with the app in a frame, as a CRM has it: another host, and no cookies of ours."""
    frame = f"{app}/person?embed=true&object=Lead&record=berta"
    text = f"<!doctype html><title>CRM</title><iframe src='{frame}' style='width:400px;height:700px'></iframe>"
    with another_site(text) as site:
        yield site


def test_a_person_in_a_frame_of_another_site(app: str, outside: str, page: Page) -> None:
    page.goto(outside)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Berta", exact=True)).to_be_visible(timeout=WAIT)
    expect(frame.get_by_text("read-only").filter(visible=True)).to_have_count(1, timeout=WAIT)
    assert frame.get_by_test_id("stSidebar").count() == 0 or not frame.get_by_test_id("stSidebar").is_visible()
    inner = next(one for one in page.frames if one != page.main_frame)
    assert inner.evaluate("document.documentElement.scrollWidth") <= 400  # nothing to scroll sideways
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open in LeadPact").click()
    tab = opened.value
    heading(tab, "Person")
    assert "embed" not in tab.url and "record=berta" in tab.url
    expect(tab.get_by_text("Berta").first).to_be_visible(timeout=WAIT)
