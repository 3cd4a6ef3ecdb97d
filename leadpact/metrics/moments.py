"""Moments in UTC, which is all the tables know: days of the pact's zone, and the first of several."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import ibis


def utc_midnight(day: date, zone: ZoneInfo) -> str:
    """The moment `day` begins in `zone`, as naive UTC in ISO form."""
    local = datetime.combine(day, time(), tzinfo=zone)
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None).isoformat(" ")


def earliest(*moments: Any) -> Any:
    """The first of one or more timestamp columns, those that are null passed over; null where all are."""
    # Spark refuses least() of a single column
    return moments[0] if len(moments) == 1 else ibis.least(*moments)
