"""The Fixes page from a plan made on it to its undo, in both languages: every step as a visitor meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadpact.workspace import Workspace
from leadpact.writeback import approval, journal, plans
from tests.apptest import prepare, visit, words
from tests.fixes_page import ANA, a_plan, approved, held, named, open_leads, press
from tests.writeback_crm import SECRETS, company, settle_demo


@pytest.mark.parametrize("lang", ["en", "es"])
def test_from_a_plan_to_its_undo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    home = prepare(settle_demo(tmp_path / "home"), monkeypatch, SECRETS.format(writable="true"))
    database = Workspace(home).database
    at = press(named(visit("fixes", lang, follow="blank")), "make")
    (plan,) = plans.recent(database, "demo")
    assert ("Will not change: owners" if lang == "en" else "No cambiará: propietarios") in words(at)
    assert not any(button.key == "_fixes_apply" for button in at.button)  # first it is approved
    at = at.text_input(key=f"_fixes_typed_{plan.id}").set_value(str(plan.records + 1)).run()
    at = press(at, "approve")
    assert approval.current(database, plan) is None
    at = approved(at, plan)
    before = held(home, plan)
    at = press(at, "apply")
    after = {row.record_id: row.after for _, row in plans.rows(database, plan)}
    assert held(home, plan) == after != before
    run = journal.runs(database, "demo")[0]
    assert (run.actor, run.door, run.state) == (ANA, "app", journal.DONE)
    assert [metric.value for metric in at.metric][:2] == [str(plan.changes), "0"]
    at = press(at, "undo")
    undo = plans.recent(database, "demo")[0]
    assert undo.draft.undoes == plan.id and held(home, plan) == after  # a plan, and not applied yet
    at = press(approved(at, undo), "apply")
    assert held(home, plan) == before
    at = visit("fixes", lang, again=at, view="history")
    assert len(at.dataframe[0].value) == 2
    at = visit("fixes", lang, again=at, view="trail")
    assert len(at.dataframe[0].value) >= 8 and not at.exception


def test_old_values_are_retired_and_an_undo_asks_for_them_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = prepare(settle_demo(tmp_path / "home"), monkeypatch, SECRETS.format(writable="true"))
    statuses = [status for _, status in open_leads()]
    crm = company(home).holders("lead", "status", sorted(set(statuses)))
    value = next(one for one in sorted(crm) if crm[one].records == statuses.count(one) and one != "New")
    everybody = [one for one in open_leads() if one[1] == value]
    plan = a_plan(home, chosen=everybody)
    at = press(named(visit("fixes", plan=plan.id)), "apply")
    at.session_state[f"_fixes_retire_{plan.id}"] = True
    at = press(at.run(), "retire_look")
    assert active(home, value)
    at = press(at, "retire_do")
    assert not active(home, value)
    at = press(at, "undo")
    undo = plans.recent(Workspace(home).database, "demo")[0]
    at = approved(at, undo)
    assert "retired after plan" in words(at)
    assert not any(button.key == "_fixes_apply" for button in at.button)
    at = press(at, "open_retired")
    at.session_state[f"_fixes_retire_{plan.id}"] = True
    at = press(at.run(), "activate")
    assert active(home, value)
    at = press(visit("fixes", again=at, plan=undo.id), "apply")
    assert set(held(home, plan).values()) == {value}


def active(home: Path, value: str) -> bool:
    """Whether the CRM's list of lead statuses has the value on offer."""
    (field,) = [one for one in company(home).fields("lead") if one.column == "status"]
    return any(one.value == value and one.is_active for one in field.choices)
