"""Forgetting a person: everywhere LeadPact holds them, in an order a crash cannot turn into half a job.

First tombstones, the database and a line that says what is still to do, in one transaction; then
exports, homes set aside and backups; the mirror last, for until then it still tells who they are.
Whatever comes after a crash (a forgetting, a sync) finishes the line first.

The company's CRM and its own files are not LeadPact's: what they hold stays, and comes back emptied.

Not here: what is left of a record (emptied.py), each place (rows.py, files.py, homes.py, mirrors.py).
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.privacy_tables import forgetting
from config.trail import record
from leadpact.backup import archive, databases, restoring
from leadpact.errors import Misconfigured
from leadpact.model import TABLES
from leadpact.privacy import files, homes, mirrors, people, rows, tombstones
from leadpact.privacy.people import Found
from leadpact.privacy.tombstones import Key
from leadpact.store import Mirror, quoted

if TYPE_CHECKING:
    from leadpact.workspace import Workspace

FORGOT = "privacy.forgot"
PENDING, DONE = "pending", "done"


@dataclass(frozen=True)
class Wanted:
    """Whom to forget: a record's key, an e-mail address, or a person by id. One of the three."""

    key: Key | None = None
    email: str | None = None
    person_id: str | None = None


@dataclass
class Erased:
    """What forgetting touches in one connection, by counts. Nothing in it names anybody.

    `mirror` rows by table that are emptied or removed, `database` rows by table, `files` exports with `rows`,
    `backups` records by file, `aside` records in homes set aside; `quoted` texts that still name them by
    table and column, `left` files of the home that do.
    """

    connection: str
    people: int
    records: int
    mirror: Mapping[str, int] = field(default_factory=dict)
    database: Mapping[str, int] = field(default_factory=dict)
    files: int = 0
    rows: int = 0
    backups: dict[str, int] = field(default_factory=dict)
    aside: int = 0
    quoted: Mapping[str, int] = field(default_factory=dict)
    left: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "connection": self.connection, "people": self.people, "records": self.records, "mirror": dict(self.mirror),
            "database": dict(self.database), "exports": {"files": self.files, "rows": self.rows},
            "backups": self.backups, "set_aside": self.aside, "quoted": dict(self.quoted), "left": list(self.left),
        }  # fmt: skip


def find(space: Workspace, wanted: Wanted, connections: Iterable[str]) -> list[Found]:
    """The records of the person in each of these connections that has any. Nothing is changed."""
    found = []
    for name in connections:
        mirror = space.mirror(name)
        number = mirror.current()
        if number is None:
            continue
        file = mirror.path(number)
        if wanted.key is not None:
            one = people.of_keys(file, name, [wanted.key])
        elif wanted.email is not None:
            one = people.of_email(file, name, wanted.email)
        else:
            one = people.of_person(file, name, wanted.person_id or "")
        if one:
            found.append(one)
    return found


def look(space: Workspace, found: Found, backups: Sequence[Path] = ()) -> Erased:
    """What forgetting would do, by counts; nothing is changed. Raises Misconfigured for a backup that is none."""
    engine, cleaned = space.database, files.clean(space.home, found, write=False)
    with engine.connect() as database:
        doing = database.begin()
        counts, left = rows.erase(database, found), rows.quoted(database, found)
        doing.rollback()
    for file in backups:
        archive.read(file, None)
    return Erased(
        found.connection, found.people, len(found.keys), _counts(space.mirror(found.connection), found), dict(counts),
        cleaned.files, cleaned.rows, dict.fromkeys(map(str, backups), 0), len(homes.aside(space.home)), left,
        cleaned.left,
    )  # fmt: skip


def forget(
    space: Workspace, found: Found, *, actor: str, door: str, now: datetime, backups: Sequence[Path] = ()
) -> Erased:
    """Erases these people. Raises Busy while a sync runs, Misconfigured for a backup that is none or nobody named.

    Nothing is erased then; after a crash `resume` finishes.
    """
    if not actor.strip():
        raise Misconfigured("forget.nobody_named")
    for file in backups:
        archive.read(file, None)
    counts = _counts(space.mirror(found.connection), found)
    line = {"connection": found.connection, "state": PENDING, "records": len(found.keys), "actor": actor.strip(),
            "backups": json.dumps([str(file.absolute()) for file in backups]), "door": door,
            "began_at": now}  # fmt: skip
    with space.mirror(found.connection).writer():
        with space.database.begin() as database:
            tombstones.add(database, found.connection, found.keys, found.emails, why="asked", now=now)
            of_database = rows.erase(database, found)
            key = database.execute(forgetting.insert().values(line)).inserted_primary_key
        done = Erased(found.connection, found.people, len(found.keys), counts, dict(of_database))
        _finish(space, int(key[0]), found, list(backups), done, now)  # type: ignore[index]
    return done


