"""RevOps from an empty app to a repair that is applied in the CRM and undone, on a Salesforce and an Airtable server.

Everything is done by clicks and typing. What came of it is asked of the server, not of LeadPact.

Not here: the company in both CRMs (journey_crms.py), a repair on the demo CRM (test_browser_fixes.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browsing import MARKS, WAIT, Page, beside, browsed, expect, heading, served
from tests.journey import BROWSER, DESK, Story, follow, part, press, settled, turn_to, wait_for, write
from tests.journey_crms import Place, in_airtable, in_salesforce

pytestmark = MARKS
RECORDS = 22
TARGETS = {"Left voicemail": "MQL", "Called, no answer": "Nurture"}
ROSA, BEA = "rosa@acme.example", "bea@acme.example"
PLACES = {"salesforce": in_salesforce, "airtable": in_airtable}
PICTURES = {
    "salesforce": ("connection", "finding", "target", "review", "effect", "writing", "applied", "trail"),
    "airtable": ("connection", "mapping", "target", "reason", "writing", "funnel", "undone"),
}
GOES_TO = {"x": 200, "y": 52}  # the target of the map's first status, a cell drawn on a canvas


@contextmanager
def opened(kind: str, story: Story, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[Page, Place]]:
    """The app with nothing in it but the settings of one CRM, and somebody in front of it."""
    with PLACES[kind]() as place:
        for name, value in place.environment.items():
            patch.setenv(name, value)
        work = beside(folder / "work", place.secrets)
        with served(work, folder / "home") as address, browsed(BROWSER[story.lang], viewport=DESK) as page:
            page.goto(address)
            yield page, place
            assert "ERROR" not in (work / "log.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", PLACES)
def test_from_the_connection_to_a_repair_and_back(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(f"repair-{kind}", PICTURES[kind])
    with opened(kind, story, tmp_path, monkeypatch) as (page, place):
        before, besides = place.statuses(), place.besides()
        connect(story, page)
        find(story, page)
        decide(story, page)
        plan(story, page)
        assert place.statuses() == before  # up to here nothing was written

        today = funnel(story, page)
        turn_to(page, story.say("page.fixes.title"))
        carry_out(story, page, ROSA, "writing")
        repaired = {key: TARGETS.get(status, status) for key, status in before.items()}
        assert place.statuses() == repaired != before
        assert place.besides() == besides
        synced(story, page)
        story.picture(page, "applied")
        assert funnel(story, page) != today
        story.picture(page, "funnel")

        undo(story, page)
        assert place.statuses() == before and place.besides() == besides
        synced(story, page)
        story.picture(page, "undone")
        assert funnel(story, page) == today
        trail(story, page)


@pytest.mark.parametrize("kind", PLACES)
def test_the_first_half_in_spanish(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(f"repair-{kind}", lang="es")
    with opened(kind, story, tmp_path, monkeypatch) as (page, place):
        before = place.held()
        connect(story, page)
        find(story, page)
        decide(story, page)
        plan(story, page)
        assert place.held() == before


def connect(story: Story, page: Page) -> None:
    """From an empty app: test the connection, confirm how it is read, read it."""
    say = story.say
    heading(page, say("page.today.title"))
    follow(page, say("page.connection.title"))
    heading(page, say("page.connection.title"))
    press(page, say("page.connection.test"), exact=False)
    fine, wrong = say("connect.tested.fine", count=9), say("connect.tested.wrong", count=1, whole=9)
    # of a base nobody can tell yet what its tables mean: that is the one thing that waits
    wait_for(page, re.compile("|".join(re.escape(one).replace("9", r"\d+") for one in (fine, wrong))))
    story.picture(page, "connection")
    part(page, say("page.connection.section.mapping"))
    wait_for(page, say("page.connection.confirm"))
    story.picture(page, "mapping")
    press(page, say("page.connection.confirm"), exact=False)
    page.wait_for_url("**section=sync*")
    press(page, say("page.connection.sync"), exact=False)
    told = say("page.connection.done", rows="7", changes="7", seconds="7").replace("7", r"[\d.,]+")
    wait_for(page, re.compile(told))


def find(story: Story, page: Page) -> None:
    """The statuses that name an action, and the leads that hold one of them."""
    say = story.say
    turn_to(page, say("page.findings.title"))
    rule = page.locator("summary").filter(has_text="STA01")
    rule.click()
    settled(page)
    story.picture(page, "finding", rule)
    press(page, say("page.findings.show", count=14), exact=False)
    wait_for(page, say("ui.people.count", count=14))


def decide(story: Story, page: Page) -> None:
    """One target is proposed and kept; the other one is decided: these leads go back to Marketing."""
    say = story.say
    press(page, say("page.findings.proposed"), exact=False)
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible(timeout=WAIT)
    table.dblclick(position=GOES_TO)
    page.wait_for_timeout(1_000)
    page.keyboard.type("Nurture")
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    wait_for(page, say("page.findings.target.touched"))
    write(page, say("page.findings.target.author"), "Rosa")
    press(page, say("page.findings.target.save"), exact=False)
    wait_for(page, say("page.findings.target.saved_now", number=1))
    story.picture(page, "target")
    follow(page, say("page.fixes.from_map"))


def plan(story: Story, page: Page) -> None:
    """What would change, and what the funnel would then say."""
    say = story.say
    heading(page, say("page.fixes.title"))
    write(page, say("page.fixes.who"), ROSA)
    press(page, say("page.fixes.make"), exact=False)
    page.wait_for_url("**plan=1*")
    wait_for(page, re.compile(say("page.fixes.promise", records="#").split("#")[0]))
    wait_for(page, say("page.fixes.approve.help"))
    story.picture(page, "review")
    story.picture(page, "effect", page.get_by_text(say("page.fixes.effect"), exact=True).first)


def carry_out(story: Story, page: Page, who: str, picture: str) -> None:
    """Approved by typing the number, then written; the run is watched to its end."""
    say = story.say
    write(page, say("page.fixes.approve.type", number=str(RECORDS)), str(RECORDS))
    press(page, say("page.fixes.approve"), exact=False)
    wait_for(page, re.compile(re.escape(say("page.fixes.approved", actor=who, at=""))))
    if page.get_by_role("textbox", name=say("page.fixes.waive")).count():
        write(page, say("page.fixes.waive"), "Airtable has no sandbox")
        story.picture(page, "reason")
    page.get_by_role("button", name=say("page.fixes.apply", count=RECORDS, name="acme")).first.click()
    wait_for(page, say("page.fixes.running.leave"))
    pilot = ("running.pilot", "running.pilot_read")  # written, then read again: the page may be seen at either
    wait_for(page, re.compile("|".join(re.escape(say(f"page.fixes.{one}")) for one in pilot)))
    story.picture(page, picture)
    wait_for(page, say("page.fixes.all_written", count=RECORDS))
    settled(page)


def synced(story: Story, page: Page) -> None:
    """The CRM is read again, from where the repair stands."""
    press(page, story.say("page.fixes.sync"), exact=False)
    wait_for(page, story.say("page.fixes.synced"))
    settled(page)


def undo(story: Story, page: Page) -> None:
    """A colleague takes it back: a plan of its own through the same door."""
    say = story.say
    turn_to(page, say("page.fixes.title"))
    write(page, say("page.fixes.who"), BEA)
    press(page, say("page.fixes.undo", count=RECORDS), exact=False)
    page.wait_for_url("**plan=2*")
    carry_out(story, page, BEA, "undoing")


def trail(story: Story, page: Page) -> None:
    """Who planned, approved and wrote, and who took it back."""
    turn_to(page, story.say("page.fixes.title"))
    part(page, story.say("page.fixes.section.trail"))
    wait_for(page, story.say("page.fixes.trail.help"))
    story.picture(page, "trail")


def funnel(story: Story, page: Page) -> list[str]:
    """The figures on the bars of the funnel."""
    turn_to(page, story.say("page.funnel.title"))
    bars = page.locator(".js-plotly-plot .bartext")
    expect(bars.first).to_be_visible(timeout=WAIT)
    settled(page)
    return bars.all_text_contents()
