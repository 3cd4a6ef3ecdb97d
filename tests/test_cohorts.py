"""Cohorts by month of entry: dated journeys, what is still open, and the people of a cell."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from leadpact.errors import Misconfigured
from leadpact.metrics.cohorts import Cell, Cohorts, Grid, behind, cohorts, explained
from leadpact.metrics.funnel import Scope, conversion
from tests.funnels import Histories, day, tables_of, went
from tests.test_cli import document, run  # noqa: F401 - a fixture
from tests.worlds import pact

JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
COMPANY: Histories = {
    "ana": went(0, (5, "Working"), (40, "Customer")),
    "bob": went(10, (9, "Disqualified")),
    "eve": went(31, (8, "Working")),
    "kim": went(58),
    "spam": went(3, (1, "Spam")),
    "cold": [(day(0), "Unknown")],
}


def of(histories: Histories = COMPANY, scope: Scope = Scope(), grid: Grid = Grid(), *, as_of: float = 60) -> Cohorts:  # noqa: B008
    return cohorts(tables_of(histories), pact(), day(as_of), scope, grid)


def cell(found: Cohorts, period: date, stage: str, days: float | None = None) -> Cell:
    return next(one for one in found.cells if (one.period, one.stage, one.days) == (period, stage, days))


def test_each_month_of_entry_and_what_it_reached() -> None:
    found = of()
    assert [(one.size, one.reached) for one in found.cells if one.stage == "sal"] == [(2, 1), (2, 1)]
    assert cell(found, JAN, "sal").share == 0.5
    assert found.invalid == 1 and found.coverage == 1
    assert {one.period for one in found.cells} == {JAN, FEB}


def test_without_a_window_a_cell_is_open_while_somebody_could_still_reach_it() -> None:
    found = of()
    assert cell(found, JAN, "customer").mature  # one won, one lost
    assert (cell(found, FEB, "sal").pending, cell(found, FEB, "sal").mature) == (1, False)
    assert cell(found, FEB, "mql").mature


def test_with_a_window_a_cell_is_open_until_every_member_has_had_it() -> None:
    found = of(scope=Scope(window_days=29))
    assert cell(found, JAN, "sal", 29).mature and cell(found, JAN, "customer", 29).reached == 0  # 40 days is too late
    february = cell(found, FEB, "sal", 29)
    assert (february.size, february.reached, february.young, february.mature) == (2, 1, 1, False)


def test_a_member_as_old_as_the_window_is_no_longer_young() -> None:
    assert cell(of(scope=Scope(window_days=2)), FEB, "sal", 2).young == 0
    assert cell(of(scope=Scope(window_days=2.001)), FEB, "sal", 2.001).young == 1


def test_days_since_entry_to_one_stage() -> None:
    found = of(grid=Grid(stage="sal", days=(30, 5, 7)))
    assert [(one.days, one.reached, one.mature) for one in found.cells if one.period == JAN] == [
        (5, 1, True), (7, 1, True), (30, 1, True)
    ]  # fmt: skip
    assert [(one.days, one.reached, one.young, one.mature) for one in found.cells if one.period == FEB] == [
        (5, 0, 1, False), (7, 0, 1, False), (30, 1, 2, False)
    ]  # fmt: skip


def test_the_days_grid_agrees_with_the_funnel_of_that_window() -> None:
    tables = tables_of(COMPANY)
    for mode in ("beyond", "strict", "visited"):
        for days in (4, 5, 30):
            grid = cohorts(tables, pact(), day(60), Scope(mode=mode), Grid(stage="sal", days=(days,)))
            steps = conversion(tables, pact(), day(60), Scope(mode=mode, window_days=days)).steps
            reached = next(one.converted for one in steps if one.stage == "sal")
            if mode == "strict":  # nobody passed the first stage
                assert reached == 0
            assert sum(one.reached for one in grid.cells) == (0 if mode == "strict" else reached)


def test_every_stage_adds_up_to_the_funnel() -> None:
    tables, scope = tables_of(COMPANY), Scope(window_days=30)
    grid, whole = cohorts(tables, pact(), day(60), scope), conversion(tables, pact(), day(60), scope)
    for step in whole.steps:
        own = [one for one in grid.cells if one.stage == step.stage]
        assert sum(one.reached for one in own) == step.converted
        assert sum(one.size for one in own) == whole.steps[0].entered


@pytest.mark.parametrize(
    ("unit", "first"), [("week", date(2025, 12, 29)), ("month", JAN), ("quarter", JAN)]
)  # fmt: skip
def test_a_cohort_is_a_week_from_monday_a_month_or_a_quarter(unit: Any, first: date) -> None:
    assert of(grid=Grid(unit=unit)).cells[0].period == first


def test_months_are_those_of_the_pacts_zone() -> None:
    mexico = pact(timezone="America/Mexico_City")
    tables = tables_of({"ana": [(datetime(2026, 2, 1, 3), "MQL")]}, mexico)
    assert {one.period for one in cohorts(tables, mexico, day(60), Scope()).cells} == {JAN}


def test_a_split_is_not_used_and_a_range_is() -> None:
    assert of(scope=Scope(by="source")).cells == of().cells
    assert {one.period for one in of(scope=Scope(start=FEB)).cells} == {FEB}


def test_nobody_gives_no_cells() -> None:
    found = of({"cold": [(day(0), "Unknown")]})
    assert (found.cells, found.coverage) == ((), None)


@pytest.mark.parametrize(
    ("grid", "key"),
    [
        (Grid(unit="day"), "cohorts.bad_unit"),  # type: ignore[arg-type]
        (Grid(stage="nowhere"), "funnel.bad_anchor"),
        (Grid(stage="sal", days=(0,)), "funnel.bad_window"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(grid: Grid, key: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        of(grid=grid)
    assert caught.value.key == key


def test_the_people_of_a_cell() -> None:
    tables, grid = tables_of(COMPANY), Grid()

    def who(period: str, column: int, part: str) -> list[str]:
        rows = behind(tables, pact(), day(60), Scope(), grid, period, column, part).execute()
        return sorted(rows["record_id"])

    assert who("2026-01-01", 2, "reached") == ["ana"]
    assert who("2026-01-01", 2, "missed") == ["bob"]
    assert who("2026-02-01", 2, "pending") == ["kim"]
    assert who("2026-02-01", 2, "all") == ["eve", "kim"]
    assert who("2026-02-01", 9, "all") == who("1999-01-01", 0, "all") == []


def test_the_rows_behind_name_the_columns() -> None:
    rows = explained(tables_of(COMPANY), pact(), day(60), Scope(), Grid(stage="sal", days=(7,))).execute()
    told = dict(zip(rows["record_id"], rows["within_7_days"], strict=True))
    assert told["ana"] == "reached" and told["bob"] == "missed" and told["kim"] == "pending"


def test_the_command(run: Any, tmp_path: Path) -> None:  # noqa: F811
    run("sync", "acme")
    file = tmp_path / "cohorts.csv"
    found = document(run("cohorts", "--json", "--pact", "pact.yaml", "--window", "30", "--explain", str(file)))
    assert set(found) == {"pact", "as_of", "unit", "coverage", "unknown", "invalid", "cohorts"}
    first = found["cohorts"][0]
    assert (first["period"], first["stage"], first["size"], first["days"]) == ("2026-01-01", "mql", 3, 30)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert sum(row["sal"] == "reached" for row in rows) == found["cohorts"][1]["reached"]
    assert "Mes de entrada" in run("--lang", "es", "cohorts", "--pact", "pact.yaml")[1]
    assert "7 days" in run("cohorts", "--pact", "pact.yaml", "--stage", "sal", "--days", "7,14")[1]
