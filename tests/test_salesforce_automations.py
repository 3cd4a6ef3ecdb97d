"""The automations of an org that name a field: each kind found, others left out, the unreadable named.

Not here: showing them with a plan (test_repair_values.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

import pytest

from connectors.salesforce.automation_texts import named
from leadpact.crm_facts import Automated, Automations
from tests.salesforce import Company, Server
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.metadata_set import saves, setup
from tests.salesforce.org import Org
from tests.salesforce.set_up import component, flow, trigger
from tests.salesforce.side import Connect, connect  # noqa: F401

AT = "<locationX>0</locationX><locationY>0</locationY>"


def start(object: str, kind: str = "Update", inner: str = "") -> str:
    return (f"<start>{AT}{inner}<object>{object}</object><recordTriggerType>{kind}</recordTriggerType>"
            "<triggerType>RecordAfterSave</triggerType></start>")  # fmt: skip


def condition(reference: str) -> str:
    rule = (f"<rules><name>Yes</name><conditionLogic>and</conditionLogic><conditions><leftValueReference>{reference}"
            "</leftValueReference><operator>EqualTo</operator><rightValue><stringValue>MQL</stringValue></rightValue>"
            "</conditions><label>Yes</label></rules>")  # fmt: skip
    return f"<decisions><name>D</name><label>D</label>{AT}{rule}</decisions>"


def update(field: str, on: str = "<inputReference>$Record</inputReference>") -> str:
    return (f"<recordUpdates><name>U</name><label>U</label>{AT}<inputAssignments><field>{field}</field><value>"
            f"<stringValue>Status</stringValue></value></inputAssignments>{on}</recordUpdates>")  # fmt: skip


FILTER = ("<filters><field>{}</field><operator>EqualTo</operator><value><stringValue>Status</stringValue></value>"
          "</filters>")  # fmt: skip


def build(org: Org) -> None:
    """Of every kind one that names Lead.Status, and its like that does not."""
    label = "<label>L</label>"
    flow(org, "Reads", condition("$Record.Status") + label + start("Lead", inner=FILTER.format("Rating")))
    flow(org, "Sets", label + update("Status") + start("Lead", "CreateAndUpdate", FILTER.format("Rating")))
    flow(org, "On_create", condition("$Record.Status") + label + start("Lead", "Create"))
    flow(org, "Always", label + update("Rating") + start("Lead"))
    flow(org, "Other_field", condition("$Record.Account.Status") + label + start("Lead", inner=FILTER.format("Rating")))
    flow(org, "Of_contacts", condition("$Record.Status") + label + start("Contact"))
    flow(org, "Elsewhere", label + update("Status", "<object>Lead</object>") + start("Task"))
    flow(org, "Off", condition("$Record.Status") + label + start("Lead"), active=False)
    flow(org, "Screen", condition("Lead.Status") + label, trigger=None, kind="Flow")
    flow(org, "acme__Packaged", "", told=False)
    process = ("<processMetadataValues><name>ObjectType</name><value><stringValue>Lead</stringValue></value>"
               "</processMetadataValues>")  # fmt: skip
    flow(org, "Process", condition("myVariable_current.Status") + label + process, trigger=None, kind="Workflow")
    field_update = ("<fieldUpdates><fullName>{0}</fullName><field>{1}</field><name>{0}</name><notifyAssignee>false"
                    "</notifyAssignee><operation>Literal</operation><protected>false</protected>"
                    "</fieldUpdates>")  # fmt: skip
    rule = "<rules><fullName>{0}</fullName>{1}<active>{2}</active>{3}<triggerType>{4}</triggerType></rules>"
    action = "<actions><name>{}</name><type>FieldUpdate</type></actions>"
    item = "<criteriaItems><field>{}</field><operation>equals</operation><value>MQL</value></criteriaItems>"
    component(org, "Workflow", "Lead", "".join([
        field_update.format("To_MQL", "Status"), field_update.format("Hot", "Rating"),
        rule.format("Says", action.format("To_MQL"), "true", item.format("Lead.Rating"), "onAllChanges"),
        rule.format("Asks", action.format("Hot"), "true", item.format("Lead.Status"), "onCreateOrTriggeringUpdate"),
        rule.format("Asleep", "", "false", item.format("Lead.Status"), "onAllChanges"),
        rule.format("Formula", "", "true", '<formula>ISPICKVAL(PRIORVALUE(Status), "x")</formula>', "onCreateOnly"),
        rule.format("Not", action.format("Hot"), "true", "<formula>Rating = \"Status\"</formula>", "onAllChanges"),
    ]))  # fmt: skip
    valid = "<active>{}</active><errorConditionFormula>{}</errorConditionFormula><errorMessage>No</errorMessage>"
    component(org, "ValidationRule", "Lead.Needs_reason", valid.format("true", "ISCHANGED(Status)"))
    component(org, "ValidationRule", "Lead.Sleeping", valid.format("false", "ISCHANGED(Status)"))
    component(org, "ValidationRule", "Lead.Budget", valid.format("true", "Sub_Status__c = 1"))
    component(org, "ValidationRule", "Contact.Other", valid.format("true", "ISCHANGED(Status)"))
    entry = f"<ruleEntry>{item.format('Lead.Status')}</ruleEntry>"
    head = "<fullName>Standard</fullName><active>true</active>"
    component(org, "AssignmentRules", "Lead", f"<assignmentRule>{head}{entry}</assignmentRule>")
    component(
        org, "ApprovalProcess", "Lead.Discount",
        f"<active>true</active><entryCriteria>{item.format('Lead.Status')}</entryCriteria><finalApprovalActions>"
        "<action><name>To_MQL</name><type>FieldUpdate</type></action></finalApprovalActions><label>Discount</label>"
        "<recordEditability>AdminOnly</recordEditability>",
    )  # fmt: skip
    trigger(org, "LeadTrigger", "trigger LeadTrigger on Lead (after update) { if (l.Status == 'MQL') {} }")
    trigger(org, "Handler", "trigger Handler on Lead (after update) { /* Status */ new H().run('Status'); }")
    trigger(org, "Born", "trigger Born on Lead (before insert) { l.Status = 'New'; }", update=False)
    trigger(org, "Tasks", "trigger Tasks on Task (after update) {}", on="Task")


def told(found: Automations) -> set[tuple[str, str, str, bool]]:
    return {(one.kind, one.name, one.how, one.starts) for one in found.found}


def test_every_kind_is_found_and_nothing_else(acme: Company, salesforce: Server, connect: Connect) -> None:
    build(acme.org)
    side = connect()
    assert isinstance(side, Automated)
    side.fields("lead")
    before = side.client.calls
    found = side.automations("lead", "status")
    assert told(found) == {
        ("flow", "Reads", "reads", True), ("flow", "Sets", "sets", True), ("flow", "On_create", "reads", False),
        ("flow", "Always", "every", True), ("flow", "Elsewhere", "sets", False), ("process", "Process", "reads", True),
        ("workflow_rule", "Says", "sets", True), ("workflow_rule", "Asks", "reads", True),
        ("workflow_rule", "Formula", "reads", False), ("validation_rule", "Lead.Needs_reason", "reads", True),
        ("assignment_rule", "Standard", "reads", False), ("approval_process", "Lead.Discount", "both", False),
        ("trigger", "LeadTrigger", "both", True), ("trigger", "Handler", "every", True),
    }  # fmt: skip
    assert [(one.kind, one.reason, one.params["count"]) for one in found.unread] == [
        ("flow", "salesforce_write.unread.hidden", 1)
    ]
    assert side.client.calls - before == found.calls <= 11
    assert saves(acme.org) == [], "nothing is changed by looking"


def test_without_the_permission_each_kind_says_what_it_takes(acme: Company, connect: Connect) -> None:
    build(acme.org)
    setup(acme.org).may = False
    found = connect().automations("lead", "status")
    assert {one.kind for one in found.found} == {"trigger"}
    assert [one.kind for one in found.unread] == [
        "flow", "workflow_rule", "validation_rule", "assignment_rule", "approval_process",
    ]  # fmt: skip
    assert all("Modify Metadata" in one.params["permission"] for one in found.unread)
    acme.org.hide("ApexTrigger")
    assert "trigger" in {one.kind for one in connect().automations("lead", "status").unread}


def test_an_org_without_automations_has_none(acme: Company, connect: Connect) -> None:
    found = connect().automations("contact", "Contact_Status__c")
    assert found.found == ()
    assert {one.kind for one in found.unread} == {"flow", "trigger"}, "they cannot be asked for here"


@pytest.mark.parametrize(
    ("text", "formula", "expected"),
    [
        ("Status", True, True),
        ("Lead.Status", True, True),
        ("$Record__Prior.status", True, True),
        ("Account.Owner.Status", True, False),
        ("Sub_Status__c", True, False),
        ("Status__c", True, False),
        ("Status.Name", True, False),
        ("'Status'", False, False),
        ("// Status\nx", False, False),
        ("l.Status='a'", False, True),
        ("{!$Record.Status}", False, True),
    ],
)
def test_a_name_is_a_whole_name(text: str, formula: bool, expected: bool) -> None:
    assert named(text, "Status", formula=formula) is expected
