"""Asking the connector for readings of the loopback org, and looking into them.

Not here: the contract's own readings (tests/contract/suite.py), syncs into a mirror (house.py).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.salesforce import Salesforce
from tests.contract.suite import Reading, Row
from tests.salesforce.server import Server

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONTACTS = "version: 1\ntables:\n- {source: Contact, to: contacts, fields: {status: Contact_Status__c}}\n"
STAMPS = """
version: 1
tables:
- source: Lead
  to: leads
  custom: {f_budget: Budget__c, f_notes: Notes__c, f_newsletter: Newsletter__c}
  status_dates:
  - {column: MQL_Date__c, status: MQL}
  - {column: SQL_Date__c, status: Accepted}
- {source: Contact, to: contacts, fields: {status: Contact_Status__c}}
"""


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return sum(self.slept)


def connect(server: Server, mapping: str | None = None, **settings: Any) -> Salesforce:
    clock = Clock()
    given = server.settings if not {"username", "consumer_key"} & set(settings) else {}
    return Salesforce({**given, **settings}, mapping=mapping, sleep=clock.sleep, monotonic=clock.monotonic)


def read(server: Server, since: str | None = None, mapping: str | None = None, **settings: Any) -> Reading:
    return Reading.of(connect(server, mapping, **settings).extract(since))


def record(reading: Reading, key: str) -> Row:
    (found,) = [row for row in reading.rows["record"] if row["record_id"] == key]
    return found


def changes(reading: Reading, key: str, field: str = "status") -> list[Row]:
    rows = [row for row in reading.rows["field_change"] if row["record_id"] == key and row["field"] == field]
    return sorted(rows, key=lambda row: (row["at"], row["seq"]))
