"""A repair from beginning to end on the loopback Salesforce and Airtable, through the real client libraries.

Not here: the plans (test_repair.py), write-back of what LeadPact knows (test_writeback_crms.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from leadpact.audit.facts import Facts
from leadpact.settings import Connection
from leadpact.workspace import Workspace
from leadpact.writeback import plans, repair, undoing
from leadpact.writeback.applying import Report, apply
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.target import Target
from tests.airtable.trial import Trial
from tests.salesforce import Company, Server
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.writeback_crm import NOW, Hours


def applied(target: Target, plan: Plan, now: datetime = NOW) -> Report:
    return apply(target, plan.id, expected_hash=plan.hash, actor="ana", door="cli", now=now, limits=Limits(1.0, 1_000),
                 watch=Hours().watch(), waive="a trial")  # fmt: skip


def through(target: Target, space: Workspace, name: str, now: datetime) -> None:
    """Moves the records of the most held value to another one that is offered, and gives them back."""
    one = space.analyse(name)
    facts = Facts.of(one)
    held = max((each for each in facts.held if each.object == "lead" and each.value), key=lambda each: each.records)
    offered = [each.value for each in facts.values if each.object == "lead" and each.offered and not each.is_converted]
    new = next(value for value in offered if value != held.value)
    values, source = repair.of_pairs(facts, "lead", [(str(held.value), new)])
    plan = repair.plan(target, one, values, source, author="ana", now=NOW)
    assert plan.changes > 0
    assert plan.draft.kinds == {"lead.status": "choice"}
    rows = [row for _, row in plans.rows(target.engine, plan)]
    before = target.read(rows)
    done = applied(target, plan, now)
    assert (done.state, done.written, done.clean) == ("done", plan.changes, True), done
    assert done.pilot is not None
    assert (done.pilot.event, done.pilot.fields) == ("clean", {})
    assert {own["status"] for own in target.read(rows).values()} == {new}
    space.sync(target.connector, name, now=now + timedelta(hours=1))
    log = space.analyse(name).tables.field_change
    mine = log.filter(log.field == "status", log.to_value == new).to_pyarrow().to_pylist()
    ids = {row.record_id for row in rows}
    held_before = [row for row in mine if row["record_id"] in ids and row["at"] is not None and row["at"] < now]
    assert len([row for row in mine if row["record_id"] in ids]) == len(held_before) + len(ids), "told twice"
    told = {row["record_id"]: row for row in mine if row["record_id"] in ids and row["evidence"] == "remap"}
    assert told.keys() == ids, [(row["at"], row["evidence"], row["from_value"]) for row in mine]
    undone = applied(target, undoing.plan(target, plan.id, author="bob", now=NOW), now)
    assert (undone.written, undone.clean) == (plan.changes, True), undone
    assert target.read(rows) == before


def test_salesforce(acme: Company, salesforce: Server, tmp_path: Path) -> None:
    from connectors.salesforce import Salesforce

    options = {**salesforce.settings, "writable": True}
    space, now = Workspace(tmp_path / "home"), acme.org.clock()
    connector = Salesforce(options, sleep=lambda seconds: None)
    space.sync(connector, "acme", now=now)
    target = Target.of(space, Connection("acme", "salesforce", options), connector)
    through(target, space, "acme", now)


def test_airtable(tmp_path: Path) -> None:
    with Trial(tmp_path, leads=14) as trial:
        space = Workspace(tmp_path / "home")
        connector = trial.connect()
        space.sync(connector, "base", now=trial.clock.now())
        target = Target.of(space, Connection("base", "airtable", {"writable": True}), connector)
        through(target, space, "base", trial.clock.now())
