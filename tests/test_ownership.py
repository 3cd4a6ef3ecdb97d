"""Whose lead it was when: at entry, at the start of a clock, in a queue; and in whose hours a clock runs."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import Pact
from leadpact.metrics import funnel, ownership, sla
from tests.rows import Rows, lead, moved
from tests.worlds import World, pact

START = datetime(2026, 1, 5)  # a Monday
AS_OF = START + timedelta(days=30)
OWNERS: list[dict[str, Any]] = [
    {"owner_id": "Q", "name": "MQL queue", "is_queue": True},
    {"owner_id": "A", "name": "Ana", "team": "sdr", "manager_id": "M", "timezone": "America/Mexico_City"},
    {"owner_id": "B", "name": "Bo", "team": "sales", "manager_id": "N", "timezone": "Europe/Madrid"},
    {"owner_id": "M", "name": "Mia"},
]


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def handed(record_id: str, at: Any, before: str | None, after: str | None, seq: int = 0) -> dict[str, Any]:
    return {"object": "lead", "record_id": record_id, "field": "owner_id", "from_value": before, "to_value": after,
            "at": at, "seq": seq, "evidence": "history"}  # fmt: skip


def of(world: World, steps: dict[str, list[tuple[Any, str]]], owners: dict[str, str], *changes: dict[str, Any],
       used: Pact | None = None) -> None:  # fmt: skip
    rows = [lead(who, status=own[-1][1], created_at=own[0][0], owner_id=owners.get(who)) for who, own in steps.items()]
    history = [row for who, own in steps.items() for row in moved(who, *own)] + list(changes)
    world.sync(Rows(creation_logged=True, record=rows, field_change=history, activity=[], owner=OWNERS),
               now=AS_OF, used=used)  # fmt: skip


def by(world: World, dimension: str, used: Pact | None = None) -> dict[str | None, int]:
    found = world.analyse(used)
    return {one.group: one.clocks for one in sla.compliance(found.tables, found.pact, found.as_of, by=dimension)}


MQL = (START, "MQL")


def test_a_clock_belongs_to_who_held_the_lead_when_it_started(world: World) -> None:
    """Ana had it when it became an MQL; that Bo has it now says nothing about her."""
    of(world, {"x": [MQL]}, {"x": "B"}, handed("x", hours(5), "A", "B"))
    assert by(world, "owner") == {"Ana": 1}
    assert by(world, "team") == {"sdr": 1}


def test_a_hand_over_at_the_very_moment_of_the_entry_counts_for_the_new_owner(world: World) -> None:
    of(world, {"x": [MQL]}, {"x": "B"}, handed("x", START, "A", "B"))
    assert by(world, "owner") == {"Bo": 1}


def test_without_owner_history_the_owner_of_now_is_taken(world: World) -> None:
    of(world, {"x": [MQL], "y": [MQL]}, {"x": "B"}, handed("x", None, "A", "B"))
    assert by(world, "owner") == {"Bo": 1, None: 1}


def test_managers_by_name_else_by_id_and_unknown_where_nobody_says(world: World) -> None:
    of(world, {"x": [MQL], "y": [MQL], "z": [MQL]}, {"x": "A", "y": "B", "z": "M"})
    assert by(world, "manager") == {"Mia": 1, "N": 1, None: 1}


def test_a_funnel_by_owner_asks_who_held_the_lead_at_entry(world: World) -> None:
    of(world, {"x": [MQL, (hours(50), "Working")]}, {"x": "B"}, handed("x", hours(5), "A", "B"))
    found = world.analyse()
    result = funnel.conversion(found.tables, found.pact, found.as_of, funnel.Scope(by="owner"))
    assert {step.group for step in result.steps} == {"Ana"}


def test_time_in_a_queue_is_told_apart(world: World) -> None:
    """Twelve of x's 24 hours and none of y's 6 lay in the queue: 12 of 30."""
    steps = {"x": [MQL, (hours(24), "Working")], "y": [MQL, (hours(6), "Working")]}
    waits = handed("x", hours(-9), None, "Q"), handed("x", hours(12), "Q", "A", 1)
    of(world, steps, {"x": "A", "y": "A"}, *waits, handed("y", START, "Q", "A"))
    found = world.analyse()
    (result,) = sla.compliance(found.tables, found.pact, found.as_of)
    assert (result.queued, result.queue_share) == (1, pytest.approx(12 / 30))
    parts = sla.compliance(found.tables, found.pact, found.as_of, by="owner")
    assert {one.group: (one.queued, one.queue_share) for one in parts} == {
        "Ana": (0, 0.0),
        "MQL queue": (1, pytest.approx(0.5)),
    }


def test_where_no_owner_is_a_queue_nothing_is_said_of_queues(world: World) -> None:
    rows = [lead("x", status="MQL", created_at=START, owner_id="A")]
    world.sync(Rows(creation_logged=True, record=rows, field_change=moved("x", MQL), owner=OWNERS[1:]), now=AS_OF)
    found = world.analyse()
    (result,) = sla.compliance(found.tables, found.pact, found.as_of)
    assert (result.queued, result.queue_share) == (None, None)


def test_an_entry_without_a_date_has_no_clock_and_is_counted(world: World) -> None:
    rows = [lead("x", status="MQL"), lead("y", status="MQL", created_at=START)]
    world.sync(Rows(creation_logged=False, record=rows, field_change=moved("y", MQL), owner=OWNERS), now=AS_OF)
    found = world.analyse()
    (result,) = sla.compliance(found.tables, found.pact, found.as_of)
    assert (result.clocks, result.undated, result.coverage) == (1, 1, 0.5)


def office(**entries: dict[str, Any]) -> Pact:
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    policy = {"id": "accept", "starts": "mql", "stops": {"stages": ["sal"]}, "calendar": "office",
              "target": {"hours": 8, "clock": "working"}}  # fmt: skip
    given_ = {"office": {}, **entries}
    return pact(
        sla=[policy], calendars={name: {"timezone": "UTC", "hours": week, **entry} for name, entry in given_.items()}
    )


DAY = {"x": [(hours(9), "MQL"), (hours(33), "Working")], "y": [(hours(9), "MQL"), (hours(33), "Working")]}
HELD = {"x": "A", "y": "B"}


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (office(), {"x": 8, "y": 8}),
        # 09:00 UTC is 10:00 in Madrid and 03:00 in Mexico City: a whole day of either lies between
        (office(office={"owner_timezone": True}), {"x": 8, "y": 8}),
        (office(short={"hours": {"mon": ["09:00-12:00"]}, "owners": ["Bo"]}), {"x": 8, "y": 3}),
        (office(short={"hours": {"mon": ["09:00-12:00"]}, "owners": ["B"]}), {"x": 8, "y": 3}),
        (office(short={"hours": {"mon": ["09:00-12:00"]}, "teams": ["SDR"]}), {"x": 3, "y": 8}),
        # half past ten to noon of Mexico City is 16:30 to 18:00 UTC, of Madrid 9:30 to 11:00
        (office(mine={"hours": {"mon": ["10:30-12:00"]}, "teams": ["sdr", "sales"], "owner_timezone": True}),
         {"x": 1.5, "y": 1.5}),
        (office(mine={"hours": {"mon": ["09:30-12:00"]}, "teams": ["sales"], "owner_timezone": True}),
         {"x": 8, "y": 2}),
    ],
)  # fmt: skip
def test_a_clock_runs_in_its_owners_hours(world: World, used: Pact, expected: dict[str, float]) -> None:
    of(world, DAY, HELD, used=used)
    found = world.analyse(used)
    clock = sla.clocks(found.tables, found.pact, found.as_of, found.pact.sla[0])
    assert {row["record_id"]: row["measured"] / 3600 for row in clock.to_pyarrow().to_pylist()} == expected


def test_queue_time_is_counted_in_the_hours_of_the_clock(world: World) -> None:
    """From 09:00 on Monday to 09:00 on Tuesday; in the queue until 13:00: 4 of 8 working hours."""
    used = office()
    of(world, {"x": DAY["x"]}, {"x": "A"}, handed("x", hours(13), "Q", "A"), used=used)
    found = world.analyse(used)
    (result,) = sla.compliance(found.tables, found.pact, found.as_of)
    assert result.queue_share == pytest.approx(0.5)


@pytest.mark.thorough
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["A", "B", "Q", None])), max_size=6, unique_by=lambda c: c[0]
    )
)
def test_somebody_holds_a_record_at_every_moment_and_only_one(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str | None]]
) -> None:
    world, order, changes, before = World(tmp_path_factory.mktemp("held")), sorted(drawn), [], "first"
    for at, owner in order:
        changes.append(handed("x", hours(at), before, owner))
        before = owner  # type: ignore[assignment]
    of(world, {"x": [MQL]}, {"x": "now"}, *changes)
    rows = ownership.holding(world.analyse().tables).to_pyarrow().to_pylist()
    for moment in range(-1, 42):
        at = hours(moment + 0.5)
        held = [row["owner_id"] for row in rows if (row["from_at"] is None or row["from_at"] <= at)
                and (row["until_at"] is None or at < row["until_at"])]  # fmt: skip
        past = [owner for when, owner in order if when <= moment]
        assert held == [past[-1] if past else "first" if order else "now"]


def test_a_mirror_of_an_earlier_release_is_read_and_carried_on(world: World) -> None:
    """A column and derived tables that came later: unknown until the next sync brings them."""
    of(world, {"x": [MQL]}, {"x": "A"})
    mirror = world.workspace.mirror("small")
    number = mirror.current()
    assert number is not None
    with contextlib.closing(duckdb.connect(str(mirror.path(number)))) as file:
        file.execute("ALTER TABLE owner DROP COLUMN manager_id")
    for derived in mirror.folder.glob("derived-*.duckdb"):
        derived.rename(derived.with_name(derived.name.replace("-2.duckdb", ".duckdb")))
    assert by(world, "manager") == {None: 1}
    of(world, {"x": [MQL]}, {"x": "A"})
    assert by(world, "manager") == {"Mia": 1}
