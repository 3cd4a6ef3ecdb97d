"""Explain this number: rule, window, mode, zone, pact version, moment, coverage, and what was left out.

Not here: the numbers (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import moments
from ui.errors import plain

if TYPE_CHECKING:
    from ui.page import Page


def footer(page: Page, facts: Mapping[str, Any]) -> None:
    """The page's own `facts` (catalogue key → value) before what holds for every page."""
    if not page.ready:
        return
    with st.expander(page.lang("ui.explain.title"), icon=":material/info:"):
        st.markdown(lines(page, facts))


def lines(page: Page, facts: Mapping[str, Any]) -> str:
    """The facts of a number (catalogue key → value), then pact, zone, moment and data, as Markdown."""
    lang, one = page.lang, page.analysis
    pact = one.pact
    said = {lang(key): value for key, value in facts.items()}
    said[lang("ui.explain.pact")] = standing(page)
    said[lang("ui.explain.hash")] = pact.hash[:12]
    said[lang("ui.explain.zone")] = pact.timezone
    said[lang("ui.explain.as_of")] = moments.shown(lang, one.as_of, pact.zone)
    said[lang("ui.explain.synced")] = moments.shown(lang, one.synced_at, pact.zone)
    said[lang("ui.explain.connection")] = one.connection
    said[lang("ui.explain.generation")] = str(one.generation)
    said[lang("ui.explain.history")] = lang(f"ui.history.{one.tables.history}")
    if one.conditions:
        shown = (
            f"{lang(f'ui.filter.{field}')} = {value or lang('ui.unknown')}" for field, value in one.conditions.items()
        )
        said[lang("ui.explain.where")] = ", ".join(shown)
    return "\n".join(f"- **{plain(label)}**: {plain(str(value))}" for label, value in said.items())


def standing(page: Page) -> str:
    """The pact's name, version and whether it is in force."""
    state = page.lang("ui.pact.in_force" if page.used.in_force else "ui.pact.draft")
    return f"{page.used.pact.name} · {version(page)} · {state}"


def version(page: Page) -> str:
    """The number of the pact's version."""
    number = page.used.version
    return page.lang("ui.pact.version", number=number) if number is not None else page.lang("ui.pact.unsaved")
