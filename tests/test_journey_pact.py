"""Marketing and Sales from a vote to a pact in force: two people on their phones and a facilitator on a laptop.

Everybody signs in with the company's identity provider, and acts by clicks and typing. What was signed is
asked of the database.

Not here: blind voting and phones that sleep (test_browser_meeting.py), edits at once (test_browser_definition.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import versions
from config.database import open_database
from tests.browsing import MARKS, WAIT, Page, browsed, expect, heading
from tests.journey import BROWSER, DESK, PHONE, Story, part, press, settled, turn_to, wait_for, write
from tests.journey_people import Person, sign_in, signed_in_app

pytestmark = MARKS
SECRETS = '[connections.demo]\ntype = "demo"\nleads = 300\n'
OLGA = Person("olga@acme.example", "RevOps")
ANA = Person("ana@acme.example", "Marketing", "es")
BETO = Person("beto@acme.example", "Sales")
PICTURES = ("open", "code", "vote", "differences", "outcome", "publish", "sign", "in-force")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    with signed_in_app(tmp_path / "work", tmp_path / "home", SECRETS, (OLGA, ANA, BETO)) as address:
        yield address


def test_from_a_vote_to_a_pact_in_force(app: str, tmp_path: Path) -> None:
    hers, ours, theirs = (Story("pact", PICTURES, one.lang) for one in (OLGA, ANA, BETO))
    with browsed(BROWSER["en"]) as first:
        browser = first.context.browser
        assert browser is not None
        host = sign_in(browser, OLGA, f"{app}/meeting", viewport=DESK)
        code = open_meeting(hers, host)
        phones = [
            join(story, sign_in(browser, one, f"{app}/meeting?code={code}", viewport=PHONE), one)
            for story, one in ((ours, ANA), (theirs, BETO))
        ]
        wait_for(host, BETO.email)
        hers.picture(host, "code")
        press(host, hers.say("page.meeting.start"), exact=False)
        # they agree on nearly everything, and differ on the first criterion: that is what a meeting is for
        vote(ours, phones[0], (3, 2))
        vote(theirs, phones[1], (0, 2))
        reveal(hers, host)
        minutes = outcome(hers, host)
        number = publish(hers, host)
        for story, phone in ((ours, phones[0]), (theirs, phones[1])):
            sign(story, phone, app, number)
        in_force(hers, host)
    version = versions.in_force(versions.history(open_database(tmp_path / "home")))
    assert version is not None and version.number == number and version.intact  # what was hashed, and signed
    assert {(one.team, one.email) for one in version.signatures} == {("marketing", ANA.email), ("sales", BETO.email)}
    rules = {rule["id"]: rule["points"] for rule in json.loads(version.document)["scoring"]["rules"]}
    assert set(rules.values()) == {15} and "e-mail" in rules and "company" not in rules  # they see that too differently
    assert ANA.email in minutes and BETO.email in minutes


def open_meeting(story: Story, page: Page) -> str:
    """What is voted on is what the data of the company knows."""
    say = story.say
    heading(page, say("page.meeting.title"))
    wait_for(page, say("page.meeting.what"))
    page.get_by_text(say("meeting.mode.phones"), exact=True).click()
    settled(page)
    story.picture(page, "open")
    press(page, say("page.meeting.open.do"), exact=False)
    page.wait_for_url("**code=*")
    settled(page)
    return str(re.search(r"code=([A-Z0-9-]+)", page.url)[1])  # type: ignore[index]


def join(story: Story, page: Page, one: Person) -> Page:
    """The team follows from the role; nobody says who they are."""
    wait_for(page, one.email)
    press(page, story.say("page.meeting.join"), exact=False)
    wait_for(page, story.say("page.meeting.blind"))
    return page


def vote(story: Story, page: Page, values: tuple[int, int]) -> None:
    """The first criterion gets the first value, all others the second."""
    groups = page.get_by_test_id("stMain").get_by_role("radiogroup")
    expect(groups.first).to_be_visible(timeout=WAIT)
    settled(page)
    for at in range(groups.count()):
        groups.nth(at).get_by_role("radio").nth(values[bool(at)]).click()
        page.wait_for_timeout(150)
    settled(page)
    if story.lang == "es":
        story.picture(page, "vote", page.get_by_text(story.say("page.meeting.blind")).first, above=150)


def reveal(story: Story, page: Page) -> None:
    say = story.say
    press(page, say("page.meeting.step.differences"), exact=False)
    press(page, say("page.meeting.reveal"), exact=False)
    press(page, say("page.meeting.reveal.do"), exact=False)
    wait_for(page, say("page.meeting.differences"))
    expect(page.locator(".js-plotly-plot .scatterlayer").first).to_be_visible(timeout=WAIT)
    story.picture(page, "differences")


def outcome(story: Story, page: Page) -> str:
    """The votes become a draft; the minutes are taken along."""
    say = story.say
    part(page, say("page.meeting.section.draft"))
    wait_for(page, say("page.meeting.draft.text"))
    story.picture(page, "outcome")
    press(page, say("page.meeting.draft.save"), exact=False)
    wait_for(page, say("page.meeting.saved"))
    part(page, say("page.meeting.section.minutes"))
    with page.expect_download(timeout=WAIT) as waiting:
        press(page, say("page.meeting.minutes.download"), exact=False)
    return waiting.value.path().read_text(encoding="utf-8")


def publish(story: Story, page: Page) -> int:
    say = story.say
    turn_to(page, say("page.definition.title"))
    part(page, say("page.definition.section.versions"))
    write(page, say("page.definition.draft.message"), "As both teams voted")
    story.picture(page, "publish")
    press(page, say("page.definition.publish"), exact=False)
    wait_for(page, say("page.definition.published", number="1"))
    return 1


def sign(story: Story, page: Page, app: str, number: int) -> None:
    say = story.say
    page.goto(f"{app}/definition?view=versions")
    wait_for(page, say("page.definition.sign.title", number=str(number)))
    settled(page)
    press(page, say("page.definition.sign.do"), exact=True)
    last = story.lang == "en"
    wait_for(page, say("page.definition.signed.in_force" if last else "page.definition.signed.done", number=number))
    if last:
        story.picture(page, "sign", page.get_by_text(say("page.definition.sign.title", number=str(number))).first)


def in_force(story: Story, page: Page) -> None:
    """The numbers no longer say "draft"."""
    turn_to(page, story.say("page.today.title"))
    wait_for(page, story.say("ui.pact.in_force"))
    assert page.get_by_test_id("stMain").get_by_text(story.say("ui.pact.draft"), exact=True).count() == 0
    story.picture(page, "in-force")
