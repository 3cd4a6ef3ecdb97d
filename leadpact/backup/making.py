"""Making a backup, while syncs and repairs go on.

The mirrors' files are opened first and the database is copied after them: a database that knows
more than its mirror is what a sync that was killed leaves behind, and the next sync mends it.

Not here: what is kept (contents.py), the form of the file (archive.py).
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from leadpact.backup import archive, contents, databases
from leadpact.backup.contents import Pinned
from leadpact.errors import Misconfigured
from leadpact.release import VERSION
from leadpact.store import CURRENT

SQLITE_FILE = b"SQLite format 3\0"
IN_MEMORY = 64 << 20  # a file up to this size is read at once, so that it cannot change its length meanwhile


@dataclass(frozen=True)
class Made:
    """A backup that was written and read again. `database` and `schema` are null where the home has none yet."""

    file: Path
    bytes: int
    files: int
    taken_at: datetime
    database: str | None
    schema: str | None
    connections: dict[str, int]  # the generation of each, of those whose mirror is in it
    mirrors: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "file": str(self.file), "bytes": self.bytes, "files": self.files, "taken_at": _iso(self.taken_at),
            "database": self.database, "schema": self.schema, "mirrors": self.mirrors,
            "connections": self.connections,
        }  # fmt: skip


def backup(home: Path, url: str | None, file: Path, *, now: datetime, mirrors: bool = True,
           force: bool = False) -> Made:  # fmt: skip
    """Writes everything of a home to `file`, and reads it back before it takes that name.

    Without `mirrors` the connections are to be synced again afterwards. Raises Misconfigured for
    a home that is empty, a file that exists (without `force`), lies in the home or cannot be written.
    """
    _gates(home, url, file, force=force)
    with contextlib.ExitStack() as held:
        fresh = _fresh(file, held)
        pinned = contents.mirrors(home, held) if mirrors else []
        scratch = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="leadpact-")))
        taken = databases.snapshot(home, url, scratch / archive.DATABASE)
        try:
            files = _written(home, fresh, scratch, pinned, _header(taken, pinned, now, mirrors), taken is not None)
            archive.read(fresh, None)
            size = fresh.stat().st_size
            fresh.replace(file)
        except OSError as error:
            raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    connections = {one.connection: one.generation for one in pinned}
    kind, schema = (taken.kind, taken.schema) if taken else (None, None)
    return Made(file, size, files, now, kind, schema, connections, mirrors)


def _gates(home: Path, url: str | None, file: Path, *, force: bool) -> None:
    if url is None and not contents.occupied(home):
        raise Misconfigured("backup.nothing", home=str(home))
    if file.exists() and not (force and file.is_file()):
        raise Misconfigured("backup.exists", path=str(file))
    if file.resolve().is_relative_to(home.resolve()):
        raise Misconfigured("backup.inside", path=str(file))


def _fresh(file: Path, held: contextlib.ExitStack) -> Path:
    """A file beside the one to be, readable by its owner only: it holds people's data."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".partial", dir=file.absolute().parent)
    except OSError as error:
        raise Misconfigured("cli.cannot_write", path=str(file), problem=error.strerror or "") from None
    os.close(number)
    held.callback(Path(name).unlink, missing_ok=True)
    return Path(name)


def _header(taken: databases.Snapshot | None, pinned: Sequence[Pinned], now: datetime, mirrors: bool) -> dict[str, Any]:
    return {
        "format": archive.FORMAT,
        "leadpact": VERSION,
        "taken_at": _iso(now),
        "database": taken.kind if taken else None,
        "schema": taken.schema if taken else None,
        "mirrors": mirrors,
        "connections": {one.connection: one.generation for one in pinned},
    }


def _written(home: Path, fresh: Path, scratch: Path, pinned: Sequence[Pinned], header: dict[str, Any],
             database: bool) -> int:  # fmt: skip
    with fresh.open("wb") as raw:
        one = archive.Writing(raw, header)
        if database:
            with (scratch / archive.DATABASE).open("rb") as copied:
                _whole(one, archive.DATABASE, copied)
        for mirror in pinned:
            folder = f"{archive.INSIDE}/{mirror.connection}"
            for name, held in mirror.files.items():
                _whole(one, f"{folder}/{name}", held)
            number = str(mirror.generation).encode()
            # which connection was synced last is told by this file's time
            changed = (home / mirror.connection / CURRENT).stat().st_mtime
            one.add(f"{folder}/{CURRENT}", io.BytesIO(number), len(number), 0o644, changed)
        for name, path in contents.others(home):
            _other(one, f"{archive.INSIDE}/{name}", path, scratch)
        files = one.close()
        raw.flush()
        os.fsync(raw.fileno())
    return len(files)


def _other(one: archive.Writing, name: str, path: Path, scratch: Path) -> None:
    """A file of the home as it is at one moment; one that has gone meanwhile is not kept."""
    try:
        with path.open("rb") as found:
            if found.read(len(SQLITE_FILE)) == SQLITE_FILE:
                copied = scratch / "state.sqlite"
                copied.unlink(missing_ok=True)
                databases.copy(path, copied)
                with copied.open("rb") as whole:
                    _whole(one, name, whole)
                return
            found.seek(0)
            _whole(one, name, found)
    except FileNotFoundError:
        return


def _whole(one: archive.Writing, name: str, file: BinaryIO) -> None:
    about = os.fstat(file.fileno())
    if about.st_size > IN_MEMORY:
        one.add(name, file, about.st_size, about.st_mode, about.st_mtime)
        return
    content = file.read()
    one.add(name, io.BytesIO(content), len(content), about.st_mode, about.st_mtime)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds") + "Z"
