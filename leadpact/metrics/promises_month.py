"""How much of the month is over, in working time: what is due by now of a promise for the whole month.

Not here: what was promised and done (promises.py), the calendar itself (calendar_hours.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from config.parts import SlaPolicy
from config.schema import Pact
from leadpact.metrics import periods
from leadpact.metrics.calendar import WorkCalendar, day_table
from leadpact.metrics.moments import utc_midnight

USUAL_WEEK = ("mon", "tue", "wed", "thu", "fri")
HOURS = {"timezone", "hours", "holidays", "region", "days_off"}  # whom a calendar is for says nothing of a month


def promised_policy(pact: Pact) -> SlaPolicy | None:
    """The policy Sales committed to; null where none is named."""
    return next((one for one in pact.sla if one.id == pact.commitments.sales.follow_up), None)


def passed(pact: Pact, as_of: datetime) -> tuple[float, str | None]:
    """The share of the month's working time before `as_of`, and the calendar that says what that is.

    The calendar is the promised policy's, else the pact's first, else Monday to Friday.
    """
    policy, month = promised_policy(pact), periods.month(pact, as_of)
    name = policy.calendar if policy is not None and policy.calendar else next(iter(pact.calendars), None)
    if name is not None:
        calendar = WorkCalendar.parse(name, **pact.calendars[name].model_dump(include=HOURS))
    else:
        hours = dict.fromkeys(USUAL_WEEK, ("00:00-24:00",))
        calendar = WorkCalendar.parse("week", timezone=pact.timezone, hours=hours)
    start, end = (datetime.fromisoformat(utc_midnight(day, pact.zone)) for day in (month.start, month.end))
    pieces = _pieces(calendar, start, end)
    whole = sum((last - first for first, last in pieces), timedelta())
    gone = sum((min(last, as_of) - first for first, last in pieces if first < as_of), timedelta())
    return (gone / whole if whole else (as_of - start) / (end - start)), name


def _pieces(calendar: WorkCalendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The worked pieces between two UTC moments, cut at them."""
    epoch, micro = datetime(1970, 1, 1), timedelta(microseconds=1)
    rows = day_table([calendar], start.date(), end.date()).to_pylist()
    width = sum(1 for name in rows[0] if name.endswith("_start"))
    found = [
        (max(start, epoch + row[f"p{place}_start"] * micro), min(end, epoch + row[f"p{place}_end"] * micro))
        for row in rows
        for place in range(1, width + 1)
    ]
    return [(first, last) for first, last in found if first < last]
