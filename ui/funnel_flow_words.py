"""What the views of the flow have in common: names of stages, moves, paths and periods, and facts.

Not here: the views (funnel_flow.py names them).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypedDict

import streamlit as st
from babel.dates import format_skeleton

from leadpact.metrics.funnel import Scope
from leadpact.metrics.trends_spans import EVERY as UNITS
from leadpact.metrics.trends_spans import Every
from ui import options, state
from ui.errors import plain
from ui.page import Page

FLOW, MOVE, CELL, PATH, AGAIN, WALKS, STAGE, EVERY, TREND = (
    "flow", "move", "cell", "path", "rework", "walks", "stage", "every", "trend",
)  # fmt: skip
OUTSIDE = "-"  # no stage is called so


class Asked(TypedDict):
    """What a scope asks of a flow."""

    start: date | None
    end: date | None


def asked(scope: Scope) -> Asked:
    """The scope's days; its window, mode and anchor are of cohorts."""
    return {"start": scope.start, "end": scope.end}


def name(page: Page, key: str | None, none: str = "flow.outside") -> str:
    """A stage as the pact calls it; null is what is outside (`none`: the text for it)."""
    if key is None or key == OUTSIDE:
        return page.lang(none)
    labels = {stage.key: stage.label for stage in page.used.pact.stages}
    return labels.get(key, page.lang("stage.unmapped"))


def move(page: Page, left: str | None, to: str | None) -> str:
    """A move in words."""
    return f"{name(page, left)} → {name(page, to, 'flow.gone')}"


def path(page: Page, stages: Iterable[str]) -> str:
    """A path in words."""
    return " → ".join(name(page, key) for key in stages)


def period(page: Page, start: date | None, complete: bool, every: Every | None) -> str:
    """A week by its Monday, a month by its name; the unfinished one says so."""
    if start is None:
        text = page.text("flow.all_days")
    elif every == "month":
        text = format_skeleton("yMMM", start, locale=page.lang.locale)
    else:
        text = page.lang.day(start)
    return text if complete else f"{text} {page.lang('flow.unfinished')}"


def unit(page: Page, units: Sequence[str] = UNITS, none: str | None = None) -> Any:
    """The switch between weeks and months; `none` names the choice of neither, listed first."""
    choices = [*([none] if none else []), *units]
    first = choices[0]
    current = state.read(EVERY)
    current = current if current in choices else first
    st.segmented_control(
        page.text("every"), choices, required=True, format_func=lambda one: page.text(f"every.{one}"),
        label_visibility="collapsed",
        **state.bound(page.key(EVERY), EVERY, current, lambda one: None if one == first else one),
    )  # fmt: skip
    return None if current == none else current


def said(page: Page, scope: Scope, key: str = "page.funnel.flow.days") -> None:
    """The days everything below is about, and what of the filters does not hold here."""
    lang = page.lang
    days = (
        f"{lang.day(scope.start)} – {lang.day(scope.end)}" if scope.start or scope.end else page.text("flow.all_days")
    )
    st.caption(plain(page.lang(key, days=days)))
    if scope.by is not None:
        st.caption(plain(page.text("flow.split", dimension=options.dimension(lang, scope.by))))


def facts(page: Page, scope: Scope, coverage: float | None, unknown: int, **more: Any) -> Mapping[str, Any]:
    """What explains the numbers of a view: its rule, days, coverage and what was left out."""
    lang = page.lang
    days = (
        f"{lang.day(scope.start)} – {lang.day(scope.end)}" if scope.start or scope.end else page.text("flow.all_days")
    )
    return {
        "page.funnel.flow.range": days,
        **more,
        "page.funnel.flow.coverage": lang.percent(coverage),
        "page.funnel.flow.unknown": lang.number(unknown),
    }
