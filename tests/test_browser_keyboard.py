"""Every main act with the keyboard alone, and pages on paper, in a real browser.

Not here: what a screen reader meets (test_browser_axe.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.accessible import opened, settled
from tests.apptest import company, fill
from tests.browsing import MARKS, WAIT, Page, beside, browsed, expect, heading, served

pytestmark = MARKS
LEADS = "record_id,name,status,created_at\n1,Ana,New,2026-02-01\n2,Ben,MQL,2026-02-02\n"
SECRETS = """[connections.acme]
type = "files"
path = "nowhere"
[connections.own]
type = "files"
path = "{folder}"
"""
PAGES = re.compile(rb"/Type\s*/Page[^s]")
MOST = 120  # stops of the Tab key until something must have been met
FOCUS = """() => { const at = document.activeElement; if (!at) return '';
    const name = at.getAttribute('aria-label') || at.innerText || at.value || '';
    return `${at.tagName} ${at.getAttribute('role') || ''} ${name}`.replace(/\\s+/g, ' ').trim() }"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small company, and files that nobody has read yet."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files")
    (folder / "leads.csv").write_text(LEADS, encoding="utf-8")
    fill(home, company())
    secrets = (
        f'[connections.acme]\ntype = "files"\npath = "nowhere"\n[connections.own]\ntype = "files"\npath = "{folder}"\n'
    )
    with served(beside(tmp_path_factory.mktemp("work"), secrets), home) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with browsed() as page:
        yield page


def tabbed(page: Page, wanted: Callable[[str], bool]) -> str:
    """Presses Tab until what has the focus is wanted; gives its name. Fails where it is never met."""
    met = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        met.append(str(page.evaluate(FOCUS)))
        if wanted(met[-1]):
            return met[-1]
    pytest.fail(f"never met: {met}")


def to(page: Page, *words: str) -> str:
    return tabbed(page, lambda name: all(word in name for word in words))


def test_past_the_sidebar_at_the_first_stop(app: str, page: Page) -> None:
    opened(page, f"{app}/funnel?lang=en")
    to(page, "A", "Skip to main content")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    after = tabbed(page, bool)
    assert "Today" not in after and "English" not in after
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle("
                            "document.activeElement).boxShadow")  # fmt: skip
    assert outline != "nonenone"


def test_the_language_a_filter_and_the_people_behind_a_bar(app: str, page: Page) -> None:
    opened(page, f"{app}/funnel?lang=en")
    to(page, "English")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Español")).to_be_focused()
    page.keyboard.press("Space")
    heading(page, "Embudo")
    settled(page)
    page.locator("h1").click()  # the page was drawn anew: begin at its title
    to(page, "INPUT", "Plazo")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**window=*")
    settled(page)
    to(page, "INPUT", "Las personas detrás")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**step=*")


def test_a_finding_is_opened(app: str, page: Page) -> None:
    opened(page, f"{app}/findings?lang=en")
    to(page, "SUMMARY", "STA01")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Left Voicemail").first).to_be_visible(timeout=WAIT)


def test_a_source_is_read(app: str, page: Page) -> None:
    opened(page, f"{app}/connection?section=sync&connection=own&lang=en")
    to(page, "BUTTON", "Sync now")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Read 2 leads and contacts").first).to_be_visible(timeout=WAIT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "most"), [("today", 3), ("funnel", 2), ("sla", 2)])
def test_on_paper(app: str, name: str, most: int, scheme: str) -> None:
    with browsed(viewport={"width": 1900, "height": 1000}, color_scheme=scheme) as page:
        opened(page, f"{app}/{name}?lang=es&connection=acme")
        chart = page.locator(".js-plotly-plot")
        if name != "today":
            expect(chart.first).to_be_visible(timeout=WAIT)
        page.emulate_media(media="print", color_scheme=scheme)
        page.set_viewport_size({"width": 718, "height": 1000})  # what an A4 page has between its margins
        assert not page.get_by_test_id("stSidebar").is_visible()
        assert page.locator("[data-testid=stButton]:visible, [data-testid=stDownloadButton]:visible").count() == 0
        for at in range(chart.count()):
            box = chart.nth(at).bounding_box()
            assert box is None or box["x"] + box["width"] <= 718
        ground = page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert 1 <= len(PAGES.findall(page.pdf(format="A4"))) <= most
