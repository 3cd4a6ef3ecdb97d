"""The target state on the Findings page: what is shown, edited, saved, brought in and simulated."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leadpact.audit import valuemap_file, valuemap_store
from leadpact.audit.valuemap import Row, ValueMap
from leadpact.audit.valuemap_file import to_csv
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, fill, prepare, settle_company, visit, words
from tests.rows import Rows, lead, moved
from ui import access, findings_target_draft
from ui.findings_target_draft import LEAVE, OPEN, edited


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path, monkeypatch)
    settle_company(folder)
    return folder


def open_target(lang: str = "en", again: AppTest | None = None) -> AppTest:
    at = visit("findings", lang, again=again, view="target")
    assert not at.exception, at.exception
    return at


def figures(at: AppTest) -> list[str]:
    return [metric.value for metric in at.metric]


def saved(home: Path) -> valuemap_store.Saved | None:
    return valuemap_store.working(Workspace(home).database, "acme")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_map_is_shown_saved_and_simulated(home: Path, lang: str) -> None:
    """Carla moves; Ana's contact has no status, and stands at Customer by her lead."""
    at = open_target(lang)
    assert len(at.title) == 1 and figures(at)[0] != "0"
    at.button(key="_findings_target_simulate").click().run()
    assert ("Not in these numbers" if lang == "en" else "Fuera de estos números") in words(at)
    assert not at.exception
    at.text_input(key="_findings_target_author").set_value("Ana").run()
    assert at.button(key="_findings_target_save").proto.type == "primary"
    at.button(key="_findings_target_save").click().run()
    kept = saved(home)
    assert kept is not None and (kept.author, kept.number) == ("Ana", 1)
    assert at.button(key="_findings_target_save").proto.type == "secondary", "the plan is the next step now"
    assert ("Saved as version 1" if lang == "en" else "Guardado como versión 1") in words(at)
    assert not any(row.edited for row in kept.map.rows)


def test_without_a_name_nothing_is_saved(home: Path) -> None:
    at = open_target()
    at.button(key="_findings_target_save").click().run()
    assert saved(home) is None
    assert "Write who saves the map" in words(at)


def test_a_role_that_may_not_save_does_not_save(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is there a button, nor does the act go through without one."""
    at = open_target()
    viewer = access.Visitor("eva@acme.example", frozenset({"viewer"}))
    monkeypatch.setattr(access, "admit", lambda *_: viewer)
    hidden = open_target()
    assert not any(button.key == "_findings_target_save" for button in hidden.button)
    assert "not save it" in words(hidden)
    with pytest.raises(access.NotAllowed):
        access.acting(viewer, access.EDIT_MAP)
    at.text_input(key="_findings_target_author").set_value("Eva").run()
    assert saved(home) is None


def test_an_edit_survives_leaving_the_page_and_a_second_table(home: Path) -> None:
    at = open_target()
    at.session_state["_target_drafts"]
    draft = at.session_state["_target_drafts"]["acme"]
    place = next(n for n, row in enumerate(draft.base.rows) if row.value == "Left Voicemail")
    changed = edited(draft.base.rows[place], {"to": "SAL"}, {})
    rows = [changed if n == place else row for n, row in enumerate(draft.base.rows)]
    at.session_state["_target_drafts"]["acme"] = findings_target_draft.replace(draft, now=ValueMap.of(rows))
    at = visit("findings", again=at, view="history")
    at = open_target(again=at)
    now = at.session_state["_target_drafts"]["acme"].now
    assert [row.to for row in now.rows if row.value == "Left Voicemail"] == ["SAL"]
    assert "edits here that nobody has saved" in words(at)
    at.text_input(key="_findings_target_author").set_value("Ana").run()
    at.button(key="_findings_target_save").click().run()
    kept = saved(home)
    assert kept is not None
    assert [(row.to, row.edited) for row in kept.map.rows if row.value == "Left Voicemail"] == [("SAL", True)]
    assert "Version 1, saved by Ana" in words(at)
    at.button(key="_findings_target_restart").click().run()
    now = at.session_state["_target_drafts"]["acme"].now
    assert [row.to for row in now.rows if row.value == "Left Voicemail"] == ["MQL"]
    at.button(key="_findings_target_discard").click().run()
    now = at.session_state["_target_drafts"]["acme"].now
    assert [row.to for row in now.rows if row.value == "Left Voicemail"] == ["SAL"]


def test_a_map_that_does_not_fit_is_neither_saved_nor_simulated(home: Path) -> None:
    at = open_target()
    draft = at.session_state["_target_drafts"]["acme"]
    wrong = ValueMap.of([*draft.now.rows, Row("lead", "SAL", to="<script>")])
    at.session_state["_target_drafts"]["acme"] = findings_target_draft.replace(draft, base=wrong, now=wrong, turn=1)
    at.run()
    assert "Before this map can be saved" in words(at) and "<script>" in words(at)
    assert at.button(key="_findings_target_save").disabled
    assert not any(button.key == "_findings_target_simulate" for button in at.button)


def test_where_nothing_is_to_be_mapped_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    fine = Rows(creation_logged=True, record=[lead("ana", status="MQL")],
                field_change=moved("ana", ("2026-02-01", "MQL")))  # fmt: skip
    fill(tmp_path, fine, now=AS_OF)
    at = open_target()
    assert "Nothing is to be mapped" in words(at)
    assert not any(button.key == "_findings_target_save" for button in at.button)


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        ({"to": "SAL"}, Row("lead", "X", to="SAL", keep="reason")),
        ({"to": LEAVE}, Row("lead", "X", leave=True, keep="reason")),
        ({"to": OPEN}, Row("lead", "X", keep="reason")),
        ({"to": "New one"}, Row("lead", "X", to="New one", stage="sal", keep="reason")),
        ({"to": "Odd", "stage": "mql"}, Row("lead", "X", to="Odd", stage="mql", keep="reason")),
        ({"keep": None}, Row("lead", "X", to="MQL", stage="mql")),
        ({"to": "MQL"}, Row("lead", "X", to="MQL", stage="mql", keep="reason")),
    ],
)
def test_what_an_edit_makes_of_a_row(changes: dict[str, str], after: Row) -> None:
    assert (
        edited(Row("lead", "X", to="MQL", stage="mql", keep="reason"), changes, {("lead", "New one"): "sal"}) == after
    )


def test_a_file_brought_in_replaces_the_map_or_says_why_not(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_target()
    mine = ValueMap.of([Row("lead", "Left Voicemail", to="SAL")])
    at.file_uploader(key="_findings_target_upload").upload("mine.csv", to_csv(mine).encode(), "text/csv")
    use = next(button for button in at.button if button.label == "Use this file")
    use.click().run()
    assert not at.exception
    assert [row.to for row in at.session_state["_target_drafts"]["acme"].now.rows] == ["SAL"]
    assert "1 row brought in" in words(at)
    assert valuemap_file.MOST_BYTES > 1_000_000
