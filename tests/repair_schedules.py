"""One schedule of faults, kills and edits against a repair and its undo, and what is wrong afterwards.

Not here: drawing schedules (test_repair_apply.py).
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadpact.connector import Change
from leadpact.crm_fields import Choice, CrmField
from leadpact.writeback import journal, undoing
from leadpact.writeback.applying import Report, apply
from leadpact.writeback.plan import Limits, Plan, Row
from leadpact.writeback.target import Target
from tests.writeback_crm import NOW, Crm, Hours, in_a_process, made, target_of

RECIPE = {"source": "set", "hash": "a" * 64, "type": "crm"}
RECORDS = 13


class Told(Crm):
    """The CRM of the apply tests, which tells its fields; `automation` is what it changes by itself with a status."""

    automation: dict[str, str] = {}

    def fields(self, object: str) -> list[CrmField]:
        return [
            CrmField(object, "Status", "Lead Status", "choice", True, True, (Choice("New", "New"),), "status"),
            CrmField(object, "note", "Note", "text", True),
            CrmField(object, "owner", "Owner", "text", True),
            CrmField(object, "stamp", "Last modified", "time", False, stamped=True),
        ]

    def _store(self, changes: Sequence[Change]) -> None:
        super()._store(changes)
        own = [(one.object, one.record_id, *cell) for one in changes for cell in self.automation.items()]
        if own:
            self.put_all(own, "automation")


def company(folder: Path, records: int = RECORDS) -> Told:
    crm = Told(folder / "crm.sqlite")
    cells = (("status", "Old"), ("note", "mine"), ("owner", "bob"), ("stamp", "1"))
    crm.put_all([("lead", f"l{at:02}", *cell) for at in range(records) for cell in cells])
    return crm


def repair(target: Target, records: int = RECORDS) -> Plan:
    rows = [Row("lead", f"l{at:02}", "status", "Old", "New", "STA03") for at in range(records)]
    return made(target, rows, kind="status", recipe=RECIPE)


def go(target: Target, plan: Plan, **changed: Any) -> Report:
    given = {"expected_hash": plan.hash, "actor": "ana@acme.example", "door": "cli", "now": NOW,
             "limits": Limits(1.0, 1_000_000), "watch": Hours().watch(),
             "waive": "no sandbox has these records"}  # fmt: skip
    return apply(target, plan.id, **{**given, **changed})


@dataclass(frozen=True)
class Schedule:
    """What befalls every call of each interrupted run; who is edited before the last, quiet one."""

    runs: Sequence[Sequence[str]]
    edited: frozenset[int]
    undo_runs: Sequence[Sequence[str]]
    undo_edited: frozenset[int]


def violations(schedule: Schedule) -> list[str]:
    """Everything that is not as it must be after the schedule; nothing where all is well."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        crm = company(folder)
        target = target_of(folder, crm)
        plan = repair(target)
        target.engine.dispose()
        before = crm.all()
        wrong = _through(folder, crm, plan, schedule.runs, schedule.edited, "New", "Hers")
        found = _checked(folder, crm, plan, before, {f"l{at:02}": "Hers" for at in schedule.edited}, "New")
        target = target_of(folder, crm)
        if not journal.counted(target.engine, plan).get(journal.WRITTEN):
            return wrong + found
        undo = undoing.plan(target, plan.id, author="bob", now=NOW, watch=Hours().watch())
        target.engine.dispose()
        middle = crm.all()
        wrong += _through(folder, crm, undo, schedule.undo_runs, schedule.undo_edited, "Old", "Theirs")
        edited = {f"l{at:02}": "Theirs" for at in schedule.undo_edited}
        return wrong + found + _checked(folder, crm, undo, middle, edited, "Old")


def _through(
    folder: Path, crm: Told, plan: Plan, runs: Sequence[Sequence[str]], edited: frozenset[int], after: str, hers: str
) -> list[str]:
    """The interrupted runs, the edits, and quiet ones until the plan is done."""
    for faults in runs:
        crm.faults = list(faults)
        in_a_process(lambda: go(target_of(folder, crm), plan))
    for at in edited:
        crm.put("lead", f"l{at:02}", status=hers)
    crm.faults = []
    done = go(target_of(folder, crm), plan)
    told = (done.state, done.unknown, done.failed, done.left)
    return [] if told == ("done", 0, 0, 0) else [f"{after}: ended as {told}"]


def _checked(
    folder: Path, crm: Told, plan: Plan, before: dict[Any, Any], edited: dict[str, str], after: str
) -> list[str]:
    held, written = crm.all(), Counter(cell[1] for cell in crm.written() if cell[3] == after)
    wrong = [f"{record_id}: written {count} times" for record_id, count in written.items() if count > 1]
    rows = {one.row.record_id: one.event for one in journal.standing(target_of(folder, crm).engine, plan)}
    for (_, record_id, field), value in held.items():
        if field != "status" and value != before["lead", record_id, field]:
            wrong.append(f"{record_id}: {field} changed")
        if field != "status":
            continue
        event, was = rows.get(record_id), before["lead", record_id, "status"]
        # edited now, or already when this plan was made
        hers = edited.get(record_id) or (was if was == "Hers" else None)
        should = hers or (after if event is not None else was)
        if value != should:
            wrong.append(f"{record_id}: holds {value}, not {should}")
        if event == "written" and not written[record_id]:
            wrong.append(f"{record_id}: the journal says written, the CRM was not")
        if event == "conflict" and not hers:
            wrong.append(f"{record_id}: a conflict nobody made")
        if event not in ("written", "conflict", None):
            wrong.append(f"{record_id}: left as {event}")
    return wrong
