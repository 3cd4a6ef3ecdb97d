"""Balance of a stage: how many were there, came, went, and are there now, and that it adds up.

Not here: the counting (leadpact/metrics/balance.py), the chart (funnel_flow_charts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from config.schema import UNMAPPED
from leadpact.metrics import balance, flow
from leadpact.metrics.balance import Balance, Part, StageBalance
from leadpact.metrics.flow import Flow
from leadpact.metrics.funnel import Scope
from leadpact.metrics.trends_spans import EVERY as UNITS
from leadpact.metrics.trends_spans import Every
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, funnel_flow_charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick
from ui.errors import plain
from ui.funnel_flow_words import CELL, STAGE, asked, facts, name, period, said, unit
from ui.page import Page
from ui.tables import Kind

PARTS: tuple[Part, ...] = ("start", "entered", "left", "end")
COLUMN = {"start": "flow_start", "entered": "flow_in", "left": "flow_out", "end": "flow_end", "unknown": "flow_undated"}
BEHIND: dict[str, Kind] = {"since": "moment", "until": "moment"}
WHOLE = "whole"


def show(page: Page, scope: Scope) -> None:
    """One stage in a chart, every stage in the table, and the people behind a number."""
    every = unit(page, UNITS, none=WHOLE)
    found: Balance = page.cached_whole(compute, scope, every)
    if every is None:
        said(page, scope)
    if not any(one.start or one.entered or one.left for one in found.stages):
        page.empty("page.funnel.flow.nobody", action="connection")
    else:
        stage = _stage(page, found)
        st.caption(page.text("flow.reading.balance"))
        if every is None:
            _waterfall(page, scope, found, stage)
        else:
            _over_time(page, found, stage, every)
        _table(page, scope, found, every, stage)
        choice = _choose(page, scope, found, every, stage)
        if choice is not None:
            people.show(page, _title(page, choice, every, found), behind, scope, every, choice,
                        key="there", first=BEHIND, order="since")  # fmt: skip
    page.footer(**facts(page, scope, found.coverage, found.unknown,
                        **{"page.funnel.rule": page.text("flow.rule.balance")}))  # fmt: skip


def compute(analysis: Analysis, scope: Scope, every: Every | None) -> Balance:
    """The balance of the scope's days, whole or by week or month."""
    spans = balance.periods(analysis.pact, analysis.as_of, every=every, **asked(scope))
    return balance.balance(analysis.tables, analysis.pact, analysis.as_of, spans, by=scope.by)


def _stage(page: Page, found: Balance) -> str:
    """The stage drawn: the one in the URL, else the first of the funnel most people came through."""
    used = list(dict.fromkeys(one.stage for one in found.stages if one.start or one.entered or one.left))
    came: dict[str, int] = {}
    for one in found.stages:
        came[one.stage] = came.get(one.stage, 0) + one.entered
    qualified = [key for key in page.used.pact.keys("qualified", "sales") if key in used]
    first = max(qualified or used, key=lambda key: came[key])
    current = state.read(STAGE)
    current = current if current in used else None
    state.pick(page.text("flow.stage"), page.key(STAGE), STAGE, [key for key in used if key != first], current,
               shown=lambda key: plain(name(page, key or first)), width=300)  # fmt: skip
    return current or first


def _waterfall(page: Page, scope: Scope, found: Balance, stage: str) -> None:
    """From the start, by where they came from and went to, to the end."""
    own = [one for one in found.stages if one.stage == stage]
    start, entered, left, end = (sum(getattr(one, part) for one in own) for part in PARTS)
    moves: Flow = page.cached(flow.flow, **asked(scope))
    came = [(one.from_stage, one.moves) for one in moves.moves if one.to_stage == stage and one.moves]
    went = [(one.to_stage, -one.moves) for one in moves.moves if one.from_stage == stage and one.moves]
    undated = (entered - sum(n for _, n in came), -left - sum(n for _, n in went))
    new, gone = page.text("flow.new"), page.text("flow.deleted")
    changes = [(page.text("flow.came", stage=name(page, key)) if key else new, n) for key, n in came]
    changes += [(page.text("flow.came_undated"), undated[0])] if undated[0] else []
    changes += [(page.text("flow.went", stage=name(page, key)) if key else gone, n) for key, n in went]
    changes += [(page.text("flow.went_undated"), undated[1])] if undated[1] else []
    ends = ((page.lang("flow.start"), start), (page.lang("flow.end"), end))
    figure = funnel_flow_charts.waterfall(ends[0], changes, ends[1], page.lang)
    charts.show(figure, key=page.key("waterfall"), alt=f"{name(page, stage)}. {page.text('flow.reading.balance')}")


