"""A home of a test's own, copied from one that many tests share.

Not here: what the shared one holds (each test's module), homes whose very bytes are looked at.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

from config.database import FILE


def copied(home: Path, to: Path) -> Path:
    """A copy of the home, or of a folder with one in it, in `to`, which may be there.

    Databases are copied as SQLite itself does it: their files may come and go while they are copied one
    by one. A connection of the test before is closed when its garbage is collected, and takes the log with it.
    """
    shutil.copytree(home, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns(f"{FILE}*"))
    for database in home.rglob(FILE):
        with (
            contextlib.closing(sqlite3.connect(database)) as source,
            contextlib.closing(sqlite3.connect(to / database.relative_to(home))) as target,
        ):
            source.backup(target)
    return to
