"""How the SLA is drawn: what was agreed, how it was kept, and who waits now.

Not here: the clocks (leadpact/metrics/sla.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st

from config.parts import SlaPolicy
from leadpact.metrics import sla
from leadpact.metrics.dimensions import with_dimension
from leadpact.metrics.sla import STATES, PolicyResult
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import charts, options, people, state, tables
from ui.choice import Choice, group_of, known, pick
from ui.errors import plain
from ui.figures import row
from ui.page import Page
from ui.tables import Kind

CLOCKS = "clocks"
COLOURS = {
    "met": charts.GOOD,
    "breached": charts.BAD,
    "overdue": charts.LATE,
    "running": charts.WAITING,
    "withdrawn": charts.QUIET,
    "unknown": charts.UNSURE,
}
CLOCK_COLUMNS: dict[str, Kind] = {"state": "state", "started_at": "moment", "hours": "span", "touched": "flag"}
WAITING_COLUMNS: dict[str, Kind] = {
    "state": "state",
    "left_hours": "span",
    "owner": "text",
    "journey": "page",
    "url": "link",
    "measured_hours": "span",
    "started_at": "moment",
    "policy": "text",
}


def show(page: Page, by: str | None) -> None:
    """Every policy with its clocks, the people behind a bar, and who waits now."""
    results = page.cached(sla.compliance, by=by)
    for one in page.used.pact.sla:
        policy(page, one, [result for result in results if result.policy == one.id], by)
    choice = choose(page, results, by)
    if choice is not None:
        people.show(page, title(page, choice), behind, by, choice, key="people", first=CLOCK_COLUMNS)
    waiting(page)
    page.footer(**{"page.sla.rule": page.text("rule.text"), "page.sla.activities": readable(page)})


def waiting(page: Page) -> None:
    """Leads whose clock runs now, the most urgent first."""
    people.show(
        page, page.lang("page.sla.waiting"), waiting_now, key="waiting", first=WAITING_COLUMNS, order="left_hours"
    )


def waiting_now(analysis: Analysis) -> Table:
    """As `leadpact.metrics.sla.waiting`."""
    return sla.waiting(analysis.tables, analysis.pact, analysis.as_of)


def policy(page: Page, one: SlaPolicy, results: Sequence[PolicyResult], by: str | None) -> None:
    """One policy: its words, its figures, its chart and its table."""
    lang = page.lang
    st.subheader(plain(one.id), anchor=False)
    st.markdown(plain(words(page, one)))
    if not any(result.clocks for result in results):
        st.info(lang("page.sla.no_clocks"), icon=":material/hourglass_empty:")
        return
    if by is None:
        _figures(page, results[0])
    _chart(page, one, results, by)
    rows = [{**asdict(result), "group": options.shown(lang, result.group)} for result in results]
    kinds: dict[str, Kind] = {"group": "text"} if by else {}
    kinds |= {"compliance": "share"}
    for name in STATES:
        kinds[name] = "count"
    kinds |= {"median_hours": "span", "p90_hours": "span"}
    tables.show(pd.DataFrame(rows), kinds, lang, key=page.key(f"table_{one.id}"))


def words(page: Page, one: SlaPolicy) -> str:
    """A policy as a sentence."""
    lang, pact = page.lang, page.used.pact
    stops = [pact.stage(key).label for key in one.stops.stages]
    stops += [lang(f"ui.activity.{kind}") if lang.has(f"ui.activity.{kind}") else kind for kind in one.stops.activities]
    clock = lang(f"page.sla.clock.{one.target.clock}", calendar=one.calendar or "")
    return lang(
        "page.sla.words",
        start=pact.stage(one.starts).label,
        stops=", ".join(stops),
        hours=one.target.hours,
        clock=clock,
    )


def _figures(page: Page, result: PolicyResult) -> None:
    lang = page.lang
    decided = result.met + result.breached + result.overdue
    touched = "activity" in page.analysis.tables.provided
    never = lang.number(result.never_touched) if touched else lang("ui.unknown")
    text = lang("page.sla.compliance.help", part=result.met, whole=decided)
    median, late = (tables.span(lang, value) for value in (result.median_hours, result.p90_hours))
    row(
        [
            (lang("ui.col.compliance"), lang.percent(result.compliance), text),
            (lang("ui.col.median_hours"), median, lang("page.sla.hours.help")),
            (lang("ui.col.p90_hours"), late, lang("page.sla.hours.help")),
            (lang("page.sla.never_touched"), never, lang("page.sla.never_touched.help")),
        ]
    )


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
    st.caption(
        plain(lang("page.sla.reading", shown=len(largest), total=len(results)) if by else lang("page.sla.reading_all"))
    )
    figure = charts.bars(labels, series, lang, stacked=True)
    charts.show(figure, key=page.key(f"chart_{one.id}"), alt=words(page, one), select=_chosen)


def choose(page: Page, results: Sequence[PolicyResult], by: str | None) -> Choice | None:
    """The bar whose people are wanted."""
    found = []
    for result in results:
        for name in STATES:
            choice = Choice(result.policy, name, group_of(result.group, by))
            count = getattr(result, name)
            found.append((choice, count, f"{title(page, choice)} ({page.lang.number(count)})"))
    return pick(page, CLOCKS, known(found))


def title(page: Page, choice: Choice) -> str:
    """What the clocks behind a bar have in common."""
    lang = page.lang
    group = [] if choice.group is None else [options.shown(lang, choice.group)]
    return " · ".join([choice.of, *group, lang(f"ui.state.{choice.part}")])


def behind(analysis: Analysis, by: str | None, choice: Choice) -> Table:
    """The clocks a bar counts. Out: the columns of `sla.clocks`, and hours (of the target's clock)."""
    one = next(found for found in analysis.pact.sla if found.id == choice.of)
    clock = sla.clocks(analysis.tables, analysis.pact, analysis.as_of, one)
    clock = with_dimension(clock.mutate(entry=clock.started_at), analysis.tables, by, analysis.pact)
    clock = clock.filter(clock.state == choice.part)
    if choice.group is not None:
        clock = clock.filter(clock.group.isnull() if choice.group == "" else clock.group == choice.group)
    return clock.mutate(hours=clock.measured / sla.HOUR)


def _chosen(text: str | None) -> None:
    state.write(CLOCKS, text)


def readable(page: Page) -> str:
    """Whether touches can be read at all: where not, no clock is called overdue for want of one."""
    return page.lang(
        "page.sla.activities.read" if "activity" in page.analysis.tables.provided else "page.sla.activities.unread"
    )
