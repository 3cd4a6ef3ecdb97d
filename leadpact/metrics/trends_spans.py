"""Weeks and months of the pact's zone, one after the other, as moments in UTC.

Weeks begin on Monday. A span is cut where the asked range cuts it, and marked.

Not here: the period of a comparison (periods.py), what is counted in a span (trends.py, balance.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.moments import utc_midnight
from leadpact.metrics.periods import today

Every = Literal["week", "month"]
EVERY: tuple[Every, ...] = ("week", "month")
USUAL = {"week": 13, "month": 12}
MOST = 400
BEFORE = -1


@dataclass(frozen=True)
class Span:
    """Days `[start, end)`; null where open. `complete`: all of a week or month, and over at `as_of`."""

    start: date | None
    end: date | None
    complete: bool = True


def spans(pact: Pact, as_of: datetime, every: Every, start: date | None, end: date | None) -> tuple[Span, ...]:
    """The weeks or months that meet the days `[start, end)` and have begun at `as_of`, in order.

    An open end is today's; an open start leaves as many as USUAL says. Raises Misconfigured for an
    unknown `every`, a bad range, and for more than MOST of them.
    """
    if every not in EVERY:
        raise Misconfigured("trends.bad_every", every=str(every), known=", ".join(EVERY))
    if start is not None and end is not None and start >= end:
        raise Misconfigured("funnel.bad_range", start=start.isoformat(), end=end.isoformat())
    now = today(pact, as_of)
    last = floor(now if end is None else min(end - timedelta(days=1), now), every)
    first = shifted(last, every, 1 - USUAL[every]) if start is None else floor(start, every)
    found: list[Span] = []
    at = first
    while at <= last:
        if len(found) == MOST:
            raise Misconfigured("trends.too_many", most=MOST)
        found.append(_span(at, shifted(at, every, 1), start, end, now))
        at = shifted(at, every, 1)
    return tuple(found)


def whole(pact: Pact, as_of: datetime, start: date | None, end: date | None) -> Span:
    """The days `[start, end)` as one span. Raises Misconfigured for a bad range."""
    if start is not None and end is not None and start >= end:
        raise Misconfigured("funnel.bad_range", start=start.isoformat(), end=end.isoformat())
    return Span(start, end, complete=end is not None and end <= today(pact, as_of))


def before(found: Sequence[Span], every: Every) -> tuple[Span, ...]:
    """The same number of whole weeks or months just before these; none before none."""
    if not found or found[0].start is None:
        return ()
    first = floor(found[0].start, every)
    starts = [shifted(first, every, place - len(found)) for place in range(len(found))]
    return tuple(Span(at, shifted(at, every, 1)) for at in starts)


def floor(day: date, every: Every) -> date:
    """The Monday of a day's week, or the first of its month."""
    return day.replace(day=1) if every == "month" else day - timedelta(days=day.weekday())


def shifted(day: date, every: Every, times: int) -> date:
    """`times` weeks or months later; for months, of a first of the month."""
    if every == "week":
        return day + timedelta(weeks=times)
    months = day.year * 12 + day.month - 1 + times
    return date(months // 12, months % 12 + 1, 1)


def _span(first: date, after: date, start: date | None, end: date | None, now: date) -> Span:
    begins = first if start is None else max(first, start)
    ends = after if end is None else min(after, end)
    return Span(begins, ends, complete=(begins, ends) == (first, after) and after <= now)


def bucket(moment: Any, pact: Pact, found: Sequence[Span]) -> Any:
    """The place (0, 1, …) of the span a moment falls in; -1 before the first, their number after the last.

    The spans follow each other without a gap. Null for a moment not known.
    """
    branches = [(moment.isnull(), ibis.null("int64"))]
    for place, day in enumerate([found[0].start, *(span.end for span in found)] if found else [], start=BEFORE):
        if day is not None:
            branches.append((moment < ibis.timestamp(utc_midnight(day, pact.zone)), ibis.literal(place, "int64")))
        elif place != BEFORE:  # the last span has no end
            return ibis.cases(*branches, else_=ibis.literal(place, "int64"))
    return ibis.cases(*branches, else_=ibis.literal(len(found), "int64"))
