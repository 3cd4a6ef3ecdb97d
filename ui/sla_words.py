"""An SLA in words, and what the parts of its page have in common: which policy, which group, facts.

Not here: the parts themselves (sla_view.py, sla_waiting.py, sla_response.py, …).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from config.parts import SlaPolicy
from leadpact.language import Language
from leadpact.metrics import response
from leadpact.tables import Table
from leadpact.workspace import Analysis
from ui import options, state
from ui.choice import Choice
from ui.errors import plain
from ui.page import Page
from ui.tables import Kind

POLICY, GROUP, CLOCKS = "policy", "group", "clocks"
EVERYONE = "\0everyone"  # no CRM value begins with a null character
CLOCK_COLUMNS: dict[str, Kind] = {
    "state": "state",
    "hours": "span",
    "started_at": "moment",
    "stopped_at": "moment",
    "touched": "flag",
}


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


def span(lang: Language, hours: float, one: SlaPolicy) -> str:
    """Hours as people say them: in minutes, hours, days or weeks where they come out even.

    A working day has no length all agree on: working time stays in hours.
    """
    if hours < 1:
        return lang("sla.minutes", minutes=lang.number(hours * 60))
    if one.target.clock == "elapsed" and hours >= 24 and hours % 24 == 0:
        days = int(hours // 24)
        return lang("sla.weeks", count=days // 7) if days % 7 == 0 else lang("ui.days", count=days)
    return lang("ui.hours", hours=lang.number(hours, 0 if float(hours).is_integer() else 1))


def band(lang: Language, start: float, end: float | None, one: SlaPolicy) -> str:
    """A bin of response times: more than `start`, at most `end`."""
    if end is None:
        return lang("sla.band.over", start=span(lang, start, one))
    if start == 0:
        return lang("sla.band.up_to", end=span(lang, end, one))
    return f"{span(lang, start, one)} – {span(lang, end, one)}"


def bands(page: Page, one: SlaPolicy) -> list[str]:
    """The bins of a policy, the fastest first."""
    ends = response.edges(one)
    return [band(page.lang, start, end, one) for start, end in zip((0.0, *ends), (*ends, None), strict=True)]


def chosen(page: Page) -> SlaPolicy:
    """The policy a part is about: the one in the URL, else the first; its words beneath the choice."""
    known = {one.id: one for one in page.used.pact.sla}
    first = next(iter(known))
    current = state.read(POLICY)
    current = current if current in known else first
    if len(known) > 1:
        st.segmented_control(
            page.text("policy"), list(known), required=True, format_func=plain,
            **state.bound(page.key(POLICY), POLICY, current, lambda text: None if text == first else text),
        )  # fmt: skip
    st.markdown(f"**{plain(current)}** · {plain(words(page, known[current]))}")
    return known[current]


def group(page: Page, by: str | None, groups: Sequence[str | None]) -> str | None:
    """Which group of a split a part shows, as a choice says it: null for all, empty for the unknown one."""
    if by is None:
        return None
    known = [name or "" for name in groups]
    current = state.read(GROUP)
    current = current if current in known else None
    state.pick(
        options.dimension(page.lang, by), page.key(GROUP), GROUP, known, current, width=260,
        shown=lambda name: page.lang("page.sla.all") if name is None else options.shown(page.lang, name),
    )  # fmt: skip
    return current


def choose(text: str | None) -> None:
    """The people behind a mark are wanted, or no longer."""
    state.write(CLOCKS, text)


def of_group(rows: Table, choice_group: str | None) -> Table:
    """The rows of the group a choice names: null is all of them, empty the unknown one."""
    if choice_group is None:
        return rows
    return rows.filter(rows.group.isnull() if choice_group == "" else rows.group == choice_group)


def policy_of(analysis: Analysis, name: str) -> SlaPolicy:
    """The policy called `name`."""
    return next(one for one in analysis.pact.sla if one.id == name)


def clocks(analysis: Analysis, name: str, by: str | None, choice_group: str | None) -> Table:
    """As `response.responses`, of one policy and group."""
    one = policy_of(analysis, name)
    return of_group(response.responses(analysis.tables, analysis.pact, analysis.as_of, one, by), choice_group)


def counted(analysis: Analysis, name: str, states: Sequence[str], by: str | None = None,
            choice_group: str | None = None) -> Table:  # fmt: skip
    """The clocks of a policy in some states."""
    rows = clocks(analysis, name, by, choice_group)
    return rows.filter(rows.state.isin(list(states)))


def titled(page: Page, choice: Choice, what: str, count: int | None = None) -> str:
    """What the clocks behind a mark have in common, and how many there are."""
    named = [] if choice.group is None else [options.shown(page.lang, choice.group)]
    return " · ".join([choice.of, *named, what]) + ("" if count is None else f" ({page.lang.number(count)})")


def facts(page: Page, coverage: float | None, undated: int | None = None, **more: Any) -> dict[str, Any]:
    """What every figure of the SLA was counted under, as catalogue key → value."""
    said: dict[str, Any] = {"page.sla.rule": page.text("rule.text"), "page.sla.activities": readable(page)}
    said["page.sla.coverage"] = page.lang.percent(coverage)
    if undated is not None:
        said["page.sla.undated"] = page.lang.number(undated)
    return {**said, **more}


def readable(page: Page) -> str:
    """Whether touches can be read at all: where not, no clock is called overdue for want of one."""
    return page.lang(
        "page.sla.activities.read" if "activity" in page.analysis.tables.provided else "page.sla.activities.unread"
    )
