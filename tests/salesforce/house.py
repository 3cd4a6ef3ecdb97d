"""A home with a first generation of the small company, its org on a server, and a day's work to catch up with.

Not here: what goes wrong (faults.py), what a mirror must hold (oracle.py).
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from connectors.salesforce import Salesforce, link
from leadpact.errors import LeadPactError
from leadpact.language import Language
from leadpact.sync import SyncResult, sync
from leadpact.workspace import Workspace
from tests.homes import copied
from tests.salesforce import access, fixtures, oracle
from tests.salesforce.company import Company, company
from tests.salesforce.org import START
from tests.salesforce.server import Server

# signs in again when its session is over
PASSWORD = {"username": access.USERNAME, "password": access.PASSWORD, "security_token": access.SECURITY_TOKEN}
MAPPING = """
version: 1
tables:
  - source: Lead
    to: leads
    custom: {f_industry: Industry, f_band: Employees_Band__c}
    status_dates: [{column: MQL_Date__c, status: Became MQL}]
"""
TOMORROW = START.replace(day=START.day + 1)


@dataclass
class House:
    """One connection, `acme`. `slept` are the pauses the connector asked for; nobody waits for them."""

    folder: Path
    company: Company
    server: Server
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = Workspace(self.folder)
        self.mirror = self.home.mirror("acme")

    def connector(self, **settings: Any) -> Salesforce:
        """A new instance, by session unless the settings sign in otherwise."""
        way = {} if "username" in settings or "consumer_key" in settings else self.server.settings
        given = {**way, **settings}
        now = iter(range(1 << 30))  # a clock on which every look is a second later
        return Salesforce(given, mapping=MAPPING, sleep=self.slept.append, monotonic=lambda: float(next(now)))

    def sync(self, *, now: datetime = TOMORROW, full: bool = False, **settings: Any) -> SyncResult:
        """The next generation. Raises what the connector raises."""
        return sync(self.connector(**settings), self.mirror, self.home.database, now=now, full=full)

    def differences(self, *without: str) -> list[str]:
        """Rows of the org the mirror lacks, and rows it has too many."""
        return oracle.differences(self.mirror, self.company.org, without=without)


@lru_cache(maxsize=1)
def first_generation() -> Path:
    """A home in which the company of START was published once, by this process."""
    folder = Path(tempfile.mkdtemp(prefix="house-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = company()
    with pytest.MonkeyPatch.context() as patch, fixtures.serving(Server(made.org), patch) as server:
        house = House(folder, made, server)
        house.sync(now=START)
        assert house.differences() == []
        house.home.database.dispose()
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """That home, copied, a server of its own, and time limits so short that one that stalls costs nothing."""
    folder = copied(first_generation(), tmp_path / "home")
    monkeypatch.setattr(link, "READ", 0.25)
    made = company()
    with fixtures.serving(Server(made.org), monkeypatch) as server:
        found = House(folder, made, server)
        yield found
        found.home.database.dispose()


def told(error: LeadPactError, remedy: str) -> None:
    """The message says what to do, in both languages, and holds no secret and nobody's data."""
    english, spanish = Language("en").error(error), Language("es").error(error)
    assert remedy in english.lower(), english
    assert spanish and spanish != english
    for text in (english, spanish, str(error), repr(error)):
        assert "canary" not in text.lower() and "!AQ" not in text


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
