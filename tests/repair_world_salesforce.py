"""The loopback Salesforce as a place for schedules of faults, through the real client library.

Not here: what every place has in common (repair_worlds.py), the server (tests/salesforce).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.salesforce import Salesforce
from leadpact.connector import Connector
from tests.repair_worlds import LEADPACT, PERSON, Call, Seen, World
from tests.salesforce import START, Company, Server, company, fixtures
from tests.salesforce import faults as broken
from tests.salesforce.answers import Answer, Request
from tests.salesforce.collections import Rules, rules
from tests.salesforce.faults import Cut, Fault
from tests.worlds import pact

PACT = pact(status_map={
    "lead": {"New": "unknown", "Working": "sal", "MQL": "mql", "SQL": "sal", "Left voicemail": "sal",
             "Converted": "customer"},
    "contact": {"Customer": "customer", "Prospect": "sal"},
    "opportunity": {"created": "sal", "won": "customer", "lost": "remarket"},
})  # fmt: skip
STAMPS = {"SystemModstamp", "LastModifiedDate", "LastModifiedById"}
UNCOUNTED = {"LeadHistory", "ContactHistory", "OpportunityHistory", "OpportunityFieldHistory"}
ANSWERS = {"429": broken.status(429, retry_after=1), "503": broken.status(503), "500": broken.status(500)}


@dataclass
class Next(Fault):
    """The next call of the world befalls each request that writes."""

    world: World
    call: Call = field(default_factory=Call)

    def before(self, request: Request) -> Answer | None:
        self.call = self.world.next()
        fault, here = self.call.fault, rules(request.org)
        if fault == "refused":
            ids = [one["id"] for one in json.loads(request.body)["records"]]
            here.refused = dict.fromkeys(ids[::2], ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ()))
        if fault in ANSWERS:
            return ANSWERS[fault].before(request)
        kind, _, when = fault.partition("_")
        if kind not in ("dead", "killed"):
            return None
        document = json.loads(request.body)
        some = {"before": 0, "midway": len(document["records"]) // 2, "after": len(document["records"])}[when]
        if some:
            part = {**document, "records": document["records"][:some]}
            request.server._work(replace(request, body=json.dumps(part).encode()))
        self.world.dead = kind == "killed"
        raise Cut

    def after(self, request: Request, answer: Answer) -> Answer:
        rules(request.org).refused = {}
        spoilt = {"torn": broken.torn(), "garbled": broken.garbled()}.get(self.call.fault)
        return spoilt.after(request, answer) if spoilt else answer


@dataclass
class SalesforceWorld(World):
    company: Company = field(default_factory=company)
    server: Any = None
    mine: list[str] = field(default_factory=list)

    def adapter(self) -> Connector:
        return Salesforce(self.options, sleep=lambda seconds: None)

    def now(self) -> datetime:
        return self.company.org.clock()

    def later(self, seconds: float = 60) -> None:
        self.company.org.clock.advance(seconds)

    def ids(self) -> list[str]:
        return [one for one in self.mine if self.company.org.get("Lead", one)["Status"] == self.values[0]]

    def edit(self, record_id: str, value: str) -> None:
        self.company.org.update("Lead", record_id, Status=value, by=self.company.reps[0])

    def delete(self, record_id: str) -> None:
        self.company.org.delete("Lead", record_id)

    def note(self, record_id: str) -> None:
        self.company.org.update("Lead", record_id, Notes__c=f"canary {self.now()}", by=self.company.reps[0])

    def held(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (name, key): {one: value for one, value in row.items() if one not in STAMPS}
            for name, rows in self.company.org.rows.items()
            if name not in UNCOUNTED
            for key, row in rows.items()
        }

    def watch(self) -> None:
        """Logs every status that is written from now on; the first assignment rule would give leads away."""
        org = self.company.org
        plain = org.update

        def logged(name: str, key: str, *, by: str | None = None, **values: Any) -> None:
            before = org.rows[name][key].get("Status")
            plain(name, key, by=by, **values)
            if name == "Lead" and "Status" in values:
                who = LEADPACT if by == org.admin else PERSON
                self.log.append(Seen(key, who, before, values["Status"]))

        org.update = logged  # type: ignore[method-assign]
        org.__dict__["writing"] = Rules(assigns=True)


@contextmanager
def salesforce(folder: Path, leads: int) -> Iterator[SalesforceWorld]:
    made = company(leads=2)
    org, people = made.org, []
    with org.at(START.replace(day=1)):
        for at in range(leads):
            people.append(org.insert("Lead", LastName=f"Canary {at}", Company=f"Canary {at} S.A.", Status="New"))
        org.clock.advance(3_600)
        for one in people:
            org.update("Lead", one, Status="Working", by=made.reps[0])
    with pytest.MonkeyPatch.context() as patch, fixtures.serving(Server(org, bulk_polls=0), patch) as server:
        options = {**server.settings, "writable": True}
        world = SalesforceWorld(folder, "salesforce", PACT, ("Working", "MQL", "SQL"), options=options, company=made,
                                server=server, mine=people, status_names=frozenset({"Status"}))  # fmt: skip
        server.faults.add(r"PATCH .*/composite/sobjects", Next(world), times=None)
        world.watch()
        yield world
