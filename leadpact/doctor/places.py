"""Where LeadPact keeps things: the home, the disk under it, and who else may read them.

Not here: what is in the home (stored.py), what the secrets file says (signing.py).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from leadpact.doctor.answers import Answer, Site
from leadpact.store import CURRENT

NETWORK = frozenset({
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gfs2", "ocfs2", "beegfs"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone", "davfs", "fuse.davfs2"),
})  # fmt: skip
LEAST_FREE = 1_000_000_000  # bytes
COPIES = 2  # a sync writes the next generation beside the one that serves, and what is derived of it
OTHERS = stat.S_IRWXO
MOUNTS = Path("/proc/self/mountinfo")


def look(site: Site) -> Iterator[Answer]:
    """The home and its disk, then the secrets file."""
    home = site.home
    if not home.exists():
        yield Answer("home", None, "doctor.home.none", params={"path": str(home)})
    else:
        yield _usable(home)
        yield from _private(home, "home_private", "doctor.home.open")
        yield _local(home, site.url)
    yield disk(home)
    yield from _secrets(site.secrets)


def _usable(home: Path) -> Answer:
    told = {"path": str(home)}
    if not home.is_dir() or not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return Answer("home", False, "doctor.home.closed", "doctor.home.closed.remedy", told)
    if hasattr(os, "geteuid") and home.stat().st_uid != os.geteuid():
        return Answer("home", False, "doctor.home.owner", "doctor.home.owner.remedy", told)
    return Answer("home", True, "doctor.home.fine", params=told)


def _private(path: Path, name: str, bad: str) -> Iterator[Answer]:
    """Whether everybody on the machine may look into a folder or file; nothing where the system has no such bits."""
    if os.name != "posix":
        return
    told = {"path": str(path), "mode": "700" if path.is_dir() else "600"}
    private = not path.stat().st_mode & OTHERS
    yield Answer(name, private, "doctor.private" if private else bad, "doctor.private.remedy", told)


def _local(home: Path, url: str | None) -> Answer:
    """SQLite's locks and its write-ahead log need a disk of this machine; a server database does not."""
    try:
        kind = file_system(home.resolve(), MOUNTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Answer("home_disk", None, "doctor.local.unknown")
    if kind in NETWORK:
        remedy = "doctor.local.remedy" if url is None else "doctor.local.remedy_server"
        return Answer("home_disk", False, "doctor.local.network", remedy, {"kind": kind})
    return Answer("home_disk", True, "doctor.local.fine", params={"kind": kind})


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system a path lies on, by /proc/self/mountinfo. Raises ValueError where none fits."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, mark, after = line.partition(" - ")
        fields = before.split()
        if not mark or len(fields) < 5:
            continue
        place = Path(fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        # of several mounts over one another the last is the one that serves
        if path.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), after.split()[0]
    if not kind:
        raise ValueError("no mount fits")
    return kind


def disk(home: Path) -> Answer:
    """Room for the next sync of the largest mirror."""
    there = next((one for one in (home, *home.absolute().parents) if one.exists()), Path("/"))
    free = shutil.disk_usage(there).free
    largest = max((_serving(pointer.parent) for pointer in home.glob(f"*/{CURRENT}")), default=0)
    needed = max(LEAST_FREE, COPIES * largest)
    told = {"free": round(free / 1e9, 1), "needed": round(needed / 1e9, 1), "path": str(there)}
    return Answer("disk", free >= needed, "doctor.disk" if free >= needed else "doctor.disk.short",
                  "doctor.disk.remedy", told)  # fmt: skip


def _serving(folder: Path) -> int:
    """Bytes of the generation that serves, with what is derived of it; 0 where that cannot be told."""
    try:
        number = int((folder / CURRENT).read_text(encoding="ascii"))
        files = (folder / f"crm-{number}.duckdb", *folder.glob(f"derived-{number}-*.duckdb"))
        return sum(file.stat().st_size for file in files)
    except (OSError, ValueError):  # the check of the mirror says so
        return 0


def _secrets(file: Path) -> Iterator[Answer]:
    told = {"path": str(file)}
    if not file.exists():
        yield Answer("secrets_file", None, "doctor.secrets.none", params=told)
    elif not os.access(file, os.R_OK):
        yield Answer("secrets_file", False, "doctor.secrets.closed", "doctor.secrets.closed.remedy", told)
    else:
        yield from _private(file, "secrets_file", "doctor.secrets.open")
