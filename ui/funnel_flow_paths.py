"""Paths and rework: the ways journeys take most, step by step, and the stages people come back to.

Not here: the counting (leadpact/metrics/paths.py, flow_rework.py), the chart (funnel_flow_charts.py).
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from config.schema import END_KINDS
from leadpact.metrics import flow_rework, paths
from leadpact.metrics.flow_rework import Reworks
from leadpact.metrics.funnel import SMALL, Scope, share
from leadpact.metrics.paths import Paths, Unit
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, figures, funnel_flow_charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick
from ui.figures import Figure, Part
from ui.funnel_flow_charts import KINDS, RETURN, Stream, way
from ui.funnel_flow_words import AGAIN, PATH, WALKS, asked, facts, name, path, said
from ui.page import Page
from ui.tables import Kind

ENDED = {
    "won": "flow_won",
    "recycled": "flow_recycled",
    "disqualified": "flow_disqualified",
    "deleted": "flow_deleted",
    "invalid": "flow_invalid",
    "open": "flow_open",
}
COLUMNS = 5  # steps a phone has room for
BEGUN: dict[str, Kind] = {"entered_at": "moment"}


def show(page: Page, scope: Scope) -> None:
    """Paths with their chart and table, then the stages entered again."""
    current: Unit = next((one for one in paths.UNITS if one == state.read(WALKS)), paths.UNITS[0])
    st.segmented_control(
        page.text("flow.unit"), paths.UNITS, required=True, format_func=lambda one: page.text(f"flow.unit.{one}"),
        label_visibility="collapsed",
        **state.bound(page.key(WALKS), WALKS, current, lambda one: None if one == paths.UNITS[0] else one),
    )  # fmt: skip
    said(page, scope, "page.funnel.flow.days_paths")
    found: Paths = page.cached(paths.paths, unit=current, **asked(scope), by=scope.by)
    if not found.paths:
        page.empty("page.funnel.flow.no_paths", action="connection")
    else:
        _figures(page, scope, found)
        _chart(page, found)
        _table(page, scope, found)
        _walkers(page, scope, found)
    _rework(page, scope)
    page.footer(**facts(page, scope, found.coverage, found.unknown,
                        **{"page.funnel.rule": page.text(f"flow.rule.{current}")}))  # fmt: skip


def _figures(page: Page, scope: Scope, found: Paths) -> None:
    lang, unit = page.lang, found.unit
    looped = page.text("flow.of_paths", share=lang.percent(share(found.repeated, found.total)))
    common = lang.percent(share(sum(one.count for one in found.paths), found.total))
    shown = [
        Figure(page.text(f"flow.total.{unit}"), lang.number(found.total), page.text(f"flow.rule.{unit}"),
               numerator=Part(of_all, (scope, unit), BEGUN, "entered_at")),
        Figure(page.text("flow.distinct"), lang.number(found.distinct), page.text("flow.distinct.help"),
               help=page.text("flow.distinct.few", shown=len(found.paths), part=common)),
        Figure(page.text("flow.repeated"), lang.number(found.repeated),
               page.text("flow.repeated.help", part=found.repeated, whole=found.total),
               numerator=Part(of_repeated, (scope, unit), BEGUN, "entered_at"),
               denominator=Part(of_all, (scope, unit), BEGUN, "entered_at"), delta=looped, arrow="off"),
    ]  # fmt: skip
    figures.opening(page, "paths", shown)


def _chart(page: Page, found: Paths) -> None:
    """The first moves of all, a column a step: a way back goes on to the right, as time does."""
    lang, pact = page.lang, page.used.pact
    order = [*(stage.key for stage in pact.stages), "unmapped"]
    ends = pact.keys(*END_KINDS)
    streams, kinds, columns = [], [], {(one.place, one.stage) for one in found.steps if one.place <= COLUMNS}
    for one in found.steps:
        if one.next_stage is None or one.place >= COLUMNS:
            continue
        columns.add((one.place + 1, one.next_stage))
        kind = RETURN if one.stage in ends else way(pact, one.stage, one.next_stage)
        kinds.append(kind)
        text = f"{page.text('flow.step', number=one.place)}: {name(page, one.stage)} → {name(page, one.next_stage)}"
        sides = f"{one.place}:{one.stage}", f"{one.place + 1}:{one.next_stage}"
        streams.append(Stream(*sides, one.count, kind, f"{text}: {lang.number(one.count)}"))
    if not streams:
        return
    last = max(place for place, _ in columns)
    used = {side for one in streams for side in (one.left, one.right)}
    nodes = {
        f"{place}:{key}": (name(page, key), (place - 1) / (last - 1))
        for place in range(1, last + 1)
        for key in order
        if f"{place}:{key}" in used
    }
    legend = {kind: page.text(f"flow.band.{kind}") for kind in KINDS if kind in kinds}
    st.caption(page.text("flow.reading.paths"))
    most = max(sum(key.startswith(f"{place}:") for key in nodes) for place in range(1, last + 1))
    figure = funnel_flow_charts.sankey(nodes, streams, legend, 150 + 46 * most, lang)
    charts.show(figure, key=page.key("paths_chart"), alt=page.text("flow.reading.paths"))


def _table(page: Page, scope: Scope, found: Paths) -> None:
    lang = page.lang
    ended = [end for end in ENDED if any(one.ends.get(end) for one in found.paths)]
    rows = [
        {
            "group": options.shown(lang, one.group),
            "flow_path": path(page, one.stages),
            "flow_count": one.count,
            "flow_share_of_all": one.share,
            **{ENDED[end]: one.ends.get(end, 0) for end in ended},
        }
        for one in found.paths
    ]
    kinds: dict[str, Kind] = {"group": "text"} if scope.by else {}
    kinds |= {"flow_path": "text", "flow_count": "count", "flow_share_of_all": "share"}
    kinds |= dict.fromkeys((ENDED[end] for end in ended), "count")

    def clicked(position: int | None) -> None:
        one = None if position is None else found.paths[position]
        state.write(PATH, one and Choice(one.text, found.unit, group_of(one.group, scope.by)).text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("paths_table"), select=clicked)


def _walkers(page: Page, scope: Scope, found: Paths) -> None:
    """The people behind a path."""
    by_choice = {Choice(one.text, found.unit, group_of(one.group, scope.by)): one for one in found.paths}
    titles = {choice: _titled(page, choice, path(page, one.stages)) for choice, one in by_choice.items()}
    choice = pick(page, PATH, known([(choice, one.count, f"{titles[choice]} ({page.lang.number(one.count)})")
                                     for choice, one in by_choice.items()]))  # fmt: skip
    if choice is not None:
        people.show(page, titles[choice], behind, scope, found.unit, by_choice[choice].codes, choice.group,
                    key="walkers", first=BEGUN, order="entered_at")  # fmt: skip


def _titled(page: Page, choice: Choice, text: str) -> str:
    return text if choice.group is None else f"{options.shown(page.lang, choice.group)} · {text}"


def _rework(page: Page, scope: Scope) -> None:
    """How often every stage is entered again, and by whom."""
    lang = page.lang
    found: Reworks = page.cached(flow_rework.rework, **asked(scope), by=scope.by)
    shown = [one for one in found.stages if one.entries]
    if not shown:
        return
    st.subheader(page.text("flow.rework"), anchor=False)
    st.caption(page.text("flow.rework.reading", count=found.reentries, people=found.people))
    rows = [
        {
            "group": options.shown(lang, one.group),
            "stage": name(page, one.stage),
            "flow_entries": one.entries,
            "flow_people": one.people,
            "flow_reentries": one.reentries,
            "flow_people_again": one.people_again,
            "flow_rate_again": one.rate,
            "flow_same_journey": one.same_journey,
            "note": lang("ui.small", count=SMALL) if one.small else None,
        }
        for one in shown
    ]
    kinds: dict[str, Kind] = {"group": "text"} if scope.by else {}
    kinds |= {"stage": "text", "flow_entries": "count", "flow_people": "count", "flow_reentries": "count"}
    kinds |= {"flow_people_again": "count", "flow_rate_again": "share", "flow_same_journey": "count"}
    if any(row["note"] for row in rows):
        kinds["note"] = "text"
    choices = [Choice(one.stage, "again", group_of(one.group, scope.by)) for one in shown]

    def clicked(position: int | None) -> None:
        state.write(AGAIN, None if position is None else choices[position].text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("rework_table"), select=clicked)
    titles = {choice: _titled(page, choice, name(page, choice.of)) for choice in choices}
    counted = [(choice, one.reentries, f"{titles[choice]} ({lang.number(one.reentries)})")
               for choice, one in zip(choices, shown, strict=True)]  # fmt: skip
    choice = pick(page, AGAIN, known(counted))
    if choice is not None:
        title = page.text("flow.rework.of", stage=titles[choice])
        people.show(page, title, back, scope, choice, key="again", first=BEGUN, order="entered_at")


def behind(analysis: Analysis, scope: Scope, unit: Unit, codes: tuple[str, ...], group: str | None) -> Table:
    """The journeys (or people) that took a path. Out: as `paths.walks`."""
    rows = _walks(analysis, scope, unit)
    rows = rows.filter(rows.code.isin(codes))
    if group is not None:
        rows = rows.filter(rows.group.isnull() if group == "" else rows.group == group)
    return rows.drop("code", "group")


def of_all(analysis: Analysis, scope: Scope, unit: Unit) -> Table:
    """All journeys (or people) a path is counted of."""
    return _walks(analysis, scope, unit).drop("code", "group")


def of_repeated(analysis: Analysis, scope: Scope, unit: Unit) -> Table:
    """Those with a stage entered twice or more."""
    rows = _walks(analysis, scope, unit)
    codes = rows.select("code").distinct().execute()["code"]
    again = [code for code in codes if len(set(walked := paths.decoded(code, analysis.pact))) < len(walked)]
    return rows.filter(rows.code.isin(again)).drop("code", "group")


def _walks(analysis: Analysis, scope: Scope, unit: Unit) -> Table:
    rows = paths.walks(analysis.tables, analysis.pact, analysis.as_of, unit=unit, **asked(scope), by=scope.by)
    return rows.filter(rows.part == "counted")


def back(analysis: Analysis, scope: Scope, choice: Choice) -> Table:
    """The re-entries to a stage in the scope's days. Out: as `flow_rework.entries`."""
    rows = flow_rework.entries(analysis.tables, analysis.pact, analysis.as_of, **asked(scope), by=scope.by)
    rows = rows.filter(rows.part == "counted", rows.stage == choice.of, rows.reentry)
    if choice.group is not None:
        rows = rows.filter(rows.group.isnull() if choice.group == "" else rows.group == choice.group)
    return rows.drop("stage", "group")
