"""Cohorts: the journeys of each week, month or quarter of entry, and how far they came.

Two grids over the same cohorts: what share reached each stage (within the window, where there
is one), and what share reached one stage within 7, 30, 90 … days. A cell whose days have not
passed for every member is not mature: it can still rise.

Not here: the journeys and their steps (funnel_cohort.py), how it is drawn (ui/funnel_cohorts.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

import ibis

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.metrics.dimensions import local_time
from leadpact.metrics.funnel import DAY, SMALL, Scope, share
from leadpact.metrics.funnel_cohort import arrivals, cohort, entries, part_of
from leadpact.metrics.funnel_people import columns as stage_columns
from leadpact.metrics.funnel_scope import step_keys
from leadpact.tables import Table, Tables

Unit = Literal["week", "month", "quarter"]
UNITS: tuple[Unit, ...] = get_args(Unit)
TRUNCATED: Mapping[Unit, str] = {"week": "W", "month": "M", "quarter": "Q"}
USUAL_DAYS = (7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 365.0)
REACHED, PENDING, MISSED = "reached", "pending", "missed"


@dataclass(frozen=True)
class Grid:
    """Which grid: the unit of entry, and a stage by days since entry; without a stage, every stage."""

    unit: Unit = "month"
    stage: str | None = None
    days: tuple[float, ...] = USUAL_DAYS

    def checked(self, pact: Pact, scope: Scope) -> Grid:
        """Raises Misconfigured for a unit, stage or number of days that cannot be."""
        known = step_keys(pact, scope.checked(pact))
        if self.unit not in UNITS:
            raise Misconfigured("cohorts.bad_unit", unit=str(self.unit), known=", ".join(UNITS))
        if self.stage is not None and self.stage not in known:
            raise Misconfigured("funnel.bad_anchor", stage=self.stage, known=", ".join(known))
        for one in self.days:
            if one <= 0:
                raise Misconfigured("funnel.bad_window", days=f"{one:g}")
        return replace(self, days=tuple(sorted(set(self.days))))


@dataclass(frozen=True)
class Cell:
    """Of the `size` journeys that entered in the period: how many reached the stage (within `days`, where given).

    `pending` could still reach it; `young` have not had the days yet. `mature`: nobody is young
    (without days: nobody is pending). `share` is of the whole cohort, and rises until then.
    """

    period: date
    stage: str
    days: float | None
    size: int
    reached: int
    share: float | None
    pending: int
    young: int
    mature: bool

    @property
    def small(self) -> bool:
        """Too few to read a share from."""
        return self.size < SMALL


@dataclass(frozen=True)
class Cohorts:
    """The cells, oldest cohort first, and what was left out. `coverage` is the share without imputed changes."""

    grid: Grid
    cells: tuple[Cell, ...]
    coverage: float | None
    unknown: int
    invalid: int


def columns(pact: Pact, scope: Scope, grid: Grid) -> list[tuple[str, float | None]]:
    """(stage, days) of every column of the grid."""
    if grid.stage is None:
        return [(key, scope.window_days) for key in step_keys(pact, scope)]
    return [(grid.stage, days) for days in grid.days]


def cohorts(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, grid: Grid | None = None) -> Cohorts:
    """The grid at `as_of`. The scope's split is not used. Executes."""
    grid = (grid or Grid()).checked(pact, scope)
    rows = members(tables, pact, as_of, scope, grid)
    wide = columns(pact, scope, grid)
    numbers = {f"reached_{k}": (rows[f"column_{k}"] == REACHED).cast("int64").sum() for k in range(len(wide))}
    numbers |= {f"pending_{k}": (rows[f"column_{k}"] == PENDING).cast("int64").sum() for k in range(len(wide))}
    numbers |= {f"young_{k}": rows[f"young_{k}"].cast("int64").sum() for k in range(len(wide))}
    found = rows.group_by("period", "part", "imputed").aggregate(size=rows.count(), **numbers)
    counts = found.execute().to_dict("records")
    total = sum(int(row["size"]) for row in counts)
    of_part = {part: sum(int(row["size"]) for row in counts if row["part"] == part) for part in ("unknown", "invalid")}
    imputed = sum(int(row["size"]) for row in counts if row["imputed"])
    return Cohorts(
        grid=grid,
        cells=_cells([row for row in counts if row["part"] == "counted"], wide),
        coverage=None if total == 0 else 1 - imputed / total,
        **of_part,
    )


