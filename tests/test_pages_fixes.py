"""The Fixes page: what survives a session, what stops and asks, who may, and what is said where nothing can be done.

Not here: the engine of repairs (test_repair*.py), the whole way (test_pages_fixes_journey.py, test_browser_fixes.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.demo import Demo
from leadpact import settings
from leadpact.connector import Change, Outcome
from leadpact.errors import Busy
from leadpact.language import Language
from leadpact.workspace import Workspace
from leadpact.writeback import journal, pilot, plans
from leadpact.writeback.target import Target
from tests.apptest import fill, prepare, settle_company, visit, words
from tests.fixes_page import ANA, NEW, a_plan, ended, held, named, press
from tests.rows import Rows, contact
from tests.writeback_crm import SECRETS, company, settle_demo, target_of
from ui import access, fixes_runs, frame


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(settle_demo(tmp_path / "home"), monkeypatch, SECRETS.format(writable="true"))


def counted(home: Path, plan: plans.Plan) -> dict[str, int]:
    return dict(journal.counted(Workspace(home).database, plan))


def test_a_run_goes_on_without_its_session_and_another_one_sees_and_pauses_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first records are written; then the CRM takes its time, until the second session has asked for a pause."""
    plan = a_plan(home)
    reached, go = threading.Event(), threading.Event()
    after = pilot.Pilot.after

    def slow(self: pilot.Pilot) -> bool:
        reached.set()
        assert go.wait(30)
        return after(self)

    monkeypatch.setattr(pilot.Pilot, "after", slow)
    named(visit("fixes", plan=plan.id)).button(key="_fixes_apply").click().run()
    try:
        assert reached.wait(30)
        other = visit("fixes", plan=plan.id)
        assert f"Begun by {ANA}" in words(other) and "You can leave this page" in words(other)
        assert not any(button.key == "_fixes_apply" for button in other.button)
        named(other, "bea@acme.example").button(key="_fixes_pause").click().run()
    finally:
        go.set()
    ended()
    run = journal.runs(Workspace(home).database, "demo")[0]
    assert (run.state, run.counts) == (journal.PAUSED, {journal.WRITTEN: pilot.RECORDS})
    other = other.run()
    assert "It stopped between two batches" in words(other)
    press(other, "go_on")
    assert counted(home, plan) == {journal.WRITTEN: plan.changes}


