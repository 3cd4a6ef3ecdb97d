"""Functions of an analysis for workers to compute (test_workers.py): one process finds them by name in another."""

from __future__ import annotations

import gc
import os
import signal
import time
from pathlib import Path
from typing import Any

from leadpact import engine
from leadpact.errors import Misconfigured
from leadpact.workspace import Analysis


def process(analysis: Analysis) -> tuple[int, int]:
    """Where it is computed, and over how many records."""
    return os.getpid(), int(analysis.tables.record.count().execute())


def records(tables: Any, pact: Any, as_of: Any, column: str = "record_id") -> Any:
    """An expression: whoever computes it executes it."""
    return tables.record.select(column).order_by(column)


def slow(analysis: Analysis, seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def garbage(analysis: Analysis) -> tuple[int, int]:
    """Objects that no search for garbage looks at, and how many young ones begin one."""
    return gc.get_freeze_count(), gc.get_threshold()[0]


def refused(analysis: Analysis) -> None:
    raise Misconfigured("workspace.no_field", fields="secret")


def lost(analysis: Analysis, parent: int) -> int:
    """Cannot be told to another process, computed by one."""
    if os.getpid() != parent:
        raise ValueError("a record's content")
    return parent


def raising(analysis: Analysis, name: str) -> None:
    raise {"EOFError": EOFError, "BrokenPipeError": BrokenPipeError}[name]


def untold(analysis: Analysis) -> Any:
    """A result that cannot leave the process."""
    return (number for number in (1, 2))


def killed(analysis: Analysis, parent: int, times: Path) -> int:
    """Ends the worker that computes it, once or as often as `times` has letters; here it is computed."""
    left = times.read_text(encoding="ascii")
    if os.getpid() != parent and left:
        times.write_text(left[1:], encoding="ascii")
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def statements(analysis: Analysis) -> tuple[int, int]:
    """How many statements this process had to work out for a question, and its answer."""
    engine.fresh()
    table = analysis.tables.record
    found = int(table.filter(table.status == "New", table.created_at < analysis.as_of).count().execute())
    worked = engine.fresh()
    engine._fresh.extend(worked)
    return len(worked), found
