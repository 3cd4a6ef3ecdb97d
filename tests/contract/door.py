"""The way in past a connector: a small known company in its source, and hands to change it.

One door a connector and way of setting it up. A door never asks the connector: what it says
the source holds, it knows from elsewhere. What a source cannot have done to it stands in
`cannot`, with the reason; clauses that need it then ask nothing, and a test counts them.

Not here: what is asked of a connector (clauses/), the doors themselves (doors.py names them).
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import connectors
from leadpact.connector import Connector
from leadpact.settings import Connection

Key = tuple[str, str]
MANY = 50_001


@dataclass(frozen=True)
class Held:
    """A record as the source holds it. `open`: its status may be written. `created_at` is UTC."""

    status: str | None
    created_at: datetime | None
    open: bool = True


class Door(ABC):
    """One source, filled when the door is made.

    `moment` is when changes happen unless said otherwise; `wrong` are settings that cannot be;
    `addresses` are the hosts the connector may call; `unreadable` are texts of rows that cannot
    be read, to be found nowhere but in the rows' own download.
    """

    type: ClassVar[str]
    cannot: ClassVar[Mapping[str, str]] = {}
    SECRET: ClassVar[str] = "canary-Secr3t-7f3a9"
    wrong: Sequence[Mapping[str, Any]] = ()
    addresses: frozenset[str] = frozenset()
    moment = datetime(2026, 3, 4, 17)
    mapping: str | None = None
    unreadable: Sequence[str] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, Any] = {"writable": True, "token": self.SECRET}

    def connect(self, **changes: Any) -> Connector:
        """A new instance by the registry's own way; a setting changed to None is left out."""
        settings = {name: value for name, value in {**self.settings, **changes}.items() if value is not None}
        connection = Connection("trial", self.type, settings)
        return connectors.connect(connection, state=self.folder / "state", mapping=self.mapping)

    def snapshot(self) -> dict[str, str]:
        """Every file of the source and of the connector's state, to see whether anything was written."""
        files = (path for path in sorted(self.folder.rglob("*")) if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    @abstractmethod
    def held(self) -> dict[Key, Held]:
        """The records there are, deleted and merged ones aside."""

    @abstractmethod
    def statuses(self, object: str) -> Sequence[str]:
        """At least three statuses the source accepts."""

    @abstractmethod
    def change(self, key: Key, status: str, at: datetime | None = None) -> None:
        """Somebody else changes a status."""

    def add(self) -> Key:
        """A new lead."""
        raise NotImplementedError

    def remove(self, key: Key) -> None:
        raise NotImplementedError

    def crowd(self) -> None:
        """From now on one table has more than 50,000 rows."""
        raise NotImplementedError

    def spoil(self) -> int:
        """Adds rows that cannot be read, a lead twice and a change of an unknown lead; how many are to be listed."""
        raise NotImplementedError

    def cut(self) -> None:
        """From now on the source is out of reach."""
        raise NotImplementedError
