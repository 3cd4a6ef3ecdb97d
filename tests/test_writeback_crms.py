"""Write-back from beginning to end on the loopback Salesforce and Airtable, through the real client libraries.

Not here: the engine (test_writeback_apply.py), single writes (test_salesforce_writing.py, test_airtable_writing.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadpact.settings import Connection
from leadpact.workspace import Workspace
from leadpact.writeback import difference, setup, targets, undoing
from leadpact.writeback.applying import Report, apply
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.target import Target
from tests.airtable.trial import Trial
from tests.salesforce import START, Company, Server
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.writeback_crm import NOW, Hours


def applied(target: Target, plan: Plan) -> Report:
    return apply(target, plan.id, expected_hash=plan.hash, actor="ana", door="cli", now=NOW, limits=Limits(1.0, 1_000),
                 watch=Hours().watch())  # fmt: skip


def through(target: Target, space: Workspace, name: str) -> tuple[Plan, dict[str, Any]]:
    """Compares, writes, finds nothing more to write, gives everything back; what was held meanwhile."""
    one = space.analyse(name)
    plan = difference.plan(target, one, author="ana", now=NOW)
    assert plan.changes > 0
    done = applied(target, plan)
    assert (done.written, done.clean) == (plan.changes, True), done
    rows = [row for _, row in difference.plans.rows(target.engine, plan)]
    held = {key: dict(own) for key, own in target.read(rows).items()}
    again = difference.plan(target, one, author="ana", now=NOW)
    assert (again.changes, dict(again.skipped)) == (0, dict(plan.skipped))
    undone = applied(target, undoing.plan(target, plan.id, author="bob", now=NOW))
    assert (undone.written, undone.clean) == (plan.changes, True), undone
    assert all(value is None for own in target.read(rows).values() for value in own.values())
    return plan, held


def test_salesforce(acme: Company, salesforce: Server, tmp_path: Path) -> None:
    from connectors.salesforce import Salesforce

    options = {**salesforce.settings, "writable": True}
    space = Workspace(tmp_path / "home")
    connector = Salesforce(options, sleep=lambda seconds: None)
    space.sync(connector, "acme", now=START.replace(day=START.day + 1))
    target = Target.of(space, Connection("acme", "salesforce", options), connector)
    prepared = setup.prepare(target, setup.needs(target, space.analyse("acme")))
    assert all(one.possible for _, one in prepared), [(one.message, one.params) for _, one in prepared]
    made = list(setup.make(target, prepared, author="ana", now=NOW))
    assert {one.kind for _, one in made} == {"made"}, [(one.kind, one.code) for _, one in made]
    assert targets.load(space.database, "acme").field("lead", "score") == "LeadPact_Score__c"
    later = setup.prepare(target, setup.needs(target, space.analyse("acme")))
    assert {need.purpose for need, _ in later} >= {"days"}
    assert {one.kind for _, one in setup.make(target, later, author="ana", now=NOW)} == {"made"}
    assert {need.state for need in setup.needs(target, space.analyse("acme")) if need.purpose != "status"} == {"ok"}
    calls = len(salesforce.requests)
    _, held = through(target, space, "acme")
    assert {name for own in held.values() for name in own} >= {"LeadPact_Stage__c", "LeadPact_Stage_Since__c"}
    assert len(salesforce.requests) - calls < 40
    moment = next(own["LeadPact_Stage_Since__c"] for own in held.values() if own.get("LeadPact_Stage_Since__c"))
    assert len(moment) == len("2026-03-04T16:20:00")


def test_airtable(tmp_path: Path) -> None:
    with Trial(tmp_path, leads=14) as trial:
        space = Workspace(tmp_path / "home")
        connector = trial.connect()
        space.sync(connector, "base", now=trial.clock.now())
        target = Target.of(space, Connection("base", "airtable", {"writable": True}), connector)
        prepared = setup.prepare(target, setup.needs(target, space.analyse("base")))
        made = list(setup.make(target, prepared, author="ana", now=NOW))
        assert {one.kind for _, one in made} == {"made"}, [(one.kind, one.code) for _, one in made]
        chosen = targets.load(space.database, "base").of("lead")
        assert set(chosen) == set(targets.WRITTEN)
        assert all(name.startswith("fld") for name in chosen.values())
        days = [(need, one) for need, one in setup.prepare(target, setup.needs(target, space.analyse("base")))]
        assert {(need.purpose, one.possible) for need, one in days} == {("days", False)}
        through(target, space, "base")
