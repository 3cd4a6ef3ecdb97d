"""What is set up around the records of the loopback org: automations, approvals under way, rights to edit a record.

Automations are components in the Metadata API's own XML (held against the WSDL when they are told), and rows of
`FlowDefinitionView` and `ApexTrigger`. `UserRecordAccess` is asked as the real one demands it: one user, at most
200 records, and what the user may not see is not told.

Not here: picklists and permission sets (metadata_set.py), SOAP (metadata_soap.py).
"""

from __future__ import annotations

import re

from tests.salesforce.answers import Refusal
from tests.salesforce.fields import fixed, ref, sobject, system, texts
from tests.salesforce.metadata_set import setup
from tests.salesforce.org import Org

MOST_IDS = 200


def _objects(org: Org) -> None:
    flow = [*system(deleted=False, changed=False),
            *texts("ApiName", "Label", "ProcessType", "TriggerType", "DurableId"),
            fixed("ActiveVersionId"), fixed("IsActive", "boolean"), fixed("NamespacePrefix")]  # fmt: skip
    flags = [fixed(f"Usage{when}{what}", "boolean") for when in ("Before", "After") for what in ("Insert", "Update")]
    trigger = [*system(deleted=False), *texts("Name", "Body", "NamespacePrefix", "Status", "TableEnumOrId"), *flags]
    process = [*system(), ref("TargetObjectId", "Lead", "Contact"), *texts("Status")]
    access = [fixed("Id", "id"), ref("UserId", "User"), ref("RecordId", "Lead", "Contact"),
              fixed("HasEditAccess", "boolean"), fixed("HasReadAccess", "boolean")]  # fmt: skip
    for made in (
        sobject("FlowDefinitionView", "3dd", flow), sobject("ApexTrigger", "01q", trigger),
        sobject("ProcessInstance", "04g", process), sobject("UserRecordAccess", "0UR", access),
    ):  # fmt: skip
        if made.name not in org.objects:
            org.objects[made.name] = made
            org.rows[made.name] = {}


def component(org: Org, kind: str, name: str, xml: str) -> None:
    """A component as the Metadata API tells it: the parts below its full name, in the order of the WSDL."""
    setup(org).components.setdefault(kind, {})[name] = f"<fullName>{name}</fullName>{xml}"


def flow(
    org: Org, name: str, xml: str, *, trigger: str | None = "RecordAfterSave", kind: str = "AutoLaunchedFlow",
    active: bool = True, told: bool = True,
) -> None:  # fmt: skip
    """A flow. One of a managed package is listed, and not `told` by the Metadata API."""
    _objects(org)
    version = "301xx0000000001AAA" if active else None
    org.insert("FlowDefinitionView", ApiName=name, Label=name.replace("_", " "), ProcessType=kind, TriggerType=trigger,
               ActiveVersionId=version, IsActive=active)  # fmt: skip
    if told:
        component(org, "Flow", name, xml)


def trigger(org: Org, name: str, body: str, *, on: str = "Lead", status: str = "Active", update: bool = True) -> None:
    _objects(org)
    org.insert("ApexTrigger", Name=name, Body=body, Status=status, TableEnumOrId=on, UsageAfterUpdate=update,
               UsageBeforeInsert=not update)  # fmt: skip


def approval(org: Org, record: str, status: str = "Pending") -> None:
    """An approval of a record is under way, or over."""
    _objects(org)
    org.insert("ProcessInstance", TargetObjectId=record, Status=status)


def rights(org: Org, *, denied: tuple[str, ...] = (), unseen: tuple[str, ...] = ()) -> None:
    """What the connection's user may do with each record there is."""
    _objects(org)
    for name in ("Lead", "Contact"):
        for key in org.rows[name]:
            if key not in unseen:
                org.insert("UserRecordAccess", UserId=org.admin, RecordId=key, HasEditAccess=key not in denied,
                           HasReadAccess=True)  # fmt: skip


def check_query(name: str, text: str) -> None:
    """Refuses a question to UserRecordAccess the real one refuses."""
    if name != "UserRecordAccess":
        return
    ids = len(re.findall(r"'00[Q3]\w{15}'", text))
    if not re.search(r"UserId\s*=\s*'005\w+'", text) or not ids:
        raise Refusal(400, "MALFORMED_QUERY", "Can select only RecordId, a Has*Access field, and MaxAccessLevel, by "
                      "UserId and RecordId")  # fmt: skip
    if ids > MOST_IDS:
        raise Refusal(400, "MALFORMED_QUERY", f"There is a limit of {MOST_IDS} on the number of records")
