"""Today: conversion by response time, the largest leak and the slowest source, each with its people.

Not here: whether the evidence is there (leadpact/metrics/response_bands.py, leaks.py, engines.py).
"""

from __future__ import annotations

from datetime import date

import streamlit as st

from leadpact.metrics import engines, engines_rows, leaks, periods, response_bands
from leadpact.metrics.engines_judge import Engine
from leadpact.metrics.funnel import SMALL, Scope
from leadpact.metrics.leaks import Leak, Leaks
from leadpact.metrics.periods import Period
from leadpact.metrics.response_bands import Contrast, Conversion
from leadpact.report.gather import SPLITS, clear
from leadpact.report.sentences import largest_leak, slowest_engine, stage_name
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import options, registry, sla_bands, state
from ui.choice import Choice
from ui.errors import plain
from ui.figures import Figure, Part, opening
from ui.page import Page
from ui.sla_words import CLOCK_COLUMNS
from ui.tables import Kind

LOST: dict[str, Kind] = {"entry": "moment", "lost_at": "moment", "end_stage": "text", "reason": "text"}
TIMES: dict[str, Kind] = {"entered_at": "moment", "left_at": "moment", "days": "number"}


def by_response(page: Page, policy_id: str | None) -> None:
    """Answered in time against late: how many went on, with intervals; an association."""
    policy = next((one for one in page.used.pact.sla if one.id == policy_id), None)
    if policy is None:
        return
    found: Conversion = page.cached(response_bands.conversion, policy)
    told = [one for one in found.contrasts if one.in_time.n or one.late.n]
    if not told:
        return
    st.subheader(page.text("response"), anchor=False)
    st.caption(plain(page.text("response.reading", hours=policy.target.hours, count=found.days)))
    for one in told[:1]:
        _contrast(page, found, one, policy.id)
    page.link("sla", page.text("response.all"), **{state.VIEW: "bands"})


def _contrast(page: Page, found: Conversion, one: Contrast, policy: str) -> None:
    lang, stage = page.lang, stage_name(page.lang, page.used.pact, one.stage)
    shown = []
    for name, half in (("in_time", one.in_time), ("late", one.late)):
        args = (None, Choice(policy, f"{one.stage}:{name}"), found.days)
        low, high = half.interval or (None, None)
        text = page.text("response.help", part=half.converted, whole=half.n, low=lang.percent(low),
                         high=lang.percent(high), young=half.young)  # fmt: skip
        shown.append(
            Figure(
                page.text(f"response.{name}", stage=stage), _rate(page, half.rate, half.n),
                page.text("response.rule", count=found.days, stage=stage), help=text,
                facts={"page.today.interval": f"{lang.percent(low)} – {lang.percent(high)}",
                       "page.today.coverage": lang.percent(found.coverage)},
                numerator=Part(sla_bands.behind_converted, args, CLOCK_COLUMNS, "started_at"),
                denominator=Part(sla_bands.behind, args, CLOCK_COLUMNS, "started_at"),
            )
        )  # fmt: skip
    opening(page, "response", shown)
    st.caption(plain("\n".join(f"{one.label}: {one.help}" for one in shown)))
    gap = one.difference
    if gap is not None:
        points = {name: lang.number(getattr(gap, name) * 100, 1) for name in ("difference", "low", "high")}
        clear = "clear" if gap.low > 0 or gap.high < 0 else "unclear"
        st.caption(plain(f"{page.text('response.difference', **points)} {page.text(f'response.{clear}')}"))


def _rate(page: Page, rate: float | None, n: int) -> str:
    few = f" ({page.lang('ui.small', count=SMALL)})" if 0 < n < SMALL else ""
    return page.lang.percent(rate) + few


def largest(page: Page) -> None:
    """The largest leak and the slowest source of the last period, where the evidence is there."""
    lang, pact = page.lang, page.used.pact
    period = periods.chosen(pact, page.analysis.as_of, None, None)
    scope = Scope(period.start, period.end)
    leaking: Leaks = page.cached(leaks.leaks, scope)
    leak = clear(leaking)
    engine: Engine | None = page.cached(engines.slowest, by=SPLITS, start=period.start, end=period.end)
    st.subheader(page.text("causes"), anchor=False)
    st.caption(plain(page.text("causes.reading", first=lang.day(period.start), count=period.days)))
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown(f"**{page.text('leak')}**")
        days = leaking.within_days
        if leak is not None:
            opening(page, "leak", [_leak(page, leak, scope, days)])
        st.markdown(plain(largest_leak(lang, pact, leak, days=days, period_days=period.days)))
        page.link("funnel", page.text("leak.all"), **{state.VIEW: "leaks"})
    with right.container(border=True, height="stretch"):
        st.markdown(f"**{page.text('engine')}**")
        if engine is not None:
            opening(page, "engine", [_engine(page, engine, period)])
        st.markdown(plain(slowest_engine(lang, pact, engine)))
        if registry.entry("velocity").exists:
            page.link("velocity", page.text("engine.all"), **{state.VIEW: "engines"})


def _leak(page: Page, leak: Leak, scope: Scope, days: float) -> Figure:
    lost, entered = (Part(lost_from, (scope, leak.stage, part), LOST, "entry") for part in ("lost", "entered"))
    return Figure(stage_name(page.lang, page.used.pact, leak.stage), page.lang.percent(leak.rate),
                  page.text("leak.rule", days=days), numerator=lost, denominator=entered)  # fmt: skip


def _engine(page: Page, engine: Engine, period: Period) -> Figure:
    lang = page.lang
    times = Part(times_of, (engine.by, engine.stage, engine.group, period.start, period.end), TIMES, "days")
    return Figure(options.shown(lang, engine.group), lang("ui.days_short", days=lang.number(engine.value, 1)),
                  page.text("engine.rule"), numerator=times)  # fmt: skip


def lost_from(analysis: Analysis, scope: Scope, stage: str, part: str) -> Table:
    """As `leaks.behind`."""
    return leaks.behind(analysis.tables, analysis.pact, analysis.as_of, scope, stage, part)


def times_of(analysis: Analysis, by: str, stage: str, group: str | None, start: date, end: date) -> Table:
    """The times a group's leads spent in a stage."""
    rows = engines_rows.times(analysis.tables, analysis.pact, analysis.as_of, by, start, end)
    rows = rows.filter(rows.stage == stage, rows.known)
    return rows.filter(rows.group.isnull() if group is None else rows.group == group)
