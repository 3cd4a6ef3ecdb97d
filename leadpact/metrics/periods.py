"""The period a comparison is about, and the one of equal length just before it.

Days are days of the pact's zone, `[start, end)`, as in a funnel's scope.

Not here: what is compared (leaks.py, funnel.py), months and weeks as a split (dimensions.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from config.schema import Pact

USUAL_DAYS = 90


@dataclass(frozen=True)
class Period:
    """Days `[start, end)`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def before(self) -> Period:
        """The period of equal length that ends where this one starts."""
        return Period(self.start - (self.end - self.start), self.start)


def today(pact: Pact, as_of: datetime) -> date:
    """The day `as_of` (UTC) falls on in the pact's zone."""
    return as_of.replace(tzinfo=UTC).astimezone(pact.zone).date()


def chosen(pact: Pact, as_of: datetime, start: date | None, end: date | None) -> Period:
    """The period a scope asks for; an open end is today's, an open start 90 days before the end."""
    last = end if end is not None else today(pact, as_of) + timedelta(days=1)
    return Period(start if start is not None else last - timedelta(days=USUAL_DAYS), last)


def month(pact: Pact, as_of: datetime) -> Period:
    """The calendar month of `as_of`, whole."""
    first = today(pact, as_of).replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1))
