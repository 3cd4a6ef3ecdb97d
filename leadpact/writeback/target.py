"""Where a plan is applied: a connection with its adapter, one applier at a time.

Not here: which connections there are (leadpact/settings.py), applying (applying.py).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import Engine

from leadpact.connector import Connector
from leadpact.crm_facts import Copying
from leadpact.crm_fields import Equippable
from leadpact.errors import Misconfigured
from leadpact.settings import Connection
from leadpact.workspace import Workspace
from leadpact.writeback import locking
from leadpact.writeback.locking import LOCK, Hold
from leadpact.writeback.plan import Row

__all__ = ["LOCK", "Now", "Progress", "Target", "Values", "Watch"]
Values = Mapping[tuple[str, str], Mapping[str, str | None]]


@dataclass(frozen=True)
class Progress:
    """How far an apply is, in changes. `rate` is changes a second, `left_seconds` null before it is known."""

    done: int
    total: int
    counts: Mapping[str, int]
    rate: float | None
    left_seconds: float | None
    waiting: bool = False


def _never() -> bool:
    return False


def _silent(progress: Progress) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Watch:
    """Who follows an apply. `cancel` is asked between batches; `clock` counts seconds, `sleep` waits them."""

    progress: Callable[[Progress], None] = _silent
    cancel: Callable[[], bool] = _never
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Target:
    """A connection, its adapter, and the folder its lock lies in."""

    engine: Engine
    connection: Connection
    connector: Connector
    folder: Path

    @staticmethod
    def of(space: Workspace, connection: Connection, connector: Connector) -> Target:
        """Of a source that is never written, its corrected copy is the target."""
        adapter = connector.copy() if isinstance(connector, Copying) else connector
        return Target(space.database, connection, adapter, space.mirror(connection.name).folder)

    def check_writable(self) -> None:
        """Raises Misconfigured, with the remedy, where nothing may or can be written."""
        if not self.connector.can.write:
            raise Misconfigured("writeback.cannot", name=self.connection.name, type=self.connection.type)
        if not self.connection.writable and not self.connector.can.copies:
            raise Misconfigured("writeback.read_only", name=self.connection.name)

    def equipped(self) -> Equippable:
        """The connector as one that makes fields and values. Raises Misconfigured where it cannot."""
        if not isinstance(self.connector, Equippable):
            raise Misconfigured("writeback.cannot_make", name=self.connection.name, type=self.connection.type)
        return self.connector

    @contextlib.contextmanager
    def alone(self) -> Iterator[Hold]:
        """Nobody else writes to this connection meanwhile. Raises Busy at once where somebody does.

        The lock goes with its holder, however that dies (locking.py).
        """
        with locking.alone(self.engine, self.connection.name, self.folder) as hold:
            yield hold

    def busy(self) -> bool:
        """Whether somebody writes to this connection now: a run that says it is running is alive."""
        return locking.busy(self.engine, self.connection.name, self.folder)

    def read(self, rows: Collection[Row]) -> Values:
        """What the fields of these rows hold now, by object and id; a record that is gone is left out."""
        asked: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for row in rows:
            ids, fields = asked.setdefault(row.object, ({}, {}))
            ids[row.record_id] = None
            fields[row.field] = None
        found: dict[tuple[str, str], Mapping[str, str | None]] = {}
        for object, (ids, fields) in asked.items():
            for record_id, own in self.connector.read(object, list(ids), list(fields)).items():
                found[object, record_id] = own
        return found


@dataclass
class Now:
    """The moment it is, from one given at the beginning and the seconds since: the domain reads no wall clock."""

    began: datetime
    clock: Callable[[], float]
    zero: float = field(init=False)

    def __post_init__(self) -> None:
        self.zero = self.clock()

    @property
    def seconds(self) -> float:
        return self.clock() - self.zero

    def __call__(self) -> datetime:
        return self.began + timedelta(seconds=self.seconds)
