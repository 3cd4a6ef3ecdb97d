"""The part Write-back of the page Connection: as a visitor meets it, and what it writes.

Not here: the engine (test_writeback_apply.py), what is written (test_writeback.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leadpact.workspace import Workspace
from leadpact.writeback import journal, plans, targets
from tests.apptest import prepare, visit, words
from tests.writeback_crm import SECRETS, company, settle_demo
from ui import access, frame


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(settle_demo(tmp_path / "home"), monkeypatch, SECRETS.format(writable="true"))


def press(at: AppTest, what: str) -> AppTest:
    at = at.button(key=f"_connection_{what}").click().run()
    assert not at.exception
    return at


def test_from_a_missing_field_to_an_undo(home: Path) -> None:
    at = visit("connection", section="writeback")
    assert "draft" in words(at)
    at = press(at, "wb_look")
    at = press(at, "wb_preview")
    at = press(at, "wb_make")
    assert "Nobody is named" in words(at)
    at = at.text_input(key="_connection_writeback_who").set_value("ana@acme.example").run()
    at = press(at, "wb_make")
    assert "made" in words(at)
    at = press(at, "wb_compare")
    space = Workspace(home)
    assert targets.load(space.database, "demo").field("lead", "score") == "LeadPact_Score"
    (plan,) = plans.recent(space.database, "demo")
    row = next(row for _, row in plans.rows(space.database, plan))
    at = press(at, "wb_apply")
    assert f"Type {plan.records}" in words(at)
    at = at.text_input(key=f"_connection_wb_typed_{plan.id}").set_value(str(plan.records)).run()
    at = press(at, "wb_apply")
    assert "Above the limit" in words(at)
    assert journal.counted(space.database, plan) == {}
    at = at.checkbox(key=f"_connection_wb_force_{plan.id}").check().run()
    at = press(at, "wb_apply")
    assert f"{plan.changes} written now" in words(at)
    crm = company(home)
    assert crm.read(row.object, [row.record_id], [row.field]) == {row.record_id: {row.field: row.after}}
    assert journal.runs(space.database, "demo")[0].actor == "ana@acme.example"
    at = press(at, "wb_undo")
    undo = plans.recent(space.database, "demo")[0]
    at = at.text_input(key=f"_connection_wb_typed_{undo.id}").set_value(str(undo.records)).run()
    at = press(at, "wb_apply")
    assert crm.read(row.object, [row.record_id], [row.field]) == {row.record_id: {row.field: row.before}}


def test_a_read_only_connection_says_how_to_enable_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(settle_demo(tmp_path / "home"), monkeypatch, SECRETS.format(writable="false"))
    at = visit("connection", "es", section="writeback")
    assert not at.exception
    assert "solo lectura" in words(at)
    at = press(at, "writeback_enable")
    assert at.query_params.get("section") is None
    assert any(element.key == "_connection_test" for element in at.button)


def test_only_administrators_and_revops_write(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The role is asked for again where the act happens, whatever the page has drawn."""
    roles = ["revops"]
    monkeypatch.setattr(frame.access, "admit", lambda *given: access.Visitor("eve@x.example", frozenset(roles)))
    at = visit("connection", section="writeback")
    at = press(press(at, "wb_look"), "wb_preview")
    roles[:] = ["sales"]
    at = press(at, "wb_make")
    assert at.button(key="_connection_wb_make").disabled
    with pytest.raises(access.NotAllowed):
        access.acting(access.Visitor("eve@x.example", frozenset(roles)), access.WRITE_CRM)
    assert targets.load(Workspace(home).database, "demo").objects == ()
    assert [field.name for field in company(home).fields("lead")][-1].startswith("f_")
