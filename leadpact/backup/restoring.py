"""A home made of a backup: unpacked beside what is there, checked, migrated, and only then put in its place.

Whatever goes wrong before that leaves the home as it was. What was there before is set aside in
the home, not deleted.

Not here: the form of the file (archive.py), rows of a database (databases.py).
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from config.database import HEAD
from leadpact.backup import archive, contents, databases
from leadpact.errors import Busy, Misconfigured
from leadpact.store import CURRENT

LOCKS = ("writer.lock", "apply.lock")
FILLING = "filling.lock"  # held while a backup is laid out


@dataclass(frozen=True)
class Restored:
    """A home as it is now. `migrated_from` is null where the backup had this release's schema;
    `replaced` is where what was there before lies now, null where there was nothing. `forgotten` is how many
    tombstones were carried over from the database that was replaced; null where that could not be read."""

    home: Path
    taken_at: str
    schema: str | None
    migrated_from: str | None
    connections: Mapping[str, int]
    mirrors: bool
    replaced: Path | None
    forgotten: int | None = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "home": str(self.home), "taken_at": self.taken_at, "schema": self.schema,
            "migrated_from": self.migrated_from, "connections": dict(self.connections), "mirrors": self.mirrors,
            "replaced": str(self.replaced) if self.replaced else None, "forgotten": self.forgotten,
        }  # fmt: skip


def verify(file: Path) -> Mapping[str, Any]:
    """What a backup says of itself, every byte of it checked. Raises Misconfigured as `restore`; changes nothing."""
    header = archive.read(file, None)
    _of_this_release(file, header)
    return header


def restore(home: Path, url: str | None, file: Path, *, now: datetime, force: bool = False) -> Restored:
    """Makes `home`, and the database `url` names, what they were when the backup was made, but for people
    forgotten since: the database that is replaced knows them.

    Raises Misconfigured for a home or database that holds something (without `force`), and for a file
    that is no backup, damaged, of a newer release or leads out of the home; Busy while a sync
    or a repair runs there. Nothing is changed then.
    """
    from leadpact.privacy import restored  # noqa: PLC0415 - forgetting rewrites backups, and so builds on these

    place = databases.place_of(home, url)
    if not force:
        _empty(home, place)
    home.mkdir(parents=True, exist_ok=True)
    staged = home / f"{contents.STAGED}{uuid.uuid4().hex[:8]}"
    sweep(home)
    staged.mkdir(mode=0o700)
    mine = FileLock(staged / FILLING, timeout=0)
    mine.acquire()
    try:
        header = archive.read(file, staged)
        _of_this_release(file, header)
        inside = staged / archive.INSIDE
        inside.mkdir(exist_ok=True)
        database = staged / archive.DATABASE
        kept = database.exists()
        if kept:
            databases.sound(database)
            if header.get("schema") != HEAD:
                databases.to_head(staged)
        with _alone(home):
            known = restored.known(home, url)
            carried = restored.empty(staged, known or restored.Known(), now)
            kept = kept or (place is not None and database.exists())
            aside = home / f"{contents.ASIDE}{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:4]}"
            swap = _Swap(home, inside, aside, database if kept and place is not None else None, place)
            if kept and place is None and url is not None:
                databases.refill(database, url, force=force, meanwhile=swap.done)
            else:
                with swap.done():
                    pass
    finally:
        mine.release()
        shutil.rmtree(staged, ignore_errors=True)
    was = str(header["schema"]) if header.get("schema") else None
    return Restored(home, str(header.get("taken_at", "")), HEAD if was else None, was if was != HEAD else None,
                    dict(header.get("connections") or {}), header.get("mirrors") is True,
                    aside if aside.exists() else None, None if known is None else carried)  # fmt: skip


def sweep(home: Path) -> None:
    """Removes what restores that were killed have laid out in a home; one that runs keeps its own."""
    for left in home.glob(f"{contents.STAGED}*"):
        with contextlib.suppress(Timeout):
            with FileLock(left / FILLING, timeout=0):
                pass
            shutil.rmtree(left, ignore_errors=True)


def _of_this_release(file: Path, header: Mapping[str, Any]) -> None:
    schema = header.get("schema")
    if schema is not None and str(schema) > HEAD:
        raise Misconfigured("backup.newer", path=str(file), release=str(header.get("leadpact", "?")))


def _empty(home: Path, place: Path | None) -> None:
    if contents.occupied(home) or (place is not None and place.exists()):
        raise Misconfigured("backup.not_empty", home=str(home))


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """No sync and no repair runs in this home meanwhile. Raises Busy where one does."""
    with contextlib.ExitStack() as held:
        locks = {one for name in LOCKS for one in home.glob(f"*/{name}")}
        for path in sorted(locks | {one.with_name(LOCKS[0]) for one in home.glob(f"*/{CURRENT}")}):
            try:
                held.enter_context(FileLock(path, timeout=0))
            except Timeout:
                raise Busy("store.busy", connection=path.parent.name) from None
        yield


@dataclass
class _Swap:
    """What is in the home goes aside and what was unpacked takes its place, name by name."""

    home: Path
    inside: Path
    aside: Path
    database: Path | None  # unpacked, where it is a file
    place: Path | None

    @contextlib.contextmanager
    def done(self) -> Iterator[None]:
        """Done within; undone where what is done within fails."""
        moved: list[tuple[Path, Path]] = []
        try:
            for old in sorted(self.home.iterdir()):
                if not old.name.startswith((contents.STAGED, contents.ASIDE)) and not old.name.endswith(".lock"):
                    self._move(old, self.aside / old.name, moved)
            if self.place is not None:
                for old in (self.place, *(Path(f"{self.place}{end}") for end in ("-wal", "-shm"))):
                    if old.exists():  # a file outside the home; one inside has gone already
                        self._move(old, old.with_name(f"{old.name}{self.aside.name}"), moved)
            for new in sorted(self.inside.iterdir()):
                self._move(new, self.home / new.name, moved)
            if self.database is not None and self.place is not None:
                self._move(self.database, self.place, moved)
            yield
        except BaseException:  # an interrupted restore too: everything goes back to its place
            for source, target in reversed(moved):
                shutil.move(target, source)
            with contextlib.suppress(OSError):
                self.aside.rmdir()
            raise

    def _move(self, source: Path, target: Path, moved: list[tuple[Path, Path]]) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
        moved.append((source, target))


__all__ = ["Restored", "restore", "verify"]
