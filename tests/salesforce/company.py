"""A small company in an org: everything a lead process leaves behind, once or twice each.

Two years of it, by the org's own clock; `Company` names what tests ask about by role.

Not here: the org itself (org.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.salesforce.objects import STATUSES
from tests.salesforce.org import START, Org

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Company:
    """The org and the Ids of those with a part to play. `queue` owns what nobody took."""

    org: Org
    reps: list[str] = field(default_factory=list)
    queue: str = ""
    business: str = ""  # a record type
    private: str = ""  # another, no longer active
    leads: list[str] = field(default_factory=list)  # living and unconverted
    retired: str = ""  # holds a status the picklist has retired
    converted: str = ""
    converted_to: str = ""
    merged: str = ""
    merged_into: str = ""
    deleted: str = ""
    contacts: list[str] = field(default_factory=list)
    merged_contact: str = ""
    campaign: str = ""
    opportunity: str = ""
    deleted_opportunity: str = ""
    tasks: list[str] = field(default_factory=list)
    archived: str = ""  # a task a year and a half old: only queryAll shows it
    deleted_task: str = ""
    event: str = ""


def company(*, leads: int = 6, sandbox: bool = False) -> Company:
    """A fresh org with `leads` open leads and one of everything else, as of START."""
    org = Org(START - 700 * DAY, sandbox=sandbox)
    made = Company(org)
    _staff(made)
    org.statuses(*STATUSES)
    org.clock.now = START - 60 * DAY
    for number in range(leads):
        org.clock.advance(3_600)
        made.leads.append(_lead(made, number))
    _moves(made)
    _endings(made)
    _work(made)
    org.clock.now = START
    return made


def _staff(made: Company) -> None:
    org = made.org
    manager = org.insert(
        "User", LastName="Vega", FirstName="Marta", IsActive=True, UserType="Standard", TimeZoneSidKey="Europe/Madrid",
        Username="marta@acme.example", Email="marta@acme.example", Department="Sales",
    )  # fmt: skip
    for first, team, active in (("Ana", "SDR", True), ("Luis", "Sales", True), ("Old", "Sales", False)):
        made.reps.append(
            org.insert(
                "User",
                FirstName=first,
                LastName="Rep",
                IsActive=active,
                ManagerId=manager,
                Department=team,
                UserType="Standard",
                TimeZoneSidKey="America/Mexico_City",
                Username=f"{first.lower()}@acme.example",
            )
        )
    made.queue = org.insert("Group", Name="Unassigned leads", DeveloperName="Unassigned_leads", Type="Queue")
    org.insert("Group", Name="All staff", DeveloperName="All_staff", Type="Regular")
    org.insert("QueueSobject", QueueId=made.queue, SobjectType="Lead")
    made.business = org.insert("RecordType", Name="Business", DeveloperName="B2B", SobjectType="Lead", IsActive=True)
    made.private = org.insert("RecordType", Name="Private", DeveloperName="B2C", SobjectType="Lead", IsActive=False)
    org.offered[made.private, "Status"] = ("New", "Working", "Converted")


def _lead(made: Company, number: int, **values: object) -> str:
    owner = made.queue if number % 3 == 0 else made.reps[number % 2]
    usual = {
        "FirstName": f"P{number}", "LastName": "Ñandú" if number % 2 else 'O"Neil, Jr.',
        "Email": f"canary-p{number}@example.com", "Company": f"Canary {number} S.A.", "Country": "MX", "OwnerId": owner,
        "LeadSource": "Web", "RecordTypeId": made.business, "Industry": "Banking", "Phone": f"+52 55 0000 {number:04d}",
        "Notes__c": "first line\nsecond, with \"quotes\"",
    }  # fmt: skip
    return made.org.insert("Lead", **{**usual, **values})


def _moves(made: Company) -> None:
    """Every lead was worked; every other one is qualified, with a date stamp; one has a retired status."""
    org = made.org
    for number, lead in enumerate(made.leads):
        org.clock.advance(1_800)
        org.update("Lead", lead, Status="Working", by=made.reps[0])
        if number % 2:
            org.clock.advance(1_800)
            org.update("Lead", lead, Status="MQL", MQL_Date__c=org.clock().date(), by=made.reps[0])
    org.update("Lead", made.leads[0], OwnerId=made.reps[0], by=made.reps[1])
    made.retired = _lead(made, 90, Status="Left voicemail")
    # two changes within one second: Salesforce does not say which came first
    org.update("Lead", made.retired, Status="Working")
    org.update("Lead", made.retired, Status="Left voicemail")
    made.leads.append(made.retired)


def _endings(made: Company) -> None:
    org = made.org
    made.converted = _lead(made, 91)
    org.clock.advance(86_400)
    made.converted_to = org.convert(
        made.converted, opportunity=True, OwnerId=made.reps[1], Contact_Status__c="Prospect"
    )
    org.clock.advance(3_600)
    org.update("Contact", made.converted_to, Contact_Status__c="Customer", Customer_Since__c=org.clock().date())
    deal = org.get("Lead", made.converted)["ConvertedOpportunityId"]
    made.opportunity = str(deal)
    org.update(
        "Opportunity", made.opportunity, StageName="Closed Won", IsClosed=True, IsWon=True, Amount=1200.5,
        Type="New business", CloseDate=org.clock().date(), Pipeline__c="Direct",
    )  # fmt: skip
    made.merged, made.merged_into, made.deleted = _lead(made, 92), _lead(made, 93), _lead(made, 94)
    made.leads.append(made.merged_into)
    org.clock.advance(3_600)
    org.merge("Lead", made.merged, made.merged_into)
    org.delete("Lead", made.deleted)
    made.contacts = [made.converted_to, org.insert("Contact", LastName="Solo", Email="canary-solo@example.com")]
    made.merged_contact = org.insert("Contact", LastName="Twice")
    org.merge("Contact", made.merged_contact, made.contacts[1])
    made.deleted_opportunity = org.insert(
        "Opportunity", Name="Gone", StageName="Prospecting", CloseDate=date(2026, 5, 1)
    )
    org.delete("Opportunity", made.deleted_opportunity)


def _work(made: Company) -> None:
    org, now = made.org, made.org.clock()
    for number, lead in enumerate(made.leads[:3]):
        made.tasks.append(
            org.insert(
                "Task",
                WhoId=lead,
                Subject=f"Canary call {number}",
                Status="Completed",
                IsClosed=True,
                Type="Call",
                TaskSubtype="Call",
                CallType="Outbound",
                ActivityDate=now.date(),
                Priority="Normal",
                CompletedDateTime=now + number * HOUR,
                OwnerId=made.reps[0],
                CallDisposition="No answer",
            )
        )
    made.tasks.append(
        org.insert(
            "Task",
            WhoId=made.contacts[0],
            WhatId=made.opportunity,
            Subject="Email: canary offer",
            Status="Not Started",
            TaskSubtype="Email",
            ActivityDate=(now + DAY).date(),
            Priority="Normal",
            OwnerId=made.reps[1],
        )
    )
    org.insert("Task", Subject="About nobody", Status="Not Started", Priority="Normal", ActivityDate=now.date())
    with org.at(now - 500 * DAY):
        made.archived = org.insert(
            "Task", WhoId=made.contacts[1], Subject="Long ago", Status="Completed", IsClosed=True, IsArchived=True,
            TaskSubtype="Call", ActivityDate=org.clock().date(), CompletedDateTime=org.clock(), Priority="Normal",
        )  # fmt: skip
    made.deleted_task = org.insert(
        "Task", WhoId=made.leads[0], Subject="Mistake", Status="Not Started", Priority="Normal"
    )
    org.delete("Task", made.deleted_task)
    made.event = org.insert(
        "Event", WhoId=made.leads[1], Subject="Canary demo", StartDateTime=now, EndDateTime=now + HOUR,
        ActivityDateTime=now, DurationInMinutes=60, OwnerId=made.reps[1], ActivityDate=now.date(), EventSubtype="Event",
    )  # fmt: skip
    made.campaign = org.insert("Campaign", Name="Spring fair", Type="Trade Show", Status="Completed", IsActive=True)
    for person, status in ((made.leads[0], "Sent"), (made.leads[1], "Responded"), (made.contacts[0], "Attended")):
        role = "LeadId" if person.startswith("00Q") else "ContactId"
        answered = status != "Sent"
        org.insert(
            "CampaignMember", CampaignId=made.campaign, Status=status, HasResponded=answered, LeadOrContactId=person,
            FirstRespondedDate=now.date() if answered else None, **{role: person}, Type=role.removesuffix("Id"),
        )  # fmt: skip


def days_ago(count: float) -> datetime:
    """A moment before START."""
    return START - timedelta(days=count)
