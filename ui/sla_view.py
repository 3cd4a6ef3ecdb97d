"""The SLA's policies: what was agreed, and what became of every clock.

Not here: the clocks (leadpact/metrics/sla.py), who waits now (sla_waiting.py), policies in words
(sla_words.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from config.parts import SlaPolicy
from leadpact.metrics import response, sla
from leadpact.metrics.response import Responses
from leadpact.metrics.sla import STATES, PolicyResult
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, tables
from ui.choice import Choice, group_of, known, pick, with_click
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.sla_waiting import brief as waiting
from ui.sla_waiting import waiting_now
from ui.sla_words import CLOCK_COLUMNS, CLOCKS, choose, clocks, counted, facts, readable, titled, words
from ui.tables import Kind

COLOURS = {
    "met": charts.GOOD,
    "breached": charts.BAD,
    "overdue": charts.LATE,
    "running": charts.WAITING,
    "withdrawn": charts.QUIET,
    "unknown": charts.UNSURE,
}
KNOWN = tuple(name for name in STATES if name != "unknown")


def show(page: Page, by: str | None) -> None:
    """Every policy with its clocks, and the people behind a bar."""
    results = page.cached(sla.compliance, by=by)
    for one in page.used.pact.sla:
        policy(page, one, [result for result in results if result.policy == one.id], by)
    choice = _choice(page, results, by)
    if choice is not None:
        title = titled(page, choice, page.lang(f"ui.state.{choice.part}"))
        people.show(page, title, behind, by, choice, key="people", first=CLOCK_COLUMNS, order="started_at")
    page.footer(**{"page.sla.rule": page.text("rule.text"), "page.sla.activities": readable(page)})


def policy(page: Page, one: SlaPolicy, results: Sequence[PolicyResult], by: str | None) -> None:
    """One policy: its words, its figures, its chart and its table."""
    lang = page.lang
    st.subheader(plain(one.id), anchor=False)
    st.markdown(plain(words(page, one)))
    if not any(result.clocks for result in results):
        page.empty("page.sla.no_clocks")
        return
    if by is None:
        figures(page, one, page.cached(response.measure, one))
    _chart(page, one, results, by)
    rows = [{**asdict(result), "group": options.shown(lang, result.group)} for result in results]
    kinds: dict[str, Kind] = {"group": "text"} if by else {}
    kinds |= {"compliance": "share"}
    for name in STATES:
        kinds[name] = "count"
    kinds |= {"median_hours": "span", "p90_hours": "span"}
    if any(result.queued is not None for result in results):
        kinds |= {"queued": "count", "queue_share": "share"}
    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key(f"table_{one.id}"))


def figures(page: Page, one: SlaPolicy, measured: Responses) -> None:
    """Compliance, how long an answer takes, and who was never touched; each opens to its people."""
    lang, whole = page.lang, measured.whole
    counts = whole.at(measured.target_hours)
    said = facts(page, measured.coverage, measured.undated)
    never = lang.number(whole.never_touched) if measured.touches_read else lang("ui.unknown")
    met, due, known_ = (Part(counted, (one.id, states), CLOCK_COLUMNS, "started_at")
                        for states in (("met",), response.DUE, KNOWN))  # fmt: skip
    hours, kept = lang("page.sla.hours.help"), lang("page.sla.compliance.help", part=counts.met, whole=counts.due)
    nobody = Part(never_touched, (one.id,), CLOCK_COLUMNS, "started_at") if measured.touches_read else None
    found = [
        Figure(lang("ui.col.compliance"), lang.percent(counts.compliance), page.text("rule.text"), facts=said,
               help=kept, numerator=met, denominator=due),
        Figure(lang("ui.col.median_hours"), tables.span(lang, whole.quantile(0.5)), page.text("hours.rule"),
               help=hours, facts=said, denominator=known_),
        Figure(lang("ui.col.p90_hours"), tables.span(lang, whole.quantile(0.9)), page.text("hours.rule"),
               help=hours, facts=said, denominator=known_),
        Figure(lang("page.sla.never_touched"), never, page.text("never_touched.rule"), facts=said,
               help=lang("page.sla.never_touched.help"), numerator=nobody),
    ]  # fmt: skip
    opening(page, f"figures_{one.id}", found)


def never_touched(analysis: Analysis, name: str) -> Table:
    """The clocks that nothing stopped and nobody of Sales touched since."""
    rows = clocks(analysis, name, None, None)
    return rows.filter(rows.stopped_at.isnull(), ~rows.touched)


def _chart(page: Page, one: SlaPolicy, results: Sequence[PolicyResult], by: str | None) -> None:
    lang = page.lang
    largest = sorted(results, key=lambda result: -result.clocks)[: 2 * charts.MOST_GROUPS]
    labels = [options.shown(lang, result.group) if by else lang("page.sla.all") for result in largest]
    series = [
        (
            lang(f"ui.state.{name}"),
            COLOURS[name],
            [getattr(result, name) for result in largest],
            [lang.number(getattr(result, name)) for result in largest],
            [Choice(one.id, name, group_of(result.group, by)).text for result in largest],
        )
        for name in STATES
        if any(getattr(result, name) for result in largest)
    ]
    read = lang("page.sla.reading", shown=len(largest), total=len(results)) if by else lang("page.sla.reading_all")
    st.caption(plain(with_click(page, read, "part")))
    figure = charts.bars(labels, series, lang, stacked=True)
    charts.show(figure, key=page.key(f"chart_{one.id}"), alt=words(page, one), select=choose)


def _choice(page: Page, results: Sequence[PolicyResult], by: str | None) -> Choice | None:
    """The bar whose people are wanted."""
    found = []
    for result in results:
        for name in STATES:
            choice = Choice(result.policy, name, group_of(result.group, by))
            count = getattr(result, name)
            found.append((choice, count, titled(page, choice, page.lang(f"ui.state.{name}"), count)))
    return pick(page, CLOCKS, known(found))


def behind(analysis: Analysis, by: str | None, choice: Choice) -> Table:
    """The clocks a bar counts. Out: the columns of `response.responses`."""
    return counted(analysis, choice.of, (choice.part,), by, choice.group)


__all__ = ["behind", "figures", "policy", "show", "waiting", "waiting_now", "words"]
