"""In a real browser: the guide that connects a CRM without a secret ever entering the app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsing import MARKS, WAIT, Page, beside, browsed, expect, heading, served

ACME = '[connections.acme]\ntype = "files"\npath = "nowhere"\n'
BASE = "appABCDEFGHIJKLMN"

pytestmark = MARKS


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app runs: its code, and settings of its own."""
    return beside(tmp_path_factory.mktemp("work"), ACME)


@pytest.fixture(scope="module")
def app(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(work, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with browsed() as page:
        yield page


def test_the_guide_waits_for_the_settings_and_tests_the_connection(app: str, work: Path, page: Page) -> None:
    page.goto(f"{app}/connection")
    heading(page, "Connection")
    expect(page.get_by_text("Which CRM")).to_be_visible(timeout=WAIT)  # no CRM yet: the guide is open
    page.get_by_role("radio", name="Airtable").or_(page.get_by_role("button", name="Airtable")).first.click()
    base = page.get_by_role("textbox", name="Base in Airtable")
    base.fill(f"https://airtable.com/{BASE}/tbl1")
    base.press("Tab")
    name = page.get_by_role("textbox", name="Name of this connection")
    name.fill("north")
    name.press("Tab")
    block = page.get_by_test_id("stCode").first
    expect(block).to_contain_text(f'base_id = "{BASE}"', timeout=WAIT)
    expect(page.get_by_text("Looking for “north” in the settings")).to_be_visible(timeout=WAIT)
    # somebody pastes it at the server; the page is not touched
    secrets = work / ".streamlit" / "secrets.toml"
    text = block.inner_text().replace("<personal access token>", "not-a-real-token")
    text += '\nendpoint_url = "http://127.0.0.1:9"\n'  # nobody answers there
    secrets.write_text(f"{ACME}\n{text}", encoding="utf-8")
    expect(page.get_by_text("“north” is there and filled in.")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Test the connection").last.click()
    page.wait_for_url(re.compile("connection=north"))
    expect(page.get_by_text("need attention").or_(page.get_by_text("needs attention")).first).to_be_visible(
        timeout=WAIT
    )
    assert "not-a-real-token" not in page.content()
