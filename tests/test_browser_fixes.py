"""A repair in a browser: plan, review, approve, apply and undo on the demo CRM, as a visitor meets it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadpact.workspace import Workspace
from leadpact.writeback import plans
from tests.browsing import MARKS, WAIT, Page, beside, browsed, expect, heading, served
from tests.fixes_page import held
from tests.writeback_crm import SECRETS, settle_demo

pytestmark = MARKS


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return settle_demo(tmp_path / "home")


@pytest.fixture
def app(tmp_path: Path, home: Path) -> Iterator[str]:
    with served(beside(tmp_path / "app", SECRETS.format(writable="true")), home) as address:
        yield address


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click(timeout=WAIT)


def approve_and_apply(page: Page, records: int) -> None:
    field = page.get_by_role("textbox", name="Type the number of records")
    expect(field).to_be_visible(timeout=WAIT)
    field.fill(str(records))
    field.press("Tab")
    press(page, "Approve this plan")
    expect(page.get_by_text("Approved by").first).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name=f"Write {records} records to demo")).to_be_visible(timeout=WAIT)
    above = page.get_by_text(f"Yes, {records} records shall change")
    if above.count():
        above.click()
        expect(page.get_by_role("checkbox", name=f"Yes, {records} records shall change")).to_be_checked(timeout=WAIT)
    press(page, f"Write {records} records to demo")
    expect(page.get_by_text(f"{records} records hold what was planned")).to_be_visible(timeout=WAIT)


def test_from_the_plan_to_the_undo(app: str, home: Path) -> None:
    with browsed() as page:
        page.goto(f"{app}/fixes?follow=blank")
        heading(page, "Fixes")
        name = page.get_by_role("textbox", name="Your e-mail")
        name.fill("ana@acme.example")
        name.press("Tab")
        press(page, "Make the plan")
        expect(page.get_by_text("Will not change: owners").first).to_be_visible(timeout=WAIT)
        expect(page.get_by_role("button", name="Approve this plan")).to_be_visible(timeout=WAIT)
        (plan,) = plans.recent(Workspace(home).database, "demo")
        before = held(home, plan)
        with page.expect_download(timeout=WAIT) as waiting:
            press(page, "Download every change (CSV)")
        backup = waiting.value.path().read_text(encoding="utf-8-sig").splitlines()
        assert len(backup) == 1 + plan.changes and backup[0].startswith("object,record_id,field,before,after")
        approve_and_apply(page, plan.records)
        after = {row.record_id: row.after for _, row in plans.rows(Workspace(home).database, plan)}
        assert held(home, plan) == after != before
        page.reload()  # a session of its own: it finds the plan as it stands
        expect(page.get_by_text(f"{plan.records} records hold what was planned")).to_be_visible(timeout=WAIT)
        name = page.get_by_role("textbox", name="Your e-mail")
        name.fill("bea@acme.example")
        name.press("Tab")
        press(page, f"Undo {plan.changes} written changes")
        expect(page.get_by_role("heading", name=f"Plan {plan.id + 1} · Undo")).to_be_visible(timeout=WAIT)
        approve_and_apply(page, plan.records)
        assert held(home, plan) == before
