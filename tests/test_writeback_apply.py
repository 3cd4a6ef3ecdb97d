"""Applying a plan: whatever befalls it, the journal and the CRM agree, and nothing is written twice.

Not here: what LeadPact writes (test_writeback.py).
"""

from __future__ import annotations

import importlib
import pkgutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
from config.plans import plan_event, plan_row
from leadpact.connector import Connector
from leadpact.errors import Busy, Misconfigured, SourceUnreachable
from leadpact.writeback import journal, ledger, plans, settling, undoing
from leadpact.writeback.applying import Report, Tampered, apply
from leadpact.writeback.plan import Limits, Plan, Row, TooMuch
from leadpact.writeback.target import Progress, Target
from leadpact.writeback.values import same
from tests.writeback_crm import FAULTS, NOW, Crm, Hours, in_a_process, made, target_of

ANYTHING = Limits(1.0, 1_000_000)


@pytest.fixture
def crm(tmp_path: Path) -> Crm:
    found = Crm(tmp_path / "crm.sqlite")
    for at in range(9):
        found.put("lead", f"l{at}", status="Old", note="mine", owner="bob")
    return found


@pytest.fixture
def target(tmp_path: Path, crm: Crm) -> Target:
    return target_of(tmp_path, crm)


def rows(count: int = 9, **changed: Any) -> list[Row]:
    return [Row("lead", f"l{at}", "status", "Old", "New", "STA03", **changed) for at in range(count)]


def go(target: Target, plan: Plan, **changed: Any) -> Report:
    given = {"expected_hash": plan.hash, "actor": "ana@acme.example", "door": "cli", "now": NOW, "limits": ANYTHING,
             "watch": Hours().watch()}  # fmt: skip
    return apply(target, plan.id, **{**given, **changed})


def states(target: Target, plan: Plan) -> dict[str, str | None]:
    return {one.row.record_id: one.event for one in journal.standing(target.engine, plan)}


def test_the_crm_of_these_tests_speaks_the_protocol(crm: Crm) -> None:
    assert isinstance(crm, Connector)


def test_a_plan_is_written_once_and_the_second_apply_writes_nothing(target: Target, crm: Crm) -> None:
    plan = made(target, rows())
    done = go(target, plan)
    assert (done.state, done.written, done.now, done.left, done.clean) == ("done", 9, 9, 0, True)
    assert {value for (_, _, field), value in crm.all().items() if field == "status"} == {"New"}
    again = go(target, plan)
    assert (again.written, again.now) == (9, 0)
    assert len(crm.written()) == 9


def test_a_colleagues_edit_since_the_plan_is_a_conflict_and_stays(target: Target, crm: Crm) -> None:
    plan = made(target, rows())
    crm.put("lead", "l1", status="Mine now")
    crm.put("lead", "l2", status="New")
    crm.put("lead", "l3", note="another field does not matter")
    crm.remove("lead", "l4")
    done = go(target, plan)
    assert (done.written, done.conflicts, done.skipped, done.clean) == (6, 2, 1, False)
    held = crm.all()
    assert held["lead", "l1", "status"] == "Mine now"
    assert states(target, plan)["l1"] == states(target, plan)["l4"] == "conflict"
    assert journal.codes(target.engine, plan) == {("conflict", "moved"): 1, ("conflict", "gone"): 1}
    assert ("lead", "l2", "status", "New") not in crm.written()


def test_the_record_is_read_again_just_before_each_batch(target: Target, crm: Crm) -> None:
    """An edit made while an earlier batch is written is noticed by the next one."""
    crm.put_all([("lead", f"l{at}", "status", "Old") for at in range(9, 120)])
    plan = made(target, rows(120))

    def edit(crm: Crm) -> None:
        crm.put("lead", "l119", status="A colleague's")
        crm.meanwhile = None

    crm.meanwhile = edit
    done = go(target, plan)
    assert (done.written, done.conflicts) == (119, 1)
    assert crm.all()["lead", "l119", "status"] == "A colleague's"


