"""When a working-time target is used up: dated cases, and the inverse of the clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from leadpact.metrics.calendar import WorkCalendar, day_table
from leadpact.metrics.calendar_due import due_at
from tests.test_calendar import DAYS, HOUR, clock


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-01-05T15:00", 1, "2026-01-05T16:00", id="within the block"),
        pytest.param("2026-01-05T19:30", 1, "2026-01-05T21:30", id="over lunch"),
        pytest.param("2026-01-05T15:00", 8, "2026-01-06T00:00", id="at closing, not at the next opening"),
        pytest.param("2026-01-10T18:00", 1, "2026-01-12T16:00", id="from a Saturday"),
        pytest.param("2026-01-10T18:00", 0, "2026-01-10T18:00", id="a target of nothing is due at once"),
        pytest.param("2026-12-31T23:00", 8, None, id="past the table"),
        pytest.param("2025-11-30T15:00", 1, None, id="before the table"),
    ],
)
def test_due(start, hours, due):
    expected = None if due is None else datetime.fromisoformat(due)
    assert due_at([datetime.fromisoformat(start), None], hours * HOUR, DAYS, "office") == [expected, None]


def test_due_is_the_inverse_of_the_clock():
    starts = [datetime(2026, 1, 1) + timedelta(hours=7.3 * step) for step in range(900)]
    for name in ("office", "madrid", "nights"):
        target = 1.75 * HOUR
        due = due_at(starts, target, DAYS, name)
        assert None not in due
        assert clock(*zip(starts, due, strict=True), calendar=name) == [target] * len(starts)
        moment_before = [at - timedelta(microseconds=1) for at in due if at]
        assert max(clock(*zip(starts, moment_before, strict=True), calendar=name)) < target


def test_due_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="negative"):
        due_at([], -1, DAYS, "office")
    with pytest.raises(KeyError):
        due_at([], 1, DAYS, "ofice")


def test_a_calendar_that_never_opens_is_never_due():
    closed = WorkCalendar("closed", "UTC", {})
    days = day_table([closed], date(2026, 1, 1), date(2026, 1, 2))
    assert due_at([datetime(2026, 1, 1)], 1, days, "closed") == [None]
    assert due_at([datetime(2026, 1, 1)], 0, days, "closed") == [datetime(2026, 1, 1)]
    assert clock((datetime(2026, 1, 1), datetime(2026, 1, 2)), calendar="closed", days=days) == [0.0]
