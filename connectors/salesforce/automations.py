"""The active automations of an org that name a field: read by the Metadata API, Apex and flows listed by queries.

Read are record-triggered flows and processes (at most MOST_FLOWS), workflow rules with their field updates,
validation rules, assignment rules and approval processes, and the bodies of Apex triggers. A kind that
cannot be read is told as that, with the permission it takes; what a managed package hides too.

Not here: whether a text names a field (automation_texts.py), calls (metadata.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.salesforce.automation_texts import how, named, of_flow, words
from connectors.salesforce.client import Client
from connectors.salesforce.fetch import everything, select
from connectors.salesforce.fields import Fields
from connectors.salesforce.metadata import Component, Metadata
from connectors.salesforce.plan import SOBJECTS
from leadpact.crm_facts import Automation, Automations, Unread
from leadpact.errors import SourceRefused

MOST_FLOWS, MOST_RULES = 200, 500  # ten a call
METADATA = "Modify Metadata Through Metadata API Functions"
SETUP, APEX = "View Setup and Configuration", "Author Apex"
RECORD_TRIGGERS = ("RecordBeforeSave", "RecordAfterSave")
Kind = Callable[[], Iterator[Automation]]


class Automated:
    """Asks one org about one field."""

    def __init__(self, client: Client, fields: Fields, object: str, field: str) -> None:
        found = fields.find(object, field) if object in SOBJECTS else None
        if found is None:
            raise SourceRefused("salesforce_write.no_field", name=field, object=SOBJECTS.get(object, object))
        self._client, self._fields, self._metadata = client, fields, Metadata(client)
        self._sobject, self._field = SOBJECTS[object], found.name
        self._hidden: list[Unread] = []

    def told(self) -> Automations:
        """Everything that can be read. Raises SourceUnreachable."""
        before, found = self._client.calls, list[Automation]()
        kinds: Sequence[tuple[str, Kind, str]] = (
            ("flow", self._flows, f"{METADATA}, {SETUP}"),
            ("workflow_rule", self._workflow, METADATA),
            ("validation_rule", self._validation, METADATA),
            ("trigger", self._triggers, f"{SETUP}, {APEX}"),
            ("assignment_rule", self._assignment, METADATA),
            ("approval_process", self._approvals, METADATA),
        )
        for kind, read, permission in kinds:
            try:
                found += list(read())
            except SourceRefused as refusal:
                code = str(refusal.params.get("code", "–"))
                params = {"kind": kind, "permission": permission, "code": code}
                self._hidden.append(Unread(kind, "salesforce_write.unread.refused", params))
        return Automations(tuple(found), tuple(self._hidden), self._client.calls - before)

    # -- flows ------------------------------------------------------------------------------------

    def _flows(self) -> Iterator[Automation]:
        """Record-triggered flows, and processes of the Process Builder, which are flows of their own type."""
        if not self._fields.queryable("FlowDefinitionView"):
            raise SourceRefused("salesforce.refused", host=self._client.host, code="INVALID_TYPE", status=404)
        columns = ("ApiName", "Label", "ProcessType", "TriggerType")
        rows = everything(self._client, select("FlowDefinitionView", columns, "ActiveVersionId != null"))
        mine = [one for one in rows if one["TriggerType"] in RECORD_TRIGGERS or one["ProcessType"] == "Workflow"]
        mine = self._bounded("flow", sorted(mine, key=lambda one: str(one["ApiName"])), MOST_FLOWS)
        read = self._metadata.read("Flow", [str(one["ApiName"]) for one in mine])
        dark = 0
        for row, flow in zip(mine, read, strict=True):
            if flow is None:
                dark += 1
                continue
            found = of_flow(flow, self._sobject, self._field)
            if found is not None:
                kind = "process" if row["ProcessType"] == "Workflow" else "flow"
                yield Automation(kind, str(row["ApiName"]), str(row["Label"] or row["ApiName"]), self._sobject, *found)  # type: ignore[arg-type]
        self._dark("flow", dark)

    # -- rules ------------------------------------------------------------------------------------

    def _workflow(self) -> Iterator[Automation]:
        (found,) = self._metadata.read("Workflow", [self._sobject])
        if found is None:
            return
        sets = self._updates(found)
        for rule in found.rules:
            if not rule.active:
                continue
            reads = self._names(rule.criteriaItems, rule.formula)
            told = how(reads=reads, sets=any(one.name in sets for one in _actions(rule)))
            if told is not None:
                starts = str(rule.triggerType) != "onCreateOnly"
                yield self._one("workflow_rule", rule.fullName, rule.fullName, told, starts=starts)

    def _updates(self, workflow: Component | None) -> set[str]:
        """The field updates that set the field, by name."""
        if workflow is None:
            return set()
        own = (one for one in workflow.fieldUpdates if str(one.field) == self._field and not one.targetObject)
        return {str(one.fullName) for one in own}

    def _validation(self) -> Iterator[Automation]:
        names = sorted(name for name in self._metadata.list("ValidationRule") if name.startswith(f"{self._sobject}."))
        for one in self._metadata.read("ValidationRule", self._bounded("validation_rule", names, MOST_RULES)):
            if one is not None and one.active and named(str(one.errorConditionFormula), self._field, formula=True):
                yield self._one("validation_rule", one.fullName, one.fullName, "reads")

    def _assignment(self) -> Iterator[Automation]:
        (found,) = self._metadata.read("AssignmentRules", [self._sobject])
        for rule in found.assignmentRule if found is not None else ():
            if rule.active and any(self._names(one.criteriaItems, one.formula) for one in rule.ruleEntry):
                # every write says Sforce-Auto-Assign: FALSE
                yield self._one("assignment_rule", rule.fullName, rule.fullName, "reads", starts=False)

    def _approvals(self) -> Iterator[Automation]:
        names = sorted(name for name in self._metadata.list("ApprovalProcess") if name.startswith(f"{self._sobject}."))
        found = self._metadata.read("ApprovalProcess", self._bounded("approval_process", names, MOST_RULES))
        active = [one for one in found if one is not None and one.active]
        sets = self._updates(self._metadata.read("Workflow", [self._sobject])[0]) if active else set()
        for one in active:
            criteria = [part.entryCriteria for part in (one, *one.approvalStep) if part.entryCriteria is not None]
            reads = any(self._names(part.criteriaItems, part.formula) for part in criteria)
            told = how(reads=reads, sets=bool(sets & set(words(one, "action", "name"))))
            if told is not None:  # a record is submitted by people, not by a write
                yield self._one("approval_process", one.fullName, one.label or one.fullName, told, starts=False)

    # -- Apex -------------------------------------------------------------------------------------

    def _triggers(self) -> Iterator[Automation]:
        if not self._fields.queryable("ApexTrigger"):
            raise SourceRefused("salesforce.refused", host=self._client.host, code="INVALID_TYPE", status=404)
        columns = ("Name", "Body", "NamespacePrefix")
        which = f"TableEnumOrId = '{self._sobject}' AND Status = 'Active'"
        which += " AND (UsageBeforeUpdate = true OR UsageAfterUpdate = true)"
        for row in everything(self._client, select("ApexTrigger", columns, which)):
            # a trigger mostly hands on to classes: where it does not name the field, nobody can tell
            names = named(str(row["Body"] or ""), self._field)
            label = ".".join(str(part) for part in (row["NamespacePrefix"], row["Name"]) if part)
            yield self._one("trigger", label, label, "both" if names else "every")

    # -- all of them ------------------------------------------------------------------------------

    def _names(self, criteria: Sequence[Any], formula: Any) -> bool:
        by_item = any(str(one.field).rpartition(".")[2] == self._field for one in criteria or ()
                      if str(one.field).rpartition(".")[0] in ("", self._sobject))  # fmt: skip
        return by_item or named(str(formula or ""), self._field, formula=True)

    def _one(self, kind: Any, name: Any, label: Any, told: Any, *, starts: bool = True) -> Automation:
        return Automation(kind, str(name), str(label), self._sobject, told, starts)

    def _bounded(self, kind: str, found: Sequence[Any], most: int) -> list[Any]:
        if len(found) > most:
            params = {"kind": kind, "count": len(found) - most}
            self._hidden.append(Unread(kind, "salesforce_write.unread.too_many", params))
        return list(found[:most])

    def _dark(self, kind: str, count: int) -> None:
        if count:
            self._hidden.append(Unread(kind, "salesforce_write.unread.hidden", {"kind": kind, "count": count}))


def _actions(rule: Any) -> Iterator[Any]:
    """The field updates a workflow rule does at once or later."""
    for part in (rule, *rule.workflowTimeTriggers):
        yield from (one for one in part.actions if str(one.type) == "FieldUpdate")
