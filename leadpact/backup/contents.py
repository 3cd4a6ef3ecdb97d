"""What of a home goes into a backup: everything but what is disposable or a secret.

Left out: locks, drafts of a sync and spills, generations that do not serve any more, what an
earlier restore set aside, and files that hold secrets. A mirror's files never change once
published; they are opened before anything is copied, so that a sync cannot take them away.

Not here: the database (databases.py), how the file is written (archive.py).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config.database import FILE
from leadpact.store import CURRENT, SPILL, Mirror

STAGED, ASIDE = ".restore-", ".replaced-"
SECRETS = ("secrets.toml", ".pem", ".key", ".p12", ".pfx")
_PASSING = (".lock", ".new", "-wal", "-shm", "-journal")
_MIRROR = re.compile(r"(?:crm|derived)-\d+.*\.duckdb|" + CURRENT)
_ATTEMPTS = 5


@dataclass(frozen=True)
class Pinned:
    """The generation of a connection that serves: its files, open, by name."""

    connection: str
    generation: int
    files: Mapping[str, BinaryIO]


def mirrors(home: Path, held: contextlib.ExitStack) -> list[Pinned]:
    """The mirrors of a home as they serve now; `held` closes their files."""
    found = []
    for pointer in sorted(home.glob(f"*/{CURRENT}")):
        for attempt in range(_ATTEMPTS):
            try:
                found.append(_pinned(Mirror(pointer.parent), held))
                break
            except FileNotFoundError:  # two syncs were published since CURRENT was read
                if attempt == _ATTEMPTS - 1:
                    raise
    return [one for one in found if one.files]


def _pinned(mirror: Mirror, held: contextlib.ExitStack) -> Pinned:
    generation = mirror.current()
    if generation is None:
        return Pinned(mirror.folder.name, 0, {})
    name = mirror.path(generation).name
    files = {name: held.enter_context(mirror.path(generation).open("rb"))}
    for path in sorted(mirror.folder.glob(f"derived-{generation}-*.duckdb")):
        with contextlib.suppress(FileNotFoundError):  # built anew from the mirror where it is gone
            files[path.name] = held.enter_context(path.open("rb"))
    return Pinned(mirror.folder.name, generation, files)


def others(home: Path) -> Iterator[tuple[str, Path]]:
    """Every other file worth keeping, by its name in the home: state of connectors, lexicons, what else is there."""
    for at, folders, files in os.walk(home):
        folder = Path(at)
        inside = folder.relative_to(home)
        folders[:] = sorted(name for name in folders if not _skipped(inside, name))
        for name in sorted(files):
            path = folder / name
            if _disposable(inside, name) or not path.is_file():
                continue
            yield (inside / name).as_posix(), path


def _skipped(inside: Path, name: str) -> bool:
    top = inside == Path()
    return name in (SPILL, ".streamlit") or (top and name.startswith((STAGED, ASIDE)))


def _disposable(inside: Path, name: str) -> bool:
    if name.endswith((*_PASSING, *SECRETS)) or ".partial" in name:
        return True
    if inside == Path():
        return name == FILE
    return len(inside.parts) == 1 and _MIRROR.fullmatch(name) is not None


def occupied(home: Path) -> bool:
    """Whether a home holds anything that a backup would keep, or a mirror."""
    if not home.is_dir():
        return False
    return (home / FILE).exists() or any(home.glob(f"*/{CURRENT}")) or next(others(home), None) is not None
