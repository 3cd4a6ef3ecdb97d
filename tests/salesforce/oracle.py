"""What a mirror must hold of an org, and what it holds: counted, so that a row too many shows as one too few.

Worked out from the org's rows by themselves, never by way of the connector.

Not here: the mirror's own additions (observed, imputed), date stamps (nobody's act), columns nobody compares.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import duckdb

from leadpact.store import Mirror
from tests.salesforce.org import Org, Row

Told = dict[str, Counter[tuple[Any, ...]]]
PEOPLE = {"Lead": "lead", "Contact": "contact"}
HELD = {
    "record": "SELECT object, record_id, status, condition, owner_id FROM record",
    "status changes": """SELECT record_id, from_value, to_value, "at" FROM field_change
                         WHERE field = 'status' AND object = 'lead' AND evidence = 'history'
                         AND actor_id IS NOT NULL""",
    "owner changes": """SELECT record_id, from_value, to_value, "at" FROM field_change
                        WHERE field = 'owner_id' AND evidence = 'history'""",
    "activity": "SELECT activity_id, object, record_id, outcome FROM activity",
    "opportunity": "SELECT opportunity_id, record_id, amount, is_won, is_closed FROM opportunity",
    "owner": "SELECT owner_id, name, is_active, is_queue FROM owner",
    "campaign_touch": "SELECT object, record_id, campaign, response FROM campaign_touch",
}


def held(mirror: Mirror) -> Told:
    """What the generation that serves holds."""
    with duckdb.connect(str(mirror.path(mirror.current() or 0)), read_only=True) as connection:
        return {name: Counter(connection.execute(query).fetchall()) for name, query in HELD.items()}


def wanted(org: Org) -> Told:
    """What it must hold of an org as it stands now."""
    people = [(kind, row) for name, kind in PEOPLE.items() for row in org.rows[name].values()]
    return {
        "record": Counter(
            (kind, row["Id"], row.get("Status"), _condition(row), row["OwnerId"]) for kind, row in people
        ),
        "status changes": Counter(
            (row["LeadId"], row["OldValue"], row["NewValue"], row["CreatedDate"])
            for row in org.rows["LeadHistory"].values()
            if row["Field"] == "Status"
        ),
        "owner changes": Counter(
            (row.get("LeadId") or row.get("ContactId"), row["OldValue"], row["NewValue"], row["CreatedDate"])
            for name in PEOPLE
            for row in org.rows[f"{name}History"].values()
            if row["Field"] == "Owner" and str(row["NewValue"])[:3] in ("005", "00G")
        ),
        "activity": Counter(
            (row["Id"], "lead" if row["WhoId"][:3] == "00Q" else "contact", row["WhoId"], row.get("CallDisposition"))
            for name in ("Task", "Event")
            for row in org.rows[name].values()
            if not row["IsDeleted"] and row["WhoId"] is not None
        ),
        "opportunity": Counter(
            (row["Id"], _person(org, row), row["Amount"], row["IsWon"], row["IsClosed"])
            for row in org.rows["Opportunity"].values()
            if not row["IsDeleted"]
        ),
        "owner": Counter(
            [(row["Id"], row["Name"], row["IsActive"], False) for row in org.rows["User"].values()]
            + [(row["Id"], row["Name"], True, True) for row in org.rows["Group"].values() if row["Type"] == "Queue"]
        ),
        "campaign_touch": Counter(
            (row["Type"].lower(), row["LeadOrContactId"], org.get("Campaign", row["CampaignId"])["Name"], row["Status"])
            for row in org.rows["CampaignMember"].values()
            if not row["IsDeleted"]
        ),
    }


def differences(mirror: Mirror, org: Org, *, without: tuple[str, ...] = ()) -> list[str]:
    """Every row lost or doubled, in words; none where the mirror holds what the org does."""
    found, should = held(mirror), wanted(org)
    lines = []
    for name in should:
        if name not in without:
            lines += [f"{name}: lacks {count} of {row}" for row, count in (should[name] - found[name]).items()]
            lines += [f"{name}: has {count} too many of {row}" for row, count in (found[name] - should[name]).items()]
    return lines


def _condition(row: Row) -> str:
    if row["IsDeleted"] and not row["MasterRecordId"]:
        return "deleted"
    return "inactive" if row["MasterRecordId"] or row.get("IsConverted") else "active"


def _person(org: Org, deal: Row) -> str | None:
    """The contact of the primary role, else the one its lead became."""
    for role in org.rows["OpportunityContactRole"].values():
        if role["OpportunityId"] == deal["Id"] and role["IsPrimary"] and not role["IsDeleted"]:
            return str(role["ContactId"])
    leads = [one for one in org.rows["Lead"].values() if one["ConvertedOpportunityId"] == deal["Id"]]
    return str(leads[0]["ConvertedContactId"]) if leads else None
