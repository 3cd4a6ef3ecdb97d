"""A home nobody works in, without somebody: one an earlier restore set aside, or a backup laid out and packed again.

Not here: the home itself (forget.py), the form of a backup (leadpact/backup).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Engine

from config.database import FILE, HEAD, open_database
from leadpact.backup import archive, contents, databases
from leadpact.errors import Misconfigured
from leadpact.privacy import files, mirrors, people, recognised, rows, tombstones
from leadpact.privacy.people import Found
from leadpact.privacy.tombstones import Forgotten
from leadpact.release import VERSION
from leadpact.store import CURRENT, Mirror


def aside(home: Path) -> list[Path]:
    """The homes earlier restores set aside in this one."""
    return sorted(path for path in home.glob(f"{contents.ASIDE}*") if path.is_dir())


def clean(home: Path, engine: Engine | None, whole: Engine, found: Found, now: datetime) -> int:
    """Erases these people from a home and its database; how many records of theirs its mirror still told of.

    `whole` is the database that knows everyone who was forgotten: its tombstones come with it.
    """
    mirror = Mirror.of(home, found.connection)
    number = mirror.current()
    file = mirror.path(number) if number is not None and mirror.path(number).exists() else None
    mine = found if file is None else _together(found, people.of_keys(file, found.connection, found.keys, found.keys))
    who = Forgotten(secrets.token_hex(16))
    who = replace(who, aliases={who.hash(*key): alias for key, alias in mine.keys.items()})
    if engine is not None:
        with engine.begin() as database:
            with whole.begin() as all_known:
                tombstones.take_over(database, tombstones.kept(all_known))
            known = recognised.asked(database, found.connection, tombstones.read(database, found.connection))
            mine = _together(mine, recognised.within(database, found.connection, file, known))
            tombstones.add(database, found.connection, mine.keys, mine.emails, why="asked", now=now)
            rows.erase(database, mine)
            who = tombstones.read(database, found.connection)
    held = 0
    if file is not None:
        held = len(mirrors.held(file, who))
        changed = (mirror.folder / CURRENT).stat()
        mirrors.write_over(mirror, who)
        # which connection was synced last is told by this file's time
        os.utime(mirror.folder / CURRENT, ns=(changed.st_atime_ns, changed.st_mtime_ns))
    files.clean(home, mine, write=True)
    return held


def clean_aside(home: Path, whole: Engine, found: Found, now: datetime) -> int:
    """The same for every home set aside; how many records of theirs were in them."""
    held = 0
    for folder in aside(home):
        with opened(folder) as engine:
            held += clean(folder, engine, whole, found, now)
    return held


def rewrite_backup(file: Path, whole: Engine, found: Found, now: datetime) -> int:
    """Packs a backup again without these people, in one step; how many records of theirs it held.

    Its database is brought to this release's schema. Raises Misconfigured for a file that is no
    backup, is damaged, or cannot be written; it is then as it was.
    """
    try:
        with _beside(file) as folder:
            header = dict(archive.read(file, folder / "laid"))
            laid = folder / "laid"
            if (laid / FILE).exists():
                databases.sound(laid / FILE)
                if header.get("schema") != HEAD:
                    databases.to_head(laid)
                header |= {"schema": HEAD, "leadpact": VERSION}
            inside = laid / archive.INSIDE
            inside.mkdir(exist_ok=True)
            with opened(laid) as engine:
                held = clean(inside, engine, whole, found, now)
            packed = folder / file.name
            _pack(packed, laid, header)
            archive.read(packed, None)
            packed.chmod(0o600)
            packed.replace(file)
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    return held


@contextlib.contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A folder to lay a backup out in, always the same: what a killed run has left in it goes first."""
    folder = file.absolute().with_name(f".{file.name}.forgetting")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pack(packed: Path, laid: Path, header: dict[str, object]) -> None:
    with packed.open("wb") as raw:
        one = archive.Writing(raw, header)
        members = [laid / FILE] if (laid / FILE).exists() else []
        members += sorted(path for path in (laid / archive.INSIDE).rglob("*") if path.is_file())
        for path in members:
            about = path.stat()
            with path.open("rb") as content:
                one.add(path.relative_to(laid).as_posix(), content, about.st_size, about.st_mode, about.st_mtime)
        one.close()
        raw.flush()
        os.fsync(raw.fileno())


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Engine | None]:
    """The database of a laid-out home, left as one file without what was erased; null where it has none."""
    if not (folder / FILE).exists():
        yield None
        return
    engine = open_database(folder)
    try:
        yield engine
    finally:
        engine.dispose()
    compact(folder / FILE, alone=True)


def compact(file: Path, *, alone: bool = False) -> None:
    """Writes a SQLite file anew, so that no freed page keeps what was in it. `alone`: nobody else has it open."""
    with contextlib.closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as one:
        one.execute("PRAGMA secure_delete=ON")
        one.execute("VACUUM")
        one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if alone:
            one.execute("PRAGMA journal_mode=DELETE")


def _together(given: Found, here: Found) -> Found:
    return replace(given, keys={**here.keys, **given.keys}, names=given.names | here.names,
                   emails=given.emails | here.emails, phones=given.phones | here.phones)  # fmt: skip
