"""The demo company as a place for schedules of faults.

Not here: what every place has in common (repair_worlds.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.demo import Demo
from leadpact.connector import Change, Connector
from tests.repair_worlds import PERSON, Faulty, Seen, World, passed
from tests.worlds import pact

START = datetime(2026, 3, 2, 9)
OPTIONS = {"leads": 900, "until": "2026-03-01", "writable": True}
PACT = pact(status_map={
    "lead": {"New": "unknown", "Subscriber": "subscriber", "Nurture": "subscriber", "MQL": "mql", "Working": "sal",
             "SQL": "sal", "Customer": "customer", "Re-Market": "remarket"},
    "contact": {"SQL": "sal", "Customer": "customer"}, "opportunity": {"created": "sal", "won": "customer"},
})  # fmt: skip


@dataclass
class DemoWorld(World):
    moment: datetime = START

    def inner(self) -> Demo:
        return Demo(OPTIONS, state=self.folder / "demo" / "state", now=lambda: self.moment)

    def adapter(self) -> Connector:
        made: Any = Faulty(self.inner(), self)
        return made

    def now(self) -> datetime:
        return self.moment

    def later(self, seconds: float = 60) -> None:
        self.moment = passed(self.moment, seconds)

    def ids(self) -> list[str]:
        record = self.seen().tables.record
        free = record.converted_at.isnull() & record.merged_into.isnull() & (record.condition != "deleted")
        mine = record.filter((record.object == "lead") & (record.status == self.values[0]) & free)
        return sorted(mine.record_id.to_pyarrow().to_pylist())

    def edit(self, record_id: str, value: str) -> None:
        crm = self.inner()
        before = crm.read("lead", [record_id], ["status"])[record_id]["status"]
        (done,) = crm.write([Change("lead", record_id, "status", before, value)])
        assert done.kind == "written", done
        self.log.append(Seen(record_id, PERSON, before, value))

    def delete(self, record_id: str) -> None:
        """Nobody deletes in the demo company."""

    def note(self, record_id: str) -> None:
        (done,) = self.inner().write([Change("lead", record_id, "campaign", None, f"Canary {self.moment}")])
        assert done.kind == "written", done

    def held(self) -> dict[tuple[str, str], dict[str, Any]]:
        crm = self.inner()
        names = [one.name for one in crm.fields("lead")]
        ids = self.seen().tables.record.filter(lambda t: t.object == "lead").record_id.to_pyarrow().to_pylist()
        return {("lead", key): dict(own) for key, own in crm.read("lead", ids, names).items()}


def demo(folder: Path) -> DemoWorld:
    return DemoWorld(folder, "demo", PACT, ("Subscriber", "Nurture", "MQL"), options=OPTIONS)
