"""The filters of the findings: severity, object, rule, record type, and words.

They live in the URL. Not here: what is left is drawn by findings_todo.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from leadpact.audit import Finding
from leadpact.audit.identity import Identity
from leadpact.audit.rule import SEVERITIES
from leadpact.language import Language
from ui import findings_history, state
from ui.findings_view import OBJECT, RULE, SEVERITY
from ui.page import Page

RECORD_TYPE, WORDS, NEW = "record_type", "words", "new"
FILTERS = (SEVERITY, OBJECT, RULE, RECORD_TYPE, WORDS, NEW)
NO_TYPE = "-"  # a link has no empty value


def chosen(page: Page, found: Sequence[Finding]) -> list[Finding]:
    """Draws the filters; the findings they leave."""
    lang = page.lang
    asked: dict[str, tuple[list[str], Callable[[str], str], Callable[[Finding], str | None]]] = {
        SEVERITY: (list(SEVERITIES), lambda value: lang(f"audit.severity.{value}"), lambda one: one.severity),
        RULE: (
            sorted({one.code for one in found}),
            lambda value: f"{value} · {lang(f'rule.{value}.title')}",
            lambda one: one.code,
        ),
        OBJECT: (
            sorted({one.object for one in found if one.object}),
            lambda value: lang(f"ui.object.{value}"),
            lambda one: one.object,
        ),
        RECORD_TYPE: (
            sorted({kind for one in found if (kind := _type(one)) is not None}),
            lambda value: page.text("type.blank") if value == NO_TYPE else value,
            _type,
        ),
    }
    left = list(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = state.read(WORDS) or ""
        st.text_input(
            page.text("words"),
            placeholder=page.text("words.hint"),
            width=165,
            **state.bound(page.key(WORDS), WORDS, words, lambda text: text.strip() or None),
        )
        for name, (options, shown, of) in asked.items():
            wanted = state.read(name) if state.read(name) in options else None
            if options:
                _pick(page, name, options, wanted, shown)
            left = [one for one in left if wanted is None or of(one) == wanted]
        news = findings_history.news(page)
        if news or state.read(NEW):
            st.toggle(
                page.text(NEW), **state.bound(page.key(NEW), NEW, bool(state.read(NEW)), lambda on: "1" if on else None)
            )
        if any(state.read(name) is not None for name in FILTERS):
            st.button(lang("ui.filter.reset"), key=page.key("reset"), icon=":material/restart_alt:", type="tertiary",
                      on_click=state.forget, args=(FILTERS,))  # fmt: skip
    if state.read(NEW):
        left = [one for one in left if Identity.of(one).fingerprint in news]
    return [one for one in left if says(lang, one, words)]


def says(lang: Language, one: Finding, words: str) -> bool:
    """The finding has every one of the words somewhere in what it says, its value, or its rule."""
    said = [one.code, one.name, one.value or "", lang(f"rule.{one.code}.title"), lang.text(one.message)]
    text = " ".join(said).casefold()
    return all(word in text for word in words.casefold().split())


def _type(one: Finding) -> str | None:
    return None if one.record_type is None else one.record_type or NO_TYPE


def _pick(page: Page, name: str, options: Sequence[str], wanted: str | None, shown: Callable[[str], str]) -> None:
    none = page.lang(f"page.findings.{name}.all")
    state.pick(
        page.lang(f"page.findings.{name}"),
        page.key(name),
        name,
        options,
        wanted,
        shown=lambda value: none if value is None else shown(value),
        width=165,
    )