def members(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, grid: Grid) -> Table:
    """A row per journey in scope.

    Out: object, record_id, person_id, journey, entry, period (first day, ISO text, in the pact's
    zone; null: not known), part (`counted`, `unknown`, `invalid`), imputed, and per column k of
    the grid `column_<k>` (`reached`, `pending`, `missed`; null unless counted) and `young_<k>`.
    """
    scope, grid = replace(scope, by=None), grid.checked(pact, scope)
    people = _by_stage(tables, pact, as_of, scope) if grid.stage is None else _by_days(tables, pact, as_of, scope, grid)
    local = local_time(people.entry, pact.zone)
    counted = (people.part == "counted") & people.entry.notnull()
    wide = columns(pact, scope, grid)
    told = {
        f"column_{k}": ibis.cases(
            (~counted, ibis.null("string")),
            (people[f"reached_{k}"], REACHED),
            (people[f"pending_{k}"], PENDING),
            else_=MISSED,
        )
        for k in range(len(wide))
    }
    return people.mutate(
        period=local.truncate(TRUNCATED[grid.unit]).strftime("%Y-%m-%d"),
        # without an entry there is no cohort to belong to
        part=ibis.ifelse((people.part == "counted") & people.entry.isnull(), "unknown", people.part),
        **told,
    ).select(
        "object", "record_id", "person_id", "journey", "entry", "period", "part", "imputed",
        *told, *(f"young_{k}" for k in range(len(wide))),
    )  # fmt: skip


def _by_stage(tables: Tables, pact: Pact, as_of: datetime, scope: Scope) -> Table:
    """The funnel's cohort, with `pending_<k>` and `young_<k>` of every stage."""
    people = cohort(tables, pact, as_of, scope)
    pending = {f"pending_{k}": ~people.decided for k in range(len(step_keys(pact, scope)))}
    if scope.window_days is None:
        young = {f"young_{k}": ~people.decided & ~people[f"reached_{k}"] for k in range(len(pending))}
    else:
        young = {f"young_{k}": ~people.mature.fill_null(True) for k in range(len(pending))}
    return people.mutate(**pending, **young)


def _by_days(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, grid: Grid) -> Table:
    """The journeys of the scope, and for every number of days whether they reached the stage within them."""
    journey = entries(tables, pact, scope)
    keys = step_keys(pact, scope)
    was, at = arrivals(journey, scope.mode, keys)[keys.index(str(grid.stage))]
    now, ended = ibis.timestamp(as_of.isoformat(" ")), journey.end_kind.notnull()
    numbers: dict[str, Any] = {"part": part_of(journey, replace(scope, window_days=grid.days[0]))}
    for k, days in enumerate(grid.days):
        until = journey.entry + ibis.interval(microseconds=round(days * DAY))
        young = (until > now).fill_null(False)
        numbers[f"reached_{k}"] = (was & (at <= until)).fill_null(False)
        numbers[f"young_{k}"] = young
        numbers[f"pending_{k}"] = young & ~ended
    return journey.mutate(**numbers)


def explained(tables: Tables, pact: Pact, as_of: datetime, scope: Scope, grid: Grid) -> Table:
    """`members` with the columns of the grid named: after the stage, or `within_<days>_days`."""
    grid = grid.checked(pact, scope)
    rows = members(tables, pact, as_of, scope, grid)
    names = stage_columns(pact, scope) if grid.stage is None else [f"within_{days:g}_days" for days in grid.days]
    kept = [name for name in rows.columns if not name.startswith(("column_", "young_"))]
    return rows.select(*kept, **{name: rows[f"column_{k}"] for k, name in enumerate(names)})


def behind(
    tables: Tables, pact: Pact, as_of: datetime, scope: Scope, grid: Grid, period: str, column: int, part: str
) -> Table:
    """The journeys of one cell: `part` is `reached`, `pending`, `missed`, or `all` of the cohort; none for no cell."""
    grid = grid.checked(pact, scope)
    rows = members(tables, pact, as_of, scope, grid)
    if not 0 <= column < len(columns(pact, scope, grid)):
        return rows.filter(ibis.literal(False))
    rows = rows.filter(rows.period == period, rows.part == "counted")
    return rows if part == "all" else rows.filter(rows[f"column_{column}"] == part)


def _cells(counts: Sequence[Mapping[str, Any]], wide: Sequence[tuple[str, float | None]]) -> tuple[Cell, ...]:
    found = []
    for period in sorted({str(row["period"]) for row in counts}):
        own = [row for row in counts if row["period"] == period]
        size = sum(int(row["size"]) for row in own)
        for k, (stage, days) in enumerate(wide):
            reached, pending, young = (
                sum(int(row[f"{name}_{k}"]) for row in own) for name in ("reached", "pending", "young")
            )
            found.append(
                Cell(date.fromisoformat(period), stage, days, size, reached, share(reached, size), pending, young,
                     mature=young == 0)
            )  # fmt: skip
    return tuple(found)