def pending(engine: Engine, connection: str | None = None) -> list[sa.RowMapping]:
    """What a crash has left to do, oldest first."""
    query = sa.select(forgetting).where(forgetting.c.state == PENDING).order_by(forgetting.c.id)
    if connection is not None:
        query = query.where(forgetting.c.connection == connection)
    with engine.begin() as database:
        return list(database.execute(query).mappings())


def resume(space: Workspace, now: datetime, connection: str | None = None) -> list[Erased]:
    """Finishes what a crash has left to do. A backup that has gone meanwhile is left out."""
    return [_again(space, row, now) for row in pending(space.database, connection)]


def _again(space: Workspace, row: sa.RowMapping, now: datetime) -> Erased:
    name = row["connection"]
    mirror = space.mirror(name)
    with mirror.writer():
        who, number, found = tombstones.of(space.database, name), mirror.current(), Found(name)
        keys = mirrors.held(mirror.path(number), who) if number is not None else []
        if number is not None and keys:
            aliases = {key: who.aliases[who.hash(*key)] for key in keys}
            found = people.of_keys(mirror.path(number), name, keys, aliases)
            with space.database.begin() as database:
                rows.erase(database, found)
        done = Erased(name, found.people, row["records"])
        _finish(space, row["id"], found, [Path(one) for one in json.loads(row["backups"])], done, now)
    return done


def _finish(space: Workspace, line: int, found: Found, backups: list[Path], done: Erased, now: datetime) -> None:
    cleaned = files.clean(space.home, found, write=True)
    done.files, done.rows, done.left = cleaned.files, cleaned.rows, cleaned.left
    restoring.sweep(space.home)
    done.aside = homes.clean_aside(space.home, space.database, found, now)
    for file in backups:
        if file.exists():
            done.backups[str(file)] = homes.rewrite_backup(file, space.database, found, now)
    who = tombstones.of(space.database, found.connection)
    mirrors.rewrite(space.mirror(found.connection), who, space.prepared(found.connection))
    compact(space)  # before it counts as done: who is killed here begins again
    with space.database.begin() as database:
        done.quoted = rows.quoted(database, found)
        own = forgetting.update().where(forgetting.c.id == line)
        database.execute(own.values(state=DONE, ended_at=now))
        row = database.execute(sa.select(forgetting).where(forgetting.c.id == line)).mappings().one()
        told = {"connection": found.connection, "records": row["records"], "backups": len(backups),
                "door": row["door"]}  # fmt: skip
        record(database, now, row["actor"], FORGOT, told)


def compact(space: Workspace) -> None:
    """No freed page of the database keeps what was in it. A server's own dead rows go by its VACUUM."""
    engine = space.database
    if engine.dialect.name == databases.SQLITE and engine.url.database:
        homes.compact(Path(engine.url.database))
    elif engine.dialect.name == databases.POSTGRES:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
            server.exec_driver_sql("VACUUM")


def _counts(mirror: Mirror, found: Found) -> dict[str, int]:
    """The rows of a mirror that are about these records, by table."""
    number = mirror.current()
    if number is None:
        return {}
    counts: Counter[str] = Counter()
    with contextlib.closing(duckdb.connect()) as one:
        one.execute(f"ATTACH {quoted(mirror.path(number))} AS crm (READ_ONLY)")
        keys = [f"{object}:{record_id}" for object, record_id in found.keys]
        for name, table in TABLES.items():
            if {"object", "record_id"} <= set(table.names):
                query = f"SELECT count(*) FROM crm.{name} WHERE object || ':' || record_id IN (SELECT unnest(?))"  # noqa: S608
                row = one.execute(query, [keys]).fetchone()
                counts[name] = int(row[0]) if row else 0
    return {name: count for name, count in counts.items() if count}
