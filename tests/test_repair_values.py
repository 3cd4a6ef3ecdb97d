"""Values around a repair: missing ones added, old ones retired and brought back, on the demo CRM, Salesforce and
Airtable; records the CRM would refuse set apart; automations with the plan.

Not here: what each CRM tells (test_salesforce_beforehand.py, test_salesforce_automations.py), plans (test_repair.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from config.database import audit_trail
from connectors.demo import Demo
from connectors.salesforce import Salesforce
from leadpact.audit.facts import Facts
from leadpact.crm_facts import Automated, Counting
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.settings import Connection
from leadpact.workspace import Analysis, Workspace
from leadpact.writeback import (
    journal,
    plans,
    repair,
    repair_automations,
    repair_keep,
    repair_keep_field,
    repair_retire,
    repair_values,
    undoing,
)
from leadpact.writeback.applying import Report, apply
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.target import Target
from tests.airtable.trial import Trial
from tests.command import called, document
from tests.salesforce import Company, Server
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.set_up import approval, rights
from tests.writeback_crm import COMPANY, NOW, SECRETS, Hours, settle_demo


def applied(target: Target, plan: Plan, now: datetime = NOW) -> Report:
    return apply(target, plan.id, expected_hash=plan.hash, actor="ana", door="cli", now=now, limits=Limits(1.0, 10_000),
                 watch=Hours().watch(), waive="a trial")  # fmt: skip


def planned(target: Target, one: Analysis, old: str, new: str) -> Plan:
    values, source = repair.of_pairs(Facts.of(one), "lead", [(old, new)])
    return repair.plan(target, one, values, source, author="ana", now=NOW)


def trail(target: Target, *actions: str) -> list[Mapping[str, Any]]:
    query = sa.select(audit_trail.c.detail, audit_trail.c.actor).where(audit_trail.c.action.in_(actions))
    with target.engine.begin() as database:
        return [{**json.loads(row.detail), "actor": row.actor} for row in database.execute(query)]


@pytest.fixture
def demo(tmp_path: Path) -> tuple[Target, Analysis]:
    home = settle_demo(tmp_path / "home")
    space = Workspace(home)
    connector = Demo(COMPANY, state=home / "demo" / "state", now=lambda: NOW)
    return Target.of(space, Connection("demo", "demo", COMPANY), connector), space.analyse("demo")


def test_a_value_that_lacks_is_offered_added_and_then_planned(demo: tuple[Target, Analysis]) -> None:
    target, one = demo
    with pytest.raises(Misconfigured) as refused:
        planned(target, one, "Subscriber", "Warm - EMEA")
    assert [detail.key for detail in refused.value.details] == ["repair.fault.no_choice"]
    values, _ = repair.of_pairs(Facts.of(one), "lead", [("Subscriber", "Warm - EMEA"), ("Open", "Subscriber")])
    (lacks,) = repair_values.missing(target, one, values)
    assert (lacks.object, lacks.field, lacks.new, lacks.retired) == ("lead", "status", ("Warm - EMEA",), ())
    assert lacks.unclaimed == ("Warm - EMEA",), "no stage claims it yet: to be said"
    before = [(each.value, each.is_active) for each in repair_values.fields_of(target, "lead")[0].choices]
    prepared = repair_values.preview(target, [lacks])
    assert prepared[0][1].possible
    assert "Warm - EMEA" in prepared[0][1].preview
    assert repair_values.missing(target, one, values), "nothing was done by looking"
    ((_, made),) = repair_values.make(target, prepared, author="ana", now=NOW)
    assert made.kind == "made"
    after = [(each.value, each.is_active) for each in repair_values.fields_of(target, "lead")[0].choices]
    assert after == [*before, ("Warm - EMEA", True)]
    assert repair_values.missing(target, one, values) == []
    (line,) = trail(target, repair_values.ADDED)
    assert (line["values"], line["outcome"], line["actor"]) == (["Warm - EMEA"], "made", "ana")
    done = applied(target, planned(target, one, "Subscriber", "Warm - EMEA"))
    assert (done.state, done.clean, done.written > 0) == ("done", True, True)


def test_a_list_somebody_changed_since_is_left_as_it_is(demo: tuple[Target, Analysis]) -> None:
    target, one = demo
    first = repair_values.preview(target, repair_values.missing(target, one, [("lead", "One more")]))
    other = repair_values.preview(target, repair_values.missing(target, one, [("lead", "Another")]))
    assert [made.kind for _, made in repair_values.make(target, other, author="bob", now=NOW)] == ["made"]
    assert [made.kind for _, made in repair_values.make(target, first, author="ana", now=NOW)] == ["moved"]
    assert repair_values.missing(target, one, [("lead", "One more")])
    with pytest.raises(Misconfigured, match="no_author"):
        list(repair_values.make(target, first, author=" ", now=NOW))


def test_old_values_are_retired_when_nobody_holds_them_and_come_back_before_an_undo(
    demo: tuple[Target, Analysis], tmp_path: Path
) -> None:
    target, one = demo
    plan = planned(target, one, "Subscriber", "Nurture")
    with pytest.raises(Misconfigured, match="not_whole"):
        repair_retire.offer(target, one, plan.id)
    assert applied(target, plan).clean
    (old,) = repair_retire.offer(target, one, plan.id)
    assert (old.value, old.state, old.records) == ("Subscriber", "free", 0)
    prepared = repair_retire.preview(target, [old])
    ((step,), before) = prepared, [each.value for each in repair_values.fields_of(target, "lead")[0].choices]
    assert step.possible
    # somebody picks it again meanwhile
    row = next(row for _, row in plans.rows(target.engine, plan))
    list(target.connector.write([row.swapped.change]))
    with pytest.raises(Misconfigured, match="held_again"):
        list(repair_retire.retire(target, one, plan.id, prepared, author="ana", now=NOW))
    list(target.connector.write([row.change]))
    assert [made.kind for made in repair_retire.retire(target, one, plan.id, prepared, author="ana", now=NOW)] == [
        "made"
    ]
    now = {each.value: each.is_active for each in repair_values.fields_of(target, "lead")[0].choices}
    assert list(now) == before, "deactivated, never deleted"
    assert now[old.value] is False
    assert repair_retire.retired(target.engine, plan) == [("lead", "status", old.value)]
    undo = undoing.plan(target, plan.id, author="bob", now=NOW)
    with pytest.raises(Misconfigured, match="retired_since") as told:
        applied(target, undo)
    assert told.value.params["values"] == old.value
    assert journal.counted(target.engine, undo) == {}, "not one record was written"
    off = repair_retire.inactive(target, plan)
    back = repair_retire.preview_back(target, off)
    assert [made.kind for made in repair_retire.activate(target, plan.id, back, author="bob", now=NOW)] == ["made"]
    assert repair_retire.retired(target.engine, plan) == []
    assert applied(target, undo).clean


def test_defaults_and_statuses_of_converted_leads_stay(demo: tuple[Target, Analysis]) -> None:
    target, one = demo
    plan = planned(target, one, "New", "Nurture")
    assert applied(target, plan).clean
    assert [(old.value, old.state) for old in repair_retire.offer(target, one, plan.id)] == [("New", "default")]
    assert repair_retire.preview(target, repair_retire.offer(target, one, plan.id)) == []


def test_the_command_line_adds_retires_and_brings_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = settle_demo(tmp_path / "home")
    (tmp_path / "secrets.toml").write_text(SECRETS.format(writable="true"), encoding="utf-8")
    base = ["--home", str(home), "--secrets", str(tmp_path / "secrets.toml"), "--json", "remap"]
    who = ["--as", "ana@acme.example"]
    failed = called(capsys, *base[:-2], "remap", "plan", "--set", "Subscriber=Tried twice")
    assert failed[0] == 2
    assert 'remap add-values --object lead --value "Tried twice"' in failed[2]
    shown = document(called(capsys, *base, "add-values", "--set", "Subscriber=Tried twice", *who))
    (one,) = shown["values"]
    assert (one["new"], one["possible"], one["unclaimed"]) == (["Tried twice"], True, ["Tried twice"])
    made = document(called(capsys, *base, "add-values", "--value", "Tried twice", "--yes", *who))
    assert [each["outcome"] for each in made["values"]] == ["made"]
    plan = document(called(capsys, *base, "plan", "--set", "Subscriber=Tried twice"))
    assert plan["automations"] == [{"object": "lead", "field": "status", "found": [], "unread": [], "calls": 0}]
    document(called(capsys, *base, "apply", str(plan["plan"]), plan["hash"], "--yes", "--force", *who))
    number = str(plan["plan"])
    done = document(called(capsys, *base, "retire", number, "--yes", *who))
    assert [(each["value"], each["state"]) for each in done["old"]] == [("Subscriber", "free")]
    assert [each["outcome"] for each in done["lists"]] == ["made"]
    refused = called(capsys, *base[:-2], "remap", "undo", number, "--yes", *who)
    assert refused[0] == 2
    assert f"remap retire {number} --back" in refused[2]
    back = document(called(capsys, *base, "retire", number, "--back", "--yes", *who))
    assert [each["outcome"] for each in back["lists"]] == ["made"]


def salesforce_of(acme: Company, salesforce: Server, folder: Path) -> tuple[Target, Workspace]:
    options = {**salesforce.settings, "writable": True}
    connector = Salesforce(options, sleep=lambda seconds: None)
    space = Workspace(folder / "home")
    space.sync(connector, "acme", now=acme.org.clock())
    return Target.of(space, Connection("acme", "salesforce", options), connector), space


def test_salesforce_from_the_missing_value_to_the_retired_one(
    acme: Company, salesforce: Server, tmp_path: Path
) -> None:
    org = acme.org
    fresh = [org.insert("Lead", LastName=f"L{at}", Company="A", Status="Working") for at in range(4)]
    for key, row in org.rows["Lead"].items():
        if row["Status"] == "Working" and key not in fresh and not row["IsConverted"] and not row["IsDeleted"]:
            org.update("Lead", key, Status="New")
    target, space = salesforce_of(acme, salesforce, tmp_path)
    one = space.analyse("acme")
    before = [(pick.value, pick.active) for pick in org.objects["Lead"].fields["Status"].picks]
    lacking = repair_values.missing(target, one, [("lead", "SAL"), ("lead", "Left voicemail"), ("lead", "MQL")])
    assert [(each.new, each.retired) for each in lacking] == [(("Left voicemail", "SAL"), ())], "active ones only"
    lacking = repair_values.missing(target, one, [("lead", "SAL")])
    ((_, made),) = repair_values.make(target, repair_values.preview(target, lacking), author="ana", now=NOW)
    assert (made.kind, made.code) == ("made", None)
    assert [(p.value, p.active) for p in org.objects["Lead"].fields["Status"].picks] == [*before, ("SAL", True)]
    whole = planned(target, one, "New", "Working")
    (kept,) = repair_keep_field.preview(target, repair_keep_field.lacking(target, whole.id, "Last Outcome", "en"))
    assert (kept.possible, kept.message) == (True, "salesforce_write.make.field")
    approval(org, fresh[0])
    rights(org, denied=(fresh[1],))
    plan = planned(target, one, "Working", "SAL")
    assert {row.record_id for _, row in plans.rows(target.engine, plan)} == set(fresh[2:])
    assert (plan.skipped["locked"], plan.skipped["no_access"]) == (1, 1)
    assert applied(target, plan, org.clock()).clean
    (old,) = repair_retire.offer(target, one, plan.id)
    assert (old.state, old.records) == ("held", 2), "those set apart still hold it: asked of the CRM, not of the mirror"
    for key in fresh[:2]:
        org.update("Lead", key, Status="New")
    (old,) = repair_retire.offer(target, one, plan.id)
    assert old.state == "free"
    prepared = repair_retire.preview(target, [old])
    assert [each.kind for each in repair_retire.retire(target, one, plan.id, prepared, author="ana", now=NOW)] == [
        "made"
    ]
    status = {pick.value: pick.active for pick in org.objects["Lead"].fields["Status"].picks}
    assert (status["Working"], status["New"], status["SAL"]) == (False, True, True)
    undo = undoing.plan(target, plan.id, author="bob", now=NOW)
    with pytest.raises(Misconfigured, match="retired_since"):
        applied(target, undo, org.clock())
    back = repair_retire.preview_back(target, repair_retire.inactive(target, plan))
    assert [each.kind for each in repair_retire.activate(target, plan.id, back, author="bob", now=NOW)] == ["made"]
    assert applied(target, undo, org.clock()).clean


def test_salesforce_names_the_permission_that_lacks(acme: Company, salesforce: Server, tmp_path: Path) -> None:
    target, space = salesforce_of(acme, salesforce, tmp_path)
    acme.org.objects["Lead"].change("Status", read_only=True)
    with pytest.raises(Misconfigured) as refused:
        planned(target, space.analyse("acme"), "New", "Working")
    assert [detail.key for detail in refused.value.details] == [
        "repair.fault.read_only", "salesforce_write.may.no_field", "salesforce_write.may.no_field_remedy",
    ]  # fmt: skip


def test_airtable_says_what_to_do_by_hand_and_goes_on_from_there(tmp_path: Path) -> None:
    with Trial(tmp_path, leads=14) as trial:
        space, connector = Workspace(tmp_path / "home"), trial.connect()
        space.sync(connector, "base", now=trial.clock.now())
        target = Target.of(space, Connection("base", "airtable", {"writable": True}), connector)
        one = space.analyse("base")
        (lacks,) = repair_values.missing(target, one, [("lead", 'It"s SAL')])
        ((_, step),) = repair_values.preview(target, [lacks])
        assert (step.possible, step.message) == (False, "airtable_write.no_options")
        assert 'updateOptionsAsync({choices: [...field.options.choices, {"name": "It\\"s SAL"}]})' in step.preview
        assert list(repair_values.make(target, [(lacks, step)], author="ana", now=NOW)) == []
        held = Facts.of(one).held
        most = max((each for each in held if each.object == "lead" and each.value), key=lambda each: each.records)
        assert isinstance(connector, Counting)
        status = trial.leads.field("Status")
        told = connector.holders("lead", status.id, [str(most.value), "nobody's"])
        assert (told[str(most.value)].records, told["nobody's"].records) == (most.records, 0)
        assert isinstance(connector, Automated)
        (unread,) = repair_automations.asked(target, "lead", "status").unread
        assert unread.reason == "airtable_write.no_automations"
        # the administrator adds the option
        status.options["choices"].append({"id": "selNew", "name": 'It"s SAL', "color": "blueLight2"})
        assert repair_values.missing(target, one, [("lead", 'It"s SAL')]) == []
        plan = planned(target, one, str(most.value), 'It"s SAL')
        wanted = repair_keep_field.lacking(target, plan.id, "Last Outcome", "en")
        prepared = repair_keep_field.preview(target, wanted)
        assert [made.kind for made in repair_keep_field.make(target, prepared, author="ana", now=NOW)] == ["made"]
        assert "Last Outcome" in {field.name for field in trial.leads.fields.values()}
        assert applied(target, plan, trial.clock.now()).clean
        (old,) = repair_retire.offer(target, one, plan.id)
        assert (old.state, old.records) == ("free", 0)
        (no,) = repair_retire.preview(target, [old])
        assert (no.possible, no.message) == (False, "airtable_write.no_retire")


def test_the_last_outcome_goes_into_a_field_made_for_it(demo: tuple[Target, Analysis]) -> None:
    target, one = demo
    plan = planned(target, one, "Attempted to Contact", "Nurture")
    assert plan.changes
    with pytest.raises(LeadPactError, match="no_keep_field"):
        repair_keep.plan(target, one, plan.id, "Last_Outcome", author="ana", now=NOW)
    wanted = repair_keep_field.lacking(target, plan.id, "Last Outcome", "en")
    assert [(each.object, each.kind) for each in wanted] == [("lead", "text")]
    (made,) = repair_keep_field.make(target, repair_keep_field.preview(target, wanted), author="ana", now=NOW)
    assert trail(target, repair_keep_field.MADE)[0]["name"] == made.name
    assert repair_keep_field.lacking(target, plan.id, str(made.name), "en") == []
    kept = repair_keep.plan(target, one, plan.id, str(made.name), author="ana", now=NOW)
    assert (kept.changes, applied(target, kept).written) == (plan.changes, plan.changes)
    row = next(row for _, row in plans.rows(target.engine, kept))
    held = target.connector.read("lead", [row.record_id], [row.field])
    assert held[row.record_id] == {row.field: "Attempted to Contact"}
