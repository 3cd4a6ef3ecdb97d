"""The working-time clock against brute force: 100,000 random cases, and a walk second by second.

The oracle knows nothing of pieces, offsets or joins: it asks of every single minute whether the
wall clock (as pandas converts it) reads within a block of an open day, and adds them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

import holidays
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from leadpact.metrics.calendar import WorkCalendar, day_table, uncovered, working_seconds

FIRST, LAST = date(2023, 1, 1), date(2025, 12, 31)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
ALWAYS = (*WORKDAYS, "sat", "sun")
MINUTE_US = 60_000_000


def each(weekdays: Iterable[str], *blocks: str) -> dict[str, list[str]]:
    """The same blocks on every one of the weekdays."""
    return {weekday: list(blocks) for weekday in weekdays}


CALENDARS = {
    calendar.name: calendar
    for calendar in (
        WorkCalendar.parse(
            "mexico",
            timezone="America/Mexico_City",
            holidays="MX",
            hours={**each(WORKDAYS, "09:00-14:00", "15:00-18:00"), "fri": ["09:00-14:00"]},
        ),
        WorkCalendar.parse(
            "madrid",
            timezone="Europe/Madrid",
            holidays="ES-MD",
            days_off=["2024-08-16", "2024-12-24"],
            hours={**each(WORKDAYS, "08:07-12:31", "16:00-19:59"), "sat": ["10:00-13:30"]},
        ),
        WorkCalendar.parse(
            "new_york",
            timezone="America/New_York",
            holidays="US",
            region="NY",
            hours=each(WORKDAYS, "00:00-06:00", "09:00-12:00", "13:00-17:00", "22:00-24:00"),
        ),
        WorkCalendar.parse(
            "kolkata", timezone="Asia/Kolkata", holidays="IN", hours=each((*WORKDAYS, "sat"), "09:30-18:30")
        ),
        WorkCalendar.parse(
            "lord_howe",
            timezone="Australia/Lord_Howe",
            holidays="AU",
            hours=each(ALWAYS, "01:15-01:45", "01:50-02:20", "02:25-03:00", "20:00-24:00"),
        ),
        WorkCalendar.parse("utc", timezone="UTC", hours=each(ALWAYS, "00:00-24:00")),
        WorkCalendar.parse(
            "new_york_nights",
            timezone="America/New_York",
            hours={"sat": ["22:00-24:00"], "sun": ["00:00-02:30", "02:45-03:10"]},
        ),
        WorkCalendar.parse("monday_minute", timezone="Europe/Madrid", hours={"mon": ["00:00-00:01"]}),
    )
}


class Oracle:
    """Worked microseconds since FIRST, from one flag for every minute of the range."""

    def __init__(self, calendar: WorkCalendar, first: date = FIRST, last: date = LAST) -> None:
        minutes = pd.date_range(first, last + timedelta(days=1), freq="min", inclusive="left", tz="UTC", unit="us")
        wall = minutes.tz_convert(calendar.timezone).tz_localize(None).as_unit("us").asi8
        day, minute = np.divmod(wall // MINUTE_US, 1440)
        week = np.zeros((7, 1440), dtype=bool)
        for place, weekday in enumerate(ALWAYS):
            for start, end in calendar.hours.get(weekday, ()):
                week[place, start:end] = True
        off = set(calendar.days_off)
        if calendar.holidays:
            years = range(first.year - 1, last.year + 2)
            off |= set(holidays.country_holidays(calendar.holidays, subdiv=calendar.region, years=years))
        closed = [(one - date(1970, 1, 1)).days for one in off]
        self.origin = int(minutes[0].value // 1000)
        self.open = week[(day + 3) % 7, minute] & ~np.isin(day, closed)
        self.before = np.concatenate([[0], np.cumsum(self.open)]) * MINUTE_US

    def worked(self, at: np.ndarray) -> np.ndarray:
        minute, rest = np.divmod(at - self.origin, MINUTE_US)
        return self.before[minute] + self.open[minute] * rest


def random_cases(rng: np.random.Generator, count: int) -> Mapping[str, np.ndarray]:
    """Starts and ends in microseconds: from seconds to four months apart, a third on whole minutes."""
    low, high = (int(pd.Timestamp(day).value // 1000) for day in (FIRST, LAST))
    start = rng.integers(low, high, count)
    length = np.exp(rng.uniform(np.log(1e6), np.log(120 * 86400e6), count)).astype(np.int64)
    end = np.minimum(start + length, high)
    on_minute = rng.random(count) < 1 / 3
    start = np.where(on_minute, start // MINUTE_US * MINUTE_US, start)
    end = np.where(on_minute, np.maximum(end // MINUTE_US * MINUTE_US, start), end)
    return {"start": start, "end": end, "calendar": rng.choice(list(CALENDARS), count)}


def clocked(cases: Mapping[str, np.ndarray], days: pa.Table) -> pd.DataFrame:
    """What the product says, in whole microseconds (`worked`), in the order of the cases."""
    con = ibis.duckdb.connect()
    table = pa.table(
        {
            "case": np.arange(len(cases["start"])),
            "start": pa.array(cases["start"]).cast(pa.timestamp("us")),
            "end": pa.array(cases["end"]).cast(pa.timestamp("us")),
            "calendar": pa.array(cases["calendar"].tolist(), pa.string()),
        }
    )
    spans = con.create_table("spans", ibis.memtable(table))
    worked = working_seconds(spans, "start", "end", spans.calendar, ibis.memtable(days))
    assert con.execute(uncovered(worked, "start", "end")) == 0
    frame = con.to_pandas(worked.order_by("case"))
    frame["worked"] = (frame["working_seconds"] * 1e6).round().astype("int64")
    return frame


@pytest.fixture(scope="module")
def days() -> pa.Table:
    return day_table(CALENDARS.values(), FIRST, LAST)


@pytest.fixture(scope="module")
def oracles() -> dict[str, Oracle]:
    return {name: Oracle(calendar) for name, calendar in CALENDARS.items()}


def test_100_000_random_cases_are_exact_to_the_microsecond(days, oracles):
    cases = random_cases(np.random.default_rng(20_260_301), 100_000)
    found = clocked(cases, days)
    for name, oracle in oracles.items():
        mine = cases["calendar"] == name
        expected = oracle.worked(cases["end"][mine]) - oracle.worked(cases["start"][mine])
        assert mine.sum() > 10_000 and (expected > 0).sum() > 500
        np.testing.assert_array_equal(found["worked"].to_numpy()[mine], expected, err_msg=name)


def test_the_clock_adds_up_over_a_middle_and_never_runs_backwards(days):
    rng = np.random.default_rng(7)
    cases = random_cases(rng, 20_000)
    middle = cases["start"] + (rng.random(20_000) * (cases["end"] - cases["start"])).astype(np.int64)
    whole = clocked(cases, days)["worked"]
    first = clocked({**cases, "end": middle}, days)["worked"]
    second = clocked({**cases, "start": middle}, days)["worked"]
    assert (first + second == whole).all()
    assert (first >= 0).all() and (second >= 0).all()
    assert (whole <= cases["end"] - cases["start"]).all()


def test_closed_time_counts_nothing(days, oracles):
    """Stretches from closing to opening, taken from the oracle's own minutes."""
    starts, ends, names = [], [], []
    for name, oracle in oracles.items():
        edges = np.flatnonzero(np.diff(oracle.open.astype(np.int8)))
        closes = edges[oracle.open[edges]] + 1
        opens = edges[~oracle.open[edges]] + 1
        following = np.searchsorted(opens, closes)
        for close, reopen in zip(closes[following < len(opens)], opens[following[following < len(opens)]], strict=True):
            starts.append(oracle.origin + int(close) * MINUTE_US)
            ends.append(oracle.origin + int(reopen) * MINUTE_US)
            names.append(name)
    assert len(starts) > 3_000 and max(np.array(ends) - np.array(starts)) > 3 * 86_400e6
    cases = {"start": np.array(starts), "end": np.array(ends), "calendar": np.array(names)}
    assert (clocked(cases, days)["worked"] == 0).all()


