"""Whether an agreed review is overdue: so many days after somebody last signed the version in force.

Not here: what is reviewed, and how it is worded (DEF02, SCO01), signatures (config/versions.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found
from leadpact.metrics.moments import utc_midnight
from leadpact.pact_in_use import PactInUse

UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Overdue:
    """A review that was not made: days in the pact's zone; `since` (UTC) the due day is over."""

    signed: date
    due: date
    days_late: int
    since: datetime


def due_day(signed_at: datetime, every_days: int, zone: ZoneInfo) -> date:
    """The day a review is due, in the pact's zone, when the last signature was made at `signed_at` (UTC)."""
    return _day(signed_at, zone) + timedelta(days=every_days)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.replace(tzinfo=UTC).astimezone(zone).date()


def overdue(used: PactInUse | None, every_days: int, as_of: datetime) -> Overdue | None:
    """Null where it is not due before the day of `as_of`, and where nothing was signed by then.

    A review is due on the day `every_days` after the last signature, the whole of it.
    """
    if used is None or used.reviewed_at is None or used.reviewed_at > as_of:
        return None
    zone = used.pact.zone
    signed, today = (_day(moment, zone) for moment in (used.reviewed_at, as_of))
    due = due_day(used.reviewed_at, every_days, zone)
    if today <= due:
        return None
    since = datetime.fromisoformat(utc_midnight(due + timedelta(days=1), zone))
    return Overdue(signed, due, (today - due).days, since)


def late_review(
    tables: Facts, agreed: int | None, otherwise: float, as_of: datetime, of: Mapping[str, Any], **more: object
) -> Sequence[Found]:
    """One finding the day after the review was due; a new signed version, or one more signature, is a review.

    Due as the pact agrees; where it agrees none, after `otherwise` days (variant `unagreed`, a
    note). `of` says what is reviewed, for the words; `more` is evidence beside the dates.
    `records` is 0: it concerns all alike.
    """
    days = agreed or int(otherwise)
    late = overdue(tables.used, days, as_of)
    if late is None or tables.used is None:
        return []
    variant = "" if agreed else "unagreed"
    return [
        Found(
            severity="warning" if agreed else "info",
            since=late.since,
            message=variant,
            suggestion=variant,
            params={**of, "days": days, "signed": late.signed, "late": late.days_late},
            evidence={
                "version": tables.used.version,
                **more,
                "signed": late.signed.isoformat(),
                "due": late.due.isoformat(),
            },
        )
    ]
