"""The database in a backup: one SQLite file, whatever engine it came from and goes to.

SQLite is copied by its own backup interface, which gives one moment while others write. Another
engine (Postgres) is read in one repeatable-read transaction into a SQLite file of the same schema.
So a backup of either restores to either.

Not here: what else a backup holds (contents.py).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from config.database import FILE, driven, engine_of, unavailable
from config.migrating import revision, upgrade
from leadpact.errors import Misconfigured

SQLITE, POSTGRES = "sqlite", "postgresql"
ROWS = 2000  # at a time
SEEDED = ("alembic_version", "pact_line")  # what a database without any data holds


@dataclass(frozen=True)
class Snapshot:
    """What was copied: the kind of engine it came from, and its schema."""

    kind: str
    schema: str


def place_of(home: Path, url: str | None) -> Path | None:
    """The file of a SQLite database; null for a database on a server. Raises nothing."""
    if url is None:
        return home / FILE
    parts = make_url(driven(url))
    return Path(parts.database) if parts.get_backend_name() == SQLITE and parts.database else None


def snapshot(home: Path, url: str | None, target: Path) -> Snapshot | None:
    """Copies the database of a home, as it is at one moment, to the SQLite file `target`; null where there is none.

    Nothing of it is migrated or changed. Raises LeadPactError where it cannot be opened,
    Misconfigured where SQLite finds it damaged.
    """
    place = place_of(home, url)
    if place is None:
        return _from_server(home, url, target)
    if not place.exists():
        return None
    copy(place, target)
    sound(target)
    schema = schema_of(target)
    return None if schema is None else Snapshot(SQLITE, schema)


@contextlib.contextmanager
def as_it_is(home: Path, url: str | None) -> Iterator[Connection | None]:
    """The database of a home, only to read: neither migrated nor changed; null where there is none yet.

    Raises LeadPactError where a server is out of reach.
    """
    place = place_of(home, url)
    if place is not None and not place.exists():
        yield None
        return
    there = f"sqlite:///file:{quote(str(place))}?mode=ro&uri=true"
    engine = engine_of(home, url) if place is None else sa.create_engine(there)
    try:
        with engine.connect() as database:
            yield database
    except sa.exc.OperationalError as error:
        raise unavailable(engine) from error
    finally:
        engine.dispose()


def copy(source: Path, target: Path) -> None:
    """A SQLite file at one moment, as one file, however many write to it meanwhile.

    Raises Misconfigured for one that cannot be read.
    """
    try:
        address = f"file:{quote(str(source))}?mode=ro"
        with (
            contextlib.closing(sqlite3.connect(address, uri=True, timeout=30)) as reading,
            contextlib.closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError:
        raise Misconfigured("backup.database_damaged", path=str(source)) from None


def sound(file: Path) -> None:
    """Raises Misconfigured where SQLite's own check of the file finds a fault."""
    try:
        with contextlib.closing(sqlite3.connect(file)) as one:
            answer = one.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError:
        answer = None
    if answer != ("ok",):
        raise Misconfigured("backup.database_damaged", path=str(file))


def schema_of(file: Path) -> str | None:
    """The schema of a SQLite file; null where LeadPact has no tables in it."""
    with _bare(file) as database:
        return revision(database)


def to_head(folder: Path) -> None:
    """Migrates the `pact.db` of a folder to this release, and leaves it one file."""
    file = folder / FILE
    with _bare(file) as database:
        upgrade(database)
    with contextlib.closing(sqlite3.connect(file)) as one:
        one.execute("PRAGMA journal_mode=DELETE")


def refill(file: Path, url: str, *, force: bool,
           meanwhile: Callable[[], contextlib.AbstractContextManager[None]]) -> None:  # fmt: skip
    """Puts the rows of a SQLite file, at this release's schema, in place of those on a server: all or nothing.

    `meanwhile` is what else changes, and is undone where this fails. Tables that are not
    LeadPact's stay. Raises Misconfigured where there are rows already (without `force`),
    LeadPactError where the server cannot be reached.
    """
    engine = engine_of(file.parent, url)
    try:
        with _bare(file) as source, engine.connect() as target:
            own = _ours(source)
            if not force and _filled(target, {table.name for table in own}):
                raise Misconfigured("backup.not_empty", home=engine.url.render_as_string(hide_password=True))
            for table in reversed(own):
                target.exec_driver_sql(f'DROP TABLE IF EXISTS "{table.name}" CASCADE')
                if engine.dialect.name == POSTGRES:
                    target.exec_driver_sql(f'DROP FUNCTION IF EXISTS "{table.name}_only_added_to"() CASCADE')
            upgrade(target)
            _rows(source, target)
            if engine.dialect.name == POSTGRES:
                _sequences(target, {table.name for table in own})
            with meanwhile():
                target.commit()
    except sa.exc.OperationalError as error:
        raise unavailable(engine) from error
    finally:
        engine.dispose()


def _filled(database: Connection, names: set[str]) -> bool:
    """Whether any of these tables holds a row that a database without data would not."""
    some = (table for table in _ours(database, names) if table.name not in SEEDED)
    return any(database.execute(sa.select(table).limit(1)).first() is not None for table in some)


def _from_server(home: Path, url: str | None, target: Path) -> Snapshot | None:
    engine = engine_of(home, url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as source:
            schema = revision(source)
            if schema is None:
                return None
            with _bare(target) as database:
                upgrade(database, schema)
                _rows(source, database)
            return Snapshot(engine.dialect.name, schema)
    except sa.exc.OperationalError as error:
        raise unavailable(engine) from error
    finally:
        engine.dispose()


def _rows(source: Connection, target: Connection) -> None:
    """Every row of LeadPact's tables, in an order that references allow."""
    there = {table.name: table for table in _ours(target)}
    for table in _ours(source, set(there)):
        if table.name == "alembic_version":
            continue
        into = there[table.name]
        if table.name in SEEDED:
            target.execute(into.delete())
        key = list(table.primary_key.columns)
        found = source.execution_options(stream_results=True).execute(sa.select(table).order_by(*key))
        for some in found.mappings().partitions(ROWS):
            target.execute(into.insert(), [_held(target, dict(row)) for row in some])


def _held(target: Connection, row: dict[str, object]) -> dict[str, object]:
    """Postgres holds no null character in a text; SQLite does."""
    if target.dialect.name != POSTGRES:
        return row
    return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in row.items()}


def _ours(database: Connection, names: set[str] | None = None) -> list[sa.Table]:
    """The tables of this database (those named), as they are, referenced ones first."""
    known = sa.MetaData()
    known.reflect(database, only=None if names is None else lambda name, _: name in names)
    return list(known.sorted_tables)


def _sequences(database: Connection, names: set[str]) -> None:
    """Numbers go on after the highest there is."""
    for table in _ours(database, names):
        for column in table.primary_key.columns:
            name = database.execute(
                sa.TextClause("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": f'"{table.name}"', "column": column.name},
            ).scalar()
            if name is not None:
                highest = database.execute(sa.select(sa.func.max(column))).scalar()
                if highest is not None:
                    database.execute(
                        sa.TextClause("SELECT setval(:name, :highest)"), {"name": name, "highest": highest}
                    )


@contextlib.contextmanager
def _bare(file: Path) -> Iterator[Connection]:
    """A SQLite file in one transaction, as it is: no migration, references not checked while rows are laid in."""
    engine = sa.create_engine(f"sqlite:///{file}")
    sa.event.listen(engine, "connect", lambda one, _: setattr(one, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda one: one.exec_driver_sql("BEGIN"))
    try:
        with engine.begin() as database:
            yield database
    finally:
        engine.dispose()
