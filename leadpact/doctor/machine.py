"""The machine LeadPact runs on: releases, memory and cores, open files, the time zone database.

Not here: disks and files (places.py).
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from config.zones import zones
from leadpact.doctor.answers import Answer, Site
from leadpact.release import VERSION

OLDEST = (3, 11)
ENOUGH_MEMORY = 2e9  # bytes: the peak of a million leads, and the system beside it
ENOUGH_FILES = 1024
ZONES = ("Europe/Madrid", "America/Mexico_City")
MOST_NAMED = 5
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def look(site: Site) -> Iterator[Answer]:
    """Everything of the machine, an answer each."""
    yield _python()
    yield packages(site.root / "requirements.txt")
    yield _zones()
    yield memory(_memory(), os.cpu_count())
    yield _files()


def _python() -> Answer:
    new_enough = sys.version_info >= OLDEST
    told = {"release": VERSION, "python": platform.python_version()}
    return Answer("version", new_enough, "doctor.version", "doctor.version.remedy", told)


def packages(file: Path) -> Answer:
    """Whether every pinned package is installed in the release pinned; one with a marker may be missing."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return Answer("packages", None, "doctor.packages.unknown")
    pins: dict[str, set[str]] = {}
    everywhere = set()
    for line in lines:
        found = _PIN.match(line)
        if found:
            pins.setdefault(found[1], set()).add(found[2])
            if ";" not in line:
                everywhere.add(found[1])
    wrong = []
    for name, wanted in sorted(pins.items()):
        try:
            there = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            there = ""
        if there not in wanted and (there or name in everywhere):
            wrong.append(f"{name} {there or '–'} ≠ {'/'.join(sorted(wanted))}")
    if not wrong:
        return Answer("packages", True, "doctor.packages.fine", params={"count": len(pins)})
    named = ", ".join(wrong[:MOST_NAMED]) + (" …" if len(wrong) > MOST_NAMED else "")
    told = {"count": len(wrong), "packages": named}
    return Answer("packages", False, "doctor.packages.differ", "doctor.packages.remedy", told)


def _zones() -> Answer:
    missing = [name for name in ZONES if name not in zones()]
    return Answer("time_zones", not missing, "doctor.zones.missing" if missing else "doctor.zones.fine",
                  "doctor.zones.remedy", {"count": len(zones())})  # fmt: skip


def _memory() -> int | None:
    """Bytes this process may use; null where the system does not tell."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None
    for name in _LIMITS:  # a container may have less than its machine
        try:
            text = Path(name).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            whole = min(whole, int(text))
    return whole


def memory(whole: int | None, cores: int | None) -> Answer:
    """Whether there is enough memory for a large company; a small one needs less."""
    if whole is None:
        return Answer("memory", None, "doctor.memory.unknown")
    told = {"gigabytes": round(whole / 1e9, 1), "cores": cores or 1}
    return Answer("memory", whole >= ENOUGH_MEMORY, "doctor.memory", "doctor.memory.remedy", told)


def _files() -> Answer:
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return Answer("open_files", None, "doctor.files.unknown")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return Answer("open_files", limit == resource.RLIM_INFINITY or limit >= ENOUGH_FILES,
                  "doctor.files", "doctor.files.remedy", {"limit": limit, "enough": ENOUGH_FILES})  # fmt: skip
