"""One status value, or one status and how many hold it: what facts.py counts and rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class StatusValue:
    """One status value of one object: in the picklist, held by records, or both.

    `active` is null where no picklist of the object is known. `records` hold it now, of them
    `frozen` are converted leads (their contact counts) and `working` are active and not
    converted. `entries` counts the times it was ever entered; `first_at` and `last_at` (UTC)
    are the first and last dated ones, null where none is. Relabellings are no entries. `by_type`
    are the records by record type, where the object has several.
    """

    object: str
    value: str
    label: str | None = None
    listed: bool = False
    active: bool | None = None
    is_default: bool = False
    is_converted: bool = False
    position: int | None = None
    records: int = 0
    frozen: int = 0
    working: int = 0
    entries: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    by_type: Mapping[str, int] = field(default_factory=dict, hash=False)

    @property
    def wording(self) -> str:
        """What people read: the label where there is one, else the value."""
        return self.label if self.label and self.label.strip() else self.value

    @property
    def offered(self) -> bool:
        """It can still be chosen from the picklist."""
        return self.listed and self.active is not False

    @property
    def evidence(self) -> dict[str, Any]:
        """What every finding about a value shows."""
        return {
            "records": self.records,
            "frozen": self.frozen,
            "entries": self.entries,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "listed": self.listed,
            "active": self.active,
            **({"record_types": dict(self.by_type)} if self.by_type else {}),
        }


@dataclass(frozen=True)
class Held:
    """How many records of an object have a status, or none; see StatusValue for the counts."""

    object: str
    value: str | None
    records: int
    frozen: int
    working: int
