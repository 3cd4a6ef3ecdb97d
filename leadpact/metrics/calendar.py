"""Working time: how long a team's clock ran between two instants, in closed form.

Working seconds from a to b are W(b) − W(a), where W(t) is the working time from a fixed day
up to t: what went before t's UTC day, plus what of that day's few pieces lies before t. The
day table (calendar_days.py) holds both, so W is a join by equality on the UTC day and needs
neither an as-of join nor a row per day; DuckDB and Spark run the same expression. Arithmetic
is in whole microseconds, so nothing is rounded on the way.

Not here: what a calendar is (calendar_hours.py), which instants it works (calendar_days.py),
when a target will be used up (calendar_due.py), what a clock means in an SLA (sla.py).
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from leadpact.metrics.calendar_days import day_table
from leadpact.metrics.calendar_hours import WorkCalendar

MICROS = 1_000_000
_FACTS = ("calendar", "day", "before_us")
_FROM, _TO, _CALENDAR = "_worked_from", "_worked_to", "_worked_calendar"


def working_seconds(
    table: ir.Table,
    start: str,
    end: str,
    calendar: str | ir.StringValue,
    days: ir.Table,
    *,
    name: str = "working_seconds",
) -> ir.Table:
    """The table with one more column: seconds worked in `[start, end)`, never negative.

    `start` and `end` name timestamp columns (UTC, without zone). `calendar` is the name of
    one calendar, or an expression that names each row's own, such as
    `table.owner_calendar.fill_null("office")`. `days` is a `day_table` as an Ibis table.
    The column is a float that holds microseconds exactly: a clock at exactly its target
    compares equal to it. Rows keep their number; their order is not promised.

    Null where either instant is null, where `end` precedes `start` (a fault of the data, not
    zero work), where the row names no calendar of `days`, and where an instant lies outside
    `days`. The last two are faults of the caller: `uncovered` counts them.
    """
    one = isinstance(calendar, str)
    if one:
        # One calendar is joined by the day alone, which is faster.
        days = days.filter(days.calendar == calendar)
    joined = table if one else table.mutate(**{_CALENDAR: calendar})
    joined = joined.mutate(**{_FROM: table[start].date(), _TO: table[end].date()})
    for side in (_FROM, _TO):
        facts = days.rename({f"{side}_{column}": column for column in days.columns})
        matches = [joined[side] == facts[f"{side}_day"]]
        if not one:
            matches.append(joined[_CALENDAR] == facts[f"{side}_calendar"])
        joined = joined.left_join(facts, matches)
    pieces = (len(days.columns) - len(_FACTS)) // 2
    worked = _worked(joined, end, _TO, pieces) - _worked(joined, start, _FROM, pieces)
    seconds = ibis.ifelse(joined[end] >= joined[start], worked, ibis.null("int64")) / float(MICROS)
    kept = [column for column in table.columns if column != name]
    return joined.select(*kept, seconds.name(name))


def uncovered(worked: ir.Table, start: str, end: str, name: str = "working_seconds") -> ir.IntegerScalar:
    """How many rows of a `working_seconds` table have both instants in order and yet no answer.

    Anything but 0 means that `days` misses a day or a calendar these rows need.
    """
    return (worked[name].isnull() & (worked[end] >= worked[start])).sum().fill_null(0)


def day_span(table: ir.Table, *columns: str) -> tuple[date, date] | None:
    """The first and last UTC day in the timestamp columns: the range a day table must cover.

    Runs the query. Null where the columns hold no instant.
    """
    ends = [table[column].min().name(f"low_{place}") for place, column in enumerate(columns)]
    ends += [table[column].max().name(f"high_{place}") for place, column in enumerate(columns)]
    row = table.aggregate(ends).to_pyarrow().to_pylist()[0]
    found = [at.date() for at in row.values() if at is not None]
    return (min(found), max(found)) if found else None


def _worked(joined: ir.Table, instant: str, side: str, pieces: int) -> ir.IntegerValue:
    """W at an instant, in microseconds, from the day's facts joined under `side`; null without a day."""
    clock = joined[instant].delta(ibis.timestamp("1970-01-01"), unit="microsecond")
    total = joined[f"{side}_before_us"]
    for place in range(1, pieces + 1):
        opens, closes = joined[f"{side}_p{place}_start"], joined[f"{side}_p{place}_end"]
        total += ibis.greatest(ibis.least(clock, closes) - opens, 0)
    return total


__all__ = ["WorkCalendar", "day_span", "day_table", "uncovered", "working_seconds"]
