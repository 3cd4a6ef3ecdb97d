"""A backup laid out to be restored, without the people forgotten since it was made.

The database it replaces knows them: its tombstones go over into the one laid out, and what is laid
out (database, mirrors, exports) is emptied of them before anything of it takes its place. So no page
and no command ever reads them, and a crash leaves the home that was there.

Not here: unpacking and putting in place (leadpact/backup/restoring.py), the tombstones (tombstones.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from config.database import FILE, open_database
from config.privacy_tables import forgetting, forgotten
from config.trail import record
from leadpact.backup import archive, databases
from leadpact.privacy import files, homes, mirrors, recognised, rows, tombstones
from leadpact.privacy.tombstones import Forgotten, Kept
from leadpact.store import NAME, SPILL, Mirror

CARRIED = "privacy.carried_over"
ITSELF = "leadpact"


@dataclass(frozen=True)
class Known:
    """What the database that is replaced knows: its tombstones, and the forgettings it has not finished."""

    kept: Kept = field(default_factory=Kept)
    waiting: Sequence[Mapping[str, Any]] = ()

    def __bool__(self) -> bool:
        return bool(self.kept.rows or self.waiting)


def known(home: Path, url: str | None) -> Known | None:
    """Whom the database of a home knows to be forgotten; null where a SQLite file is too damaged to say.

    Raises LeadPactError where a server is out of reach.
    """
    with databases.as_it_is(home, url) as database:
        if database is None:
            return Known()
        try:
            kept = tombstones.kept(database)
            if kept.key is None:
                return Known()
            asked = sa.select(forgetting).where(forgetting.c.state == "pending").order_by(forgetting.c.id)
            waiting = [dict(row) for row in database.execute(asked).mappings()]
        except sa.exc.DatabaseError:
            if database.dialect.name == databases.SQLITE:
                return None
            raise
    return Known(kept, [{name: value for name, value in row.items() if name != "id"} for row in waiting])


def empty(laid: Path, other: Known, now: datetime) -> int:
    """Takes the tombstones over and empties what is laid out of everyone forgotten; how many were carried over.

    `laid` holds the home in the folder `home`, and its database, of this release, beside it; one is made
    where the backup has none and there is somebody to remember.
    """
    if other and not (laid / FILE).exists():
        databases.to_head(laid)
    if not other and not _any(laid / FILE):
        return 0
    inside = laid / archive.INSIDE
    engine, erased = open_database(laid), False
    try:
        with engine.begin() as database:
            carried = tombstones.take_over(database, other.kept)
            _wait(database, other.waiting)
        count = carried or 0
        foreign = other.kept if carried is None else Kept()
        for connection in sorted(_connections(engine, foreign)):
            new, gone = _emptied(engine, inside, connection, foreign.of(connection), now)
            count, erased = count + new, erased or gone
        if count:
            with engine.begin() as database:
                record(database, now, ITSELF, CARRIED, {"count": count})
    finally:
        engine.dispose()
    if erased:
        homes.compact(laid / FILE, alone=True)
    databases.to_head(laid)  # one file again
    return count


def _any(file: Path) -> bool:
    """Whether the database laid out has tombstones of its own."""
    with databases.as_it_is(file.parent, None) as database:
        return database is not None and bool(tombstones.kept(database).rows)


def _wait(database: Connection, waiting: Sequence[Mapping[str, Any]]) -> None:
    """What was not finished there is finished here: backups that were named are still to be emptied."""
    for row in waiting:
        same = sa.and_(*(forgetting.c[name] == row[name] for name in ("connection", "began_at", "backups")))
        if database.execute(sa.select(forgetting.c.id).where(same)).first() is None:
            database.execute(forgetting.insert().values(row))


def _connections(engine: Engine, foreign: Kept) -> Iterator[str]:
    with engine.begin() as database:
        names = set(database.execute(sa.select(forgotten.c.connection).distinct()).scalars())
    names |= {row["connection"] for row in foreign.rows}
    return (name for name in names if NAME.fullmatch(name))


def _emptied(engine: Engine, inside: Path, connection: str, foreign: Forgotten, now: datetime) -> tuple[int, bool]:
    """One connection; how many were recognised by a key that is not this database's, and whether it held anything."""
    mirror = Mirror(inside / connection)
    number = mirror.current()
    file = mirror.path(number) if number is not None and mirror.path(number).exists() else None
    with engine.begin() as database:
        who = tombstones.read(database, connection)
        found = recognised.within(database, connection, file, recognised.asked(database, connection, who), foreign)
        new, gone = 0, False
        if foreign:
            new = tombstones.add(database, connection, found.keys, found.emails, why="asked", now=now)
            who = tombstones.read(database, connection)
        if found.keys or found.emails:
            gone = bool(rows.erase(database, found))
    if file is not None and who and mirrors.changes(file, who):
        mirrors.write_over(mirror, who)
        shutil.rmtree(mirror.folder / SPILL, ignore_errors=True)
    if found.words:
        files.clean(inside, found, write=True)
    return new, gone
