"""Moves between stages: how many, where they lead back, which nobody agreed, and who made them.

Not here: the counting (leadpact/metrics/flow.py), the chart (funnel_flow_charts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from leadpact.metrics import flow
from leadpact.metrics.flow import Flow, Move
from leadpact.metrics.funnel import Scope, share
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, figures, funnel_flow_charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick, with_click
from ui.figures import Figure, Part
from ui.funnel_flow_charts import BACK, KINDS, ON, OUTSIDE, RETURN, Stream, way
from ui.funnel_flow_words import MOVE, asked, facts, move, name, said
from ui.funnel_flow_words import OUTSIDE as NOWHERE
from ui.page import Page
from ui.tables import Kind

COLUMNS: dict[str, Kind] = {"moved_at": "moment"}


def show(page: Page, scope: Scope) -> None:
    """Figures, the chart with its table, and the people behind a move."""
    found: Flow = page.cached(flow.flow, **asked(scope), by=scope.by)
    said(page, scope)
    if not any(one.moves for one in found.moves):
        page.empty("page.funnel.flow.none", action="connection", count=found.unknown)
    else:
        _figures(page, scope, found)
        _chart(page, found)
    if found.moves:
        _table(page, scope, found)
        choice = _choose(page, scope, found)
        if choice is not None:
            people.show(page, _title(page, choice), behind, scope, choice,
                        key="movers", first=COLUMNS, order="moved_at")  # fmt: skip
    page.footer(**facts(page, scope, found.coverage, found.unknown,
                        **{"page.funnel.rule": page.text("flow.rule.moves")}))  # fmt: skip


def _figures(page: Page, scope: Scope, found: Flow) -> None:
    between = found.between
    moves = sum(one.moves for one in between)
    counts = {
        "all": moves,
        "back": sum(one.moves for one in between if one.back),
        "again": sum(one.reentries for one in between),
        "against": sum(one.moves for one in between if one.agreed is False),
    }
    judged = sum(one.moves for one in between if one.agreed is not None)
    shown = [_figure(page, scope, "all", counts["all"], None)]
    shown += [_figure(page, scope, which, counts[which], moves) for which in ("back", "again")]
    if page.used.pact.flow:
        shown.append(_figure(page, scope, "against", counts["against"], judged))
    figures.opening(page, "flow", shown)
    if not page.used.pact.flow:
        st.caption(page.text("flow.not_agreed"))
        page.link("definition")


def _figure(page: Page, scope: Scope, which: str, count: int, of: int | None) -> Figure:
    lang = page.lang
    whole = "judged" if which == "against" else "all"
    return Figure(
        label=page.text(f"flow.figure.{which}"),
        value=lang.number(count),
        delta=None if of is None else page.text("flow.of_moves", share=lang.percent(share(count, of))),
        arrow="off",
        rule=page.text(f"flow.figure.{which}.help", part=count, whole=count if of is None else of),
        numerator=Part(of_kind, (scope, which), COLUMNS, "moved_at"),
        denominator=None if of is None else Part(of_kind, (scope, whole), COLUMNS, "moved_at"),
    )


def _chart(page: Page, found: Flow) -> None:
    """Every stage on both sides: left where people leave, right where they arrive."""
    lang, pact = page.lang, page.used.pact
    whole: dict[tuple[str | None, str | None], list[Move]] = {}
    for one in found.moves:
        if one.moves:
            whole.setdefault((one.from_stage, one.to_stage), []).append(one)
    streams, kinds = [], []
    for (left, to), parts in whole.items():
        count, again = sum(one.moves for one in parts), sum(one.reentries for one in parts)
        sides = f"l:{left or NOWHERE}", f"r:{to or NOWHERE}"
        kind = way(pact, left, to)
        # of one pair, the moves of those who come back are a band of their own
        bands = [(RETURN, again), (kind, count - again)] if kind not in (BACK, OUTSIDE) else [(kind, count)]
        for band, size in bands:
            if size:
                text = f"{move(page, left, to)}: {lang.number(size)} ({page.text(f'flow.band.{band}')})"
                streams.append(Stream(*sides, size, band, text))
                kinds.append(band)
    order = [NOWHERE, *(stage.key for stage in pact.stages), "unmapped"]
    used = {side for one in streams for side in (one.left, one.right)}
    nodes = {}
    for side, x, nobody in (("l", 0.0, "flow.outside"), ("r", 1.0, "flow.gone")):
        keys = order if side == "l" else [*order[1:], NOWHERE]
        nodes |= {f"{side}:{key}": (name(page, key, nobody), x) for key in keys if f"{side}:{key}" in used}
    legend = {kind: page.text(f"flow.band.{kind}") for kind in KINDS if kind in kinds}
    st.caption(with_click(page, page.text("flow.reading.moves"), "row"))
    height = 140 + 44 * max(sum(key.startswith(side) for key in nodes) for side in "lr")
    figure = funnel_flow_charts.sankey(nodes, streams, legend, height, lang)
    charts.show(figure, key=page.key("moves_chart"), alt=page.text("flow.reading.moves"))


def _table(page: Page, scope: Scope, found: Flow) -> None:
    lang = page.lang
    rows: list[dict[str, Any]] = []
    listed = sorted(found.moves, key=lambda one: -one.moves)
    for one in listed:
        rows.append(
            {
                "group": options.shown(lang, one.group),
                "flow_from": name(page, one.from_stage),
                "flow_to": name(page, one.to_stage, "flow.gone"),
                "flow_moves": one.moves,
                "flow_people": one.people,
                "flow_share": one.share,
                "flow_way": _way(page, one),
                "flow_again": one.reentries,
                "flow_agreed": one.agreed,
                "flow_undated": one.unknown,
            }
        )
    kinds: dict[str, Kind] = {"group": "text"} if scope.by else {}
    kinds |= {"flow_from": "text", "flow_to": "text", "flow_moves": "count", "flow_people": "count"}
    kinds |= {"flow_share": "share", "flow_way": "text", "flow_again": "count"}
    if page.used.pact.flow:
        kinds["flow_agreed"] = "flag"
    if found.unknown:
        kinds["flow_undated"] = "count"

    def clicked(position: int | None) -> None:
        state.write(MOVE, None if position is None else _choice(scope, listed[position]).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("moves_table"), select=clicked)


def _way(page: Page, one: Move) -> str | None:
    kind = way(page.used.pact, one.from_stage, one.to_stage)
    kind = RETURN if kind == ON and one.reentries == one.moves else kind
    return page.text(f"flow.way.{kind}") if one.moves else None


def _choice(scope: Scope, one: Move) -> Choice:
    return Choice(one.from_stage or NOWHERE, one.to_stage or NOWHERE, group_of(one.group, scope.by))


def _choose(page: Page, scope: Scope, found: Flow) -> Choice | None:
    """The move whose people are wanted; undated moves are among them."""
    choices: Sequence[tuple[Choice, int, str]] = [
        (choice, one.moves + one.unknown, f"{_title(page, choice)} ({page.lang.number(one.moves + one.unknown)})")
        for one in sorted(found.moves, key=lambda one: -one.moves)
        for choice in [_choice(scope, one)]
    ]
    return pick(page, MOVE, known(choices))


def _title(page: Page, choice: Choice) -> str:
    group = [] if choice.group is None else [options.shown(page.lang, choice.group)]
    return " · ".join([*group, move(page, choice.of, choice.part)])


def behind(analysis: Analysis, scope: Scope, choice: Choice) -> Table:
    """The moves of one kind in the scope's days, those without a time too. Out: as `flow.moves`."""
    rows = flow.moves(analysis.tables, analysis.pact, analysis.as_of, **asked(scope), by=scope.by)
    for column, key in (("from_stage", choice.of), ("to_stage", choice.part)):
        rows = rows.filter(rows[column].isnull() if key == NOWHERE else rows[column] == key)
    if choice.group is not None:
        rows = rows.filter(rows.group.isnull() if choice.group == "" else rows.group == choice.group)
    return rows


def of_kind(analysis: Analysis, scope: Scope, which: str) -> Table:
    """The moves from stage to stage a figure counts: all, back, again, against the agreed flow, or judged by it."""
    rows = flow.moves(analysis.tables, analysis.pact, analysis.as_of, **asked(scope))
    rows = rows.filter(rows.part == "counted", rows.kind == "move")
    if which == "all":
        return rows
    kept = {
        "back": rows.back,
        "again": rows.reentry,
        "against": ~rows.agreed.fill_null(True),
        "judged": rows.agreed.notnull(),
    }
    return rows.filter(kept[which])
