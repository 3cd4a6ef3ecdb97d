"""Promises of the month: what is due by now, what was done, and what cannot be known yet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import Pact
from leadpact.metrics.promises import Promises, follow_ups, handovers, promises
from leadpact.metrics.promises_month import passed
from tests.rows import Rows, lead, moved
from tests.worlds import World, pact

AS_OF = datetime(2026, 3, 17)  # a Tuesday; March 2026 has 22 weekdays, 11 of them are over
BOTH: dict[str, Any] = {
    "commitments": {
        "marketing": {"mql_per_month": 10, "accepted_rate": 0.6},
        "sales": {"follow_up": "follow-up"},
    }
}


def march(number: float) -> datetime:
    return datetime(2026, 3, 1) + timedelta(days=number - 1)


def kept(
    world: World, histories: dict[str, list[tuple[Any, str]]], used: Pact | None = None, *, as_of: datetime = AS_OF,
    undated: tuple[str, ...] = (),
) -> Promises:  # fmt: skip
    used = used or pact(**BOTH)
    rows = [lead(who, status=steps[-1][1], created_at=steps[0][0]) for who, steps in histories.items()]
    rows += [lead(who, status="MQL", created_at=march(2)) for who in undated]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes, activity=[]), now=as_of, used=used)
    found = world.analyse(used)
    return promises(found.tables, found.pact, found.as_of)


def mql(*days: float) -> dict[str, list[tuple[Any, str]]]:
    return {f"m{at}": [(march(number), "MQL")] for at, number in enumerate(days)}


def test_leads_of_the_month_are_held_against_what_is_due_by_now_not_against_the_month(world: World) -> None:
    found = kept(world, mql(2, 3, 4, 5, 6, 9)).pace
    assert found is not None
    assert (found.promised, found.so_far, found.expected, found.state) == (10, 6, 5.0, "on_track")


@pytest.mark.parametrize(("days", "state"), [(4, "behind"), (5, "on_track"), (9, "on_track"), (10, "kept")])
def test_pace_at_its_boundaries(world: World, days: int, state: str) -> None:
    found = kept(world, mql(*[2.0] * days)).pace
    assert found is not None and found.state == state


def test_the_month_is_the_zones_month(world: World) -> None:
    """03:00 UTC on 1 March is still February in Mexico City."""
    used = pact(timezone="America/Mexico_City", **BOTH)
    histories = {"feb": [(datetime(2026, 3, 1, 3), "MQL")], "mar": [(datetime(2026, 3, 1, 6), "MQL")]}
    found = kept(world, histories, used)
    assert found.month.start == date(2026, 3, 1) and found.pace is not None
    assert found.pace.so_far == 1


def test_a_lead_that_returns_to_mql_in_the_same_journey_counts_once(world: World) -> None:
    steps = [(march(2), "MQL"), (march(3), "Working"), (march(4), "MQL")]
    found = kept(world, {"ana": steps, "again": [(datetime(2026, 2, 1), "MQL"), (march(2), "Working"),
                                                 (march(5), "MQL")]}).pace  # fmt: skip
    assert found is not None and found.so_far == 1


def test_what_never_was_a_lead_keeps_no_promise(world: World) -> None:
    found = kept(world, {"spam": [(march(2), "MQL"), (march(3), "Spam")], **mql(2)}).pace
    assert found is not None and (found.so_far, found.invalid) == (1, 1)


def test_leads_qualified_nobody_knows_when_are_counted_apart(world: World) -> None:
    found = kept(world, mql(2), undated=("old", "older", "oldest"))
    assert found.pace is not None and (found.pace.so_far, found.pace.unknown) == (1, 3)
    assert found.coverage == 0.25


def test_without_any_dated_lead_the_pace_is_unknown_and_not_zero(world: World) -> None:
    found = kept(world, {}, undated=("old",)).pace
    assert found is not None and found.state == "unknown"


def test_acceptance_is_of_this_months_decisions_and_those_pending_stand_apart(world: World) -> None:
    before = datetime(2026, 2, 10)
    histories = {
        "taken": [(before, "MQL"), (march(3), "Working")],  # handed over before, decided now
        "jumped": [(march(2), "MQL"), (march(3), "Customer")],
        "back": [(march(2), "MQL"), (march(4), "Re-Market")],
        "waits": [(march(5), "MQL")],
        "waits-long": [(before, "MQL")],
        "long-ago": [(before, "MQL"), (datetime(2026, 2, 12), "Disqualified")],
    }
    found = kept(world, histories).accepted
    assert found is not None
    assert (found.accepted, found.decided, found.pending) == (2, 3, 1)
    assert found.rate == pytest.approx(2 / 3) and found.state == "kept" and found.small
    assert found.ci_low is not None and found.ci_high is not None and found.ci_low < 2 / 3 < found.ci_high


def test_nothing_is_decided_before_it_is_handed_over(world: World) -> None:
    """Worked by Sales in February, qualified in March: the decision is March's."""
    histories = {"ana": [(datetime(2026, 2, 10), "Working"), (march(4), "MQL")]}
    found = kept(world, histories).accepted
    assert found is not None and (found.accepted, found.decided) == (1, 1)


def test_exactly_the_promised_share_is_kept(world: World) -> None:
    ends = ["Working"] * 3 + ["Disqualified"] * 2
    found = kept(world, {f"r{n}": [(march(2), "MQL"), (march(3), end)] for n, end in enumerate(ends)}).accepted
    assert found is not None and (found.rate, found.state) == (0.6, "kept")


