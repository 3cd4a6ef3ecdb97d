"""One company in two CRMs for the journeys: the same 120 leads in a loopback Salesforce and in a loopback Airtable.

Its days end now, by the computer's clock, since the journeys run the app as people do. Two of its
statuses say what somebody did ("Left voicemail"), not where a lead stands: those are repaired.

Not here: the journeys (test_journey_repair.py), the servers (tests/salesforce, tests/airtable).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.demo.words import FIRM_ROOT, FIRM_TRADE, FIRST_EN, FIRST_ES, LAST_EN, LAST_ES
from tests import airtable, salesforce
from tests.salesforce.schema import Pick
from tests.salesforce.sockets import certificate

LEADS = 120

STATUSES = ("New", "MQL", "Working", "Left voicemail", "Called, no answer", "SQL", "Nurture", "Disqualified")
# how many leads stand where, in the order of their lives
LIVES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (26, ("New",)),
    (18, ("New", "MQL")),
    (14, ("New", "MQL", "Left voicemail")),
    (8, ("New", "MQL", "Working", "Called, no answer")),
    (18, ("New", "MQL", "Working")),
    (12, ("New", "MQL", "Working", "SQL")),
    (14, ("New", "Nurture")),
    (10, ("New", "MQL", "Disqualified")),
)
TEAM = (("Ana", "Ortiz", "SDR"), ("Luis", "Vega", "SDR"), ("Carla", "Muñoz", "Sales"))
SOURCES = ("Web", "Event", "Partner")
COUNTRIES = ("MX", "ES", "US")


@dataclass(frozen=True)
class Lived:
    """One lead: who, and the moments it entered its statuses."""

    first: str
    last: str
    firm: str
    at: int
    steps: tuple[tuple[datetime, str], ...]

    @property
    def email(self) -> str:
        return f"lead{self.at}@{self.firm.split()[0].lower()}.example"


def people(now: datetime) -> list[Lived]:
    """The same leads each time but for the day they end on; the oldest is some five months old."""
    dice, found = random.Random(8), []  # noqa: S311
    lives = [life for count, life in LIVES for _ in range(count)]
    dice.shuffle(lives)
    assert len(lives) == LEADS
    for at, life in enumerate(lives):
        english = at % 3 == 2
        first = dice.choice(FIRST_EN if english else FIRST_ES)
        last = dice.choice(LAST_EN if english else LAST_ES)
        moment = now - timedelta(days=150 - at, hours=dice.uniform(0, 9))
        steps = []
        for status in life:
            steps.append((moment.replace(microsecond=0), status))
            moment += timedelta(hours=dice.uniform(3, 90))
        found.append(Lived(first, last, f"{dice.choice(FIRM_ROOT)} {dice.choice(FIRM_TRADE)}", at, tuple(steps)))
    return found


class Running(salesforce.org.Clock):
    """An org's clock that goes as ours does."""

    @property
    def now(self) -> datetime:
        return utc()

    @now.setter
    def now(self, moment: datetime) -> None:
        """Nobody sets it."""


def utc() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass
class Place:
    """A CRM on a server. `secrets` is what a person pastes for it; `environment` what its client must be told."""

    server: Any
    secrets: str
    environment: Mapping[str, str]
    status: str

    def held(self) -> dict[str, dict[str, Any]]:
        """Every lead the server holds, by id, without what the CRM stamps itself."""
        raise NotImplementedError

    def statuses(self) -> dict[str, Any]:
        return {key: row.get(self.status) for key, row in self.held().items()}

    def besides(self) -> dict[str, dict[str, Any]]:
        """What is held apart from the status."""
        return {key: {name: value for name, value in row.items() if name != self.status} for key, row in
                self.held().items()}  # fmt: skip


class SalesforcePlace(Place):
    STAMPS = frozenset({"SystemModstamp", "LastModifiedDate", "LastModifiedById"})

    def held(self) -> dict[str, dict[str, Any]]:
        rows = self.server.org.rows["Lead"]
        return {key: {name: one for name, one in row.items() if name not in self.STAMPS} for key, row in rows.items()}


class AirtablePlace(Place):
    def held(self) -> dict[str, dict[str, Any]]:
        (base,) = self.server.bases.values()
        return {key: dict(one.cells) for key, one in base.table("Leads").records.items()}


