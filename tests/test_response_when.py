"""When clocks start: local weeks and hours, periods that are not final, gaps; and who waits now, in what order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from leadpact.metrics import response_waiting, response_when
from leadpact.metrics.response_counts import Counts
from leadpact.metrics.response_when import Span, When
from tests.clock_worlds import START, fill, policy
from tests.worlds import SMALL, World, pact

DAY, WEEK = 24, 168
MQL = (0, "MQL")


def ask(world: World, histories: Any, calls: Any = None, *, by: str | None = None, **options: Any) -> When:
    found = fill(world, histories, calls or {}, **options)
    return response_when.when(found.tables, found.pact, found.as_of, policy(found), by=by)


def hours_to(moment: datetime) -> float:
    return (moment - START).total_seconds() / 3600


@pytest.mark.parametrize(
    ("zone", "moment", "week", "month", "weekday", "hour"),
    [
        ("UTC", datetime(2026, 2, 2), date(2026, 2, 2), date(2026, 2, 1), 0, 0),
        ("America/Mexico_City", datetime(2026, 2, 1, 5, 30), date(2026, 1, 26), date(2026, 1, 1), 5, 23),
        ("Asia/Tokyo", datetime(2026, 1, 31, 15, 1), date(2026, 1, 26), date(2026, 2, 1), 6, 0),
        ("Europe/Madrid", datetime(2026, 3, 29, 0, 59), date(2026, 3, 23), date(2026, 3, 1), 6, 1),
        ("Europe/Madrid", datetime(2026, 3, 29, 1, 0), date(2026, 3, 23), date(2026, 3, 1), 6, 3),
    ],
)
def test_a_clock_starts_in_the_pacts_own_week_and_hour(
    world: World, zone: str, moment: datetime, week: date, month: date, weekday: int, hour: int
) -> None:
    result = ask(world, {"ana": [(hours_to(moment), "MQL")]}, as_of=24 * 120, used=pact(timezone=zone))
    assert [(span.unit, span.start) for span in result.spans] == [("week", week), ("month", month)]
    assert [(cell.weekday, cell.hour) for cell in result.cells] == [(weekday, hour)]


def test_a_period_with_running_clocks_is_not_final(world: World) -> None:
    """The young week: one kept, one not, two still running: it can end anywhere from a quarter to three quarters."""
    young = 3 * WEEK
    histories = {
        "old": [MQL, (1, "Working")],
        "old2": [MQL, (60, "Working")],
        "kept": [(young, "MQL"), (young + 1, "Working")],
        "late": [(young, "MQL"), (young + 49, "Working")],
        "runs": [(young + 3, "MQL")],
        "runs2": [(young + 4, "MQL")],
    }
    spans = ask(world, histories, as_of=young + 50).of("week")
    first, last = spans[0], spans[-1]
    assert (first.young, first.course, first.counts.compliance) == (False, False, 0.5)
    assert first.at_least == first.at_most == 0.5
    assert (last.young, last.course, last.counts.running, last.counts.compliance) == (True, True, 2, 0.5)
    assert (last.at_least, last.at_most) == (0.25, 0.75)


def test_what_a_young_period_becomes_lies_in_its_range(world: World) -> None:
    """Whatever the running ones do: seen a month later, it ended within what it said it could."""
    histories = {
        "kept": [MQL, (1, "Working")],
        "a": [(2, "MQL"), (40, "Working")],
        "b": [(2, "MQL"), (60, "Working")],
        "c": [(3, "MQL"), (30, "Disqualified")],
        "d": [(3, "MQL")],
    }
    found = fill(world, histories, {}, as_of=30 * DAY)
    after = response_when.when(found.tables, found.pact, found.as_of, policy(found)).of("week")[0]
    for hours in (2, 5, 20, 35, 45):
        then = world.analyse(as_of=START + timedelta(hours=hours))
        young = response_when.when(then.tables, then.pact, then.as_of, policy(then)).of("week")[0]
        assert young.young and young.at_least is not None and young.at_most is not None
        assert young.at_least <= (after.counts.compliance or 0) <= young.at_most


def test_a_young_period_without_a_due_clock_has_no_compliance(world: World) -> None:
    (span,) = ask(world, {"ana": [MQL]}, as_of=10).of("week")
    assert (span.counts.compliance, span.at_least, span.at_most) == (None, 0.0, 1.0)


def test_a_week_without_clocks_is_a_gap_and_not_nought(world: World) -> None:
    spans = ask(world, {"ana": [MQL, (1, "Working")], "bea": [(3 * WEEK, "MQL"), (3 * WEEK + 1, "Working")]}).of("week")
    assert [(span.counts.clocks, span.counts.compliance) for span in spans] == [
        (1, 1.0),
        (0, None),
        (0, None),
        (1, 1.0),
    ]
    assert [span.start.isoformat() for span in spans] == ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]


def test_weeks_months_cells_and_groups_all_add_up(world: World) -> None:
    histories = {f"r{n}": [(n * 31, "MQL"), *([(n * 31 + n, "Working")] if n % 3 else [])] for n in range(20)}
    fields = {who: {"source": ["a", "b", None][n % 3]} for n, who in enumerate(histories)}
    found = fill(world, histories, {}, as_of=40 * DAY, fields=fields)
    one = policy(found)
    whole = response_when.when(found.tables, found.pact, found.as_of, one)
    split = response_when.when(found.tables, found.pact, found.as_of, one, by="source")
    totals = [sum((span.counts for span in whole.of(unit)), Counts()) for unit in response_when.UNITS]
    totals.append(sum((cell.counts for cell in whole.cells), Counts()))
    totals.append(sum((cell.counts for cell in split.cells), Counts()))
    assert totals[0].clocks == 20 and all(total == totals[0] for total in totals)
    for unit in response_when.UNITS:
        own = [span for span in split.spans if span.unit == unit]
        assert response_when.added(own) == whole.of(unit)


def test_nothing_has_no_periods(world: World) -> None:
    result = ask(world, {"ana": [(0, "Subscriber")]})
    assert (result.spans, result.cells, result.coverage) == ((), (), None)


def test_december_is_followed_by_january() -> None:
    assert response_when.after(date(2026, 12, 1), "month") == date(2027, 1, 1)
    assert response_when.after(date(2026, 12, 28), "week") == date(2027, 1, 4)


def test_an_interval_belongs_to_its_counts() -> None:
    span = Span(None, "week", date(2026, 1, 5), date(2026, 1, 12), Counts(met=3, breached=1), False)
    assert span.counts.interval is not None and span.counts.interval[0] < 0.75 < span.counts.interval[1]
    assert Counts().interval is None and span.counts.small


# who waits now

AS_OF = 30 * DAY


def waiting(world: World, waited: dict[str, float], **options: Any) -> list[tuple[str, str]]:
    found = fill(world, {who: [(AS_OF - hours, "MQL")] for who, hours in waited.items()}, {}, as_of=AS_OF, **options)
    rows = response_waiting.queue(found.tables, found.pact, found.as_of).order_by("rank").to_pyarrow().to_pylist()
    counts = response_waiting.counts(found.tables, found.pact, found.as_of)
    assert counts == {name: sum(row["urgency"] == name for row in rows) for name in response_waiting.URGENCIES}
    return [(row["record_id"], row["urgency"]) for row in rows]


def test_who_can_still_be_met_comes_first_and_the_forgotten_last(world: World) -> None:
    waited = {"old": 600.0, "fresh": 1.0, "hour_left": 47.0, "just_over": 50.0, "day_over": 72.0, "half": 24.0}
    assert waiting(world, waited) == [
        ("hour_left", "soon"), ("just_over", "over"), ("day_over", "over"), ("half", "later"), ("fresh", "later"),
        ("old", "forgotten"),
    ]  # fmt: skip


def test_each_urgency_ends_where_it_says(world: World) -> None:
    expected = {35.99: "later", 36: "soon", 48: "soon", 48.01: "over", 96: "over", 96.01: "forgotten"}
    found = waiting(world, {f"{hours:05}": hours for hours in expected})
    assert dict(found) == {f"{hours:05}": urgency for hours, urgency in expected.items()}


def test_a_person_stands_once_by_the_most_urgent_clock(world: World) -> None:
    """Two policies, and a journey begun again: three clocks, one person."""
    second = {"id": "slow", "starts": "mql", "stops": {"stages": ["sal"]}, "target": {"hours": 1000}}
    used = pact(sla=[*SMALL["sla"], second])
    steps = [(AS_OF - 300, "MQL"), (AS_OF - 200, "Subscriber"), (AS_OF - 47, "MQL")]
    found = fill(world, {"ana": steps}, {}, as_of=AS_OF, used=used)
    rows = response_waiting.queue(found.tables, found.pact, found.as_of).to_pyarrow().to_pylist()
    assert [(row["policy"], row["urgency"], row["left_hours"]) for row in rows] == [("follow-up", "soon", 1.0)]
    assert rows[0]["due_at"] == datetime.fromisoformat("2026-02-04T01:00:00")


def test_answered_and_lost_leads_do_not_wait(world: World) -> None:
    histories = {"done": [MQL, (1, "Working")], "gone": [MQL, (1, "Disqualified")]}
    found = fill(world, histories, {}, as_of=AS_OF)
    assert set(response_waiting.counts(found.tables, found.pact, found.as_of).values()) == {0}


def test_a_pact_without_promises_has_nobody_waiting(world: World) -> None:
    found = fill(world, {"ana": [MQL]}, {}, used=pact(sla=[]))
    assert set(response_waiting.counts(found.tables, found.pact, found.as_of).values()) == {0}