CHANGES = [
    ("lord_howe", datetime(2024, 4, 6, 15)),
    ("lord_howe", datetime(2024, 10, 5, 15, 30)),
    ("new_york_nights", datetime(2024, 3, 10, 7)),
    ("new_york_nights", datetime(2024, 11, 3, 6)),
    ("madrid", datetime(2024, 3, 31, 1)),
    ("utc", datetime(2024, 3, 31, 1)),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_walk_second_by_second_around_a_change_of_offset_agrees(days, name, change):
    calendar = CALENDARS[name]
    closed = calendar.closed(FIRST, LAST)
    rng = np.random.default_rng(change.month)
    starts = [change - timedelta(seconds=int(s)) for s in rng.integers(0, 3 * 3600, 6)]
    ends = [change + timedelta(seconds=int(s)) for s in rng.integers(0, 3 * 3600, 6)]
    walked = []
    for start, end in zip(starts, ends, strict=True):
        at, seconds = start.replace(tzinfo=UTC), 0
        while at < end.replace(tzinfo=UTC):
            wall = at.astimezone(calendar.zone)
            blocks = () if wall.date() in closed else calendar.hours.get(wall.strftime("%a").lower(), ())
            seconds += any(a <= wall.hour * 60 + wall.minute < b for a, b in blocks)
            at += timedelta(seconds=1)
        walked.append(seconds)
    cases = {
        "start": np.array(starts, "datetime64[us]").astype(np.int64),
        "end": np.array(ends, "datetime64[us]").astype(np.int64),
        "calendar": np.array([name] * len(starts)),
    }
    assert clocked(cases, days)["worked"].tolist() == [seconds * 1_000_000 for seconds in walked]