@pytest.mark.parametrize("fault", ["killed_before", "killed_midway", "killed_after"])
def test_a_killed_process_is_taken_up_where_it_died(target: Target, crm: Crm, tmp_path: Path, fault: str) -> None:
    plan = made(target, rows())
    target.engine.dispose()
    crm.faults = ["ok", fault]
    assert in_a_process(lambda: go(target_of(tmp_path, crm), plan)) == -9
    crm.faults = []
    survived = target_of(tmp_path, crm)
    assert Counter(states(survived, plan).values()) == {"intent": 9}
    (died,) = journal.runs(survived.engine, "acme")
    assert (died.state, died.ended_at) == ("running", None)
    waited = Hours()
    done = go(survived, plan, watch=waited.watch())
    assert (done.state, done.written, done.left, done.unknown) == ("done", 9, 0, 0)
    assert waited.at == settling.GRACE.total_seconds()
    assert Counter(crm.written()) == {("lead", f"l{at}", "status", "New"): 1 for at in range(9)}


def test_no_answer_is_unknown_until_it_is_read_and_never_sent_again(target: Target, crm: Crm) -> None:
    plan = made(target, rows())
    crm.faults = ["ok", "dead_after"]
    with pytest.raises(SourceUnreachable):
        go(target, plan)
    assert Counter(states(target, plan).values()) == {"written": 2, "unknown": 7}
    assert journal.unsettled(target.engine, "acme") == [plan.id]
    done = go(target, plan, now=NOW + timedelta(hours=1))
    assert (done.written, done.unknown, done.clean) == (9, 0, True)
    assert len(crm.written()) == len(set(crm.written())) == 9
    assert ("written", "read_after") in journal.codes(target.engine, plan)
    assert journal.unsettled(target.engine, "acme") == []


def test_where_nothing_can_be_read_afterwards_the_rows_stay_unknown(target: Target, crm: Crm) -> None:
    plan = made(target, rows())
    crm.faults = ["dead_after"]
    with pytest.raises(SourceUnreachable):
        go(target, plan)
    crm.answers = [False]
    with pytest.raises(SourceUnreachable):
        go(target, plan)
    assert set(states(target, plan).values()) == {"unknown"}
    assert len(crm.written()) == 2


