"""The working-time clock: dated cases worked out by hand, and its edges."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadpact.metrics.calendar import WorkCalendar, day_span, day_table, uncovered, working_seconds
from tests.test_calendar_oracle import ALWAYS, CALENDARS, WORKDAYS, Oracle, each

HOUR = 3600.0
OFFICE = WorkCalendar.parse(
    "office",
    timezone="America/Mexico_City",
    holidays="MX",
    days_off=["2026-04-02"],
    hours={**each(WORKDAYS, "09:00-14:00", "15:00-18:00"), "fri": ["09:00-14:00"]},
)
MADRID = WorkCalendar.parse("madrid", timezone="Europe/Madrid", hours=each(ALWAYS, "00:00-24:00"))
NIGHTS = WorkCalendar.parse("nights", timezone="America/New_York", hours={"sun": ["01:30-02:30"]})
DAYS = day_table([OFFICE, MADRID, NIGHTS], date(2025, 12, 1), date(2026, 12, 31))


Span = tuple[datetime | None, datetime | None]


def clock(*spans: Span, calendar: Any = "office", days: pa.Table = DAYS) -> list[Any]:
    """Worked seconds of each span, in order."""
    names = calendar if isinstance(calendar, list) else [calendar] * len(spans)
    table = ibis.memtable(
        pa.table(
            {
                "place": list(range(len(spans))),
                "a": pa.array([start for start, _ in spans], pa.timestamp("us")),
                "b": pa.array([end for _, end in spans], pa.timestamp("us")),
                "team": pa.array(names, pa.string()),
            }
        )
    )
    by = table.team if isinstance(calendar, list) else calendar
    worked = working_seconds(table, "a", "b", by, ibis.memtable(days))
    assert worked.columns == (*table.columns, "working_seconds")
    return ibis.duckdb.connect().to_pyarrow(worked.order_by("place"))["working_seconds"].to_pylist()


# Mexico City is UTC−6 all year: local 09:00 is 15:00 UTC, local 18:00 is 00:00 UTC of the next day.
@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("2026-01-05T15:00", "2026-01-06T00:00", 8, id="a whole Monday without its lunch break"),
        pytest.param("2026-01-05T19:30", "2026-01-05T21:30", 1, id="over lunch"),
        pytest.param("2026-01-05T20:00", "2026-01-05T21:00", 0, id="lunch itself"),
        pytest.param("2026-01-10T18:00", "2026-01-12T16:00", 1, id="opened on a Saturday"),
        pytest.param("2026-01-10T18:00", "2026-01-11T18:00", 0, id="opened and closed on a weekend"),
        pytest.param("2026-01-01T15:00", "2026-01-02T16:00", 1, id="opened on New Year's Day"),
        pytest.param(
            "2026-01-30T19:00", "2026-02-03T16:00", 2, id="Friday to Tuesday over the Monday of Constitution Day"
        ),
        pytest.param("2026-04-01T15:00", "2026-04-03T16:00", 9, id="over a day off of its own"),
        pytest.param("2026-03-02T06:00", "2026-04-01T06:00", 4 * (8 * 4 + 5) - 8 + 16, id="a month with one holiday"),
        pytest.param("2026-01-05T15:00", "2026-01-05T15:00", 0, id="no time at all"),
    ],
)
def test_hours_worked_by_hand(start, end, hours):
    assert clock((datetime.fromisoformat(start), datetime.fromisoformat(end))) == [hours * HOUR]


def test_two_days_mean_sixteen_hours_and_not_forty_eight():
    assert clock((datetime(2026, 1, 5, 15), datetime(2026, 1, 7, 15))) == [16 * HOUR]


def test_a_case_in_another_zone_counts_its_own_days():
    """Midnight in Madrid is 23:00 UTC: the day starts there, not at UTC midnight."""
    only_monday = WorkCalendar.parse("monday", timezone="Europe/Madrid", hours={"mon": ["00:00-24:00"]})
    days = day_table([only_monday], date(2026, 1, 1), date(2026, 1, 31))
    opening = datetime(2026, 1, 4, 12), datetime(2026, 1, 4, 23, 30)
    closing = datetime(2026, 1, 5, 22), datetime(2026, 1, 6, 12)
    assert clock(opening, closing, calendar="monday", days=days) == [0.5 * HOUR, HOUR]


def test_a_day_of_changing_offset_lasts_its_true_time():
    spring = datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 22)
    autumn = datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 23)
    assert clock(spring, autumn, calendar="madrid") == [23 * HOUR, 25 * HOUR]


def test_skipped_wall_time_counts_nothing_and_repeated_wall_time_counts_twice():
    """New York 2026: 02:00 to 03:00 is skipped on 8 March; 01:00 to 02:00 comes twice on 1 November."""
    spring = datetime(2026, 3, 8), datetime(2026, 3, 9)
    ordinary = datetime(2026, 3, 15), datetime(2026, 3, 16)
    autumn = datetime(2026, 11, 1), datetime(2026, 11, 2)
    assert clock(spring, ordinary, autumn, calendar="nights") == [0.5 * HOUR, HOUR, 1.5 * HOUR]


def test_microseconds_are_kept():
    start, end = datetime(2026, 1, 5, 15, 0, 0, 1), datetime(2026, 1, 5, 19, 59, 59, 999_999)
    assert clock((start, end)) == [17_999.999998]


def test_a_clock_at_its_target_equals_it():
    start = datetime(2026, 1, 5, 15, 12, 34, 567_891)
    assert clock((start, start + timedelta(hours=2)), (start, start + timedelta(hours=2, microseconds=1))) == [
        7200.0,
        7200.000001,
    ]


def test_what_is_unknown_is_null():
    day = datetime(2026, 1, 5)
    backwards, uncovered_start = (day, day - timedelta(days=1)), (datetime(2025, 11, 30), day)
    assert clock((None, day), (day, None), backwards, uncovered_start) == [None] * 4
    assert clock((day, day), (day, day), calendar=["nobody", None]) == [None] * 2


def test_uncovered_counts_what_the_day_table_misses_and_nothing_else():
    day = datetime(2026, 1, 5)
    table = ibis.memtable(
        pa.table(
            {
                "a": pa.array([None, day, day, datetime(2025, 11, 30), day, day], pa.timestamp("us")),
                "b": pa.array([day, None, day - timedelta(days=1), day, day, datetime(2027, 1, 1)], pa.timestamp("us")),
            }
        )
    )
    worked = working_seconds(table, "a", "b", "office", ibis.memtable(DAYS))
    con = ibis.duckdb.connect()
    assert con.execute(uncovered(worked, "a", "b")) == 2
    unknown = working_seconds(table, "a", "b", "ofice", ibis.memtable(DAYS))
    assert con.execute(uncovered(unknown, "a", "b")) == 3
    assert con.execute(uncovered(worked.filter(worked.a > datetime(2030, 1, 1)), "a", "b")) == 0


def test_every_row_has_its_own_calendar_and_none_is_lost_or_doubled():
    week = datetime(2026, 1, 5), datetime(2026, 1, 12)
    assert clock(week, week, week, calendar=["office", "madrid", "nights"]) == [37 * HOUR, 168 * HOUR, HOUR]


def test_the_new_column_may_have_any_name_and_replaces_one_of_that_name():
    table = ibis.memtable(pa.table({"a": [datetime(2026, 1, 5, 15)], "b": [datetime(2026, 1, 5, 16)], "x": ["old"]}))
    worked = working_seconds(table, "a", "b", "office", ibis.memtable(DAYS), name="x")
    assert worked.columns == ("a", "b", "x")
    assert ibis.duckdb.connect().to_pyarrow(worked)["x"].to_pylist() == [HOUR]


def test_the_span_of_a_table_is_what_its_day_table_must_cover():
    con = ibis.duckdb.connect()
    table = con.create_table(
        "t",
        ibis.memtable(
            pa.table(
                {
                    "a": pa.array([datetime(2026, 1, 5, 23, 59), None], pa.timestamp("us")),
                    "b": pa.array([None, datetime(2026, 2, 1)], pa.timestamp("us")),
                }
            )
        ),
    )
    assert day_span(table, "a", "b") == (date(2026, 1, 5), date(2026, 2, 1))
    assert day_span(table.filter(table.a > datetime(2030, 1, 1)), "a", "b") is None


def test_a_holiday_that_only_reaches_into_the_first_or_last_utc_day_closes_it():
    """1 January lasts until 06:00 UTC of the 2nd in Mexico, and begins at 23:00 UTC of the 31st in Madrid."""
    always = each(ALWAYS, "00:00-24:00")
    mexico = WorkCalendar.parse("mexico", timezone="America/Mexico_City", holidays="MX", hours=always)
    madrid = WorkCalendar.parse("madrid", timezone="Europe/Madrid", holidays="ES", hours=always)
    rows = [
        day_table([mexico], date(2026, 1, 2), date(2026, 1, 2)).to_pylist()[0],
        day_table([madrid], date(2025, 12, 31), date(2025, 12, 31)).to_pylist()[0],
    ]
    worked = [row["p1_end"] - row["p1_start"] for row in rows]
    assert worked == [18 * HOUR * 1e6, 23 * HOUR * 1e6]


def test_a_day_table_has_one_row_for_each_calendar_and_day():
    table = day_table(CALENDARS.values(), date(2024, 2, 28), date(2024, 3, 1))
    assert table.num_rows == 3 * len(CALENDARS)
    assert len(set(zip(table["calendar"].to_pylist(), table["day"].to_pylist(), strict=True))) == table.num_rows
    assert day_table([], date(2024, 1, 1), date(2024, 1, 2)).num_rows == 0


def test_a_day_table_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="before it starts"):
        day_table([OFFICE], date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(ValueError, match="share a name"):
        day_table([OFFICE, OFFICE], date(2026, 1, 1), date(2026, 1, 2))


BLOCKS = st.lists(st.integers(0, 1440), min_size=2, max_size=8, unique=True).map(
    lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)
ZONES = st.sampled_from(
    [
        "America/Mexico_City",
        "Europe/Madrid",
        "America/New_York",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Africa/Casablanca",
        "Pacific/Chatham",
        "UTC",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    hours=st.dictionaries(st.sampled_from(ALWAYS), BLOCKS, min_size=1),
    zone=ZONES,
    first=st.dates(date(2010, 1, 1), date(2030, 1, 1)),
    length=st.integers(0, 40),
)
def test_the_pieces_of_any_calendar_are_the_minutes_its_wall_clock_is_open(hours, zone, first, length):
    calendar = WorkCalendar("any", zone, hours)
    last = first + timedelta(days=length)
    oracle = Oracle(calendar, first, last)
    expected = [int(day.sum()) * 60_000_000 for day in oracle.open.reshape(-1, 1440)]
    table = day_table([calendar], first, last).to_pylist()
    width = (len(table[0]) - 3) // 2
    assert [sum(row[f"p{i}_end"] - row[f"p{i}_start"] for i in range(1, width + 1)) for row in table] == expected
    assert [row["before_us"] for row in table] == [sum(expected[:place]) for place in range(len(expected))]
