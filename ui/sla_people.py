"""The SLA by manager, owner and team: due, kept, never touched, and how soon the first touch comes.

Groups are ordered by how much they were given, never as a list of the worst: a rate of few
cases is marked and has its interval.

Not here: the figures (leadpact/metrics/response.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from config.parts import SlaPolicy
from leadpact.metrics import dimensions, response, sla
from leadpact.metrics.funnel import SMALL
from leadpact.metrics.response import DUE, Responses
from leadpact.metrics.response_times import Times
from leadpact.metrics.sla import PolicyResult
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, sla_charts, state, tables
from ui.choice import Choice, known, pick, with_click
from ui.errors import plain
from ui.page import Page
from ui.sla_charts import Dots
from ui.sla_words import CLOCK_COLUMNS, CLOCKS, choose, chosen, clocks, counted, facts, titled
from ui.tables import Kind

HOLDER = "holder"
HOLDERS = ("manager", "owner", "team")
MOST = 25


def show(page: Page, by: str | None) -> None:
    """One policy by who was asked to keep it."""
    one = chosen(page)
    holder = _holder(page, by)
    measured = page.cached(response.measure, one, by=holder)
    queues = {found.group: found for found in page.cached(sla.of_policy, one, by=holder)}
    groups = sorted((times for times in measured.groups if times.clocks), key=lambda times: -times.clocks)
    if not groups:
        page.empty("page.sla.no_clocks", action="connection")
        return page.footer(**facts(page, measured.coverage, measured.undated))
    shown = groups[:MOST]
    read = page.text("people.reading", shown=len(shown), total=len(groups))
    st.caption(plain(with_click(page, read, "bar")))
    _chart(page, one, measured, shown)
    _table(page, one, measured, groups, queues)
    choice = _choice(page, one, measured, groups)
    if choice is not None:
        people.show(page, _title(page, choice), behind, holder, choice, key="people", first=CLOCK_COLUMNS,
                    order="started_at")  # fmt: skip
    return page.footer(**facts(page, measured.coverage, measured.undated))


def _holder(page: Page, by: str | None) -> str:
    """Manager, owner or team; the page's own split where it is one of them."""
    there = [name for name in HOLDERS if name in dimensions.known(page.analysis.tables)]
    first = by if by in there else "owner"
    current = state.read(HOLDER)
    current = current if current in there else first
    st.segmented_control(
        page.text("holder"), there, required=True, format_func=lambda name: options.dimension(page.lang, name),
        label_visibility="collapsed",
        **state.bound(page.key(HOLDER), HOLDER, current, lambda name: None if name == first else name),
    )  # fmt: skip
    return current


def _chart(page: Page, one: SlaPolicy, measured: Responses, shown: list[Times]) -> None:
    lang = page.lang
    labels = [options.shown(lang, times.group) for times in shown]
    counts = [times.at(measured.target_hours) for times in shown]
    ends = [each.interval or (None, None) for each in counts]
    texts = [
        page.text("when.said", part=each.met, whole=each.due, rate=lang.percent(each.compliance)) for each in counts
    ]
    dots = Dots(lang("ui.col.compliance"), [each.compliance for each in counts], [low for low, _ in ends],
                [high for _, high in ends], texts, [each.small for each in counts],
                [Choice(one.id, "due", times.group or "").text for times in shown])  # fmt: skip
    figure = sla_charts.kept(labels, dots, lang)
    charts.show(figure, key=page.key("holders"), alt=page.text("section.people"), select=choose)


def _table(
    page: Page, one: SlaPolicy, measured: Responses, groups: list[Times], queues: Mapping[str | None, PolicyResult]
) -> None:
    lang, rows = page.lang, []
    for times in groups:
        counts = times.at(measured.target_hours)
        low, high = counts.interval or (None, None)
        row: dict[str, Any] = {"group": options.shown(lang, times.group), "due": counts.due, "kept": counts.met}
        row |= {"compliance": counts.compliance, "running": counts.running, "never_touched": None, "first_touch": None}
        row["interval"] = None if low is None else f"{lang.percent(low)} – {lang.percent(high)}"
        if measured.touches_read:
            row |= {"never_touched": times.never_touched, "first_touch": times.quantile(0.5, touches=True)}
        queue = queues.get(times.group)
        row |= {"queued": queue and queue.queued, "queue_share": queue and queue.queue_share}
        rows.append({**row, "note": lang("ui.small", count=SMALL) if counts.small else None})
    kinds: dict[str, Kind] = {"group": "text", "due": "count", "kept": "count", "compliance": "share",
                              "interval": "text", "never_touched": "count", "first_touch": "span",
                              "running": "count"}  # fmt: skip
    if any(row["queued"] is not None for row in rows):
        kinds |= {"queued": "count", "queue_share": "share"}
    if any(row["note"] for row in rows):
        kinds["note"] = "text"

    def clicked(position: int | None) -> None:
        choose(None if position is None else Choice(one.id, "due", groups[position].group or "").text)

    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key("holders_table"), select=clicked)
    if not measured.touches_read:
        st.caption(page.text("people.unread"))


def _choice(page: Page, one: SlaPolicy, measured: Responses, groups: list[Times]) -> Choice | None:
    rows = []
    for times in groups:
        counts = times.at(measured.target_hours)
        numbers = {"due": counts.due, "met": counts.met, "running": counts.running,
                   "never": times.never_touched if measured.touches_read else 0}  # fmt: skip
        for part, count in numbers.items():
            choice = Choice(one.id, part, times.group or "")
            rows.append((choice, count, f"{_title(page, choice)} ({page.lang.number(count)})"))
    return pick(page, CLOCKS, known(rows))


def _title(page: Page, choice: Choice) -> str:
    said = {"due": "ui.col.due", "never": "page.sla.never_touched"}
    return titled(page, choice, page.lang(said.get(choice.part, f"ui.state.{choice.part}")))


def behind(analysis: Analysis, holder: str, choice: Choice) -> Table:
    """The clocks of one holder that are due, kept, running or were never touched."""
    if choice.part == "never":
        rows = clocks(analysis, choice.of, holder, choice.group)
        return rows.filter(rows.stopped_at.isnull(), ~rows.touched)
    states = DUE if choice.part == "due" else (choice.part,)
    return counted(analysis, choice.of, states, holder, choice.group)