def test_a_waiting_lead_never_changes_the_share_accepted(world: World, tmp_path: Any) -> None:
    histories = {"a": [(march(2), "MQL"), (march(3), "Working")], "b": [(march(2), "MQL"), (march(3), "Disqualified")]}
    one = kept(world, histories).accepted
    two = kept(World(tmp_path / "other"), {**histories, **mql(2, 3, 4)}).accepted
    assert one is not None and two is not None
    assert (one.rate, one.pending, two.rate, two.pending) == (0.5, 0, 0.5, 3)


def test_follow_up_counts_the_clocks_that_started_this_month(world: World) -> None:
    histories = {
        "in-time": [(march(2), "MQL"), (march(3), "Working")],
        "late": [(march(2), "MQL"), (march(9), "Working")],
        "waits-past": [(march(10), "MQL")],
        "waits": [(march(16), "MQL")],
        "february": [(datetime(2026, 2, 10), "MQL"), (march(9), "Working")],
    }
    found = kept(world, histories).follow_up
    assert found is not None
    assert (found.met, found.breached, found.overdue, found.running) == (1, 1, 1, 1)
    assert (found.compliance, found.due, found.state) == (pytest.approx(1 / 3), 3, "behind")


def test_a_promise_to_follow_up_is_kept_when_nobody_waited_too_long(world: World) -> None:
    found = kept(world, {"in-time": [(march(2), "MQL"), (march(3), "Working")], **mql(16)}).follow_up
    assert found is not None and (found.compliance, found.state) == (1.0, "kept")


def test_nothing_yet_is_unknown_and_never_kept_or_broken(world: World) -> None:
    found = kept(world, {"cold": [(march(2), "Subscriber")]})
    assert found.accepted is not None and found.follow_up is not None and found.pace is not None
    assert (found.accepted.rate, found.accepted.state) == (None, "unknown")
    assert (found.follow_up.compliance, found.follow_up.state) == (None, "unknown")
    assert (found.pace.so_far, found.pace.state, found.coverage) == (0, "behind", None)


def test_a_pact_without_promises_has_none(world: World) -> None:
    found = kept(world, mql(2), pact())
    assert not found.any and (found.pace, found.accepted, found.follow_up) == (None, None, None)


def test_the_rows_behind_add_up_to_the_figures(world: World) -> None:
    histories = {
        "taken": [(march(2), "MQL"), (march(3), "Working")],
        "back": [(march(2), "MQL"), (march(4), "Re-Market")],
        "waits": [(march(5), "MQL")],
    }
    found = kept(world, histories)
    opened = world.analyse(pact(**BOTH))
    rows = handovers(opened.tables, opened.pact, opened.as_of).execute()
    assert found.pace is not None and found.accepted is not None and found.follow_up is not None
    assert rows["qualified"].sum() == found.pace.so_far == 3
    assert (rows["counted"].sum(), rows["accepted"].sum(), rows["waiting"].sum()) == (2, 1, 1)
    assert int(follow_ups(opened.tables, opened.pact, opened.as_of).count().execute()) == 3
    assert {"object", "record_id", "person_id"} <= set(rows.columns)


@pytest.mark.parametrize(
    ("as_of", "share"),
    [(datetime(2026, 3, 1), 0.0), (datetime(2026, 3, 2), 0.0), (datetime(2026, 3, 2, 12), 0.5 / 22),
     (datetime(2026, 3, 14), 10 / 22), (datetime(2026, 3, 16), 10 / 22), (AS_OF, 11 / 22)],
)  # fmt: skip
def test_without_a_calendar_a_month_is_its_weekdays(as_of: datetime, share: float) -> None:
    assert passed(pact(), as_of) == (pytest.approx(share), None)


def test_the_promised_policys_calendar_says_what_a_working_day_is() -> None:
    office = {"timezone": "UTC", "hours": {"mon": ["09:00-13:00"], "tue": ["09:00-13:00"]}, "days_off": ["2026-03-02"]}
    policy = {"id": "follow-up", "starts": "mql", "stops": {"stages": ["sal"]}, "calendar": "late",
              "target": {"hours": 8, "clock": "working"}}  # fmt: skip
    used = pact(calendars={"office": office, "late": {**office, "hours": {"tue": ["09:00-13:00"]}}}, sla=[policy],
                commitments={"sales": {"follow_up": "follow-up"}})  # fmt: skip
    assert passed(used, datetime(2026, 3, 3, 11)) == (pytest.approx(0.5 / 5), "late")
    assert passed(pact(calendars={"office": office}), datetime(2026, 3, 3, 11)) == (
        pytest.approx(2 / (4 * 9)),
        "office",
    )


def test_a_month_that_a_change_of_clocks_shortens_ends_whole() -> None:
    used = pact(timezone="Europe/Madrid")
    assert passed(used, datetime(2026, 3, 31, 21, 59, 59))[0] == pytest.approx(1, abs=1e-6)
    assert passed(used, datetime(2026, 3, 31, 22))[0] == 0  # already April there


@pytest.mark.thorough
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_of_rows_is_irrelevant(data: Any, tmp_path_factory: Any) -> None:
    histories = {f"r{n}": [(march(2), "MQL"), (march(3 + n), ["Working", "Re-Market", "MQL"][n % 3])] for n in range(6)}
    mixed = dict(data.draw(st.permutations(list(histories.items()))))
    one = kept(World(tmp_path_factory.mktemp("one")), histories)
    two = kept(World(tmp_path_factory.mktemp("two")), mixed)
    assert one == two
