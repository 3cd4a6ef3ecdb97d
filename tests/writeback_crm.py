"""A CRM in one file, whose every write is logged, and which fails as a test says: for plans and their journal.

What is in the file outlives the process that wrote it, so that a killed one can be looked into.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from config.database import FILE, open_database
from connectors.demo import Demo
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome
from leadpact.errors import SourceUnreachable
from leadpact.settings import Connection
from leadpact.workspace import Workspace
from leadpact.writeback import plans
from leadpact.writeback.plan import Draft, Plan, Row, Tally
from leadpact.writeback.target import Target, Watch
from tests.homes import copied

NOW = datetime(2026, 3, 1, 9)
# what may befall one call of the CRM, in the order the calls are made
FAULTS = ("ok", "refused", "dead_before", "dead_after", "dead_midway", "killed_before", "killed_after", "killed_midway")
SCHEMA = """
CREATE TABLE IF NOT EXISTS held (object TEXT, id TEXT, field TEXT, value TEXT, PRIMARY KEY (object, id, field));
CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, who TEXT, object TEXT, id TEXT, field TEXT, value TEXT);
"""


class Crm:
    """Records of (object, id) -> field -> value. `faults` befall the calls to come; one by one they are used up."""

    name = "crm"

    def __init__(self, file: Path, *, batch: int = 2) -> None:
        self.file = file
        self.can = Capabilities(write=True, batch_size=batch)
        self.faults: list[str] = []
        self.meanwhile: Callable[[Crm], None] | None = None  # what happens between re-reading and writing
        self.reads = 0
        self.answers: list[bool] = []  # whether each reading to come is answered; all are, by default
        with self._open() as file_:
            file_.executescript(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.file, timeout=30)) as file:
            file.execute("PRAGMA synchronous=OFF")  # processes are killed here, machines are not
            with file:
                yield file

    def put(self, object: str, record_id: str, who: str = "person", **values: str | None) -> None:
        self.put_all([(object, record_id, field, value) for field, value in values.items()], who)

    def put_all(self, cells: Sequence[tuple[str, str, str, str | None]], who: str = "person") -> None:
        with self._open() as file:
            file.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)", cells)
            file.executemany("INSERT INTO log (who, object, id, field, value) VALUES (?, ?, ?, ?, ?)",
                             [(who, *cell) for cell in cells])  # fmt: skip

    def remove(self, object: str, record_id: str) -> None:
        with self._open() as file:
            file.execute("DELETE FROM held WHERE object = ? AND id = ?", [object, record_id])

    def all(self) -> dict[tuple[str, str, str], str | None]:
        with self._open() as file:
            return {(o, i, f): v for o, i, f, v in file.execute("SELECT object, id, field, value FROM held")}

    def written(self) -> list[tuple[str, str, str, str | None]]:
        """What LeadPact wrote, in order."""
        query = "SELECT object, id, field, value FROM log WHERE who = 'leadpact' ORDER BY n"
        with self._open() as file:
            return list(file.execute(query))

    def check(self) -> Iterable[Check]:
        return []

    def extract(self, since: str | None = None) -> Extract:
        raise NotImplementedError

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        self.reads += 1
        if self.answers and not self.answers.pop(0):
            raise SourceUnreachable("sync.no_records")
        wanted, found = set(ids), {}
        with self._open() as file:
            for record_id, field, value in file.execute("SELECT id, field, value FROM held WHERE object = ?", [object]):
                if record_id in wanted:
                    found.setdefault(record_id, dict.fromkeys(fields))
                    if field in fields:
                        found[record_id][field] = value
        return found

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Call by call, `batch_size` changes to each."""
        if self.meanwhile is not None:
            self.meanwhile(self)
        waiting = iter(changes)
        while call := list(islice(waiting, self.can.batch_size)):
            fault = self.faults.pop(0) if self.faults else "ok"
            kind, _, when = fault.partition("_")
            if fault == "refused":
                yield from (Outcome(change, "refused", "LOCKED") for change in call)
                continue
            if fault == "ok":
                self._store(call)
                yield from (Outcome(change, "written") for change in call)
                continue
            self._store({"before": [], "after": call, "midway": call[: len(call) // 2]}[when])
            if kind == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise SourceUnreachable("sync.no_records")

    def _store(self, changes: Sequence[Change]) -> None:
        self.put_all([(one.object, one.record_id, one.field, one.after) for one in changes], "leadpact")


@functools.cache
def migrated() -> bytes:
    """An empty pact.db: migrating one anew for every test would cost more than the tests."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(Path(folder))
        with engine.begin():
            pass
        engine.dispose()
        with closing(sqlite3.connect(Path(folder) / FILE)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return (Path(folder) / FILE).read_bytes()


def target_of(folder: Path, crm: Crm, *, writable: bool = True) -> Target:
    """A target with a database of its own in `folder`."""
    if not (folder / FILE).exists():
        (folder / FILE).write_bytes(migrated())
    connection = Connection("acme", "crm", {"writable": writable})
    return Target(open_database(folder), connection, crm, folder / "acme")


def made(
    target: Target, rows: Iterable[Row], *, whole: int = 1_000, kinds: Mapping[str, str] | None = None, **given: Any
) -> Plan:
    draft = Draft("acme", given.pop("kind", "writeback"), "ana@acme.example", NOW, 3, "p" * 64, kinds or {}, **given)
    return plans.make(target.engine, draft, rows, Tally(whole=whole))


class Hours:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def clock(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def watch(self, **more: Any) -> Watch:
        return Watch(clock=self.clock, sleep=self.sleep, **more)


def in_a_process(work: Callable[[], object]) -> int:
    """Runs `work` in a process of its own; 0, its exit status, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except SourceUnreachable:
            status = 3
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


SECRETS = '[connections.demo]\ntype = "demo"\nleads = 60\nuntil = "2026-03-01"\nwritable = {writable}\n'
COMPANY = {"leads": 60, "until": "2026-03-01", "writable": True}


def company(home: Path) -> Demo:
    """The demo company of `settle_demo`, as another user of its CRM sees it."""
    return Demo(COMPANY, state=home / "demo" / "state")


@functools.cache
def _demo_home() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="leadpact-writeback-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Workspace(folder).sync(company(folder), "demo", now=datetime(2026, 3, 1))
    return folder


def settle_demo(home: Path) -> Path:
    """A home with the small demo company, synced once for all tests of this process."""
    return copied(_demo_home(), home)
