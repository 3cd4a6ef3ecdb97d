"""A meeting in three browsers at once: the facilitator's, a phone of Sales and a phone of Marketing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import drafts
from config.database import open_database
from tests.browsing import MARKS, WAIT, Page, beside, browsed, expect, heading, served, told

SECRETS = '[connections.demo]\ntype = "demo"\nleads = 60\n'
PHONE = {"viewport": {"width": 390, "height": 844}}
pytestmark = MARKS


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    with served(beside(tmp_path / "work", SECRETS), tmp_path / "home") as address:
        yield address


def settled(page: Page) -> None:
    page.wait_for_timeout(300)
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_visible(timeout=WAIT)


def phone(browser: Any, locale: str, address: str, name: str, team: int, words: tuple[str, str]) -> Page:
    """Somebody opens the address on a phone and joins; `words` label the name and the button."""
    context = browser.new_context(locale=locale, **PHONE)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto(address)
    field = page.get_by_label(words[0])
    field.fill(name)
    field.press("Tab")
    settled(page)
    page.get_by_test_id("stMain").get_by_role("radio").nth(team).click()
    settled(page)
    page.get_by_role("button", name=words[1], exact=True).click()
    page.wait_for_url("**me=*")
    settled(page)
    return page


def vote(page: Page, word: str) -> None:
    """The same word for everything there is to vote on."""
    groups = page.get_by_test_id("stMain").get_by_role("radiogroup")
    expect(groups.first).to_be_visible(timeout=WAIT)
    for at in range(groups.count()):
        groups.nth(at).get_by_text(word, exact=True).click()
        page.wait_for_timeout(150)
    settled(page)


def test_two_teams_vote_blind_and_the_outcome_is_a_draft(app: str, tmp_path: Path) -> None:
    with browsed() as host:
        host.goto(f"{app}/meeting")
        heading(host, "Meeting")
        told(host, "Open a meeting")
        settled(host)
        name = host.get_by_label("Your name", exact=True).first
        name.fill("Olga")
        name.press("Tab")
        host.get_by_text("Everybody votes on their own phone").click()
        host.get_by_role("button", name="Open the meeting").click()
        host.wait_for_url("**host=*")
        code = str(re.search(r"code=([A-Z0-9-]+)", host.url)[1])  # type: ignore[index]
        told(host, code)

        browser = host.context.browser
        link = f"{app}/meeting?code={code}"
        sales = phone(browser, "en-US", link, "Beto", 1, ("Your name", "Join"))
        marketing = phone(browser, "es-ES", link, "Ana", 0, ("Tu nombre", "Entrar en la reunión"))
        vote(sales, "Must")
        vote(marketing, "Clave")
        marketing.reload()  # the phone slept: the votes and the seat are still there
        told(marketing, "Ana (Marketing)")
        checked = marketing.get_by_test_id("stMain").get_by_role("radio", checked=True)
        expect(checked.first).to_have_text("Clave", timeout=WAIT)

        host.get_by_text("Votes", exact=True).first.click()
        told(host, "1 of 1")  # both have voted, and nothing is to be seen
        expect(host.get_by_test_id("stDataFrame")).to_have_count(0)
        settled(host)
        host.get_by_role("button", name="Reveal the votes").click()
        host.get_by_role("button", name="Reveal now").click()
        told(host, "Where you differ")
        told(sales, "Each dot is a team’s mean vote")  # it came by itself
        told(marketing, "Cada punto es la media de un equipo")

        settled(host)
        host.get_by_text("Outcome", exact=True).first.click()
        told(host, "Points come from the votes of both teams")
        settled(host)
        host.get_by_role("button", name="Save in the draft").click()
        told(host, "Saved in the draft")
    draft = drafts.newest(open_database(tmp_path / "home"))
    assert draft is not None
    rules = draft.document["scoring"]["rules"]
    assert {rule["points"] for rule in rules} == {25} and len(rules) >= 5
    assert {"field": "email", "op": "filled"} in draft.document["sales_ready"]["all"]
