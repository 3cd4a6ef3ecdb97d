"""What must never be lost and what can be read again: the database and the mirrors, looked at and not changed.

Not here: the cheap look a monitor takes (leadpact/health.py), restoring (leadpact/backup).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import sqlalchemy as sa

from config.database import FILE, HEAD, metadata
from leadpact import health
from leadpact.backup.databases import POSTGRES, place_of
from leadpact.doctor.answers import Answer, Site
from leadpact.store import DERIVED_FORM, Mirror

# tables that the database itself refuses to change (migrations from 0009 on)
ONLY_ADDED_TO = (
    "audit_trail", "pact_version", "pact_vote", "plan_approval", "plan_event", "plan_overwritten", "plan_request",
    "signature", "signature_withdrawal",
)  # fmt: skip
STALE = timedelta(days=7)
FUTURE = timedelta(seconds=60)
LOCKS = Path("/proc/locks")
WAIT_SECONDS = 10


def look(site: Site) -> Iterator[Answer]:
    """The database, then every mirror."""
    found = health.look(site.home, site.url, now=site.now)
    yield _database(found, site)
    if found.database == health.DATABASE_OK:
        yield from _sound(site, found.schema)
    for one in found.connections:
        yield from mirror(site, one)


def _database(found: health.Health, site: Site) -> Answer:
    told = {"schema": found.schema or "–", "head": HEAD, "place": "DATABASE_URL" if site.url else FILE}
    if found.database == health.DATABASE_NONE:
        return Answer("database", None, "doctor.database.none", params=told)
    if found.database == health.DATABASE_AWAY:
        remedy = "doctor.database.away.server" if site.url else "doctor.database.away.file"
        return Answer("database", False, "doctor.database.away", remedy, told)
    if found.database == health.DATABASE_NEWER:
        return Answer("database", False, "doctor.database.newer", "doctor.database.newer.remedy", told)
    behind = (found.schema or "") < HEAD
    return Answer("database", True, "doctor.database.behind" if behind else "doctor.database.fine", params=told)


@contextlib.contextmanager
def reading(site: Site) -> Iterator[sa.Connection]:
    """The database as it is, to read; what was read is rolled back. Raises SQLAlchemyError where it is away."""
    engine = engine_to_read(site)
    try:
        with engine.connect() as database:
            yield database
            database.rollback()
    finally:
        engine.dispose()


def engine_to_read(site: Site) -> sa.Engine:
    """An engine that neither makes, migrates nor changes anything; of empty tables where there is no database."""
    place = place_of(site.home, site.url)
    if place is None:
        return health.server(site.home, site.url or "")
    if not place.exists():
        engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
        metadata.create_all(engine)
        return engine
    return sa.create_engine("sqlite://", creator=_opener(place), poolclass=sa.pool.NullPool)


def _opener(place: Path) -> Callable[[], sqlite3.Connection]:
    return lambda: sqlite3.connect(f"file:{quote(str(place))}?mode=ro", uri=True, timeout=WAIT_SECONDS)


def _sound(site: Site, schema: str | None) -> Iterator[Answer]:
    with reading(site) as database:
        triggers = _triggers(database)
        if database.dialect.name != POSTGRES:
            try:
                sound = database.exec_driver_sql("PRAGMA integrity_check(1)").scalar() == "ok"
            except sa.exc.DatabaseError:
                sound = False
            yield Answer("database_sound", sound, "doctor.sound.fine" if sound else "doctor.sound.damaged",
                         "doctor.sound.remedy")  # fmt: skip
            mode = str(database.exec_driver_sql("PRAGMA journal_mode").scalar())
            yield Answer("database_journal", mode == "wal", "doctor.journal", "doctor.journal.remedy", {"mode": mode})
    if schema != HEAD:  # what an older schema guarded is brought up to date with it
        return
    missing = [name for name in ONLY_ADDED_TO if not triggers.get(name)]
    yield Answer("only_added_to", not missing, "doctor.trail.open" if missing else "doctor.trail.fine",
                 "doctor.trail.remedy", {"tables": ", ".join(missing or ONLY_ADDED_TO)})  # fmt: skip


def _triggers(database: sa.Connection) -> dict[str, bool]:
    """Whether the database guards each table against change and removal."""
    if database.dialect.name == POSTGRES:
        query = ("SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                 "WHERE t.tgname LIKE '%_no_change' AND t.tgenabled IN ('O', 'A')")  # fmt: skip
        return dict.fromkeys(database.execute(sa.TextClause(query)).scalars(), True)
    rows = database.exec_driver_sql("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'").all()
    names = {row[1] for row in rows}
    return {table: {f"{table}_no_update", f"{table}_no_delete"} <= names for table in {row[0] for row in rows}}


def mirror(site: Site, one: health.Synced) -> Iterator[Answer]:
    """One connection's mirror: opens, how old, its derived tables, what a crash left."""
    name = one.connection
    told: dict[str, Any] = {"name": name}
    if one.state == health.MIRROR_UNREADABLE or one.generation is None or one.age is None:
        yield Answer("mirror", False, "doctor.mirror.unreadable", "doctor.mirror.unreadable.remedy", told, name)
        return
    told |= {"generation": str(one.generation), "hours": round(one.age / timedelta(hours=1), 1)}
    if one.age < -FUTURE:
        yield Answer("mirror", False, "doctor.mirror.future", "doctor.clock.remedy", told, name)
    elif one.age > STALE:
        yield Answer("mirror", False, "doctor.mirror.stale", "doctor.mirror.stale.remedy", told, name)
    else:
        yield Answer("mirror", True, "doctor.mirror.fine", params=told, about=name)
    folder = Mirror.of(site.home, name).folder
    yield _derived(folder, one.generation, name)
    yield _leftovers(folder, name)


def _derived(folder: Path, generation: int, name: str) -> Answer:
    files = list(folder.glob(f"derived-{generation}-*-{DERIVED_FORM}.duckdb"))
    unreadable = [file for file in files if not _opens(file)]
    if unreadable:
        told = {"files": ", ".join(sorted(file.name for file in unreadable))}
        return Answer("derived", False, "doctor.derived.unreadable", "doctor.derived.remedy", told, name)
    return Answer("derived", True, "doctor.derived.fine" if files else "doctor.derived.later",
                  params={"count": len(files)}, about=name)  # fmt: skip


def _opens(file: Path) -> bool:
    try:
        duckdb.connect(str(file), read_only=True).close()
    except duckdb.Error:
        return False
    return True


def _leftovers(folder: Path, name: str) -> Answer:
    """What a sync that died left behind, unless one is running now; null where that cannot be told apart."""
    left = sorted(file.name for file in folder.glob("*.partial*"))
    if not left:
        return Answer("leftovers", True, "doctor.leftovers.none", about=name)
    running = held(folder / "writer.lock")
    if running:
        return Answer("leftovers", True, "doctor.leftovers.running", about=name)
    told = {"files": ", ".join(left), "name": name}
    ok = None if running is None else False
    return Answer("leftovers", ok, "doctor.leftovers.some", "doctor.leftovers.remedy", told, name)


def held(lock: Path) -> bool | None:
    """Whether a process holds a lock, without taking it; null where the system does not tell."""
    try:
        file, table = lock.stat(), LOCKS.read_text(encoding="ascii")
    except FileNotFoundError:
        return None if lock.exists() else False
    except OSError:
        return None
    place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    return any(place in line.split() for line in table.splitlines())
