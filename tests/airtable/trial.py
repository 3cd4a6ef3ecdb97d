"""A base, its server, a connector and a mirror for one test: what happens to all of them, without any waiting.

Not here: the company (company.py), the server (server.py), the contract's door (tests/contract).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy.engine import Engine

from config.database import open_database
from connectors.airtable import Airtable
from connectors.airtable.limiter import Limiters
from leadpact.connector import Change, Extract, Outcome
from leadpact.mapping import MappingDocument, parse
from leadpact.store import Mirror
from leadpact.sync import SyncResult, sync
from tests.airtable import Clock, Record, Server, Table
from tests.airtable.company import company
from tests.airtable.hooks import Hook


class Trial:
    """`mapping` may be replaced before connecting. `sync` says the time of our own clock, not of Airtable's."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.folder, self.clock = folder, Clock()
        self.company = company(self.clock, **more)
        self.server = Server(self.company.base, clock=self.clock)
        self.limiters = Limiters(self.clock.monotonic, self.clock.sleep)
        self.mapping = self.mapped()
        self.settings: dict[str, Any] = {"writable": True}

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *raised: object) -> None:
        self.server.close()

    @property
    def leads(self) -> Table:
        return self.company.leads

    def lead(self, place: int) -> Record:
        return list(self.leads.records.values())[place]

    def status(self, record: Record, table: Table | None = None) -> Any:
        """What the base holds, asked past the connector."""
        table = table or self.leads
        return record.cells.get(table.field("Status").id)

    def mapped(self, **leads: Any) -> MappingDocument:
        """Leads and contacts by their ids; more parts of the leads' entry by name."""
        entries: list[Mapping[str, Any]] = []
        for to, table, extra in (("leads", self.leads, leads), ("contacts", self.company.contacts, {})):
            fields = {"name": "Name", "email": "Email", "status": "Status", "owner_id": "Owner", "created_at": "Alta"}
            named = {column: table.field(name).id for column, name in fields.items()}
            entries.append({"source": table.id, "to": to, "fields": named, **extra})
        own = {"f_employees": "Employees", "f_budget": "Budget"}
        entries[0] = {"custom": {slug: self.leads.field(name).id for slug, name in own.items()}, **entries[0]}
        return parse({"tables": entries})

    def connect(self, **settings: Any) -> Airtable:
        own = {"token": self.server.token, "base_id": self.company.base.id, "endpoint_url": self.server.url}
        given = {**own, **self.settings, **settings}
        return Airtable(given, state=self.folder / "state", mapping=self.mapping, limiters=self.limiters)

    def write(self, *changes: Change, **settings: Any) -> list[Outcome]:
        return list(self.connect(**settings).write(changes))

    def kinds(self, *changes: Change) -> list[tuple[str, str | None]]:
        return [(outcome.kind, outcome.code) for outcome in self.write(*changes)]

    def setting(self, place: int, after: str | None, field: str = "status") -> Change:
        return Change("lead", self.lead(place).id, field, None, after)

    # time, and what listens

    def later(self, **passed: float) -> datetime:
        """Puts Airtable's clock forward, and says what time it is there."""
        self.clock.set(self.clock.now() + timedelta(**passed))
        return self.clock.now()

    @property
    def hooks(self) -> list[Hook]:
        """The base's webhooks."""
        kept: list[Hook] = self.server.state.get("hooks", {}).get(self.company.base.id, [])
        return kept

    def read_once(self, mark: str | None = None) -> tuple[list[tuple[Any, ...]], str, Extract]:
        """What one reading tells once, its mark, and the reading itself, without a mirror."""
        extract = self.connect().extract(mark)
        rows = [row for page in extract.pages if page.once for row in page.rows.to_pylist()]
        return [(row["from_value"], row["to_value"], row["evidence"]) for row in rows], str(extract.mark()), extract

    # the mirror

    def sync(self, now: datetime | None = None, *, full: bool = False, **settings: Any) -> SyncResult:
        moment = now or self.clock.now()
        return sync(self.connect(**settings), self.mirror, self.engine, now=moment, full=full)

    @cached_property
    def engine(self) -> Engine:
        return open_database(self.folder)

    @property
    def mirror(self) -> Mirror:
        return Mirror.of(self.folder, "trial")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        generation = self.mirror.current()
        assert generation is not None
        with duckdb.connect(str(self.mirror.path(generation)), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def mirrored(self) -> dict[str, str | None]:
        """The status of every living record the mirror holds, by id; fails where one is there twice."""
        rows = self.rows("SELECT record_id, status FROM record WHERE condition <> 'deleted'")
        assert len({record_id for record_id, _ in rows}) == len(rows), "a record is doubled"
        return dict(rows)

    def held(self) -> dict[str, str | None]:
        tables = (self.leads, self.company.contacts)
        return {record.id: self.status(record, table) for table in tables for record in table.records.values()}

    def moves(self, record: Record) -> list[tuple[Any, ...]]:
        """What the mirror tells of a record's status, in order."""
        return self.rows(f"""SELECT from_value, to_value, "at", evidence FROM field_change
            WHERE record_id = '{record.id}' AND field = 'status' AND "at" IS NOT NULL ORDER BY "at", seq""")

    def told(self, place: int) -> list[tuple[Any, ...]]:
        return [(before, after, evidence) for before, after, _, evidence in self.moves(self.lead(place))]

    def gaps(self) -> list[dict[str, str]]:
        """The gaps the mirror lists."""
        found = self.rows("SELECT params FROM reject WHERE problem = 'airtable_write.gap'")
        return [json.loads(params) for (params,) in found]

    @property
    def since(self) -> datetime:
        """From when on the mirror calls its history complete."""
        return datetime.fromisoformat(str(self.mirror.info()["history_since"]))
