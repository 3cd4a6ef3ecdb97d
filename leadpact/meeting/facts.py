"""What a meeting consists of, as plain data. Times are UTC without zone.

Not here: where it is kept (sessions.py, voting.py), what follows from it (outcome.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Team = Literal["marketing", "sales"]
Mode = Literal["phones", "hands"]
Kind = Literal["criterion", "lead"]
TEAMS: tuple[Team, ...] = ("marketing", "sales")
MODES: tuple[Mode, ...] = ("phones", "hands")
CATEGORIES = ("demographics", "web", "responses", "events", "own")
SCALE = (0, 1, 2, 3)  # no use, some, high, a must
VERDICTS = (0, 1)  # not a good lead, a good lead
VALUES: Mapping[str, tuple[int, ...]] = {"criterion": SCALE, "lead": VERDICTS}


@dataclass(frozen=True)
class Key:
    """What somebody shows to be let through: the signed-in address, else the token of their own link.

    Where people sign in, only the address counts: a link of another's is worth nothing.
    """

    token: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Meeting:
    """One session. `sheet` and `outcome` are null until somebody made them; `pact` is the line it is about."""

    id: int
    code: str
    title: str
    connection: str
    mode: str
    facilitator: str
    opened_at: datetime
    expires_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    step: int
    step_at: datetime | None
    agenda: tuple[tuple[str, int], ...]
    sheet: Mapping[str, Any] | None
    outcome: Mapping[str, Any] | None
    revision: int
    pact: str

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.expires_at


@dataclass(frozen=True)
class Person:
    """Somebody who joined. `email` is null where nobody signs in: then the name is as they gave it."""

    id: int
    name: str
    team: str
    email: str | None
    joined_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Item:
    """Something to vote on: a criterion, or a lead to judge. `detail` says what it is in the pact or the data."""

    id: int
    kind: str
    category: str
    key: str
    label: str
    detail: Mapping[str, Any]
    position: int
    round: int
    revealed_at: datetime | None


@dataclass(frozen=True)
class NewItem:
    """An item before it is in a meeting; `key` is unique in it."""

    kind: Kind
    category: str
    key: str
    label: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """A decision, or something parked for later."""

    id: int
    kind: str
    text: str
    author: str
    at: datetime
    settled: bool


@dataclass(frozen=True)
class Tally:
    """How an item stands. `values` (team → value → votes) is null until it is revealed."""

    item: Item
    voted: Mapping[str, int]
    values: Mapping[str, Mapping[int, int]] | None
