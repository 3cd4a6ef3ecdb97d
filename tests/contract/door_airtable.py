"""The doors of the Airtable connector: a base read whole each time, and one with dates, read by what changed.

Not here: what a door is (door.py), the loopback Airtable (tests/airtable).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from connectors.airtable.limiter import Limiters
from leadpact.connector import Connector
from tests.airtable.base import Event, Record, Table
from tests.airtable.clock import Clock
from tests.airtable.company import CREATED, ENTERED, STATUSES, company
from tests.airtable.fields import Field, stamp
from tests.airtable.server import Server, Token
from tests.contract.door import Door, Held, Key

BAD_NAME, BAD_MAIL = "Ana Ilegible Canaria", "ilegible@canaria.example"


class AirtableDoor(Door):
    """A base without dates: a status, people, companies by link, activities. Everything is read at each sync."""

    type = "airtable"
    cannot: ClassVar = {
        "crowd": "50,001 records are 501 calls; test_airtable_reading.py makes the pages smaller instead"
    }
    unreadable = (BAD_NAME, BAD_MAIL)
    addresses = frozenset({"127.0.0.1"})
    running: ClassVar[list[Server]] = []
    dates = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        while self.running:  # one door is open at a time
            self.running.pop().close()
        self.clock = Clock(self.moment, still=True)
        self.company = company(self.clock)
        leads = self.company.leads
        leads.add_field(Field("Score", "formula", result="number", compute=_score))
        self.server = Server(self.company.base, clock=self.clock, tokens={self.SECRET: Token()})
        self.running.append(self.server)
        self.limiters = Limiters(self.clock.monotonic, self.clock.sleep)
        self.settings |= {"base_id": self.company.base.id, "endpoint_url": self.server.url}
        self.wrong: Sequence[dict[str, Any]] = (
            {"token": None},
            {"base_id": "my base"},
            {"endpoint_url": "http://airtable.example"},
            {"timezone": "Mexico/Nowhere"},
        )
        self.mapping = self._mapping()

    def connect(self, **changes: Any) -> Connector:
        made: Any = super().connect(**changes)
        made.limiters = self.limiters
        return made

    def snapshot(self) -> dict[str, str]:
        wrote = [call for call in self.server.seen if call[0] != "GET"]
        return {**super().snapshot(), "events": str(len(self.company.base.events)), "wrote": str(wrote)}

    def held(self) -> dict[Key, Held]:
        return {
            (object, one.id): Held(one.cells.get(table.field("Status").id), CREATED)
            for object, table in self._tables.items()
            for one in table.records.values()
        }

    def statuses(self, object: str) -> Sequence[str]:
        return STATUSES

    def change(self, key: Key, status: str, at: datetime | None = None) -> None:
        self._tables[key[0]].set(key[1], {"Status": status}, at or self.moment)

    def add(self) -> Key:
        return "lead", self.company.join(self.company.leads, 99).id

    def remove(self, key: Key) -> None:
        self._tables[key[0]].remove(key[1], self.moment)

    def spoil(self) -> int:
        """A formula that failed, an activity of nobody and one whose lead was deleted."""
        self.company.join(self.company.leads, 66, Name=BAD_NAME, Email=BAD_MAIL)
        for _ in range(2):
            self.company.activities.add({"Subject": BAD_NAME, "Kind": "Llamada"})
        return 3

    def cut(self) -> None:
        self.server.close()

    @property
    def _tables(self) -> dict[str, Table]:
        return {"lead": self.company.leads, "contact": self.company.contacts}

    def _mapping(self) -> str:
        made = self.company

        def id(table: Table, name: str) -> str:
            return table.field(name).id

        leads, contacts, activities = made.leads, made.contacts, made.activities
        return f"""
version: 1
tables:
- source: {leads.id}
  to: leads
  fields: {{name: {id(leads, "Name")}, email: {id(leads, "Email")}, status: {id(leads, "Status")},
           owner_id: {id(leads, "Owner")}, company: {id(leads, "Company")}, created_at: {id(leads, "Alta")},
           converted_to: {id(leads, "Contact")}}}
  custom: {{f_budget: {id(leads, "Budget")}, f_interests: {id(leads, "Interests")}, f_score: {id(leads, "Score")}}}
  {self.dates and self._dates(leads)}
- source: {contacts.id}
  to: contacts
  fields: {{name: {id(contacts, "Name")}, email: {id(contacts, "Email")}, status: {id(contacts, "Status")},
           owner_id: {id(contacts, "Owner")}, created_at: {id(contacts, "Alta")}}}
- source: {activities.id}
  to: activities
  fields: {{record_id: {id(activities, "Lead")}, subject: {id(activities, "Subject")}, kind: {id(activities, "Kind")},
           at: {id(activities, "When")}}}
- source: {activities.id}
  to: activities
  fields: {{record_id: {id(activities, "Contact")}, subject: {id(activities, "Subject")},
           kind: {id(activities, "Kind")}, at: {id(activities, "When")}}}
"""

    def _dates(self, leads: Table) -> str:
        told = {"New": "Alta", **ENTERED}
        pairs = (f"{{column: {leads.field(name).id}, status: {status}}}" for status, name in told.items())
        return f"status_dates: [{', '.join(pairs)}]"


class DatedAirtableDoor(AirtableDoor):
    """A base that stamps a date for each status a lead enters; what changed is read, and all of it once a day."""

    dates = "yes"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.settings |= {"full_every_hours": 24}
        self.company.base.listeners.append(self._stamp)

    def statuses(self, object: str) -> Sequence[str]:
        return STATUSES[1:]  # nobody is created twice

    def _stamp(self, event: Event) -> None:
        """The base's own automation: the date of the status a lead has entered."""
        leads = self.company.leads
        status = event.cells.get(leads.field("Status").id)
        if event.table == leads.id and status in ENTERED:
            leads.set(event.record, {ENTERED[status]: stamp(event.at)}, event.at)


def _score(table: Table, record: Record) -> Any:
    """A formula that works, except for one person."""
    return {"error": "#ERROR!"} if record.cells.get(table.field("Name").id) == BAD_NAME else 42