@contextmanager
def in_salesforce() -> Iterator[Place]:
    """A sandbox of Salesforce, signed in to by session, which LeadPact may write to."""
    now = utc()
    org = salesforce.Org(now - timedelta(days=400), sandbox=True)
    org.statuses(*(Pick(one, default=one == "New") for one in STATUSES), Pick("Converted"))
    reps = [org.insert("User", FirstName=first, LastName=last, IsActive=True, Department=team, UserType="Standard",
                       TimeZoneSidKey="America/Mexico_City", Username=f"{first.lower()}@acme.example")
            for first, last, team in TEAM]  # fmt: skip
    for one in people(now):
        rep = reps[one.at % len(reps)]
        with org.at(one.steps[0][0]):
            lead = org.insert(
                "Lead", FirstName=one.first, LastName=one.last, Company=one.firm, Email=one.email, Status="New",
                Country=COUNTRIES[one.at % 3], LeadSource=SOURCES[one.at % 3], OwnerId=rep,
                Phone=f"+52 55 5010 {one.at:04d}",
            )  # fmt: skip
        for moment, status in one.steps[1:]:
            with org.at(moment):
                org.update("Lead", lead, Status=status, by=rep)
                if status in ("Working", "Left voicemail"):
                    org.insert(
                        "Task", WhoId=lead, Subject="Call", Status="Completed", IsClosed=True, TaskSubtype="Call",
                        Priority="Normal", ActivityDate=moment.date(), CompletedDateTime=moment, OwnerId=rep,
                    )  # fmt: skip
                if status == "SQL":
                    org.convert(lead, opportunity=True, OwnerId=rep)
    org.clock = Running()
    with salesforce.Server(org, bulk_polls=0) as server:
        signed = server.settings
        secrets = ('[connections.acme]\ntype = "salesforce"\nenvironment = "sandbox"\nwritable = true\n'
                   f'instance_url = "{signed["instance_url"]}"\nsession_id = "{signed["session_id"]}"\n')  # fmt: skip
        yield SalesforcePlace(server, secrets, {"REQUESTS_CA_BUNDLE": str(certificate()[1])}, "Status")


@contextmanager
def in_airtable() -> Iterator[Place]:
    """A base of Airtable, with a date column for each status that counts, which LeadPact may write to."""
    now, clock = utc(), airtable.RealClock()
    base = airtable.Base("appAcmeSales00001", "Acme sales", clock)
    dated = {"MQL": "MQL date", "Working": "First contact", "SQL": "SQL date"}
    leads = base.add_table("Leads", [
        airtable.Field("Name"), airtable.Field("Email", "email"), airtable.Field("Company"),
        airtable.Field("Status", "singleSelect", choices=STATUSES), airtable.Field("Owner", "singleCollaborator"),
        airtable.Field("Source", "singleSelect", choices=SOURCES),
        airtable.Field("Country", "singleSelect", choices=COUNTRIES), airtable.Field("Created", "dateTime"),
        *(airtable.Field(name, "dateTime") for name in dated.values()),
    ])  # fmt: skip
    calls = base.add_table("Activities", [
        airtable.Field("Subject"), airtable.Field("Kind", "singleSelect", choices=("Call", "Email")),
        airtable.Field("When", "dateTime"), airtable.Field("Lead", "multipleRecordLinks", links=leads.id),
    ])  # fmt: skip
    reps = [{"id": f"usrAcmeSales0000{at}", "email": f"{first.lower()}@acme.example", "name": f"{first} {last}"}
            for at, (first, last, _) in enumerate(TEAM)]  # fmt: skip
    for one in people(now):
        cells: dict[str, Any] = {
            "Name": f"{one.first} {one.last}", "Email": one.email, "Company": one.firm, "Status": one.steps[-1][1],
            "Owner": reps[one.at % 3], "Source": SOURCES[one.at % 3], "Country": COUNTRIES[one.at % 3],
            "Created": airtable.fields.stamp(one.steps[0][0]),
        }  # fmt: skip
        cells |= {dated[name]: airtable.fields.stamp(at) for at, name in one.steps if name in dated}
        made = leads.add(cells, one.steps[0][0])
        for moment, status in one.steps:
            if status in ("Working", "Left voicemail"):
                calls.add({"Subject": "Call", "Kind": "Call", "When": airtable.fields.stamp(moment),
                           "Lead": [made.id]}, moment)  # fmt: skip
    with airtable.Server(base, clock=clock) as server:
        secrets = ('[connections.acme]\ntype = "airtable"\nenvironment = "production"\nwritable = true\n'
                   f'token = "{server.token}"\nbase_id = "{base.id}"\nendpoint_url = "{server.url}"\n')  # fmt: skip
        yield AirtablePlace(server, secrets, {}, leads.field("Status").id)
