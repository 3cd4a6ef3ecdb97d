"""Connections made in the app, and the files uploaded for them.

A connection made here never holds a secret: it is a folder of files. Uploads lie in
`LEADPACT_HOME/<connection>/uploads`, beside no other connection's.

Not here: the form (connection_add.py), how files are read (connectors/files).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from leadpact import settings, writing
from leadpact.errors import Misconfigured
from leadpact.settings import Connection
from leadpact.workspace import Workspace

KINDS = ("csv", "tsv", "txt", "gz", "xlsx", "xlsm", "xls", "parquet", "pq")
MADE_HERE = "made_in_app"
BLOCK = 1 << 22
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_LONGEST = 120


def uploads(space: Workspace, name: str) -> Path:
    """The folder of a connection's uploads. Raises Misconfigured for a name that could leave it."""
    return space.mirror(name).folder / "uploads"


def uploaded(space: Workspace, connection: Connection) -> list[Path] | None:
    """The files uploaded for a connection by name; null where it reads another folder."""
    folder = uploads(space, connection.name)
    if connection.type != "files" or Path(str(connection.options.get("path", ""))) != folder.resolve():
        return None
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def check_name(space: Workspace, found: Mapping[str, Connection], name: str) -> None:
    """Raises Misconfigured where the name cannot be, or data under it is there already.

    Regardless of case: on some disks two such names would share one folder.
    """
    folder = space.mirror(name).folder
    taken = {known.casefold() for known in found} | {synced.casefold() for synced in space.synced()}
    if folder.name.casefold() in taken:
        raise Misconfigured("setup.add.name_taken", name=name)


def add(space: Workspace, connection: Connection, now: datetime) -> None:
    """Keeps a connection of a folder or of uploads. Raises Misconfigured where there is no such folder."""
    path = Path(str(connection.options["path"])).expanduser()
    if not path.exists():
        raise Misconfigured("setup.add.no_folder", path=str(path))
    options = {**connection.options, "path": str(path.resolve()), MADE_HERE: True}
    settings.keep(space.database, Connection(connection.name, connection.type, options), now)


def file_name(given: str) -> str:
    """The name an upload is kept under. Raises Misconfigured for one that is no plain file name of a kind we read."""
    name = re.split(r"[/\\]", given)[-1].strip()
    suffix = Path(name).suffix.removeprefix(".").casefold()
    if not name or name.startswith((".", "~$")) or _FORBIDDEN.search(name) or len(name) > _LONGEST:
        raise Misconfigured("setup.upload.bad_name", name=_FORBIDDEN.sub("·", given)[:_LONGEST])
    if suffix not in KINDS:
        raise Misconfigured("setup.upload.bad_kind", name=name, known=", ".join(KINDS))
    return name


def store(folder: Path, given: str, content: BinaryIO) -> Path:
    """Writes an upload block by block; it takes the place of an older one only when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(given)
    partial = folder / f".{target.name}.partial"
    try:
        with partial.open("wb") as out:
            shutil.copyfileobj(content, out, BLOCK)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def fingerprint(connection: Connection) -> tuple[object, ...]:
    """What changes when the files of a connection change, or it points at another CRM."""
    options = tuple(str(connection.options.get(name)) for name in ("path", "timezone", "encoding"))
    if connection.type != "files":
        return (writing.target(connection.type, connection.options), *options)
    path = Path(str(connection.options.get("path", ""))).expanduser()
    if not path.exists():
        return options
    files = [path] if path.is_file() else sorted(path.iterdir())
    return (*options, *((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()))
