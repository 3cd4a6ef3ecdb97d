"""A home for many sessions: the demo company of so many leads, with three pacts that share no record.

Not here: what the sessions do there (bench_sessions.py).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from config import lines, versions
from config.document import default
from config.propose import propose
from leadpact import settings
from leadpact.settings import Connection
from leadpact.workspace import Workspace, status_values

NOW = datetime(2026, 11, 1)
NAME = "demo"
# a word in each name that stands nowhere else: seen in another pact's session, something has leaked
PACTS = {"main": ("Acuerdo Zafiro", "es", ["MX"]), "quartz": ("Pact Quartz", "en", ["US"]),
         "amber": ("Acuerdo Ambar", "es", ["ES", "CO", "AR", "CL"])}  # fmt: skip


def prepared(home: Path, leads: int) -> Path:
    """The home, made where it is not there yet."""
    space = Workspace(home)
    if space.mirror(NAME).current() is None:
        home.mkdir(parents=True, exist_ok=True)
        options = {"leads": leads, "until": NOW.isoformat(), "writable": True}
        settings.keep(space.database, Connection(NAME, "demo", options), NOW)
        synced(home, full=True)
    if not any(line.versions for line in lines.every(space.database)):
        held = status_values(space.mirror(NAME).path(space.mirror(NAME).current() or 0))
        for line, (name, language, countries) in PACTS.items():
            document = propose(default(language), held)
            pact = document.model_copy(update={"name": name, "scope": {"country": countries}})
            versions.save(space.database, pact, author="bench", message="", now=NOW, line=line)
        synced(home, full=False)
    return home


def copied(home: Path, to: Path) -> Path:
    """A copy to work in, so that the home prepared stays as it is."""
    shutil.copytree(home, to, ignore=shutil.ignore_patterns("*.lock", "spill"))
    return to


def syncing(home: Path, *, full: bool) -> subprocess.Popen[bytes]:
    """A sync as the schedule runs it: a process of its own."""
    command = [sys.executable, "-m", "leadpact", "--home", str(home), "sync", NAME, *(["--full"] if full else [])]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def synced(home: Path, *, full: bool) -> None:
    """The same, waited for. Raises RuntimeError where it failed."""
    running = syncing(home, full=full)
    _, said = running.communicate()
    if running.returncode not in (0, 1):
        raise RuntimeError(said.decode()[-500:])
