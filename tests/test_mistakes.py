"""The catalogue of other systems' mistakes: the wrong answer, how it comes about, and ours.

The wrong rules below are worked out on the written histories, so that a case proves that the
mistake would show: ours and theirs differ on the same dates.

Not here: cases of one metric in depth (the tests of each), scores and write-back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median_low
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from config.schema import Pact
from leadpact.metrics import funnel, sla, velocity
from leadpact.tables import Tables
from tests.engine import company
from tests.rows import Rows, lead, moved
from tests.worlds import SMALL, pact

CASES: dict[str, Any] = YAML(typ="safe").load(Path(__file__).parent / "golden" / "metrics" / "mistakes.yaml")
STAGE = SMALL["status_map"]["lead"]
FUNNEL = ["subscriber", "mql", "sal", "customer"]
LOST = ("remarket", "disqualified")
MEXICO = ZoneInfo("America/Mexico_City")
Steps = list[tuple[datetime, str]]


def at(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, datetime.min.time()) if isinstance(value, date) else datetime.fromisoformat(value)


class Case:
    """One case of the file: stages entered by person, the moment, the question."""

    def __init__(self, name: str) -> None:
        self.given = CASES[name]
        self.ask = self.given["ask"]
        self.as_of = at(self.given.get("as_of", date(2026, 3, 1)))
        times = self.given.get("times", {})
        self.people: dict[str, Steps] = {
            f"{who}{copy}": [(at(when), status) for when, status in steps]
            for who, steps in self.given["history"].items() for copy in range(times.get(who, 1))
        }  # fmt: skip
        self.entries = [[(when, STAGE[status]) for when, status in steps] for steps in self.people.values()]
        self.stage = self.ask.get("stage", "mql")

    def tables(self, used: Pact) -> Tables:
        rows = [lead(who, status=steps[-1][1], created_at=steps[0][0]) for who, steps in self.people.items()]
        changes = [row for who, steps in self.people.items() for row in moved(who, *steps)]
        return company(Rows(creation_logged=True, record=rows, field_change=changes, activity=[]), used).at(self.as_of)

    def within(self, when: datetime) -> bool:
        return at(self.ask["from"]) <= when < at(self.ask["to"])

    def first(self, steps: Steps, stage: str) -> datetime | None:
        """First entry to this or a later funnel stage."""
        return next((when for when, one in steps if one in FUNNEL[FUNNEL.index(stage) :]), None)

    def days_in(self, steps: Steps, stage: str) -> list[float]:
        """Lengths of the finished stays."""
        return [(left - came) / timedelta(days=1) for (came, one), (left, _) in pairwise(steps) if one == stage]

    def interval(self) -> tuple[datetime, datetime]:
        (steps,) = self.entries
        return steps[0][0], steps[-1][0]


def hours_by_hand(case: Case, blocks: list[tuple[int, int]], zone: Any, closed: tuple[date, ...] = ()) -> float:
    """Working hours minute by minute, Monday to Friday."""
    start, end = case.interval()
    minutes, now = 0, start
    while now < end:
        local = now.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone) if zone else now
        if local.weekday() < 5 and local.date() not in closed:
            minutes += any(a <= local.hour < b for a, b in blocks)
        now += timedelta(minutes=1)
    return minutes / 60


WRONG: dict[str, Callable[[Case], Any]] = {
    "entries_into_the_stage": lambda c: sum(one == c.stage for steps in c.entries for _, one in steps),
    "share_of_those_not_lost_today": lambda c: (
        sum(c.first(steps, c.stage) is not None for steps in c.entries if steps[-1][1] not in LOST)
        / sum(steps[-1][1] not in LOST for steps in c.entries)
    ),
    "wins_of_the_range_by_entries_of_the_range": lambda c: (
        sum(c.within(when) for steps in c.entries for when, one in steps if one == "customer")
        / sum(c.within(steps[0][0]) for steps in c.entries)
    ),
    "median_of_finished_days": lambda c: median_low([d for steps in c.entries for d in c.days_in(steps, c.stage)]),
    "median_with_skipped_stages_filled": lambda c: median_low(
        [d for steps in c.entries for d in c.days_in(steps, c.stage) or [0.0]]
    ),
    "converted_inside_the_range": lambda c: sum(
        c.within(when) for steps in c.entries for when, one in steps if one == c.stage
    ),
    "not_converted_is_lost": lambda c: sum(c.first(steps, c.stage) is None for steps in c.entries),
    "won_by_decided": lambda c: (
        sum(steps[-1][1] == "customer" for steps in c.entries)
        / sum(steps[-1][1] in ("customer", *LOST) for steps in c.entries)
    ),
    "share_of_the_sum_of_steps": lambda c: (
        sum(c.first(steps, c.stage) is not None for steps in c.entries)
        / sum(c.first(steps, stage) is not None for steps in c.entries for stage in FUNNEL)
    ),
    "elapsed_hours": lambda c: (c.interval()[1] - c.interval()[0]) / timedelta(hours=1),
    "hours_from_nine_to_six": lambda c: hours_by_hand(c, [(9, 18)], MEXICO),
    "office_hours_in_utc": lambda c: hours_by_hand(c, [(9, 14), (15, 18)], None),
    "office_hours_without_holidays": lambda c: hours_by_hand(c, [(9, 14), (15, 18)], MEXICO),
    "met_within_48_working_hours": lambda c: (
        "met" if hours_by_hand(c, [(9, 14), (15, 18)], MEXICO) <= 48 else "breached"
    ),
    "share_or_nought": lambda c: (
        (found := sum(c.first(steps, c.stage) is not None for steps in c.entries))
        / (sum(c.first(steps, "subscriber") is not None for steps in c.entries) or 1)
        or float(found)
    ),
    "ever_reached": lambda c: sum(c.first(steps, c.stage) is not None for steps in c.entries),
}


def ours(case: Case) -> dict[str, Any]:
    """What we say to the question, every figure of the answer by name."""
    ask = case.ask
    if ask["metric"] == "clock":
        used = working(ask.get("target", 8))
        (row,) = sla.clocks(case.tables(used), used, case.as_of, used.sla[0]).to_pyarrow().to_pylist()
        return {**row, "hours": row["measured"] / 3600}
    tables, used = case.tables(pact()), pact()
    if ask["metric"] == "velocity":
        found = velocity.velocity(tables, used, case.as_of)
        return vars(next(one for one in found.stages if one.stage == case.stage))
    scope = funnel.Scope(start=ask.get("from"), end=ask.get("to"), window_days=ask.get("window"))
    steps = funnel.conversion(tables, used, case.as_of, scope).steps
    return vars(next(one for one in steps if one.stage == case.stage))


def working(hours: float) -> Pact:
    week = {day: ["09:00-14:00", "15:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    policy = {"id": "accept", "starts": "mql", "stops": {"stages": ["sal"]}, "calendar": "office",
              "target": {"hours": hours, "clock": "working"}}  # fmt: skip
    office = {"timezone": "America/Mexico_City", "hours": week, "holidays": "MX"}
    return pact(sla=[policy], calendars={"office": office})


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_made_elsewhere_and_not_here(name: str) -> None:
    case = Case(name)
    wrong = case.given["wrong"]
    assert WRONG[wrong["rule"]](case) == pytest.approx(wrong["says"], abs=1e-6)
    found, expected = ours(case), case.given["says"]
    assert {key: found[key] for key in expected} == {
        key: pytest.approx(value) if isinstance(value, float) else value for key, value in expected.items()
    }
    assert expected[wrong["of"]] != wrong["says"]


def test_every_mistake_that_concerns_metrics_has_a_case_and_every_rule_its_use() -> None:
    assert {case["mistake"] for case in CASES.values()} == set(range(1, 9))
    assert {case["wrong"]["rule"] for case in CASES.values()} == set(WRONG)
