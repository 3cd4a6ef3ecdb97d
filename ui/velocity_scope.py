"""What the parts of the Velocity page share: filters, the stage in question, days in words, facts.

Not here: the parts themselves (velocity_parts.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from config.schema import UNMAPPED
from leadpact.metrics.engines_rows import stages as worked
from ui import filters, options, state
from ui.errors import plain
from ui.page import Page
from ui.tables import Kind
from ui.velocities import Span

STAGE, GOAL, WHO = "stage", "goal", "who"
MOST_GROUPS = 12
DAYS_FROM, WHOLE_FROM = 3, 100  # days are said in hours below, without decimals above
BEHIND: dict[str, Kind] = {"days": "number", "entered_at": "moment", "left_at": "moment", "group": "text"}


def show(page: Page) -> Span:
    """The filters of the page, and what they ask for."""
    scope = filters.show_range(page)
    return Span(scope.start, scope.end, scope.by)


def pick_stage(page: Page, name: str, keys: Sequence[str], usual: str) -> str:
    """The stage a part is about: the one in the URL, else `usual`."""
    asked = state.read(name)
    current = asked if asked is not None and asked in keys else usual
    st.selectbox(
        page.text(name), list(keys), format_func=lambda key: label(page, key), width=300,
        **state.bound(page.key(name), name, current, lambda key: None if key == usual else key),
    )  # fmt: skip
    return current


def first_worked(page: Page, keys: Sequence[str]) -> str:
    """The stage to begin with: the first one qualified, for that is where the teams meet, else the first worked."""
    pact = page.used.pact
    wanted = [*pact.keys("qualified"), *worked(pact), *keys]
    return next(key for key in wanted if key in keys)


def label(page: Page, key: str) -> str:
    """A stage by its label; what no stage claims is called so."""
    return page.lang("stage.unmapped") if key == UNMAPPED else page.used.pact.stage(key).label


def group(page: Page, value: str | None, by: str | None) -> str:
    """A group in words; everybody where nothing is split."""
    return page.text("everybody") if by is None else options.shown(page.lang, value)


def days(page: Page, value: float | None, like: float | None = None) -> str:
    """Days as people say them: minutes under an hour, hours under three days; never reached is a dash.

    Numbers beside each other take the unit of the largest, `like`.
    """
    if value is None:
        return "–"
    size = abs(value if like is None else like)
    if size < 1 / 24:
        return page.lang("sla.minutes", minutes=page.lang.number(value * 24 * 60))
    if size < DAYS_FROM:
        return page.lang("ui.hours", hours=page.lang.number(value * 24, 1))
    return page.lang("ui.days_short", days=page.lang.number(value, 1 if size < WHOLE_FROM else 0))


def between(page: Page, low: float | None, high: float | None) -> str | None:
    """An interval of shares; null where there is none."""
    return None if low is None or high is None else f"{page.lang.percent(low)} – {page.lang.percent(high)}"


def facts(page: Page, span: Span, coverage: float | None, unknown: int, rule: str) -> dict[str, Any]:
    """What every part says of its numbers: rule, entries, coverage and what was left out."""
    lang = page.lang
    entries = f"{lang.day(span.start)} – {lang.day(span.end)}" if span.start or span.end else lang("ui.all_time")
    return {
        "page.velocity.rule": rule,
        "page.velocity.entries": entries,
        "page.velocity.coverage": lang.percent(coverage),
        "page.velocity.unknown": lang.number(unknown),
    }


def note(page: Page, key: str, **params: Any) -> None:
    """A line of small print."""
    st.caption(plain(page.text(key, **params)))
