"""Applying a repair: the pilot, the rehearsal, and any schedule of faults, kills and edits.

`make test-faults` draws 500 schedules (LEADPACT_SCHEDULES); what they found stands in its last lines.
Not here: how plans are made (test_repair.py), the engine of applying (test_writeback_apply.py).
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.database import audit_trail
from config.plans import plan_pilot
from leadpact.errors import Misconfigured
from leadpact.settings import Connection
from leadpact.writeback import journal, pilot, progress, undoing
from leadpact.writeback.target import Target
from tests.repair_schedules import RECORDS, Schedule, Told, company, go, repair, violations
from tests.writeback_crm import FAULTS, NOW, Crm, Hours, in_a_process, target_of

SCHEDULES = int(os.environ.get("LEADPACT_SCHEDULES", "5"))
tried = {"schedules": 0, "violations": 0}


@pytest.fixture
def crm(tmp_path: Path) -> Told:
    return company(tmp_path)


@pytest.fixture
def target(tmp_path: Path, crm: Told) -> Target:
    return target_of(tmp_path, crm)


def actions(target: Target) -> list[str]:
    with target.engine.begin() as database:
        return list(database.execute(sa.select(audit_trail.c.action).order_by(audit_trail.c.id)).scalars())


def test_ten_records_go_first_and_then_the_rest(target: Target, crm: Told) -> None:
    hours = Hours()
    done = go(target, repair(target), watch=hours.watch())
    assert (done.state, done.written) == ("done", RECORDS)
    assert done.pilot is not None
    assert (done.pilot.event, done.pilot.records, done.pilot.fields) == ("clean", 10, {})
    assert hours.at == pilot.SETTLES


def test_while_the_pilot_is_read_again_the_run_tells_what_is_written(target: Target, crm: Told) -> None:
    plan, hours = repair(target), Hours()
    told: list[tuple[int, float | None]] = []

    def settle(seconds: float) -> None:
        one = progress.of(target.engine, plan)
        assert one is not None
        told.append((one.done, one.rate))

    go(target, plan, watch=replace(hours.watch(), sleep=settle))
    assert told == [(10, None)]


def test_what_the_crm_stamps_itself_is_named_and_not_counted(target: Target, crm: Told) -> None:
    crm.automation = {"stamp": "2"}
    done = go(target, repair(target))
    assert done.pilot is not None
    assert (done.state, done.pilot.fields, done.pilot.stamped) == ("done", {}, ["Last modified (stamp)"])


def test_an_automation_stops_the_run_until_somebody_accepts_it(target: Target, crm: Told) -> None:
    crm.automation = {"owner": "queue", "stamp": "2"}
    plan = repair(target)
    done = go(target, plan, accept=True)  # nobody has seen anything yet
    assert (done.state, done.written, done.left) == ("pilot", 10, 3)
    assert done.pilot is not None
    assert (done.pilot.event, done.pilot.fields) == ("changed", {"Owner (owner)": 10})
    again = go(target, plan)
    assert (again.state, again.now) == ("pilot", 0)
    rest = go(target, plan, accept=True)
    assert (rest.state, rest.written, rest.now) == ("done", 13, 3)
    assert [one for one in actions(target) if one.startswith("plan.pilot")] == [
        "plan.pilot_changed",
        "plan.pilot_accepted",
    ]
    crm.automation = {"owner": "bob"}
    undo = undoing.plan(target, plan.id, author="bob", now=NOW)
    assert go(target, undo).state == "pilot"  # the same door, the same question


def test_what_the_pilot_keeps_holds_no_record_content(target: Target, crm: Told) -> None:
    go(target, repair(target))
    with target.engine.begin() as database:
        kept = "".join(database.execute(sa.select(plan_pilot.c.detail)).scalars())
    assert '"owner"' in kept
    assert '"bob"' not in kept
    assert '"mine"' not in kept


@pytest.mark.parametrize("fault", ["killed_midway", "dead_after"])
def test_an_interrupted_pilot_is_judged_by_the_next_run(tmp_path: Path, crm: Told, fault: str) -> None:
    target = target_of(tmp_path, crm)
    plan = repair(target)
    target.engine.dispose()
    crm.automation, crm.faults = {"owner": "queue"}, ["ok", fault]
    assert in_a_process(lambda: go(target_of(tmp_path, crm), plan)) != 0
    crm.automation, crm.faults = {}, []
    done = go(target_of(tmp_path, crm), plan)
    assert (done.state, done.now) == ("pilot", 0)
    assert done.pilot is not None
    assert set(done.pilot.fields) == {"Owner (owner)"}


def test_where_the_first_records_are_refused_the_next_ones_are_the_pilot(tmp_path: Path) -> None:
    crm = company(tmp_path, 25)
    crm.automation, crm.faults = {"owner": "queue"}, ["refused"] * 5
    target = target_of(tmp_path, crm)
    done = go(target, repair(target, 25))
    assert (done.state, done.failed, done.written, done.left) == ("pilot", 10, 10, 5)


def test_a_source_that_does_not_tell_its_fields_is_not_written_to(tmp_path: Path) -> None:
    crm = Crm(tmp_path / "crm.sqlite")
    target = target_of(tmp_path, crm)
    with pytest.raises(Misconfigured) as found:
        go(target, repair(target))
    assert found.value.key == "writeback.no_fields_told"


def test_production_asks_for_a_rehearsal_or_a_reason_and_keeps_both(target: Target, crm: Told) -> None:
    plan = repair(target)
    for nothing in (None, "  "):
        with pytest.raises(Misconfigured) as found:
            go(target, plan, waive=nothing)
        assert found.value.key == "repair.rehearsal_needed"
    assert (crm.written(), journal.runs(target.engine, "acme")) == ([], [])
    assert go(target, plan).state == "done"
    (run,) = journal.runs(target.engine, "acme")
    assert (run.environment, run.waived, run.rehearsal) == ("production", "no sandbox has these records", None)


def test_a_rehearsal_on_a_sandbox_opens_production_for_the_same_map(tmp_path: Path, crm: Told) -> None:
    real = target_of(tmp_path, crm)
    trial = replace(real, connection=Connection("acme", "crm", {"writable": True, "environment": "sandbox"}))
    rehearsed = repair(trial, 3)
    assert go(trial, rehearsed, waive=None).state == "done"
    crm.put_all([("lead", f"l{at:02}", "status", "Old") for at in range(3)])
    plan = repair(real)
    assert go(real, plan, waive=None).state == "done"
    assert journal.runs(real.engine, "acme")[0].rehearsal == rehearsed.id
    undo = undoing.plan(real, plan.id, author="bob", now=NOW)
    assert go(real, undo, waive=None).state == "done"  # giving back needs no rehearsal


def test_a_rehearsal_that_did_not_end_well_is_none(tmp_path: Path, crm: Told) -> None:
    real = target_of(tmp_path, crm)
    trial = replace(real, connection=Connection("acme", "crm", {"writable": True, "environment": "sandbox"}))
    crm.put("lead", "l01", status="Hers")
    assert go(trial, repair(trial, 3), waive=None).conflicts == 1
    with pytest.raises(Misconfigured):
        go(real, repair(real), waive=None)


runs = st.lists(st.lists(st.sampled_from(FAULTS), max_size=5), max_size=2)
some = st.frozensets(st.integers(0, RECORDS - 1), max_size=3)


@settings(max_examples=SCHEDULES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.builds(Schedule, runs, some, runs, some))
def test_after_any_schedule_the_crm_and_the_journal_agree_record_by_record(schedule: Schedule) -> None:
    """Nothing written twice, nothing outside the plan changed, every record as planned or truly reported; undo too."""
    wrong = violations(schedule)
    tried["schedules"] += 1
    tried["violations"] += len(wrong)
    assert wrong == []


def test_how_many_schedules_were_tried(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{tried['schedules']} schedules of faults, {tried['violations']} violations")  # noqa: T201 - the report
    assert tried["violations"] == 0
