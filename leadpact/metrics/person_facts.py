"""What a person's story consists of, as plain data. Times are UTC; null where not known.

Not here: reading it from the tables (person.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Why = Literal["only", "merged", "converted", "root", "other"]


@dataclass(frozen=True)
class PersonRecord:
    """One record. `why` it belongs: the only one, merged into or converted to `into`, or where these lead (root)."""

    object: str
    record_id: str
    why: Why
    into: str | None
    name: str | None
    email: str | None
    phone: str | None
    company: str | None
    status: str | None
    condition: str
    owner: str | None
    team: str | None
    source: str | None
    campaign: str | None
    country: str | None
    end_reason: str | None
    created_at: datetime | None
    converted_at: datetime | None
    url: str | None


@dataclass(frozen=True)
class PersonSpell:
    """Time in one stage. `entered_at` null: not known when. `left_at` null: it lasts, or (`lasts` false) unknown."""

    n: int
    journey: int | None
    stage: str
    kind: str
    value: str | None
    object: str
    record_id: str
    entered_at: datetime | None
    left_at: datetime | None
    lasts: bool
    evidence: str


@dataclass(frozen=True)
class PersonJourney:
    journey: int
    entered_at: datetime | None
    entry_stage: str
    ended_at: datetime | None
    end_kind: str | None
    stage: str
    moves: int
    imputed: bool
    source: str | None
    campaign: str | None


@dataclass(frozen=True)
class Touch:
    """One activity; what the source does not say is null."""

    at: datetime | None
    kind: str
    direction: str | None
    completed: bool | None
    automated: bool | None
    outcome: str | None
    actor: str | None
    team: str | None
    subject: str | None
    object: str
    record_id: str


@dataclass(frozen=True)
class Deal:
    opportunity_id: str
    created_at: datetime | None
    closed_at: datetime | None
    is_won: bool | None
    is_closed: bool | None
    amount: float | None
    currency: str | None
    type: str | None
    pipeline: str | None
    owner: str | None


@dataclass(frozen=True)
class Change:
    """One change of one field as the mirror holds it; values of an owner are names where known."""

    at: datetime | None
    seq: int
    object: str
    record_id: str
    field: str
    from_value: str | None
    to_value: str | None
    actor: str | None
    evidence: str


@dataclass(frozen=True)
class Clock:
    """One SLA clock; hours are of the policy's clock, null where they cannot be told."""

    policy: str
    journey: int | None
    started_at: datetime
    stopped_at: datetime | None
    stopped_by: str | None
    ended_at: datetime | None
    hours: float | None
    target_hours: float
    state: str


@dataclass(frozen=True)
class Story:
    """Everything of one person. `absent`: a record others lead to that the source did not deliver."""

    person_id: str
    records: tuple[PersonRecord, ...]
    spells: tuple[PersonSpell, ...]
    journeys: tuple[PersonJourney, ...]
    touches: tuple[Touch, ...]
    deals: tuple[Deal, ...]
    changes: tuple[Change, ...]
    clocks: tuple[Clock, ...]
    touches_known: bool
    absent: str | None

    @property
    def face(self) -> PersonRecord:
        """The record that stands for the person: where the others lead, else the latest that is left."""
        left = [record for record in self.records if record.condition != "deleted" and record.why in ("only", "root")]
        return (left or sorted(self.records, key=lambda record: record.why == "merged"))[0]

    @property
    def unknown_starts(self) -> int:
        return sum(spell.entered_at is None for spell in self.spells)
