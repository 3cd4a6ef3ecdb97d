"""Whether LeadPact can serve now, for a monitor that asks often: no CRM is called and nothing is written.

Not here: what is wrong and how to mend it (the connection test; docs/operations.md).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from config.database import FILE, HEAD, driven, engine_of
from config.errors import LeadPactError
from config.migrating import revision
from leadpact.store import CURRENT, Mirror, read_info

WAIT_SECONDS = 3  # for a server that does not answer

DATABASE_OK, DATABASE_NONE, DATABASE_AWAY, DATABASE_NEWER = "ok", "none", "away", "newer"
MIRROR_OK, MIRROR_UNREADABLE, MIRROR_OLD = "ok", "unreadable", "old"


@dataclass(frozen=True)
class Synced:
    """One connection's mirror. `state` is one of MIRROR_…; `synced_at` (UTC) and `age` are null where unreadable."""

    connection: str
    state: str
    generation: int | None
    synced_at: datetime | None
    age: timedelta | None


@dataclass(frozen=True)
class Health:
    """`database` is one of DATABASE_…: a home that was never used has none, and is healthy."""

    database: str
    schema: str | None
    connections: Sequence[Synced]

    @property
    def ok(self) -> bool:
        return self.database in (DATABASE_OK, DATABASE_NONE) and all(one.state == MIRROR_OK for one in self.connections)

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "database": {"state": self.database, "schema": self.schema},
            "connections": [
                {
                    "connection": one.connection, "state": one.state, "generation": one.generation,
                    "synced_at": one.synced_at.isoformat(timespec="seconds") + "Z" if one.synced_at else None,
                    "age_seconds": round(one.age.total_seconds()) if one.age is not None else None,
                }
                for one in self.connections
            ],
        }  # fmt: skip


def look(home: Path, url: str | None, *, now: datetime, max_age: timedelta | None = None) -> Health:
    """The state of a home. A mirror read longer than `max_age` ago (null: no matter) is MIRROR_OLD."""
    state, schema = _database(home, url)
    found = [_mirror(Mirror(path.parent), now, max_age) for path in sorted(home.glob(f"*/{CURRENT}"))]
    return Health(state, schema, found)


def _database(home: Path, url: str | None) -> tuple[str, str | None]:
    try:
        schema = _schema(home / FILE) if url is None else _schema_there(home, url)
    except (sqlite3.Error, sa.exc.SQLAlchemyError, LeadPactError):
        return DATABASE_AWAY, None
    if schema is None:
        return DATABASE_NONE, None
    return (DATABASE_NEWER if schema > HEAD else DATABASE_OK), schema


def _schema(file: Path) -> str | None:
    """The schema of the home's own file, which is neither made nor changed."""
    if not file.exists():
        return None
    with contextlib.closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=WAIT_SECONDS)) as one:
        if one.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
            return None
        row = one.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def server(home: Path, url: str) -> sa.Engine:
    """The engine of a database on a server, which is not waited for longer than WAIT_SECONDS."""
    parts = make_url(driven(url))
    if parts.get_backend_name() == "postgresql" and "connect_timeout" not in parts.query:
        parts = parts.update_query_dict({"connect_timeout": str(WAIT_SECONDS)})
    return engine_of(home, parts.render_as_string(hide_password=False))


def _schema_there(home: Path, url: str) -> str | None:
    engine = server(home, url)
    try:
        with engine.connect() as database:
            return revision(database)
    finally:
        engine.dispose()


def _mirror(mirror: Mirror, now: datetime, max_age: timedelta | None) -> Synced:
    name = mirror.folder.name
    try:
        generation = mirror.current() or 0
        with contextlib.closing(duckdb.connect(str(mirror.path(generation)), read_only=True)) as one:
            synced_at = datetime.fromisoformat(read_info(one)["as_of"])
    except (OSError, ValueError, KeyError, duckdb.Error):
        return Synced(name, MIRROR_UNREADABLE, None, None, None)
    age = now - synced_at
    old = max_age is not None and age > max_age
    return Synced(name, MIRROR_OLD if old else MIRROR_OK, generation, synced_at, age)
