"""A company in a loopback Airtable with connectors for it, and a home to sync it into.

Not here: the server (server.py), the company itself (company.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from connectors.airtable import Airtable
from connectors.airtable.limiter import Limiters
from leadpact import mapping as mappings
from leadpact.connector import Extract
from leadpact.sync import sync
from leadpact.workspace import Workspace
from tests.airtable.base import Record
from tests.airtable.clock import Clock
from tests.airtable.company import Company, company
from tests.airtable.server import Server

NOW = datetime(2026, 3, 4, 17)
HOUR = timedelta(hours=1)


class Crm:
    """A company, its server, and connectors for it."""

    def __init__(self, **made: Any) -> None:
        self.clock = Clock(NOW)
        self.company: Company = company(self.clock, **made)
        self.leads, self.contacts, self.activities = (
            self.company.leads, self.company.contacts, self.company.activities)  # fmt: skip
        self.server = Server(self.company.base, clock=self.clock)
        self.document = mappings.MappingDocument()
        self.state: Path | None = None
        self.limiters = Limiters(self.clock.monotonic, self.clock.sleep)

    def connect(self, **settings: Any) -> Airtable:
        options = {"token": self.server.token, "base_id": self.company.base.id, "endpoint_url": self.server.url}
        return Airtable({**options, **settings}, mapping=self.document, limiters=self.limiters, state=self.state)

    def map(self, *entries: dict[str, Any]) -> None:
        """Entries written with names, addressed by ids as the command line does."""
        written = mappings.parse({"version": 1, "tables": list(entries)})
        self.document = mappings.addressed(written, self.connect().describe())

    def leads_only(self, **more: Any) -> None:
        fields = {"name": "Name", "status": "Status", "created_at": "Alta", **more.pop("fields", {})}
        self.map({"source": "Leads", "to": "leads", "fields": fields, **more})

    def read(self, **settings: Any) -> dict[str, list[dict[str, Any]]]:
        return rows(self.connect(**settings).extract())


def rows(extract: Extract) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for page in extract.pages:
        found.setdefault(page.table, []).extend(page.rows.to_pylist())
        found.setdefault("rejects", []).extend(vars(reject) for reject in page.rejects)
    return found


class House:
    """A home to sync into, and what its mirror holds."""

    def __init__(self, crm: Crm, home: Path) -> None:
        self.crm, self.workspace = crm, Workspace(home)
        crm.state = home / "state"

    def sync(self, now: datetime, *, ours: datetime | None = None, **settings: Any) -> str:
        """One sync at `now` of Airtable's clock; `ours` is what our own says. Nothing is derived."""
        self.crm.clock.set(now)
        mirror, adapter = self.workspace.mirror("base"), self.crm.connect(**settings)
        return sync(adapter, mirror, self.workspace.database, now=ours or now).mode

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        mirror = self.workspace.mirror("base")
        with duckdb.connect(str(mirror.path(mirror.current() or 0)), read_only=True) as draft:
            return draft.execute(query, list(values)).fetchall()

    def moves(self, record_id: str) -> list[tuple[Any, ...]]:
        query = (
            'SELECT from_value, to_value, "at", evidence FROM field_change WHERE record_id = ? AND field = ? ORDER BY'
        )
        return self.ask(f'{query} "at" NULLS FIRST, seq', record_id, "status")


def one(crm: Crm) -> Record:
    return next(iter(crm.leads.records.values()))
