"""The day table: which moments of every UTC day each calendar works, and how much went before.

One row per calendar and UTC day: `calendar, day, before_us, p1_start, p1_end, p2_start, …`.
`before_us` is the working time from the table's first day up to this one, `p<i>_start` and
`p<i>_end` the worked pieces `[start, end)` that lie in the day, cut at UTC midnight; all in
microseconds, the pieces since 1970. Days with fewer pieces are padded with empty ones (0, 0),
so that working time is a join by equality on the day and a sum over a few columns, on any engine.

Daylight saving. An instant is worked exactly when the wall clock in the calendar's zone reads
within a block of a day that is open: blocks are cut at every change of offset. Wall times that
a change skips do not exist and count nothing; those it repeats count each time they pass. A
block that spans a change therefore lasts its true elapsed time, not the difference of its ends.

Not here: what a calendar is (calendar_hours.py), the clock that reads the table (calendar.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from leadpact.metrics.calendar_hours import WorkCalendar, days_between

DAY = timedelta(days=1)
MICRO = timedelta(microseconds=1)
DAY_US = DAY // MICRO
MINUTE_US = 60_000_000
EPOCH = date(1970, 1, 1)

Piece = tuple[int, int]


def day_table(calendars: Iterable[WorkCalendar], start: date, end: date) -> pa.Table:
    """The day table of the calendars for the UTC days from `start` to `end`, both included.

    Take `end` no earlier than the day of `as_of`. Raises ValueError where `end` precedes
    `start`, or two calendars share a name (both are faults of the caller, not of a user).
    """
    if end < start:
        raise ValueError(f"a day table cannot end ({end}) before it starts ({start})")
    calendars = tuple(calendars)
    names = [calendar.name for calendar in calendars]
    if len(set(names)) < len(names):
        raise ValueError(f"two calendars share a name: {sorted(names)}")

    days = list(days_between(start, end))
    rows = [(calendar.name, by_day) for calendar in calendars for by_day in _by_day(calendar, days)]
    width = max((len(pieces) for _, pieces in rows), default=0) or 1
    columns: dict[str, pa.Array] = {
        "calendar": pa.array([name for name, _ in rows], pa.string()),
        "day": pa.array(days * len(calendars), pa.date32()),
        "before_us": pa.array(_before(rows), pa.int64()),
    }
    for place in range(width):
        padded = [pieces[place] if place < len(pieces) else (0, 0) for _, pieces in rows]
        columns[f"p{place + 1}_start"] = pa.array([piece[0] for piece in padded], pa.int64())
        columns[f"p{place + 1}_end"] = pa.array([piece[1] for piece in padded], pa.int64())
    return pa.table(columns)


def _before(rows: list[tuple[str, list[Piece]]]) -> list[int]:
    """Working time before each row's day, counted anew for each calendar."""
    before, current, total = [], None, 0
    for name, pieces in rows:
        if name != current:
            current, total = name, 0
        before.append(total)
        total += sum(end - start for start, end in pieces)
    return before


def _by_day(calendar: WorkCalendar, days: list[date]) -> list[list[Piece]]:
    """The worked pieces of each UTC day, cut at midnight."""
    first = (days[0] - EPOCH).days
    found: list[list[Piece]] = [[] for _ in days]
    for piece_start, piece_end in _merged(_worked(calendar, days[0], days[-1])):
        start = piece_start
        while start < piece_end:
            day = start // DAY_US
            end = min(piece_end, (day + 1) * DAY_US)
            found[day - first].append((start, end))
            start = end
    return found


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, in order, with those that touch made one."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None and piece[0] <= held[1]:
            held = (held[0], piece[1])
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _worked(calendar: WorkCalendar, first: date, last: date) -> Iterator[Piece]:
    """The worked pieces within the UTC days, in order, in microseconds since the epoch."""
    closed = calendar.closed(first - DAY, last + DAY)
    for start, end, offset in _offsets(calendar.zone, first, last):
        # Within one offset the wall clock runs evenly: local time is UTC plus the offset.
        for day in range((start + offset) // DAY_US, (end + offset - 1) // DAY_US + 1):
            midnight = day * DAY_US - offset
            for opens, closes in calendar.blocks(EPOCH + day * DAY, closed):
                piece = max(midnight + opens * MINUTE_US, start), min(midnight + closes * MINUTE_US, end)
                if piece[0] < piece[1]:
                    yield piece


def _offsets(zone: ZoneInfo, first: date, last: date) -> Iterator[tuple[int, int, int]]:
    """The stretches `[start, end)` of constant UTC offset within the UTC days, and that offset.

    A change is looked for between the midnights of a UTC day: no zone changes twice in one.
    """
    begin, finish = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (first, last + DAY))
    since, here = begin, begin
    while here < finish:
        following = here + DAY
        if _offset(zone, following) != _offset(zone, here):
            change = _change(zone, here, following)
            if change > since:
                yield _micros(since), _micros(change), _offset(zone, since)
            since = change
        here = following
    if since < finish:
        yield _micros(since), _micros(finish), _offset(zone, since)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first instant of the new offset, which began in `(before, after]`; changes fall on whole seconds."""
    early, late = 0, int((after - before).total_seconds())
    while late - early > 1:
        middle = (early + late) // 2
        if _offset(zone, before + timedelta(seconds=middle)) == _offset(zone, before):
            early = middle
        else:
            late = middle
    return before + timedelta(seconds=late)


def _offset(zone: ZoneInfo, at: datetime) -> int:
    """Microseconds the zone is ahead of UTC at an instant."""
    return (at.astimezone(zone).replace(tzinfo=UTC) - at) // MICRO


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // MICRO
