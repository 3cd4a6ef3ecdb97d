"""Where schedules of faults are tried: a CRM with its home, which fails as told and logs who wrote what.

A run is a process: an adapter and a database engine of its own. What kills it lets the server do its
work or not, and from then on nothing of that process reaches `pact.db` any more.

Not here: the CRMs (repair_world_*.py), schedules and what must hold after them (repair_days.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config import versions
from config.database import open_database
from config.schema import Pact
from leadpact.connector import Change, Connector, Outcome
from leadpact.errors import LeadPactError, SourceUnreachable
from leadpact.metrics import sla
from leadpact.pact_in_use import PactInUse
from leadpact.settings import Connection
from leadpact.workspace import Analysis, Workspace
from leadpact.writeback.applying import Report, apply
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.target import Target
from tests.writeback_crm import Hours

LEADPACT, PERSON = "leadpact", "person"
# what may befall one call that writes; a CRM may know fewer, and takes the others for `ok`
KILLS = ("killed_before", "killed_after", "killed_midway")
DEATHS = ("dead_before", "dead_after", "dead_midway", "torn", "garbled")
BUSY = ("429", "503", "500")
FAULTS = ("ok", "refused", *BUSY, *DEATHS, *KILLS)


class Killed(BaseException):
    """The process is dead: nothing of it may go on."""


@dataclass(frozen=True)
class Seen:
    """A status that was written on the server, by LeadPact or by a person."""

    record_id: str
    who: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Call:
    """What befalls one call: first `acts` happen (the records have been read again by then), then the fault."""

    fault: str = "ok"
    acts: Sequence[Callable[[], object]] = ()


@dataclass
class World:
    """One CRM. `values` are the status before, the one planned, and a colleague's."""

    folder: Path
    name: str
    pact: Pact
    values: tuple[str, str, str]
    status_names: frozenset[str] = frozenset({"status"})
    history: bool = True  # the source tells who wrote what stood there before
    log: list[Seen] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)  # those to come
    dead: bool = False
    reads: list[tuple[int, frozenset[str]]] = field(default_factory=list)  # how long the log was, and who was read
    options: Mapping[str, Any] = field(default_factory=dict)

    # what each CRM does its own way

    def adapter(self) -> Connector:
        """A new instance, as a new process makes one."""
        raise NotImplementedError

    def now(self) -> datetime:
        raise NotImplementedError

    def later(self, seconds: float = 60) -> None:
        raise NotImplementedError

    def ids(self) -> list[str]:
        """The leads that plans are made of."""
        raise NotImplementedError

    def edit(self, record_id: str, value: str) -> None:
        """A colleague changes a status."""
        raise NotImplementedError

    def delete(self, record_id: str) -> None:
        raise NotImplementedError

    def note(self, record_id: str) -> None:
        """A colleague changes another field."""
        raise NotImplementedError

    def status(self, own: Mapping[str, Any]) -> str | None:
        """The status among what the server holds of a record."""
        return next((own[name] for name in own if name in self.status_names), None)

    def held(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Everything the server holds, by table and id, without what it stamps itself."""
        raise NotImplementedError

    # what is the same everywhere

    def next(self) -> Call:
        """What befalls the call that has just come; its acts have happened."""
        one = self.calls.pop(0) if self.calls else Call()
        for act in one.acts:
            act()
        if one.acts:
            self.later(1)  # the record was read a moment ago, and is written now
        return one

    def close(self) -> None:
        """Nothing is left open."""

    def space(self) -> Workspace:
        return Workspace(self.folder)

    @contextmanager
    def process(self) -> Iterator[Target]:
        """A target of a process of its own; leaving it ends the process."""
        self.dead = False
        engine = open_database(self.folder)

        def stopped(*_: object) -> None:
            if self.dead:
                raise Killed

        sa.event.listen(engine, "before_cursor_execute", stopped)
        sa.event.listen(engine, "begin", stopped)
        adapter: Any = self.adapter()
        plain = adapter.read

        def read(object: str, ids: Sequence[str], fields: Sequence[str]) -> Any:
            if "status" in fields:
                self.reads.append((len(self.log), frozenset(ids)))
            return plain(object, ids, fields)

        adapter.read = read
        target = Target(engine, self.connection, adapter, self.folder / self.name)
        try:
            yield target
        finally:
            self.dead = False
            engine.dispose()

    @property
    def connection(self) -> Connection:
        given = {"writable": True, "environment": "production", **self.options}
        return Connection(self.name, "demo" if self.name == "demo" else self.name, given)

    def run(self, plan: Plan, calls: Sequence[Call] = (), **given: Any) -> Report | None:
        """One process applies the plan while `calls` befall it; null where it died or lost the link."""
        self.calls = list(calls)
        usual = {"expected_hash": plan.hash, "actor": "ana@acme.example", "door": "cli", "now": self.now(),
                 "limits": Limits(1.0, 1_000_000), "watch": Hours().watch(), "waive": "a trial"}  # fmt: skip
        try:
            with self.process() as target:
                return apply(target, plan.id, **{**usual, **given})
        except (LeadPactError, Killed):
            return None
        finally:
            self.calls = []
            self.later()

    def begin(self) -> None:
        """The first sync, under the pact of this world."""
        space = self.space()
        versions.save(space.database, self.pact, author="test", message="", now=self.now())
        space.sync(self.adapter(), self.name, now=self.now())
        space.database.dispose()

    def synced(self) -> Analysis:
        """The next generation, as a metric sees it."""
        self.later(3_600)
        space = self.space()
        space.sync(self.adapter(), self.name, now=self.now())
        return self.seen()

    def seen(self) -> Analysis:
        return self.space().analyse(self.name, pact=PactInUse(self.pact, 1, False))


def clocks(found: Analysis) -> dict[str, list[Any]]:
    """What a relabelling must not touch: journeys, and when the clocks of each promise began; without stages."""
    tables = found.tables
    journeys = tables.journey.select("person_id", "journey", "entered_at", "ended_at").to_pyarrow().to_pylist()
    kept: dict[str, list[Any]] = {"journeys": journeys}
    for policy in found.pact.sla:
        begun = sla.clocks(tables, found.pact, found.as_of, policy).select("person_id", "started_at")
        kept[policy.id] = begun.to_pyarrow().to_pylist()
    return kept


class Faulty:
    """The demo adapter whose writes go some records at a time, each of them befallen by what comes next."""

    SIZE = 4

    def __init__(self, inner: Any, world: World) -> None:
        self._inner, self._world = inner, world
        self.can = replace(inner.can, batch_size=self.SIZE)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        for start in range(0, len(changes), self.SIZE):
            part = list(changes[start : start + self.SIZE])
            kind, _, when = self._world.next().fault.partition("_")
            if kind == "refused":
                yield from (Outcome(one, "refused", "LOCKED") for one in part)
                continue
            if kind not in ("dead", "killed"):
                yield from self._stored(part)
                continue
            list(self._stored({"before": [], "after": part, "midway": part[: len(part) // 2]}[when]))
            self._world.dead = kind == "killed"
            raise SourceUnreachable("sync.no_records")

    def _stored(self, part: Sequence[Change]) -> list[Outcome]:
        held = self._inner.read("lead", [one.record_id for one in part], ["status"]) if part else {}
        told = list(self._inner.write(part)) if part else []
        for one in told:
            if one.kind == "written":
                before = held.get(one.change.record_id, {}).get("status")
                self._world.log.append(Seen(one.change.record_id, LEADPACT, before, one.change.after))
        return told


def passed(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=seconds)
