"""Which parts of the pact are due to be read again, by whom, and when.

Counted from the last signature on the version in force: nothing falls due before anybody agreed.

Not here: the day of the definition as a whole on its own (standing.py), a review that is late as a
finding (audit/review.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.schema import Pact
from leadpact.audit.review import due_day
from leadpact.pact_in_use import PactInUse

DEFINITION = "definition"
SOON = 14  # days before it is due that people are reminded


@dataclass(frozen=True)
class ReviewDue:
    """One part: its section (`definition` for the whole), its owner, the interval in days and the day.

    `day` is null while no version is in force.
    """

    part: str
    owner: str | None
    every_days: int
    day: date | None

    def state(self, today: date) -> str:
        """`late`, `soon` (within SOON days), `later`, or `unknown` while nothing is signed."""
        if self.day is None:
            return "unknown"
        if self.day < today:
            return "late"
        return "soon" if self.day <= today + timedelta(days=SOON) else "later"


def intervals(pact: Pact) -> dict[str, int]:
    """How often each part is read again, in days: the whole, the scoring, and parts of their own."""
    named = {DEFINITION: pact.review.definition_every_days, "scoring": pact.review.scoring_every_days}
    own = {str(part): days for part, days in pact.review.parts.items()}
    return {name: days for name, days in (named | own).items() if days is not None}


def reviews(used: PactInUse) -> Sequence[ReviewDue]:
    """Every review the pact asks for, the first due first."""
    pact, signed = used.pact, used.reviewed_at if used.in_force else None
    found = [
        ReviewDue(part, pact.owners.get(part), days, _day(pact, signed, days))  # type: ignore[call-overload]
        for part, days in intervals(pact).items()
    ]
    return sorted(found, key=lambda one: (one.day or date.max, one.part != DEFINITION, one.part))


def _day(pact: Pact, signed: datetime | None, days: int) -> date | None:
    return None if signed is None else due_day(signed, days, pact.zone)
