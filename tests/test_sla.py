"""SLA clocks: every state, at its boundary; touches; working hours; a brute-force oracle."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics import sla
from leadpact.metrics.quarrel import quarrel
from tests.rows import Rows, lead, moved
from tests.worlds import SMALL, World, pact

START = datetime(2026, 1, 5)  # a Monday
AS_OF = START + timedelta(days=30)
TARGET = timedelta(hours=48)


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def call(who: str, at: datetime, **fields: Any) -> dict[str, Any]:
    return {"activity_id": f"{who}{at}", "object": "lead", "record_id": who, "kind": "call", "at": at, **fields}


def of(
    world: World, histories: dict[str, list[tuple[Any, str]]], touches: list[dict[str, Any]] | None = None, **more: Any
) -> None:
    rows = [lead(who, status=steps[-1][1], created_at=steps[0][0]) for who, steps in histories.items()]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    tables = {"record": rows, "field_change": changes, **more.pop("tables", {})}
    if touches is not None:
        tables["activity"] = touches
    world.sync(Rows(creation_logged=True, **tables), now=more.pop("as_of", AS_OF), **more)


def states(world: World, used: Pact | None = None) -> dict[str, str]:
    found = world.analyse(used)
    clock = sla.clocks(found.tables, found.pact, found.as_of, found.pact.sla[0])
    return {row["record_id"]: row["state"] for row in clock.to_pyarrow().to_pylist()}


MQL = (START, "MQL")


@pytest.mark.parametrize(
    ("steps", "touched", "as_of", "state"),
    [
        ([MQL, (hours(48), "Working")], [], AS_OF, "met"),
        ([MQL, (hours(48) + timedelta(microseconds=1), "Working")], [], AS_OF, "breached"),
        ([MQL], [hours(48)], AS_OF, "met"),
        ([MQL], [hours(49)], AS_OF, "breached"),
        ([MQL], [], hours(48), "running"),
        ([MQL], [], hours(48) + timedelta(microseconds=1), "overdue"),
        ([MQL, (hours(10), "Disqualified")], [], AS_OF, "withdrawn"),
        ([MQL, (hours(48), "Re-Market")], [], AS_OF, "withdrawn"),
        ([MQL, (hours(49), "Re-Market")], [], AS_OF, "breached"),
        ([MQL, (hours(10), "Disqualified")], [hours(5)], AS_OF, "met"),
        ([MQL, (hours(10), "Disqualified")], [hours(12)], AS_OF, "withdrawn"),
        ([MQL, (hours(10), "Spam")], [], AS_OF, "withdrawn"),
        ([MQL, (hours(10), "Customer")], [], AS_OF, "met"),
        ([MQL, (hours(10), "Subscriber")], [], AS_OF, "overdue"),
        ([MQL], [START - timedelta(seconds=1)], AS_OF, "overdue"),
        ([MQL], [START], AS_OF, "met"),
        ([MQL], [AS_OF + timedelta(seconds=1)], AS_OF, "overdue"),
    ],
)
def test_a_clock_ends_in_the_state_the_definition_gives(
    world: World, steps: list[tuple[datetime, str]], touched: list[datetime], as_of: datetime, state: str
) -> None:
    of(world, {"ana": steps}, [call("ana", at) for at in touched], as_of=as_of)
    assert states(world) == {"ana": state}


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"completed": True, "direction": "outbound", "automated": False, "actor_id": "rep"}, True),
        ({"actor_id": "sdr"}, True),
        ({"actor_id": "nobody-we-know"}, True),
        ({"completed": False}, False),
        ({"direction": "inbound"}, False),
        ({"automated": True}, False),
        ({"actor_id": "queue"}, False),
        ({"actor_id": "marketer"}, False),
        ({"kind": "web_visit"}, False),
        ({"kind": "meeting"}, True),
    ],
)
def test_only_what_a_person_of_sales_did_is_a_touch(world: World, fields: dict[str, Any], counts: bool) -> None:
    owners = [
        {"owner_id": "rep", "team": "sales"},
        {"owner_id": "sdr", "team": "SDR"},
        {"owner_id": "queue", "is_queue": True},
        {"owner_id": "marketer", "team": "marketing"},
    ]
    of(world, {"ana": [MQL]}, [call("ana", hours(2), **fields)], tables={"owner": owners})
    assert states(world) == {"ana": "met" if counts else "overdue"}


def test_a_touch_on_any_record_of_the_person_counts(world: World) -> None:
    rows = [lead("ana", status="MQL", created_at=START), lead("dup", merged_into="ana", created_at=START)]
    source = Rows(creation_logged=True, record=rows, field_change=moved("ana", MQL), activity=[call("dup", hours(3))])
    world.sync(source, now=AS_OF)
    assert states(world) == {"ana": "met"}


def test_without_activities_a_clock_no_stage_stopped_is_unknown(world: World) -> None:
    of(world, {"ana": [MQL], "bob": [MQL, (hours(60), "Working")], "eve": [MQL, (hours(6), "Disqualified")]})
    assert states(world) == {"ana": "unknown", "bob": "breached", "eve": "unknown"}
    found = world.analyse()
    (result,) = sla.compliance(found.tables, found.pact, found.as_of)
    assert (result.unknown, result.compliance) == (2, 0.0)
    assert quarrel(found.tables, found.pact, found.as_of).never_touched is None


def test_scoring_again_never_restarts_a_clock_and_coming_back_starts_another(world: World) -> None:
    steps = [MQL, (hours(40), "MQL"), (hours(60), "Re-Market"), (hours(200), "MQL"), (hours(210), "Working")]
    of(world, {"ana": steps}, [])
    found = world.analyse()
    clock = sla.clocks(found.tables, found.pact, found.as_of, found.pact.sla[0]).order_by("started_at")
    assert [row["state"] for row in clock.to_pyarrow().to_pylist()] == ["breached", "met"]


def test_an_entry_of_unknown_time_has_no_clock(world: World) -> None:
    rows = [lead("ana", status="MQL", created_at=START), lead("bob", status="Working", created_at=START)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=moved("bob", (START, "Working")), activity=[]))
    assert states(world) == {}


def test_compliance_leaves_out_running_withdrawn_and_unknown(world: World) -> None:
    histories = {
        "met": [MQL, (hours(1), "Working")],
        "late": [MQL, (hours(50), "Working")],
        "waiting": [MQL],
        "young": [(AS_OF - timedelta(hours=1), "MQL")],
        "gone": [MQL, (hours(1), "Disqualified")],
    }
    of(world, histories, [])
    found = world.analyse()
    (result,) = sla.compliance(found.tables, found.pact, found.as_of)
    counts = {state: getattr(result, state) for state in sla.STATES}
    assert counts == {"met": 1, "breached": 1, "overdue": 1, "running": 1, "withdrawn": 1, "unknown": 0}
    assert result.compliance == pytest.approx(1 / 3)
    assert result.never_touched == 3


def test_the_median_counts_those_still_waiting(world: World) -> None:
    """1, 2 and 50 hours, and two waiting: the median is 50, where the finished ones alone say 2."""
    histories = {f"r{n}": [MQL, (hours(n), "Working")] for n in (1, 2, 50)} | {"w1": [MQL], "w2": [MQL]}
    of(world, histories, [])
    found = world.analyse()
    (result,) = sla.compliance(found.tables, found.pact, found.as_of)
    assert (result.median_hours, result.p90_hours) == (50, None)


def test_groups_add_up(world: World) -> None:
    rows = [lead(f"r{n}", status="MQL", created_at=START, source=["a", "b", None][n % 3]) for n in range(7)]
    source = Rows(creation_logged=True, record=rows, field_change=[r for n in range(7) for r in moved(f"r{n}", MQL)],
                  activity=[call("r0", hours(1)), call("r4", hours(99))])  # fmt: skip
    world.sync(source, now=AS_OF)
    found = world.analyse()
    (whole,) = sla.compliance(found.tables, found.pact, found.as_of)
    parts = sla.compliance(found.tables, found.pact, found.as_of, by="source")
    assert {one.group for one in parts} == {"a", "b", None}
    for state in sla.STATES:
        assert sum(getattr(one, state) for one in parts) == getattr(whole, state)


def test_waiting_leads_come_most_urgent_first(world: World) -> None:
    of(world, {"old": [MQL], "new": [(AS_OF - timedelta(hours=3), "MQL")], "done": [MQL, (hours(1), "Working")]}, [])
    found = world.analyse()
    rows = sla.waiting(found.tables, found.pact, found.as_of).to_pyarrow().to_pylist()
    assert [(row["record_id"], row["state"]) for row in rows] == [("old", "overdue"), ("new", "running")]
    assert rows[1]["left_hours"] == pytest.approx(45)


def working(hours_: float) -> Pact:
    policy = {"id": "accept", "starts": "mql", "stops": {"stages": ["sal"]}, "calendar": "office",
              "target": {"hours": hours_, "clock": "working"}}  # fmt: skip
    week = {day: ["09:00-14:00", "15:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return pact(sla=[policy], calendars={"office": {"timezone": "America/Mexico_City", "hours": week}})


@pytest.mark.parametrize(("target", "state"), [(8, "met"), (7.99, "breached")])
def test_working_hours_count_blocks_of_the_offices_day(world: World, target: float, state: str) -> None:
    """Friday 17:00 to Tuesday 09:00 in Mexico City: one hour of Friday, 8 of Monday, none of the weekend."""
    friday, tuesday = datetime(2026, 1, 9, 24 - 1), datetime(2026, 1, 13, 15)
    of(world, {"ana": [(friday, "MQL"), (tuesday, "Working")]}, [], used=working(target + 1))
    assert states(world, working(target + 1)) == {"ana": state}


def test_both_complaints_are_tested(world: World) -> None:
    histories = {
        "kept": [MQL, (hours(1), "Working")],
        "back": [MQL, (hours(30), "Disqualified")],
        "back2": [MQL, (hours(31), "Re-Market")],
        "open": [MQL],
    }
    rows = [lead(who, status=steps[-1][1], created_at=START, end_reason="No budget" if "back" in who else None)
            for who, steps in histories.items()]  # fmt: skip
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes, activity=[]), now=AS_OF)
    found = world.analyse()
    result = quarrel(found.tables, found.pact, found.as_of)
    assert (result.in_time, result.clocks, result.never_touched) == (0.5, 2, 3)
    assert (result.accepted, result.decided, result.accepted_rate) == (1, 3, pytest.approx(1 / 3))
    assert (result.first_reason, result.first_reason_count) == ("No budget", 2)


ENDS = {"Re-Market", "Disqualified", "Spam"}
STOPS = {"Working", "Customer"}


def by_hand(steps: list[tuple[datetime, str]], touches: list[datetime], as_of: datetime) -> list[str]:
    """The states of all clocks of one lead, in order, by the words of the definition."""
    found = []
    before = None
    for place, (start, status) in enumerate(steps):
        if status != "MQL" or before == "MQL":
            before = status
            continue
        before = status
        after = steps[place + 1 :]
        stop = next((at for at, s in after if s in STOPS), None)
        end_place = next((n for n, (_, s) in enumerate(after) if s in ENDS), None)
        stop_place = next((n for n, (_, s) in enumerate(after) if s in STOPS), None)
        end = None
        if end_place is not None and (stop_place is None or end_place < stop_place):
            end, stop = after[end_place][0], None
        touch = min((at for at in touches if at >= start), default=None)
        at = min((x for x in (stop, touch) if x is not None), default=None)
        if at is not None and (end is None or at <= end):
            found.append("met" if at - start <= TARGET else "breached")
        elif end is not None:
            found.append("breached" if end - start > TARGET else "withdrawn")
        else:
            found.append("overdue" if as_of - start > TARGET else "running")
    return found


@pytest.mark.thorough
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_histories_agree_with_judging_by_hand(data: Any, tmp_path_factory: Any) -> None:
    world = World(tmp_path_factory.mktemp("sla"))
    histories, touches, expected = {}, [], {}
    as_of = START + timedelta(days=20)
    for number in range(data.draw(st.integers(1, 20))):
        who = f"r{number:02}"
        statuses = data.draw(st.lists(st.sampled_from(sorted(SMALL["status_map"]["lead"])), min_size=1, max_size=7))
        gaps = data.draw(st.lists(st.integers(0, 60), min_size=len(statuses), max_size=len(statuses)))
        at, steps = START, []
        for gap, status in zip(gaps, statuses, strict=True):
            at += timedelta(hours=gap)
            steps.append((at, status))
        own = [START + timedelta(hours=h) for h in data.draw(st.lists(st.integers(0, 400), max_size=3))]
        histories[who] = steps
        touches += [{**call(who, at), "activity_id": f"{who}-{n}"} for n, at in enumerate(own)]
        expected[who] = by_hand(steps, own, as_of)
    of(world, histories, touches, as_of=as_of)
    found = world.analyse()
    clock = sla.clocks(found.tables, found.pact, found.as_of, found.pact.sla[0]).order_by("record_id", "n")
    seen: dict[str, list[str]] = {who: [] for who in histories}
    for row in clock.to_pyarrow().to_pylist():
        seen[row["record_id"]].append(row["state"])
    assert seen == expected


def test_only_the_clocks_that_started_in_the_range_are_counted_and_days_are_the_pacts(world: World) -> None:
    """Days of Mexico City: 05:59 UTC on the 7th is still the 6th there."""
    used = pact(timezone="America/Mexico_City")
    entries = {"a": datetime(2026, 1, 6, 12), "b": datetime(2026, 1, 7, 5, 59), "c": datetime(2026, 1, 7, 6)}
    of(world, {who: [(at, "MQL")] for who, at in entries.items()}, [], used=used)
    found = world.analyse(used)
    counts = [
        [one.clocks for one in sla.compliance(part.tables, part.pact, part.as_of)]
        for part in (
            found.between(date(2026, 1, 6), date(2026, 1, 7)),
            found.between(date(2026, 1, 7), None),
            found.between(None, date(2026, 1, 6)),
            found,
        )
    ]
    assert counts == [[2], [1], [0], [3]]
    assert found.cache_key != found.between(date(2026, 1, 7), None).cache_key


def test_a_range_that_ends_before_it_starts_is_refused(world: World) -> None:
    of(world, {"a": [MQL]}, [])
    with pytest.raises(Misconfigured):
        world.analyse().between(date(2026, 1, 7), date(2026, 1, 7))
