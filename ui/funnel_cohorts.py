"""The cohorts: month (week, quarter) of entry against stage reached, or against days to one stage.

Not here: the counts, and which cell is still open (leadpact/metrics/cohorts.py), how the
heatmap looks (funnel_heat.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st
from babel.dates import format_skeleton

from leadpact.metrics import cohorts
from leadpact.metrics.cohorts import UNITS, Cell, Cohorts, Grid
from leadpact.metrics.funnel import SMALL, Scope, reachable
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, funnel_heat, people, state, tables
from ui.choice import Choice, known, pick, with_click
from ui.errors import plain
from ui.funnel_figures import entries
from ui.page import Page
from ui.tables import Kind

UNIT, REACHED, CELL = "unit", "reached", "in_cell"
MOST = 18
PARTS = ("reached", "pending", "missed", "all")


def show(page: Page, scope: Scope) -> None:
    """The grid asked for: heatmap, table, the people of a cell, and what explains it."""
    grid = asked(page, scope)
    found: Cohorts = page.cached_whole(compute, scope, grid)
    if not found.cells:
        page.empty("page.funnel.none", action="connection")
    else:
        st.markdown(plain(page.text("cohorts.said", **_window(page, scope, grid))))
        if scope.by is not None:
            st.caption(page.text("cohorts.no_split"))
        wide = len(_columns(page, found))
        rows = [found.cells[at : at + wide] for at in range(0, len(found.cells), wide)]
        _heatmap(page, found, rows[-MOST:], plain_start=grid.stage is None and scope.mode == "beyond")
        if len(rows) > MOST:
            st.caption(plain(page.text("cohorts.latest", shown=MOST, total=len(rows))))
        _table(page, found, rows)
        _people(page, scope, grid, found, rows)
    page.footer(
        **{
            "page.funnel.rule": page.text("cohorts.rule"),
            "page.funnel.entries": entries(page, scope),
            **_facts(page, scope),
            "page.funnel.coverage": page.lang.percent(found.coverage),
            "page.funnel.unknown": page.lang.number(found.unknown),
            "page.funnel.invalid": page.lang.number(found.invalid),
        }
    )


def asked(page: Page, scope: Scope) -> Grid:
    """The grid the link asks for, with the two choices that make it."""
    lang, stages = page.lang, [stage.key for stage in reachable(page.used.pact, scope).funnel]
    unit = next((one for one in UNITS if one == state.read(UNIT)), "month")
    stage = state.read(REACHED) if state.read(REACHED) in stages else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            page.text("cohorts.unit"), UNITS, required=True, format_func=lambda one: page.text(f"cohorts.{one}"),
            **state.bound(page.key(UNIT), UNIT, unit, lambda one: None if one == "month" else one),
        )  # fmt: skip
        state.pick(
            page.text("cohorts.columns"), page.key(REACHED), REACHED, stages, stage, width=330,
            shown=lambda key: page.text("cohorts.every_stage") if key is None
            else lang("page.funnel.cohorts.days_to", stage=page.used.pact.stage(key).label),
        )  # fmt: skip
    return Grid(unit, stage)


def compute(analysis: Analysis, scope: Scope, grid: Grid) -> Cohorts:
    """As `leadpact.metrics.cohorts.cohorts`, of the stages somebody can enter."""
    return cohorts.cohorts(analysis.tables, reachable(analysis.pact, scope), analysis.as_of, scope, grid)


def behind(analysis: Analysis, scope: Scope, grid: Grid, choice: Choice) -> Table:
    """As `leadpact.metrics.cohorts.behind`; the choice is of a cohort's first day and a column's number."""
    period, _, column = choice.of.partition("_")
    pact = reachable(analysis.pact, scope)
    at = int(column) if column.isdecimal() else -1
    return cohorts.behind(analysis.tables, pact, analysis.as_of, scope, grid, period, at, choice.part)


def named(page: Page, unit: str, first: date) -> str:
    """A cohort as people call it: Jan 2026, the week of its Monday, a quarter."""
    locale = page.lang.locale
    if unit == "week":
        return page.lang.day(first)
    if unit == "quarter":
        return page.text("cohorts.quarter_name", quarter=str((first.month + 2) // 3), year=str(first.year))
    return str(format_skeleton("yMMM", first, locale=locale))


def _columns(page: Page, found: Cohorts) -> list[str]:
    """The titles of the columns."""
    first = [cell for cell in found.cells if cell.period == found.cells[0].period]
    if found.grid.stage is not None:
        return [page.lang("cohorts.within", days=cell.days) for cell in first]
    return [page.used.pact.stage(cell.stage).label for cell in first]


def _heatmap(page: Page, found: Cohorts, rows: Sequence[Sequence[Cell]], *, plain_start: bool) -> None:
    lang, unit = page.lang, found.grid.unit
    st.caption(with_click(page, page.text("cohorts.reading"), "number"))
    labels = [f"{named(page, unit, row[0].period)} · {lang.number(row[0].size)}" for row in rows]
    cells = [
        [
            funnel_heat.Cell(
                cell.share, lang.percent(cell.share, 0) + ("" if cell.mature else " …"), _said(page, cell, unit),
                cell.mature, _choice(cell, k, "reached").text,
            )
            for k, cell in enumerate(row)
        ]
        for row in rows
    ]  # fmt: skip
    names = (page.text("cohorts.closed"), page.text("cohorts.open"))
    # that everybody is at least where they began says nothing
    first = 1 if plain_start and len(cells[0]) > 1 else 0
    columns = _columns(page, found)[first:]
    figure = funnel_heat.heatmap(labels, columns, [row[first:] for row in cells], lang, names)
    charts.show(figure, key=page.key("cohorts_chart"), alt=page.text("cohorts.reading"), select=_chosen)


def _said(page: Page, cell: Cell, unit: str) -> str:
    lang = page.lang
    said = page.text("cohorts.cell", cohort=named(page, unit, cell.period), reached=cell.reached, size=cell.size,
                     stage=page.used.pact.stage(cell.stage).label, share=lang.percent(cell.share))  # fmt: skip
    if cell.days:
        said += " · " + lang("cohorts.within", days=cell.days)
    return said if cell.mature else f"{said} · {page.text('cohorts.still', pending=cell.pending)}"


def _table(page: Page, found: Cohorts, rows: Sequence[Sequence[Cell]]) -> None:
    """A line per cell: count, share, how many could still come, and whether it is closed."""
    titles, lines = _columns(page, found), []
    column = "cohort_stage" if found.grid.stage is None else "cohort_days"
    for row in rows:
        for name, cell in zip(titles, row, strict=True):
            note = [] if cell.mature else [page.text("cohorts.open")]
            note += [page.lang("ui.small", count=SMALL)] if cell.small else []
            lines.append(
                {"cohort_name": named(page, found.grid.unit, cell.period), column: name,
                 "cohort_size": cell.size, "reached_count": cell.reached, "reached_share": cell.share,
                 "pending": cell.pending,
                 "note": " · ".join(note) or None}
            )  # fmt: skip
    cells = [(cell, k) for row in rows for k, cell in enumerate(row)]
    kinds: dict[str, Kind] = {"cohort_name": "text", column: "text", "cohort_size": "count",
                              "reached_count": "count", "reached_share": "share", "pending": "count",
                              "note": "text"}  # fmt: skip

    def clicked(position: int | None) -> None:
        _chosen(None if position is None else _choice(*cells[position], "reached").text)

    tables.show(pd.DataFrame(lines), kinds, page.lang, key=page.key("cohorts_table"), select=clicked)


def _people(page: Page, scope: Scope, grid: Grid, found: Cohorts, rows: Sequence[Sequence[Cell]]) -> None:
    choices = []
    for row in rows:
        for k, (name, cell) in enumerate(zip(_columns(page, found), row, strict=True)):
            missed = cell.size - cell.reached - cell.pending
            counts = dict(zip(PARTS, (cell.reached, cell.pending, missed, cell.size), strict=True))
            for part in PARTS:
                title = f"{named(page, grid.unit, cell.period)} · {name} · {page.text(f'cohorts.part.{part}')}"
                choices.append((_choice(cell, k, part), counts[part], f"{title} ({page.lang.number(counts[part])})"))
    titles = known(choices)
    choice = pick(page, CELL, titles)
    if choice is not None:
        people.show(page, titles[choice.text], behind, scope, grid, choice, key="cell_people",
                    first={"entry": "moment"})  # fmt: skip


def _choice(cell: Cell, column: int, part: str) -> Choice:
    return Choice(f"{cell.period.isoformat()}_{column}", part)


def _chosen(text: str | None) -> None:
    state.write(CELL, text)


def _window(page: Page, scope: Scope, grid: Grid) -> dict[str, str]:
    """What the shares count, in words."""
    lang = page.lang
    if grid.stage is not None:
        return {"what": page.text("cohorts.what_days", stage=page.used.pact.stage(grid.stage).label)}
    if scope.window_days is None:
        return {"what": page.text("cohorts.what_open")}
    return {"what": page.text("cohorts.what_window", window=lang("ui.days", count=scope.window_days))}


def _facts(page: Page, scope: Scope) -> dict[str, str]:
    lang = page.lang
    window = lang("ui.days", count=scope.window_days) if scope.window_days else lang("ui.filter.window.none")
    return {"ui.filter.window": window, "ui.filter.mode": lang(f"ui.mode.{scope.mode}")}
