"""The door of Salesforce: the loopback org behind the real client library.

Not here: what a door is (door.py), the server (tests/salesforce).
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from leadpact.connector import Connector
from tests.contract.door import MANY, Door, Held, Key
from tests.salesforce.company import Company, company
from tests.salesforce.many import Made
from tests.salesforce.org import START
from tests.salesforce.server import Server

SOBJECTS = {"lead": "Lead", "contact": "Contact"}
STATUS = {"lead": "Status", "contact": "Contact_Status__c"}
MAPPING = """
version: 1
tables:
- {source: Contact, to: contacts, fields: {status: Contact_Status__c}}
- {source: Lead, to: leads, custom: {f_budget: Budget__c, f_interests: Interests__c}}
"""


class SalesforceDoor(Door):
    """A small company in an org of its own; its clock is the org's, and stands still."""

    type = "salesforce"
    cannot: ClassVar = {"spoil": "every row Salesforce gives can be read, and refers to one there is"}
    addresses = frozenset({"127.0.0.1"})
    moment = START
    mapping = MAPPING
    running: ClassVar[list[Server]] = []

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.company: Company = company(leads=4)
        self.org = self.company.org
        self.server = Server(self.org)
        while self.running:  # one door is open at a time
            self.running.pop().stop()
        self.running.append(self.server.__enter__())
        os.environ["REQUESTS_CA_BUNDLE"] = self.server.bundle
        self.server.access.admit(self.SECRET)
        self.settings |= {"instance_url": self.server.url, "session_id": self.SECRET}
        self.wrong = (
            {"session_id": None},
            {"instance_url": "http://acme.my.salesforce.com"},
            {"timezone": "Mexico/Nowhere"},
            {"quota_share": 2},
            {"bulk_over": "many"},
        )

    def connect(self, **changes: Any) -> Connector:
        made: Any = super().connect(**changes)
        made.client.sleep = lambda seconds: None  # nobody waits for a source that is gone
        return made

    def snapshot(self) -> dict[str, str]:
        """The rows of the org, and what lies in the connector's folder."""
        rows = json.dumps({name: list(held.values()) for name, held in self.org.rows.items()}, default=str)
        return {**super().snapshot(), "org": hashlib.sha256(rows.encode()).hexdigest()}

    def held(self) -> dict[Key, Held]:
        return {
            (object, key): Held(row[STATUS[object]], row["CreatedDate"], not row.get("IsConverted"))
            for object, name in SOBJECTS.items()
            for key, row in self.org.rows[name].items()
            if not row["IsDeleted"]
        }

    def statuses(self, object: str) -> list[str]:
        return [one.value for one in self.org.objects[SOBJECTS[object]].fields[STATUS[object]].picks if one.active][:3]

    def change(self, key: Key, status: str, at: datetime | None = None) -> None:
        self.org.clock.now = max(self.org.clock.now, at or self.moment)
        self.org.update(SOBJECTS[key[0]], key[1], **{STATUS[key[0]]: status})

    def add(self) -> Key:
        values: dict[str, Any] = {"LastName": "Persona Canaria 99", "Company": "Canaria", "Status": "New"}
        return "lead", self.org.insert("Lead", **values)

    def remove(self, key: Key) -> None:
        self.org.delete(SOBJECTS[key[0]], key[1])

    def crowd(self) -> None:
        task = {"Id": lambda n: f"00T5e{n:010d}EAA", "WhoId": self.company.leads[0], "IsDeleted": False}
        self.org.rows["Task"] = Made(MANY, {**task, "CreatedDate": START, "SystemModstamp": START})

    def cut(self) -> None:
        self.server.stop()
