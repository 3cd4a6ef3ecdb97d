"""The map of statuses edited in a browser: what is typed into the table is not lost (Streamlit #11679)."""

from __future__ import annotations

from tests import test_browser
from tests.browsing import MARKS, WAIT, Page, expect, heading, seen

app, page = test_browser.app, test_browser.page

pytestmark = MARKS
FIRST_TARGET = {"x": 260, "y": 36 + 17}


def _choose(page: Page, table: int, what: str) -> None:
    """The target of a table's first row: the cell right of its status, drawn on a canvas."""
    page.get_by_test_id("stDataFrame").nth(table).dblclick(position=FIRST_TARGET)
    page.wait_for_timeout(1500)
    page.keyboard.type(what)
    page.wait_for_timeout(800)
    page.keyboard.press("Enter")


def _unsaved(page: Page) -> None:
    expect(page.get_by_text("There are edits here that nobody has saved.")).to_be_visible(timeout=WAIT)


def test_an_edit_survives_leaving_the_part_and_is_saved(app: str, page: Page) -> None:
    page.goto(f"{app}/findings?view=target")
    heading(page, "Findings")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(2, timeout=WAIT)
    seen(page, "Simulate this map")
    _choose(page, 0, "SAL")
    _unsaved(page)
    page.get_by_role("radio", name="History").or_(page.get_by_role("button", name="History")).first.click()
    expect(page.get_by_text("Simulate this map")).to_have_count(0, timeout=WAIT)
    page.get_by_role("radio", name="Target state").or_(page.get_by_role("button", name="Target state")).first.click()
    _unsaved(page)
    page.get_by_label("Who saves it", exact=True).fill("Ana")
    page.get_by_role("button", name="Save the map").click()
    seen(page, "Saved as version 1. The repair takes it from here.")
    page.reload()
    expect(page.get_by_text("Version 1, saved by Ana")).to_be_visible(timeout=WAIT)
    with page.expect_download(timeout=WAIT) as waiting:
        page.get_by_role("button", name="As CSV").click()
    rows = waiting.value.path().read_text(encoding="utf-8").splitlines()
    (lead,) = [row for row in rows if row.startswith("lead,Left Voicemail,")]
    assert lead.startswith("lead,Left Voicemail,SAL,sal,")
