"""The loopback Airtable as a place for schedules of faults, through the real client library.

Not here: what every place has in common (repair_worlds.py), the server (tests/airtable).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from leadpact.connector import Connector
from tests.airtable.base import Event
from tests.airtable.company import CREATED
from tests.airtable.fields import stamp
from tests.airtable.server import Fault
from tests.airtable.trial import Trial
from tests.repair_worlds import LEADPACT, PERSON, Seen, World
from tests.worlds import pact

PACT = pact(status_map={
    "lead": {"New": "unknown", "MQL": "mql", "Working": "sal", "Re-Market": "remarket"},
    "contact": {"New": "unknown", "MQL": "mql", "Working": "sal", "Re-Market": "remarket"}, "opportunity": {},
})  # fmt: skip
KINDS = {
    "refused": {"kind": "status", "code": 422, "type": "INVALID_VALUE_FOR_COLUMN"},
    "429": {"kind": "status", "code": 429, "type": "RATE_LIMIT_REACHED"},
    "503": {"kind": "status", "code": 503, "type": "SERVICE_UNAVAILABLE"},
    "500": {"kind": "status", "code": 500, "type": "SERVER_ERROR"},
    "dead_before": {"kind": "cut_before"}, "dead_after": {"kind": "cut_after"}, "dead_midway": {"kind": "cut_after"},
    "killed_before": {"kind": "cut_before"}, "killed_after": {"kind": "cut_after"},
    "killed_midway": {"kind": "cut_after"}, "torn": {"kind": "truncate"}, "garbled": {"kind": "garbage"},
}  # fmt: skip


@dataclass
class AirtableWorld(World):
    trial: Any = None
    kept: dict[str, Any] = field(default_factory=dict)

    def adapter(self) -> Connector:
        made: Connector = self.trial.connect()
        return made

    def now(self) -> datetime:
        moment: datetime = self.trial.clock.now()
        return moment

    def later(self, seconds: float = 60) -> None:
        self.trial.later(seconds=seconds)

    def ids(self) -> list[str]:
        return [key for key, one in self.trial.leads.records.items() if self.trial.status(one) == self.values[0]]

    def edit(self, record_id: str, value: str) -> None:
        self.trial.leads.set(record_id, {"Status": value})

    def delete(self, record_id: str) -> None:
        self.trial.leads.remove(record_id)

    def note(self, record_id: str) -> None:
        self.trial.leads.set(record_id, {"Name": f"canary {self.now()}"})

    def held(self) -> dict[tuple[str, str], dict[str, Any]]:
        base = self.trial.company.base
        return {(table.id, key): dict(one.cells) for table in base.tables.values() for key, one in
                table.records.items()}  # fmt: skip

    def struck(self, method: str, path: str) -> Fault | None:
        """In place of the server's own list: the next call befalls each request that writes."""
        if method != "PATCH":
            return None
        fault = self.next().fault
        self.dead = fault.startswith("killed")
        return Fault(**KINDS[fault]) if fault in KINDS else None

    def happened(self, event: Event) -> None:
        status = self.trial.leads.field("Status").id
        if event.kind == "changed" and status in event.cells:
            who = LEADPACT if event.source == "publicApi" else PERSON
            self.log.append(Seen(event.record, who, event.before.get(status), event.cells[status]))


@contextmanager
def airtable(folder: Path, leads: int, *, webhooks: bool = True) -> Iterator[AirtableWorld]:
    with Trial(folder, leads=leads, contacts=1) as trial:
        trial.settings = {"writable": True, "webhooks": webhooks}
        ids = list(trial.leads.records)
        world = AirtableWorld(folder, "airtable", PACT, ("Working", "MQL", "Re-Market"), history=webhooks, trial=trial,
                              status_names=frozenset({trial.leads.field("Status").id}))  # fmt: skip
        for at, one in enumerate(ids):
            trial.leads.set(one, {"Status": "Working", "Alta": stamp(CREATED + timedelta(minutes=at))})
        trial.server.struck = world.struck
        trial.company.base.listeners.append(world.happened)
        yield world
