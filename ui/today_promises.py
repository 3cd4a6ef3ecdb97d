"""Today: the promises of the month, by both teams, each with its verdict and the people behind it.

Not here: the numbers (leadpact/metrics/promises.py), their words (leadpact/report/promised.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.metrics import promises as kept
from leadpact.metrics.promises import Promises
from leadpact.report.promised import Line, lines
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import figures
from ui.errors import plain
from ui.figures import Figure, Part
from ui.page import Page
from ui.sla_words import CLOCK_COLUMNS
from ui.tables import Kind

LOOKS = {
    "kept": ("green", ":material/check_circle:"),
    "on_track": ("blue", ":material/trending_up:"),
    "behind": ("red", ":material/cancel:"),
    "unknown": ("gray", ":material/help:"),
}
HANDED: dict[str, Kind] = {"qualified_at": "moment", "decided_at": "moment"}
DUE = ("met", "breached", "overdue")


def show(page: Page) -> None:
    """What was promised, what was done, and whether that keeps it."""
    found: Promises = page.cached(kept.promises)
    st.subheader(page.text("promises"), anchor=False)
    if not found.any:
        page.empty("report.promises.none", action="definition")
        return
    st.caption(
        plain(page.text("promises.reading", share=page.lang.percent(found.elapsed, 0), calendar=_by(page, found)))
    )
    made = lines(found, page.used.pact, page.lang)
    for column, line in zip(st.columns(len(made)), made, strict=True):
        with column.container(border=True, height="stretch"):
            _card(page, found, line)


def _card(page: Page, found: Promises, line: Line) -> None:
    colour, icon = LOOKS[line.state]
    st.badge(plain(line.verdict.partition(" ")[2]), icon=icon, color=colour)  # type: ignore[arg-type]
    st.metric(plain(f"{line.team}: {line.promise}"), line.value)
    st.caption(plain(line.text))
    if st.button(page.lang("ui.explain.open"), key=page.key(f"promise_{line.name}_open"), type="tertiary",
                 icon=":material/info:"):  # fmt: skip
        figures.open_one(page, f"promise_{line.name}", _figure(page, found, line))


def _figure(page: Page, found: Promises, line: Line) -> Figure:
    lang = page.lang
    facts = {"page.today.range": f"{lang.day(found.month.start)} – {lang.day(page.analysis.as_of.date())}",
             "page.today.coverage": lang.percent(found.coverage)}  # fmt: skip
    if line.name == "follow_up":
        met, due = (Part(clocks, (states,), CLOCK_COLUMNS, "started_at") for states in (("met",), DUE))
        facts = {"page.today.range": facts["page.today.range"]}
        return Figure(
            line.promise, line.value, page.text("promise.follow_up"), facts=facts, numerator=met, denominator=due
        )
    if line.name == "accepted":
        part, whole = (Part(handed, (flag,), HANDED, "decided_at") for flag in ("accepted", "counted"))
        return Figure(
            line.promise, line.value, page.text("promise.accepted"), facts=facts, numerator=part, denominator=whole
        )
    return Figure(line.promise, line.value, page.text("promise.pace"), facts=facts,
                  numerator=Part(handed, ("qualified",), HANDED, "qualified_at"))  # fmt: skip


def _by(page: Page, found: Promises) -> str:
    return page.text("promises.week") if found.calendar is None else found.calendar


def handed(analysis: Analysis, flag: str) -> Table:
    """The qualified journeys with this flag of `promises.handovers`."""
    rows = kept.handovers(analysis.tables, analysis.pact, analysis.as_of)
    return rows.filter(rows[flag])


def clocks(analysis: Analysis, states: tuple[str, ...]) -> Table:
    """This month's clocks of the promised policy in these states."""
    rows = kept.follow_ups(analysis.tables, analysis.pact, analysis.as_of)
    return rows.filter(rows.state.isin(list(states))).mutate(hours=rows.measured / 3600)