def test_an_adapter_that_answers_unknown_is_settled_by_reading_in_the_same_run(
    target: Target, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leadpact.connector import Outcome

    def write(changes: Any) -> Any:
        for at, one in enumerate(changes):
            if at % 2:
                crm._store([one])
            yield Outcome(one, "unknown")

    monkeypatch.setattr(crm, "write", write)
    plan = made(target, rows())
    done = go(target, plan)
    assert (done.written, done.unknown, done.state) == (4, 5, "done")
    monkeypatch.undo()
    again = go(target, plan)
    assert (again.written, again.unknown) == (9, 0)
    assert len(crm.written()) == 9


def test_answers_about_other_changes_are_not_believed(
    target: Target, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leadpact.connector import Outcome

    def write(changes: Any) -> Any:
        crm._store(changes[:3])
        yield from [Outcome(one, "written") for one in reversed(changes)]

    monkeypatch.setattr(crm, "write", write)
    done = go(target, made(target, rows(8)))
    assert (done.written, done.unknown) == (3, 5)  # those that were read there afterwards


def test_refused_changes_are_told_and_tried_again_when_somebody_asks(target: Target, crm: Crm) -> None:
    plan = made(target, rows())
    crm.faults = ["refused"]
    done = go(target, plan)
    assert (done.written, done.failed, done.clean) == (7, 2, False)
    assert journal.codes(target.engine, plan) == {("refused", "LOCKED"): 2}
    assert go(target, plan).failed == 0
    assert len(crm.written()) == 9


def test_a_crm_that_refuses_everything_is_not_asked_for_ever(target: Target, crm: Crm) -> None:
    crm.put_all([("lead", f"l{at}", "status", "Old") for at in range(9, 600)])
    plan = made(target, rows(600))
    crm.faults = ["refused"] * 400
    done = go(target, plan)
    assert (done.state, done.failed, done.left) == ("refusing", 300, 300)


def test_only_the_reviewed_plan_is_applied(target: Target, crm: Crm) -> None:
    plan = made(target, rows())
    for wrong in ("", "0" * 64):
        with pytest.raises(Tampered):
            go(target, plan, expected_hash=wrong)
    with target.engine.begin() as database:
        database.execute(plan_row.update().where(plan_row.c.number == 3).values(after="Other"))
    with pytest.raises(Tampered):
        go(target, plan)
    assert crm.written() == []


def test_the_same_changes_have_the_same_hash_and_others_another(target: Target) -> None:
    first, again = made(target, rows()), made(target, rows())
    assert first.id != again.id
    assert first.hash == again.hash
    hashes = {made(target, others).hash for others in (rows(8), rows(before_ours=True), list(reversed(rows())))}
    assert len({*hashes, first.hash}) == 4


@pytest.mark.parametrize(("limits", "refused"), [(Limits(0.5, 100), True), (Limits(1.0, 8), True),
                                                 (Limits(0.9, 9), False)])  # fmt: skip
def test_too_much_is_refused_with_the_arithmetic_until_it_is_forced(
    target: Target, crm: Crm, limits: Limits, refused: bool
) -> None:
    plan = made(target, rows(), whole=10)
    if refused:
        with pytest.raises(TooMuch) as found:
            go(target, plan, limits=limits)
        assert (found.value.params["records"], found.value.params["whole"], found.value.params["percent"]) == (
            9,
            10,
            90,
        )
        assert crm.written() == []
    assert go(target, plan, limits=limits, force=refused).written == 9


@pytest.mark.parametrize("changed", [{"actor": " "}, {"now": NOW}])
def test_every_gate_refuses_when_its_input_is_missing(
    target: Target, crm: Crm, tmp_path: Path, changed: dict[str, Any]
) -> None:
    plan = made(target, rows())
    closed = target if "actor" in changed else target_of(tmp_path, crm, writable=False)
    with pytest.raises(Misconfigured):
        go(closed, plan, **changed)
    assert crm.written() == []


def test_two_people_cannot_apply_at_once_to_one_connection(target: Target, crm: Crm, tmp_path: Path) -> None:
    plan, other = made(target, rows(4)), made(target, rows(9)[4:])
    met: list[type[Exception]] = []

    def second(crm: Crm) -> None:
        crm.meanwhile = None
        for one in (plan, other):
            with pytest.raises(Busy):
                go(target_of(tmp_path, crm), one)
            met.append(Busy)

    crm.meanwhile = second
    assert go(target, plan).written == 4
    assert len(met) == 2
    assert go(target, other).written == 5


def test_cancelling_ends_between_two_batches_and_going_on_does_the_rest(target: Target, crm: Crm) -> None:
    crm.put_all([("lead", f"l{at}", "status", "Old") for at in range(9, 250)])
    plan = made(target, rows(250))
    seen: list[Progress] = []
    hours = Hours()

    def progress(one: Progress) -> None:
        hours.at += 2
        seen.append(one)

    done = go(target, plan, watch=hours.watch(progress=progress, cancel=lambda: len(seen) == 2))
    assert (done.state, done.written, done.left) == ("cancelled", 200, 50)
    assert [(one.done, one.total) for one in seen] == [(100, 250), (200, 250)]
    assert (seen[1].rate, seen[1].left_seconds) == (100, 0.5)
    assert go(target, plan).written == 250


def test_undo_gives_back_field_by_field_what_still_holds_our_value(target: Target, crm: Crm) -> None:
    crm.put("lead", "l0", status="Old", note=None)
    before = crm.all()
    many = [row for at in range(9) for row in (
        Row("lead", f"l{at}", "status", "Old", "New", after_ours=True),
        Row("lead", f"l{at}", "note", None if at == 0 else "mine", "42", after_ours=True))]  # fmt: skip
    plan = made(target, many, kinds={"lead.note": "number"})
    assert go(target, plan).written == 18
    assert ledger.values(target.engine, "acme", "lead", ["note"], ["l0"]) == {("l0", "note"): "42"}
    crm.put("lead", "l5", note="a person's")
    crm.put("lead", "l6", note="42.0")  # the same number, as the CRM writes it
    undo = undoing.plan(target, plan.id, author="bob", now=NOW)
    assert (undo.kind, undo.changes, undo.records, undo.draft.undoes) == ("undo", 18, 9, plan.id)
    done = go(target, undo, limits=Limits(0.01, 1))
    assert (done.written, done.conflicts) == (17, 1)
    after = crm.all()
    assert {key for key in after if after[key] != before[key]} == {("lead", "l5", "note")}
    assert ledger.values(target.engine, "acme", "lead", ["note", "status"], [f"l{at}" for at in range(9)]).keys() == {
        ("l5", "note")
    }
    redo = undoing.plan(target, undo.id, author="bob", now=NOW)
    assert go(target, redo).written == 17
    assert crm.all()["lead", "l0", "note"] == "42"


def test_undo_of_a_killed_apply_settles_first(target: Target, crm: Crm, tmp_path: Path) -> None:
    before = crm.all()
    plan = made(target, rows())
    target.engine.dispose()
    crm.faults = ["ok", "killed_midway"]
    assert in_a_process(lambda: go(target_of(tmp_path, crm), plan)) == -9
    crm.faults = []
    again = target_of(tmp_path, crm)
    undo = undoing.plan(again, plan.id, author="bob", now=NOW, watch=Hours().watch())
    assert undo.changes == 3
    assert go(again, undo).clean
    assert crm.all() == before
    with pytest.raises(Misconfigured):
        undoing.plan(again, made(again, rows()).id, author="bob", now=NOW)


def test_half_a_plan_is_no_plan(target: Target) -> None:
    def broken() -> Any:
        yield from rows(3)
        raise SourceUnreachable("sync.no_records")

    with pytest.raises(SourceUnreachable):
        made(target, broken())
    with pytest.raises(sa.exc.IntegrityError):
        made(target, [*rows(2), *rows(1)])
    assert plans.recent(target.engine, "acme") == []
    with target.engine.begin() as database:
        assert database.execute(sa.select(sa.func.count()).select_from(plan_row)).scalar() == 0


@pytest.mark.parametrize(
    ("kind", "a", "b", "equal"),
    [
        ("number", "85", "85.0", True), ("number", "85", "85.5", False), ("number", "nan", "NaN", False),
        ("time", "2026-03-01T09:00:00", "2026-03-01T10:00:00.000+01:00", True),
        ("time", "2026-03-01T09:00:00Z", "2026-03-01", True), ("time", "2026-03-01T09:00:00", "x", False),
        ("time", "2026-03-01T09:00:01", "2026-03-01T09:00:00", False), ("flag", "True", "true", True),
        ("text", "85", "85.0", False), ("text", "", None, True), ("text", "A", "a", False),
    ],
)  # fmt: skip
def test_the_same_value_as_the_crm_writes_it(kind: str, a: str, b: str | None, equal: bool) -> None:
    assert same(kind, a, b) is same(kind, b, a) is equal


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from(FAULTS), max_size=4), max_size=3), st.sets(st.integers(0, 6), max_size=2))
def test_after_any_schedule_of_faults_every_record_is_accounted_for(runs: list[list[str]], edited: set[int]) -> None:
    """Kills, dead links and refusals in any order, a colleague's edits between; then one quiet run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        crm = Crm(folder / "crm.sqlite")
        crm.put_all([("lead", f"l{at}", *cell) for at in range(7) for cell in (("status", "Old"), ("note", "mine"))])
        target = target_of(folder, crm)
        plan = made(target, rows(7))
        target.engine.dispose()
        for faults in runs:
            crm.faults = list(faults)
            in_a_process(lambda: go(target_of(folder, crm), plan))
        for at in edited:
            crm.put("lead", f"l{at}", status="Hers")
        crm.faults = []
        done = go(target_of(folder, crm), plan)
        after, written = crm.all(), Counter(crm.written())
        assert max(written.values(), default=0) <= 1, "written twice"
        assert (done.unknown, done.failed, done.left) == (0, 0, 0)
        for record_id, event in states(target_of(folder, crm), plan).items():
            held, sent = after["lead", record_id, "status"], written["lead", record_id, "status", "New"]
            hers = int(record_id[1:]) in edited
            assert held == ("Hers" if hers else "New")
            assert event in ({"written", "conflict"} if hers else {"written"})
            assert sent == 1 or (hers and event == "conflict")
            assert after["lead", record_id, "note"] == "mine"


def test_the_journal_is_only_added_to(target: Target, crm: Crm) -> None:
    plan = made(target, rows())
    crm.faults = ["ok", "dead_after"]
    with pytest.raises(SourceUnreachable):
        go(target, plan)
    query = sa.select(plan_event.c.id, plan_event.c.number, plan_event.c.event).order_by(plan_event.c.id)
    with target.engine.begin() as database:
        before = list(database.execute(query))
    go(target, plan)
    with target.engine.begin() as database:
        after = list(database.execute(query))
    assert after[: len(before)] == before
    by_row = {number: [event for _, of, event in after if of == number] for number in range(1, 10)}
    assert all(events[0] == "intent" and events[-1] == "written" for events in by_row.values())


def test_the_migrations_make_the_tables_that_are_declared(target: Target) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    for module in pkgutil.iter_modules(config.__path__):  # each declares its tables when it is imported
        importlib.import_module(f"config.{module.name}")
    with target.engine.begin() as database:
        assert compare_metadata(MigrationContext.configure(database), plan_row.metadata) == []