def _over_time(page: Page, found: Balance, stage: str, every: Every) -> None:
    """In and out of a stage by period, and how many are there at the end of each."""
    lang = page.lang
    periods = _added(found, stage)
    labels = [period(page, one.period, one.complete, every) for one in periods]
    figure = go.Figure()
    series = (("entered", charts.GOOD, 1), ("left", charts.LATE, -1))
    for part, colour, sign in series:
        values = [getattr(one, part) for one in periods]
        figure.add_bar(
            name=lang(f"flow.{part}"), x=labels, y=[sign * value for value in values], marker={"color": colour},
            customdata=[[Choice(stage, f"{part}_{one.period}").text] for one in periods],
            hovertext=[f"{label}<br>{lang(f'flow.{part}')}: {lang.number(value)}"
                       for label, value in zip(labels, values, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        name=lang("flow.end"), x=labels, y=[one.end for one in periods], mode="lines+markers",
        line={"color": charts.WAITING, "width": 3}, marker={"size": 8},
        customdata=[[Choice(stage, f"end_{one.period}").text] for one in periods],
        hovertext=[f"{label}<br>{lang('flow.end')}: {lang.number(one.end)}"
                   for label, one in zip(labels, periods, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(barmode="relative", height=360, margin={"l": 0, "r": 8, "t": 40, "b": 8}, dragmode=False,
                         legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}, bargap=0.35,
                         separators=lang.separators)  # fmt: skip
    figure.update_xaxes(fixedrange=True, type="category", showgrid=False, nticks=8)
    figure.update_yaxes(fixedrange=True, tickformat=",d", nticks=6)
    charts.show(figure, key=page.key("balance_chart"), select=lambda text: state.write(CELL, text),
                alt=f"{name(page, stage)}. {page.text('flow.reading.balance')}")  # fmt: skip


def _added(found: Balance, stage: str) -> list[StageBalance]:
    """The periods of a stage, groups added up."""
    whole: dict[Any, StageBalance] = {}
    for one in found.stages:
        if one.stage == stage:
            old = whole.get(one.period)
            sums = {part: getattr(one, part) + (getattr(old, part) if old else 0) for part in balance.PARTS}
            whole[one.period] = StageBalance(None, stage, one.period, one.until, one.complete, **sums)
    return list(whole.values())


def _rows(found: Balance, every: Every | None, stage: str) -> list[StageBalance]:
    """What the table shows: every stage there is anybody of; by period, the stage chosen, the newest first."""
    if every is not None:
        return [one for one in found.stages if one.stage == stage][::-1]
    return [one for one in found.stages if one.stage != UNMAPPED or one.start or one.entered or one.left]


def _table(page: Page, scope: Scope, found: Balance, every: Every | None, stage: str) -> None:
    lang, shown = page.lang, _rows(found, every, stage)
    rows = [
        {
            "group": options.shown(lang, one.group),
            "stage": name(page, one.stage),
            "period": period(page, one.period, one.complete, every),
            **{COLUMN[part]: getattr(one, part) for part in balance.PARTS},
        }
        for one in shown
    ]
    kinds: dict[str, Kind] = {"group": "text"} if scope.by else {}
    kinds["stage" if every is None else "period"] = "text"
    kinds |= dict.fromkeys((COLUMN[part] for part in PARTS), "count")
    if any(one.unknown for one in shown):
        kinds[COLUMN["unknown"]] = "count"

    def clicked(position: int | None) -> None:
        state.write(CELL, None if position is None else _choice(scope, shown[position], "end", every).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("balance_table"), select=clicked)


def _choice(scope: Scope, one: StageBalance, part: Part, every: Every | None) -> Choice:
    return Choice(one.stage, part if every is None else f"{part}_{one.period}", group_of(one.group, scope.by))


def _choose(page: Page, scope: Scope, found: Balance, every: Every | None, stage: str) -> Choice | None:
    """The number whose people are wanted."""
    rows = [(one, group_of(one.group, scope.by)) for one in _rows(found, every, stage)]
    if scope.by is not None and every is not None:  # the chart adds the groups up
        rows += [(one, None) for one in _added(found, stage)]
    choices: Sequence[tuple[Choice, int, str]] = [
        (choice, getattr(one, part), f"{_title(page, choice, every, found)} ({page.lang.number(getattr(one, part))})")
        for one, group in rows
        for part in PARTS
        for choice in [Choice(one.stage, part if every is None else f"{part}_{one.period}", group)]
    ]
    return pick(page, CELL, known(choices))


def _title(page: Page, choice: Choice, every: Every | None, found: Balance) -> str:
    part, _, day = choice.part.partition("_")
    group = [] if choice.group is None else [options.shown(page.lang, choice.group)]
    of = next((one for one in found.stages if day and str(one.period) == day), None)
    when = [period(page, of.period, of.complete, every)] if of else []
    return " · ".join([name(page, choice.of), *when, *group, page.lang(f"flow.{part}")])


def behind(analysis: Analysis, scope: Scope, every: Every | None, choice: Choice) -> Table:
    """The spells a number of the balance counts. Out: as `balance.presence`."""
    part, _, day = choice.part.partition("_")
    spans = balance.periods(analysis.pact, analysis.as_of, every=every, **asked(scope))
    place = next((k for k, one in enumerate(spans) if not day or str(one.start) == day), len(spans))
    rows = balance.presence(analysis.tables, analysis.pact, analysis.as_of, spans, scope.by)
    wanted = next((one for one in PARTS if one == part), PARTS[0])
    rows = rows.filter(rows.stage == choice.of, balance.part(rows, place, wanted))
    if choice.group is not None:
        rows = rows.filter(rows.group.isnull() if choice.group == "" else rows.group == choice.group)
    return rows.drop("came", "went", "stage", "group")
