"""Days of the pact's zone as moments in UTC, which is all the tables know."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo


def utc_midnight(day: date, zone: ZoneInfo) -> str:
    """The moment `day` begins in `zone`, as naive UTC in ISO form."""
    local = datetime.combine(day, time(), tzinfo=zone)
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None).isoformat(" ")
