"""Approving a plan: who, by which hash and number; what makes an approval void; what is on the record.

Not here: the batches (test_writeback_apply.py), the page (test_pages_fixes*.py).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from leadpact import trail
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.trail import Asked
from leadpact.writeback import approval, journal, plans, progress, undoing
from leadpact.writeback.approval import NotApproved
from leadpact.writeback.plan import Limits, Plan, Row
from leadpact.writeback.target import Progress, Target
from tests.command import called, document
from tests.repair_schedules import Told, company, go, repair
from tests.writeback_crm import NOW, SECRETS, Hours, made, settle_demo, target_of
from ui import access


@pytest.fixture
def crm(tmp_path: Path) -> Told:
    return company(tmp_path)


@pytest.fixture
def target(tmp_path: Path, crm: Told) -> Target:
    return target_of(tmp_path, crm)


def approve(target: Target, plan: Plan, **changed: Any) -> approval.Approval:
    given = {"expected_hash": plan.hash, "records": plan.records, "actor": " bo@acme.example ", "roles": {"revops"},
             "door": "app", "now": NOW}  # fmt: skip
    return approval.approve(target.engine, plan, **{**given, **changed})


def test_the_app_applies_nothing_that_nobody_approved(target: Target, crm: Told) -> None:
    plan = repair(target)
    with pytest.raises(NotApproved) as found:
        go(target, plan, door="app")
    assert (found.value.key, found.value.params["records"]) == ("repair.approve.needed", 13)
    assert (crm.written(), journal.runs(target.engine, "acme")) == ([], [])
    given = approve(target, plan)
    assert approval.current(target.engine, plan) == given
    assert (given.actor, given.records, given.hash, given.door) == ("bo@acme.example", 13, plan.hash, "app")
    assert go(target, plan, door="app").state == "done"
    assert journal.runs(target.engine, "acme")[0].approval == given.id


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"expected_hash": "0" * 64}, "repair.approve.other_hash"),
        ({"expected_hash": ""}, "repair.approve.other_hash"),
        ({"records": 12}, "repair.approve.other_count"),
        ({"records": 0}, "repair.approve.other_count"),
        ({"roles": {"sales", "marketing"}}, "repair.approve.no_role"),
        ({"roles": set()}, "repair.approve.no_role"),
        ({"actor": "  "}, "writeback.no_author"),
    ],
)
def test_an_approval_is_not_forged(target: Target, changed: dict[str, Any], key: str) -> None:
    plan = repair(target)
    with pytest.raises(LeadPactError) as found:
        approve(target, plan, **changed)
    assert found.value.key == key
    assert approval.history(target.engine, plan) == []
    assert trail.count(target.engine, Asked(action="plan.approved")) == 0


def test_the_roles_of_the_app_are_those_of_an_approval() -> None:
    assert access.MAY[access.WRITE_CRM] >= approval.ROLES


def test_a_plan_tampered_with_is_neither_approved_nor_applied_on_an_old_approval(target: Target, crm: Told) -> None:
    plan = repair(target)
    approve(target, plan)
    with target.engine.begin() as database:
        database.exec_driver_sql("UPDATE plan_row SET after = 'Other' WHERE number = 13")
    for act in (approve, lambda *given: go(*given, door="app")):
        with pytest.raises(LeadPactError) as found:
            act(target, plan)
        assert found.value.key == "writeback.tampered"
    assert crm.written() == []


def test_an_approval_is_of_one_hash_and_number_only(target: Target) -> None:
    first, second = repair(target), made(target, [Row("lead", "l00", "status", "Old", "New")], kind="status")
    approve(target, first)
    assert approval.current(target.engine, second) is None
    forged = plans.Plan(first.id, first.draft, second.hash, first.changes, first.records, first.whole, {})
    assert approval.current(target.engine, forged) is None
    with pytest.raises(Misconfigured):
        approve(target, made(target, [], kind="status"))


def test_the_command_line_approves_by_applying_and_says_so(target: Target) -> None:
    plan = repair(target)
    assert go(target, plan).state == "done"
    own = approval.current(target.engine, plan)
    assert own is not None
    assert (own.actor, own.door, own.records) == ("ana@acme.example", "cli", 13)
    (line,) = trail.page(target.engine, Asked(action="plan.approved"))
    assert (line.actor, line.detail["by"], line.detail["plan"]) == ("ana@acme.example", "apply", plan.id)
    waived = trail.page(target.engine, Asked(action="plan.rehearsal_waived"))
    assert [(one.actor, one.detail["reason"]) for one in waived] == [
        ("ana@acme.example", "no sandbox has these records")
    ]


def test_undoing_and_cancelling_make_an_approval_void(target: Target, crm: Told) -> None:
    plan = repair(target)
    approve(target, plan)
    go(target, plan)
    undo = undoing.plan(target, plan.id, author="bob", now=NOW)
    assert approval.current(target.engine, plan) is not None  # planned only
    with pytest.raises(NotApproved):
        go(target, undo, door="app")  # taking back is a plan of its own
    approve(target, undo)
    go(target, undo, door="app")
    assert approval.current(target.engine, plan) is None
    with pytest.raises(NotApproved):
        go(target, plan, door="app")
    approve(target, plan)
    assert progress.cancel(target.engine, plan, actor="cy@acme.example", door="app", now=NOW) is None
    assert approval.current(target.engine, plan) is None
    with pytest.raises(Misconfigured) as found:
        progress.cancel(target.engine, plan, actor="cy@acme.example", door="app", now=NOW)
    assert found.value.key == "repair.nothing_to_cancel"
    lines = [(one.action, one.detail["by"]) for one in trail.every(target.engine, Asked(action="plan"))
             if one.action == "plan.approval_withdrawn"]  # fmt: skip
    assert lines == [("plan.approval_withdrawn", "cancel"), ("plan.approval_withdrawn", "undone")]


def test_a_run_whose_approval_is_withdrawn_ends_between_two_batches(target: Target, crm: Told) -> None:
    plan = repair(target)
    approve(target, plan)
    hours = Hours()

    def withdraw(one: Progress) -> None:
        approval.withdraw(target.engine, plan, actor="cy@acme.example", door="app", now=NOW)

    done = go(target, plan, door="app", watch=hours.watch(progress=withdraw))
    assert (done.state, done.written, done.left, done.unknown) == ("cancelled", 10, 3, 0)
    with pytest.raises(NotApproved):
        go(target, plan, door="app")


def test_the_clock_of_a_run_begins_before_the_plan_is_checked(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking a large plan takes seconds; what is journalled afterwards must not lie before it."""
    plan, hours, checked = repair(target), Hours(), plans.content_hash

    def slowly(*given: Any) -> str:
        hours.sleep(40)
        return checked(*given)

    monkeypatch.setattr(plans, "content_hash", slowly)
    go(target, plan, watch=hours.watch())
    (run,) = journal.runs(target.engine, "acme")
    assert run.started_at == NOW + timedelta(seconds=40)
    assert trail.page(target.engine, Asked(action="plan.approved"))[0].at == run.started_at


