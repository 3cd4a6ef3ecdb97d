"""Explain this number: rule, window, mode, zone, pact version, moment, coverage, and what was left out.

Not here: the numbers (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from config import drafts, versions
from leadpact.coverage import known_journeys
from leadpact.workspace import Analysis
from ui import definitions, moments, registry, state
from ui.errors import plain

if TYPE_CHECKING:
    from ui.page import Page


def begin(page: Page) -> None:
    """What holds for every number of the page is told before the page says more."""
    if not page.ready:
        return
    page.told.title = f"LeadPact · {page.text('title')}"
    page.told.tell({**_filters(page), **said(page, {})})
    page.told.coverage = lambda: (
        page.lang("page.funnel.coverage"),
        page.lang.percent(known_share(page.reopened())),
    )


def footer(page: Page, facts: Mapping[str, Any]) -> None:
    """The page's own `facts` (catalogue key → value) before what holds for every page."""
    if not page.ready:
        return
    page.told.tell({page.lang(key): str(value) for key, value in facts.items()})
    with st.expander(page.lang("ui.explain.title"), icon=":material/info:"):
        st.markdown(lines(page, facts))
        _other_versions(page)
        definitions.offer(page)


def _other_versions(page: Page) -> None:
    """The way to the same figures under two versions, with the filters kept; nothing while there is only one text."""
    engine, line = page.workspace.database, page.used.line
    if page.name == "definition" or len(versions.history(engine, line)) + (drafts.newest(engine, line) is not None) < 2:
        return
    named = (*state.FUNNEL_FILTERS, *state.CONDITIONS, state.AS_OF)
    kept = {name: value for name in registry.entry(page.name).filters
            if name in named and (value := state.read(name)) is not None}  # fmt: skip
    page.link("definition", page.lang("ui.explain.versions"), view="versions", **kept)


def lines(page: Page, facts: Mapping[str, Any]) -> str:
    """The facts of a number (catalogue key → value), then pact, zone, moment and data, as Markdown."""
    return "\n".join(f"- **{plain(label)}**: {plain(value)}" for label, value in said(page, facts).items())


def said(page: Page, facts: Mapping[str, Any]) -> dict[str, str]:
    """The same as label → value."""
    lang, one = page.lang, page.analysis
    pact = one.pact
    found = {lang(key): str(value) for key, value in facts.items()}
    found[lang("ui.explain.pact")] = standing(page)
    found[lang("ui.explain.hash")] = pact.hash[:12]
    found[lang("ui.explain.zone")] = pact.timezone
    found[lang("ui.explain.as_of")] = moments.shown(lang, one.as_of, pact.zone)
    found[lang("ui.explain.synced")] = moments.shown(lang, one.synced_at, pact.zone)
    found[lang("ui.explain.connection")] = one.connection
    found[lang("ui.explain.generation")] = str(one.generation)
    found[lang("ui.explain.history")] = lang(f"ui.history.{one.tables.history}")
    if one.conditions:
        shown = (
            f"{lang(f'ui.filter.{field}')} = {value or lang('ui.unknown')}" for field, value in one.conditions.items()
        )
        found[lang("ui.explain.where")] = ", ".join(shown)
    return found


def _filters(page: Page) -> dict[str, str]:
    """The filters of the link that are set; conditions and moment are said apart."""
    lang, found = page.lang, {}
    for name in registry.entry(page.name).filters:
        value = state.read(name)
        if name in state.FUNNEL_FILTERS and value is not None:
            last = name == state.END  # the value is the day after the last
            found[lang(f"ui.filter.{name}")] = _day_before(value) if last else value
    return found


def _day_before(text: str) -> str:
    try:
        return (date.fromisoformat(text) - timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):  # what stands in an address may be anything: the page itself says so
        return text


def known_share(analysis: Analysis) -> float | None:
    """As `leadpact.coverage.known_journeys`."""
    return known_journeys(analysis.tables)


def standing(page: Page) -> str:
    """The pact's name, version and whether it is in force."""
    state = page.lang("ui.pact.in_force" if page.used.in_force else "ui.pact.draft")
    return f"{page.used.pact.name} · {version(page)} · {state}"


def version(page: Page) -> str:
    """The number of the pact's version."""
    number = page.used.version
    return page.lang("ui.pact.version", number=number) if number is not None else page.lang("ui.pact.unsaved")
