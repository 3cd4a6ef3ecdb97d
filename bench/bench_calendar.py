"""How many working-time intervals a second the clock answers, and against what.

    python -m bench.bench_calendar [--intervals N] [--rounds R]

Compares, in one run and on the same random intervals over five years: the Ibis expression with
one calendar and with a calendar per row; the same joins written by hand in DuckDB SQL; and a
plain Python loop over local days (on a sample). The results are checked against each other;
what is compared takes turns, and the fastest round counts.
The target is 2,000,000 intervals a second on two cores, and 1.5 times the SQL by hand.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa

from leadpact.metrics.calendar import WorkCalendar, day_table, working_seconds

FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
HOURS = {weekday: ["09:00-14:00", "15:00-18:00"] for weekday in WORKDAYS}
CALENDARS = [
    WorkCalendar.parse("office", timezone="America/Mexico_City", hours=HOURS, holidays="MX"),
    WorkCalendar.parse("madrid", timezone="Europe/Madrid", hours=HOURS, holidays="ES-MD"),
    WorkCalendar.parse("new_york", timezone="America/New_York", hours=HOURS, holidays="US"),
    WorkCalendar.parse("kolkata", timezone="Asia/Kolkata", hours=HOURS, holidays="IN"),
]

BY_HAND = """
    select sum(
        (e.before_us + greatest(least(epoch_us(i.b), e.p1_end) - e.p1_start, 0)
                     + greatest(least(epoch_us(i.b), e.p2_end) - e.p2_start, 0)
        - s.before_us - greatest(least(epoch_us(i.a), s.p1_end) - s.p1_start, 0)
                      - greatest(least(epoch_us(i.a), s.p2_end) - s.p2_start, 0)) / 1e6)
    from intervals i
    left join days s on s.calendar = {calendar} and s.day = i.a::date
    left join days e on e.calendar = {calendar} and e.day = i.b::date
"""


def intervals(count: int) -> pa.Table:
    """Starts over five years, lengths from a second to a month, a calendar at random."""
    rng = np.random.default_rng(1)
    epoch = datetime(FIRST.year, 1, 1, tzinfo=UTC)
    start = int(epoch.timestamp() * 1e6) + rng.integers(0, 1790 * 86_400_000_000, count)
    length = np.exp(rng.uniform(np.log(1e6), np.log(30 * 86_400e6), count)).astype(np.int64)
    return pa.table(
        {
            "a": pa.array(start).cast(pa.timestamp("us")),
            "b": pa.array(start + length).cast(pa.timestamp("us")),
            "team": pa.array(
                np.array([calendar.name for calendar in CALENDARS])[rng.integers(0, len(CALENDARS), count)]
            ),
        }
    )


def by_loop(calendar: WorkCalendar, spans: list[tuple[datetime, datetime]]) -> float:
    """What a page would do without a table: walk the local days of every interval."""
    closed = calendar.closed(FIRST, LAST + timedelta(days=1))
    zone, total = ZoneInfo(calendar.timezone), 0.0
    for start, end in spans:
        a, b = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
        day = a.astimezone(zone).date()
        while day <= b.astimezone(zone).date():
            for opens, closes in calendar.blocks(day, closed):
                midnight = datetime(day.year, day.month, day.day)
                from_ = (midnight + timedelta(minutes=opens)).replace(tzinfo=zone).astimezone(UTC)
                to = (midnight + timedelta(minutes=closes)).replace(tzinfo=zone).astimezone(UTC)
                total += max((min(to, b) - max(from_, a)).total_seconds(), 0.0)
            day += timedelta(days=1)
    return total


def best(rounds: int, *runs: Callable[[], float]) -> list[float]:
    """The fastest time of each run in seconds; all must give the same answer."""
    seconds: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        answers = []
        for run, taken in zip(runs, seconds, strict=True):
            began = time.perf_counter()
            answers.append(run())
            taken.append(time.perf_counter() - began)
        assert max(answers) - min(answers) <= 1e-9 * max(answers), answers
    return [min(taken) for taken in seconds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--intervals", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    count, rounds = options.intervals, options.rounds

    day_table(CALENDARS, FIRST, FIRST)  # the first use loads libraries
    began = time.perf_counter()
    table = day_table(CALENDARS, FIRST, LAST)
    print(f"day table: {table.num_rows:,} rows in {time.perf_counter() - began:.3f} s")

    con = ibis.duckdb.connect(threads=2)
    spans = con.create_table("intervals", ibis.memtable(intervals(count)))
    days = con.create_table("days", ibis.memtable(table))

    def ours(calendar: object) -> Callable[[], float]:
        expression = working_seconds(spans, "a", "b", calendar, days).working_seconds.sum()
        return lambda: con.execute(expression)

    def by_hand(calendar: str) -> Callable[[], float]:
        return lambda: con.con.execute(BY_HAND.format(calendar=calendar)).fetchall()[0][0]

    runs = {
        "one calendar": (ours("office"), by_hand("'office'")),
        "a calendar per row": (ours(spans.team), by_hand("i.team")),
    }
    for title, (expression, sql) in runs.items():
        by_us, by_sql = best(rounds, expression, sql)
        print(
            f"{title}: {count / by_us:,.0f} intervals/s; by hand in SQL {count / by_sql:,.0f}; "
            f"ratio of times {by_us / by_sql:.2f}"
        )

    began = time.perf_counter()
    con.create_table("kept", working_seconds(spans, "a", "b", spans.team, days))
    print(f"a calendar per row, written to a table: {count / (time.perf_counter() - began):,.0f} intervals/s")

    sample = spans.filter(spans.team == "office").limit(min(count, 2_000))
    few = con.create_table("few", ibis.memtable(sample.to_pyarrow()))
    pairs = list(zip(*few.to_pyarrow().select(["a", "b"]).to_pydict().values(), strict=True))
    ask = working_seconds(few, "a", "b", "office", days).working_seconds.sum()
    in_loop, _ = best(1, lambda: by_loop(CALENDARS[0], pairs), lambda: con.execute(ask))
    (fast,) = best(1, ours("office"))
    print(
        f"Python loop over local days: {len(pairs) / in_loop:,.0f} intervals/s; "
        f"the clock is {in_loop / len(pairs) * count / fast:,.0f} times faster"
    )


if __name__ == "__main__":
    main()
