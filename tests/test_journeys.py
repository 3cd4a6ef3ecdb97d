"""Spells and journeys against dated histories written down by hand."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.rows import Rows, lead, moved
from tests.worlds import World

GOLDEN = Path(__file__).parent / "golden" / "metrics" / "spells_and_journeys.yaml"
CASES: dict[str, Any] = YAML(typ="safe").load(GOLDEN)


def at(value: Any) -> datetime | None:
    if isinstance(value, datetime) or value is None:
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return datetime.fromisoformat(str(value))


def source(case: dict[str, Any]) -> Rows:
    records = dict(case.get("records", {}))
    changes = []
    for object, histories in (("lead", case.get("history", {})), ("contact", case.get("contacts", {}))):
        for record_id, steps in histories.items():
            records.setdefault(record_id, {"object": object, "created_at": steps[0][0], "status": steps[-1][1]})
            rows = moved(record_id, *((at(step[0]), step[1]) for step in steps), object=object)
            for row, step in zip(rows, steps, strict=True):
                row["evidence"] = step[2] if len(step) > 2 else row["evidence"]
            changes += rows
    for change in case.get("changes", []):
        changes.append({"object": "lead", "field": "status", "evidence": "history", **change, "at": at(change["at"])})
    opportunities = [
        {**deal, **{name: at(deal.get(name)) for name in ("created_at", "closed_at")}}
        for deal in case.get("opportunities", [])
    ]
    rows = []
    for record_id, fields in records.items():
        times = {name: at(fields[name]) for name in ("created_at", "converted_at") if name in fields}
        rows.append(lead(record_id, **{**fields, **times}))
    logged = case.get("creation_logged", True if changes else None)
    return Rows(creation_logged=logged, record=rows, field_change=changes, opportunity=opportunities)


@pytest.mark.parametrize("name", CASES)
def test_histories_give_the_spells_and_journeys_written_down(name: str, world: World) -> None:
    case = CASES[name]
    world.sync(source(case), now=at(case.get("as_of")) or datetime(2026, 12, 31))
    tables = world.analyse().tables
    people = {row["record_id"]: row["person_id"] for row in tables.record.execute().to_dict("records")}
    for record_id, person in case.get("person", {}).items():
        assert people[record_id] == person
    spells: dict[str, list[Any]] = {}
    for row in tables.spell.order_by("person_id", "n").to_pyarrow().to_pylist():
        spells.setdefault(row["person_id"], []).append([row["stage"], row["entered_at"], row["left_at"]])
    expected = {people[who]: [[s, at(a), at(b)] for s, a, b in rows] for who, rows in case["spells"].items()}
    assert spells == expected
    journeys: dict[str, list[Any]] = {}
    for row in tables.journey.order_by("person_id", "journey").to_pyarrow().to_pylist():
        found = [row["entry_stage"], row["entered_at"], row["end_kind"], row["ended_at"]]
        journeys.setdefault(row["person_id"], []).append(found)
    assert journeys == {
        people[who]: [[s, at(a), kind, at(b)] for s, a, kind, b in rows] for who, rows in case["journeys"].items()
    }


STATUSES = ["Unknown", "Subscriber", "MQL", "Working", "Customer", "Renewal", "Re-Market", "Disqualified", "Limbo"]
KIND = {
    "Unknown": "untouched",
    "Subscriber": "nurture",
    "MQL": "qualified",
    "Working": "sales",
    "Customer": "won",
    "Renewal": "retained",
    "Re-Market": "recycled",
    "Disqualified": "disqualified",
    "Limbo": "unmapped",
}


def by_hand(statuses: list[str]) -> list[tuple[str, str | None]]:
    """Journeys as (entry status, end kind), by walking the definition step by step."""
    found: list[list[Any]] = []
    running = False
    last_bound = None
    before = None
    for status in statuses:
        if status == before:
            continue
        before, kind = status, KIND[status]
        if (
            kind in ("nurture", "qualified", "sales", "won")
            and not running
            and not (kind == "won" and last_bound == "won")
        ):
            found.append([status, None])
            running = True
        if kind in ("won", "recycled", "disqualified") and running:
            found[-1][1] = kind
            running = False
        if kind not in ("untouched", "unmapped", "retained"):
            last_bound = kind
    return [(entry, end) for entry, end in found]


@pytest.mark.thorough
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=9), min_size=1, max_size=25))
def test_journeys_agree_with_walking_the_definition(histories: list[list[str]], tmp_path_factory: Any) -> None:
    world = World(tmp_path_factory.mktemp("walk"))
    changes, rows = [], []
    for number, statuses in enumerate(histories):
        steps = [(datetime(2026, 1, 1 + place), status) for place, status in enumerate(statuses)]
        changes += moved(f"r{number:03}", *steps)
        rows.append(lead(f"r{number:03}", status=statuses[-1], created_at=steps[0][0]))
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes))
    journey = world.analyse().tables.journey.order_by("person_id", "journey").to_pyarrow().to_pylist()
    found: dict[str, list[Any]] = {}
    for row in journey:
        found.setdefault(row["record_id"], []).append((row["entry_stage"], row["end_kind"]))
    stages = world.analyse().pact.status_map.lead
    for number, statuses in enumerate(histories):
        expected = [(stages[entry], end) for entry, end in by_hand(statuses)]
        assert found.get(f"r{number:03}", []) == expected, statuses
