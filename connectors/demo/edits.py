"""What was written to the demo company since it was drawn, and the moment it stands at.

One SQLite file in the connection's state folder, or memory where there is no folder. Edits
are numbered; the number is what an incremental extract resumes from. Fields made there, and what
they hold, lie in the same file: they have no history, and no extract delivers them.

Not here: which writes are allowed (__init__.py), the fields that were made (custom.py).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leadpact.errors import SourceUnreachable

FILE = "demo.sqlite"
WAIT_SECONDS = 30.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS anchor (one INTEGER PRIMARY KEY CHECK (one = 1), until TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS edit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, company TEXT NOT NULL, object TEXT NOT NULL, record_id TEXT NOT NULL,
    field TEXT NOT NULL, before TEXT, after TEXT, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS edit_record ON edit (company, object, record_id, field, number);
CREATE TABLE IF NOT EXISTS custom_field (
    company TEXT NOT NULL, object TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, kind TEXT NOT NULL,
    choices TEXT NOT NULL, days_since TEXT, PRIMARY KEY (company, object, name));
CREATE TABLE IF NOT EXISTS custom_value (
    company TEXT NOT NULL, object TEXT NOT NULL, record_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT,
    PRIMARY KEY (company, object, record_id, name));
CREATE TABLE IF NOT EXISTS picklist_value (
    company TEXT NOT NULL, object TEXT NOT NULL, value TEXT NOT NULL, active INTEGER NOT NULL,
    PRIMARY KEY (company, object, value));
"""


CustomValue = tuple[str, str, str, str | None]  # object, record id, field, value


@dataclass(frozen=True)
class Edit:
    """One accepted write. `number` is null before it is stored; `at` is UTC without zone."""

    object: str
    record_id: str
    field: str
    before: str | None
    after: str | None
    at: datetime
    number: int | None = None


class Edits:
    """The edits of one state folder. Companies (leads, seed, until) are kept apart by name.

    Whatever is asked raises SourceUnreachable where their file cannot be used.
    """

    def __init__(self, state: Path | None) -> None:
        self._path = None if state is None else state / FILE
        self._memory: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed on leaving, rolled back on an error. Raises SourceUnreachable."""
        if self._path is None:
            with self._lock:
                if self._memory is None:
                    self._memory = sqlite3.connect(":memory:", check_same_thread=False)
                    self._memory.executescript(SCHEMA)
                with self._memory:
                    yield self._memory
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=WAIT_SECONDS)) as connection:
                connection.executescript(SCHEMA)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise SourceUnreachable("demo.state_unusable", path=str(self._path)) from error

    def anchored(self) -> datetime | None:
        """The moment the company stands at, if it was ever fixed; creates nothing."""
        if self._memory is None and (self._path is None or not self._path.exists()):
            return None
        with self.open() as connection:
            row = connection.execute("SELECT until FROM anchor").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def anchor(self, until: datetime) -> datetime:
        """Fixes the moment on first use, and returns the one that is fixed."""
        with self.open() as connection:
            connection.execute("INSERT OR IGNORE INTO anchor VALUES (1, ?)", [until.isoformat()])
            fixed: str = connection.execute("SELECT until FROM anchor").fetchone()[0]
        return datetime.fromisoformat(fixed)

    def last(self, company: str) -> int:
        with self.open() as connection:
            query = "SELECT coalesce(max(number), 0) FROM edit WHERE company = ?"
            number: int = connection.execute(query, [company]).fetchone()[0]
        return number

    def between(self, company: str, after: int, until: int) -> list[Edit]:
        """The edits numbered in `(after, until]`, in order."""
        query = """SELECT object, record_id, field, before, after, at, number FROM edit
                   WHERE company = ? AND number > ? AND number <= ? ORDER BY number"""
        with self.open() as connection:
            rows = connection.execute(query, [company, after, until]).fetchall()
        return [
            Edit(object, record_id, field, before, after, datetime.fromisoformat(at), number)
            for object, record_id, field, before, after, at, number in rows
        ]

    def values(self, company: str, object: str, ids: Sequence[str]) -> dict[str, dict[str, str | None]]:
        """The last written value of each edited field, by record id."""
        query = """SELECT record_id, field, after FROM edit
                   WHERE company = ? AND object = ? AND record_id = ? ORDER BY number"""
        found: dict[str, dict[str, str | None]] = {}
        with self.open() as connection:
            for record_id in ids:
                for key, field, value in connection.execute(query, [company, object, record_id]):
                    found.setdefault(key, {})[field] = value
        return found

    def store(self, company: str, edits: Sequence[Edit], values: Sequence[CustomValue] = ()) -> None:
        """Keeps the edits and the values of fields that were made, all or none."""
        rows = [(company, e.object, e.record_id, e.field, e.before, e.after, e.at.isoformat()) for e in edits]
        with self.open() as connection:
            connection.executemany(
                "INSERT INTO edit (company, object, record_id, field, before, after, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.executemany(
                "INSERT OR REPLACE INTO custom_value VALUES (?, ?, ?, ?, ?)", [(company, *value) for value in values]
            )
