"""A home with a first generation of the small company, its org on a server, and a day's work to catch up with.

Not here: what goes wrong (faults.py), what a mirror must hold (oracle.py).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.salesforce import Salesforce
from leadpact.sync import SyncResult, sync
from leadpact.workspace import Workspace
from tests.salesforce import access, oracle
from tests.salesforce.company import Company
from tests.salesforce.org import START
from tests.salesforce.server import Server

# signs in again when its session is over
PASSWORD = {"username": access.USERNAME, "password": access.PASSWORD, "security_token": access.SECURITY_TOKEN}
TOMORROW = START.replace(day=START.day + 1)


@dataclass
class House:
    """One connection, `acme`. `slept` are the pauses the connector asked for; nobody waits for them."""

    folder: Path
    company: Company
    server: Server
    mapping: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = Workspace(self.folder)
        self.mirror = self.home.mirror("acme")

    def connector(self, **settings: Any) -> Salesforce:
        """A new instance, by session unless the settings sign in otherwise."""
        way = {} if "username" in settings or "consumer_key" in settings else self.server.settings
        given = {**way, **self.options, **settings}
        now = iter(range(1 << 30))  # a clock on which every look is a second later
        return Salesforce(given, mapping=self.mapping, sleep=self.slept.append, monotonic=lambda: float(next(now)))

    def sync(self, *, now: datetime = TOMORROW, full: bool = False, **settings: Any) -> SyncResult:
        """The next generation. Raises what the connector raises."""
        return sync(self.connector(**settings), self.mirror, self.home.database, now=now, full=full)

    def differences(self, *without: str) -> list[str]:
        """Rows of the org the mirror lacks, and rows it has too many."""
        return oracle.differences(self.mirror, self.company.org, without=without)

    @classmethod
    def copied(cls, base: Path, folder: Path, company: Company, server: Server, **more: Any) -> House:
        """A house of its own with the generation another one published of an equal company."""
        shutil.copytree(base, folder)
        return cls(folder, company, server, **more)


def busy_day(company: Company) -> None:
    """What a day leaves behind: moves, a new lead, a deletion, a merge, a conversion, touches, a deal."""
    org, leads = company.org, company.leads
    org.clock.advance(3_600)
    org.update("Lead", leads[0], Status="MQL")
    org.update("Lead", leads[0], Status="SQL", OwnerId=company.queue)  # twice within a second
    org.delete("Lead", leads[1])
    org.merge("Lead", leads[2], leads[3])
    org.insert("Lead", LastName="Canary fresh", Company="Canary 95 S.A.", Status="New")
    made = org.convert(leads[4], opportunity=True)
    org.clock.advance(3_600)
    org.update("Contact", made, OwnerId=company.reps[1])
    org.delete("Task", company.tasks[0])
    org.insert(
        "Task", WhoId=leads[0], Subject="Canary call back", Status="Completed", IsClosed=True, TaskSubtype="Call",
        Priority="Normal", ActivityDate=org.clock().date(), CallDisposition="Reached",
    )  # fmt: skip
    org.update("Opportunity", company.opportunity, Amount=99.5)
    member = next(iter(org.rows["CampaignMember"]))
    org.update("CampaignMember", member, Status="Attended", HasResponded=True)
    org.clock.advance(3_600)