def test_where_the_first_records_changed_more_the_page_stops_and_asks(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An automation of the CRM sets the source of whatever is written."""
    plan, write = a_plan(home), Demo.write

    def automated(self: Demo, changes: list[Change]) -> Iterator[Outcome]:
        outcomes = list(write(self, changes))
        list(write(self, [Change(one.object, one.record_id, "source", None, "Flow", "") for one in changes]))
        return iter(outcomes)

    monkeypatch.setattr(Demo, "write", automated)
    at = press(named(visit("fixes", "es", plan=plan.id)), "apply")
    assert "No se escribe nada más hasta que respondas" in words(at)
    assert "source" in at.dataframe[0].value.to_string()
    assert counted(home, plan) == {journal.WRITTEN: pilot.RECORDS}
    press(at, "accept")
    assert counted(home, plan) == {journal.WRITTEN: plan.changes}


def test_a_conflict_is_listed_with_its_reason_and_stays(home: Path) -> None:
    plan = a_plan(home, 3)
    row = next(row for _, row in plans.rows(Workspace(home).database, plan))
    other = next(value for value in ("MQL", "Customer") if value != row.before)
    (outcome,) = company(home).write([Change(row.object, row.record_id, row.field, row.before, other, "")])
    assert outcome.kind == "written"
    at = press(named(visit("fixes", plan=plan.id)), "apply")
    table = at.dataframe[0].value.to_string()
    assert row.record_id in table and "Somebody has changed it since the plan was made" in table
    assert "Applied, not to all" in words(at) and "To repair it too, sync and make a new plan" in words(at)
    assert held(home, plan) == {**dict.fromkeys(held(home, plan), NEW), row.record_id: other}


def test_what_a_dead_process_left_in_doubt_is_found_out_first(home: Path) -> None:
    """Its intent stands in the journal, and nobody knows the rest."""
    plan, database = a_plan(home, 2), Workspace(home).database
    run = journal.begin(database, plan, actor=ANA, door="app", forced=False, now=plan.draft.created_at)
    (number, row), *_ = plans.rows(database, plan)
    journal.note(database, plan, run, [journal.Event(number, row, journal.INTENT)], plan.draft.created_at)
    at = named(visit("fixes", plan=plan.id))
    assert "no answer came" in words(at)
    assert not any(button.key in ("_fixes_apply", "_fixes_go_on") for button in at.button)
    at = press(at, "settle")
    assert counted(home, plan) == {journal.NOT_WRITTEN: 1}
    at = press(at, "go_on")
    assert counted(home, plan) == {journal.WRITTEN: 2}


def test_roles_are_asked_for_where_the_act_happens(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = ["revops"]
    monkeypatch.setattr(frame.access, "admit", lambda *given: access.Visitor("eve@x.example", frozenset(roles)))
    plan = a_plan(home, 2)
    at = visit("fixes", plan=plan.id)
    assert any(button.key == "_fixes_apply" for button in at.button)
    roles[:] = ["sales"]
    at = press(at, "apply")
    assert journal.runs(Workspace(home).database, "demo") == []
    assert "Plans are applied by people with one of these roles: RevOps, Administrator." in words(at)
    assert not any(button.key in ("_fixes_apply", "_fixes_withdraw") for button in at.button)


@pytest.mark.parametrize(
    ("lang", "role", "said"),
    [("en", "viewer", "New plans are made by people with one of these roles: RevOps, Administrator."),
     ("es", "sales", "Los planes nuevos los preparan personas con uno de estos roles: RevOps, Administración.")],
)  # fmt: skip
def test_who_may_make_no_plan_reads_who_may_and_sees_the_plans_there_are(
    home: Path, monkeypatch: pytest.MonkeyPatch, lang: str, role: str, said: str
) -> None:
    monkeypatch.setattr(frame.access, "admit", lambda *given: access.Visitor("eve@x.example", frozenset({role})))
    at = visit("fixes", lang, view="repair")
    assert said in words(at) and not at.exception
    assert Language(lang)("page.fixes.follow") not in [one.label for one in at.get("button_group")]
    empty = visit("fixes", lang, view="history")
    assert said.partition(":")[2] in words(empty), "the empty list sends nobody to a form they do not have"
    plan = a_plan(home, 2)
    at = visit("fixes", lang, view="history")
    assert at.selectbox(key=f"_fixes_which_{plan.id}").options == [str(plan.id)]
    at = press(at, "open")
    assert at.query_params["plan"] == str(plan.id)
    assert not any(button.key == "_fixes_new_plan" for button in at.button)


def test_without_a_name_nothing_is_written(home: Path) -> None:
    plan = a_plan(home, 2)
    at = press(visit("fixes", plan=plan.id), "apply")
    assert "Nobody is named" in words(at) and counted(home, plan) == {}


def test_production_asks_for_a_rehearsal_or_a_reason(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.Connection, "environment", "production")
    plan = a_plan(home, 2)
    at = press(named(visit("fixes", "es", plan=plan.id)), "apply")
    assert "Ensaya esta corrección en un sandbox, o di por qué" in words(at) and counted(home, plan) == {}
    at = at.text_input(key=f"_fixes_waive_{plan.id}").set_value("no hay sandbox").run()
    monkeypatch.setattr(pilot, "SETTLES", 0.0)
    press(at, "apply")
    assert counted(home, plan) == {journal.WRITTEN: 2}
    assert journal.runs(Workspace(home).database, "demo")[0].waived == "no hay sandbox"


def test_a_read_only_connection_says_who_enables_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = prepare(settle_demo(tmp_path / "home"), monkeypatch, SECRETS.format(writable="false"))
    plan = a_plan(home, 2)
    at = visit("fixes", "es", plan=plan.id)
    assert "un administrador permite la escritura" in words(at)
    assert not any(button.key == "_fixes_apply" for button in at.button)
    at = visit("fixes", "es", again=at, plan="77")
    assert "No existe el plan 77" in words(at) and not at.exception
    at = visit("fixes", "es", again=at, plan="99999999999999999999")
    assert "No existe el plan 99999999999999999999" in words(at)


def test_where_nothing_is_to_be_repaired_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    fill(tmp_path, Rows(creation_logged=True, record=[contact("ana", status="SQL")]))
    at = visit("fixes", follow="blank")
    assert not at.exception and "No contact is without a status" in words(at)
    at = visit("fixes", "es", again=at, view="history")
    assert "Nunca se ha planificado nada" in words(at)


def test_where_no_map_is_saved_findings_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_company(prepare(tmp_path, monkeypatch))
    at = visit("fixes")
    assert at.multiselect(key="_fixes_codes").value == []
    assert "No value map is saved" in words(visit("fixes", again=at, follow="map"))


def test_a_finding_is_chosen_by_its_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_company(prepare(tmp_path, monkeypatch))
    at = visit("fixes", follow="findings", codes="STA01")
    assert not at.exception
    assert at.multiselect(key="_fixes_codes").value == ["STA01"]
    assert "Left Voicemail" in at.dataframe[0].value.to_string()


def test_one_run_to_a_connection(tmp_path: Path) -> None:
    from tests.writeback_crm import Crm

    target: Target = target_of(tmp_path, Crm(tmp_path / "crm.db"))
    go = threading.Event()
    fixes_runs.AT_ONCE, kept = 0.01, fixes_runs.AT_ONCE
    try:
        fixes_runs.start(target, 1, lambda watch: go.wait(30))
        with pytest.raises(Busy):
            fixes_runs.start(target, 2, lambda watch: None)
    finally:
        go.set()
        fixes_runs.AT_ONCE = kept
    ended()
    assert not fixes_runs.start(target, 2, lambda watch: None).alive


@pytest.mark.thorough
def test_an_undo_before_the_next_sync_is_not_measured_by_the_last_one(home: Path) -> None:
    """The mirror still has the old statuses: that they are “there already” would say that nothing is to be undone."""
    at = press(named(visit("fixes", plan=a_plan(home, 2).id)), "apply")
    at = press(at, "undo")
    assert "Each one is read again just before it is given back" in words(at)
    assert "have the new status already" not in words(at)
