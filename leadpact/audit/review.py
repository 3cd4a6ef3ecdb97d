"""Whether an agreed review is overdue: so many days after somebody last signed the version in force.

Not here: what is reviewed and what is said about it (rules), signatures (config/versions.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from leadpact.metrics.moments import utc_midnight
from leadpact.workspace import PactInUse

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Overdue:
    """A review that was not made: days in the pact's zone; `since` (UTC) the due day is over."""

    signed: date
    due: date
    days_late: int
    since: datetime


def overdue(used: PactInUse | None, every_days: int, as_of: datetime) -> Overdue | None:
    """Null where it is not due before the day of `as_of`, and where nothing was signed by then.

    A review is due on the day `every_days` after the last signature, the whole of it.
    """
    if used is None or used.reviewed_at is None or used.reviewed_at > as_of:
        return None
    zone = used.pact.zone
    signed, today = (moment.replace(tzinfo=UTC).astimezone(zone).date() for moment in (used.reviewed_at, as_of))
    due = signed + timedelta(days=every_days)
    if today <= due:
        return None
    since = datetime.fromisoformat(utc_midnight(due + timedelta(days=1), zone))
    return Overdue(signed, due, (today - due).days, since)