def test_force_is_still_asked_for_where_a_plan_is_approved(target: Target) -> None:
    plan = repair(target)
    approve(target, plan)
    with pytest.raises(LeadPactError) as found:
        go(target, plan, door="app", limits=Limits(0.005, 1_000_000))
    assert found.value.key == "writeback.too_much"
    said = {name: found.value.params[name] for name in ("records", "whole", "percent", "share", "may", "most")}
    assert said == {"records": 13, "whole": 1_000, "percent": 1.3, "share": 0.5, "may": 5, "most": 1_000_000}
    with pytest.raises(LeadPactError) as found:
        go(target, plan, door="app", limits=Limits(1.0, 12))
    assert (found.value.key, found.value.params["most"]) == ("writeback.too_much", 12)
    assert go(target, plan, door="app", limits=Limits(0.005, 12), force=True).state == "done"


@pytest.mark.parametrize(("lang", "said"), [("en", "Approved by bo@acme.example"), ("es", "Aprobado por bo@")])
def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, said: str) -> None:
    home = settle_demo(tmp_path / "home")
    (tmp_path / "secrets.toml").write_text(SECRETS.format(writable="true"), encoding="utf-8")
    base = ["--home", str(home), "--secrets", str(tmp_path / "secrets.toml"), "--lang", lang]
    made_ = document(called(capsys, *base, "--json", "remap", "plan", "--set", "Subscriber=Nurture"))
    plan, who = [str(made_["plan"]), made_["hash"]], ["--as", "bo@acme.example"]
    records = str(made_["planned"])
    assert called(capsys, *base, "remap", "approve", plan[0], "0" * 64, "--records", records, *who)[0] == 2
    assert called(capsys, *base, "remap", "approve", *plan, "--records", "1", *who)[0] == 2
    assert called(capsys, *base, "remap", "approve", *plan, "--records", records, *who)[0] == 0
    shown = called(capsys, *base, "remap", "show", plan[0], "--brief")
    assert shown[0] == 0
    assert said in shown[1] + shown[2]
    if lang == "en":
        whole = document(called(capsys, *base, "--json", "remap", "show", plan[0], "--brief"))
        assert whole["review"]["approval"]["actor"] == "bo@acme.example"
        assert whole["review"]["effect"] is None
        assert sum(one["records"] for one in whole["review"]["by_team"]) == made_["planned"]
        assert called(capsys, *base, "remap", "pause", plan[0], *who)[0] == 2
        assert called(capsys, *base, "remap", "cancel", plan[0], *who)[0] == 0
        assert document(called(capsys, *base, "--json", "remap", "watch")) == {"running": None}
    lines = document(called(capsys, *base, "--json", "trail", "--action", "plan.approved"))["trail"]
    assert [(one["actor"], one["detail"]["records"]) for one in lines] == [("bo@acme.example", int(records))]
    file = tmp_path / "trail.csv"
    told = called(capsys, *base, "trail", "--most", "1", "--out", str(file))
    assert told[0] == 0
    assert "bo@acme.example" in file.read_text(encoding="utf-8-sig")
