"""One writer to a connection: across threads, processes, homes and machines; a dead one never holds on.

- A file in the connection's folder, locked by the operating system: processes of one home.
- The database, for homes that share one: on Postgres an advisory lock of a session of its own, which
  the server drops when that session dies; on SQLite a locked file beside the database.

Not here: what is done meanwhile (applying.py).
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.engine import Connection, Engine

from leadpact.errors import Busy

LOCK = "apply.lock"
LOOKING, POLL = 0.3, 0.02  # seconds
POSTGRES, SQLITE = "postgresql", "sqlite"


@dataclass(frozen=True)
class Hold:
    """The right to write. `check` raises Busy where the database has dropped it meanwhile."""

    connection: str
    session: Connection | None = None

    def check(self) -> None:
        if self.session is None:
            return
        try:
            self.session.execute(sa.text("SELECT 1")).scalar()
        except sa.exc.SQLAlchemyError:
            raise Busy("repair.lock_lost", connection=self.connection) from None


@contextlib.contextmanager
def alone(engine: Engine, connection: str, folder: Path, *, wait: float = LOOKING) -> Iterator[Hold]:
    """Nobody else writes over `connection` meanwhile. Raises Busy where somebody does.

    `wait` seconds are enough for somebody who only looked whether anybody writes to be gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(FileLock(folder / LOCK, timeout=wait, poll_interval=POLL))
            beside = _beside(engine, connection)
            if beside is not None:
                held.enter_context(FileLock(beside, timeout=wait, poll_interval=POLL))
        except Timeout:
            raise Busy("writeback.busy", connection=connection) from None
        yield Hold(connection, held.enter_context(_advisory(engine, connection, wait)))


def busy(engine: Engine, connection: str, folder: Path) -> bool:
    """Whether somebody writes over `connection` now."""
    try:
        with alone(engine, connection, folder, wait=5 * POLL):  # longer than another look takes
            return False
    except Busy:
        return True


def _beside(engine: Engine, connection: str) -> Path | None:
    """The file to lock beside a SQLite database; null for others, and for one in memory."""
    place = engine.url.database
    if engine.dialect.name != SQLITE or not place or place == ":memory:":
        return None
    return Path(place).with_name(f"{Path(place).name}.{connection}.{LOCK}")


@contextlib.contextmanager
def _advisory(engine: Engine, connection: str, wait: float) -> Iterator[Connection | None]:
    """A session of its own that holds the lock on Postgres; null elsewhere."""
    if engine.dialect.name != POSTGRES:
        yield None
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        key = {"key": _key(connection)}
        ask, end = sa.text("SELECT pg_try_advisory_lock(:key)"), time.monotonic() + wait
        while not session.execute(ask, key).scalar():
            if time.monotonic() >= end:
                raise Busy("writeback.busy", connection=connection)
            time.sleep(POLL)
        try:
            yield session
        finally:
            with contextlib.suppress(sa.exc.SQLAlchemyError):  # the session died, and its lock with it
                session.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)


def _key(connection: str) -> int:
    """The number the lock has: 64 bits of a hash, signed."""
    digest = hashlib.sha256(f"leadpact apply {connection}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
