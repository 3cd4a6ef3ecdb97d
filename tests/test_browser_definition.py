"""Two people write the pact at once, in two browsers: nothing either of them did is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from config import drafts, versions
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, company, fill
from tests.browsing import MARKS, WAIT, Page, beside, browsed, expect, heading, served, told

pytestmark = MARKS
FIRST_STAGE = {"x": 420, "y": 52}  # the cell of the stage in the first row: the second column


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The app with the small company as its data, and its home."""
    home = tmp_path_factory.mktemp("home")
    fill(home, company())
    work = beside(tmp_path_factory.mktemp("work"), '[connections.acme]\ntype = "files"\npath = "nowhere"\n')
    with served(work, home) as address:
        yield address, home


@pytest.fixture
def two(app: tuple[str, Path]) -> Iterator[tuple[Page, Page]]:
    """Two visitors, each with a browser context of their own."""
    with ExitStack() as stack:
        first = stack.enter_context(browsed())
        own = first.context.browser
        assert own is not None
        other = own.new_context(locale="en-US", viewport={"width": 1400, "height": 1000})
        other.set_default_timeout(WAIT)
        yield first, other.new_page()


def document(home: Path) -> dict[str, Any]:
    found = drafts.newest(Workspace(home).database)
    return {} if found is None else json.loads(json.dumps(found.document))


def edit_stage(page: Page, place: int, meaning: str) -> None:
    page.locator(f".st-key-_definition_stages_edit_{place} button").click()
    page.get_by_label("What it means", exact=True).fill(meaning)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save to the draft").click()


def test_different_parts_are_both_kept_and_the_same_part_is_chosen(
    app: tuple[str, Path], two: tuple[Page, Page]
) -> None:
    address, home = app
    ana, eva = two
    for page in two:
        page.goto(f"{address}/definition?view=stages")
        heading(page, "Definition")
    edit_stage(ana, 0, "Nobody has met them.")
    edit_stage(eva, 1, "They gave us an address.")
    ana.get_by_label("Your name", exact=True).fill("Ana")
    save(ana)
    told(ana, "Saved to the draft.")
    save(eva)
    told(eva, "Saved to the draft.")
    meanings = [stage["meaning"] for stage in document(home)["stages"][:2]]
    assert meanings == ["Nobody has met them.", "They gave us an address."]

    edit_stage(ana, 2, "Ana's words")
    eva.reload()
    heading(eva, "Definition")
    edit_stage(eva, 2, "Eva's words")
    save(ana)
    told(ana, "Saved to the draft.")
    save(eva)
    told(eva, "Ana changed the same part while you were editing it.")
    told(eva, "Ana's words")
    told(eva, "Eva's words")
    assert document(home)["stages"][2]["meaning"] == "Ana's words"
    eva.get_by_role("button", name="Keep mine").click()
    told(eva, "Saved to the draft.")
    after = document(home)["stages"]
    assert after[2]["meaning"] == "Eva's words" and after[0]["meaning"] == "Nobody has met them."


def test_a_status_is_led_to_a_stage_in_the_table(app: tuple[str, Path], two: tuple[Page, Page]) -> None:
    address, home = app
    page, _ = two
    page.goto(f"{address}/definition?view=statuses")
    heading(page, "Definition")
    page.locator(".st-key-_definition_status_map_edit button").click()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(1, timeout=WAIT)
    page.wait_for_timeout(1500)
    page.get_by_test_id("stDataFrame").dblclick(position=FIRST_STAGE)
    page.wait_for_timeout(1500)
    page.keyboard.type("Interested")
    page.wait_for_timeout(800)
    page.keyboard.press("Enter")
    page.wait_for_timeout(1500)
    save(page)
    told(page, "Saved to the draft.")
    mapped = document(home)["status_map"]
    assert "interested" in {*mapped["lead"].values(), *mapped.get("contact", {}).values()}


def sign(page: Page, team: str, email: str) -> None:
    page.locator(f".st-key-_definition_signer_{team} input").fill(email)
    page.locator(f".st-key-_definition_signer_{team} input").press("Enter")
    page.locator(f".st-key-_definition_sign_{team} button").click()


def test_each_team_signs_from_its_own_desk_and_an_edit_begins_unsigned(
    app: tuple[str, Path], two: tuple[Page, Page]
) -> None:
    address, home = app
    engine = Workspace(home).database
    marketing, sales = two
    if drafts.newest(engine, "main") is None:
        marketing.goto(f"{address}/definition?view=stages")
        edit_stage(marketing, 0, "To be signed")
        save(marketing)
        told(marketing, "Saved to the draft.")
    marketing.goto(f"{address}/definition?view=versions")
    heading(marketing, "Definition")
    marketing.get_by_label("Your name", exact=True).first.fill("Ana")
    marketing.get_by_label("Your name", exact=True).first.press("Enter")
    marketing.get_by_role("button", name="Publish as a version to sign").click()
    told(marketing, "Version 1 is ready to be signed by both teams.")
    sign(marketing, "marketing", "ana@acme.example")
    told(marketing, "You signed version 1.")
    sales.goto(f"{address}/definition?view=versions")
    heading(sales, "Definition")
    sign(sales, "sales", "bob@acme.example")
    told(sales, "Both teams have signed version 1: it is in force.")
    force = versions.in_force(versions.history(engine, "main"))
    assert force is not None and {one.email for one in force.signatures} == {"ana@acme.example", "bob@acme.example"}

    sales.goto(f"{address}/definition?view=stages")
    heading(sales, "Definition")
    edit_stage(sales, 0, "Edited after the signatures")
    save(sales)
    told(sales, "Saved to the draft.")
    draft = drafts.newest(engine, "main")
    assert draft is not None and draft.base == force.hash
    made = drafts.publish(engine, draft.id, expected=draft.revision, author="Bob", message="", now=AS_OF)
    assert made.number == 2 and made.all_signatures == ()
    known = versions.in_force(versions.history(engine, "main"))
    assert known is not None and known.number == 1
