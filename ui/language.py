"""The reader's language: what they chose, else what the link says, else what their browser speaks.

Not here: the texts and how numbers are written (leadpact/language.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.language import Language
from ui import state

CHOICES = ("en", "es")
NAMES = {"en": "English", "es": "Español"}  # a language is offered in its own words


def current() -> Language:
    """The language of this session. The switch and `?lang=` share one value; both beat the browser."""
    return resolve(state.read(state.LANGUAGE), st.context.locale)


def resolve(chosen: str | None, browser: str | None) -> Language:
    """Plain `es` becomes the Spanish of the reader's own browser, where that speaks Spanish."""
    spoken = Language.of(browser)
    if chosen is None:
        return spoken
    wanted = Language.of(chosen)
    return spoken if chosen.casefold() == "es" and spoken.code.startswith("es") else wanted


def switch(page: str, lang: Language) -> None:
    """English or Spanish, in the sidebar."""
    shown = "es" if lang.code.startswith("es") else "en"
    st.segmented_control(
        lang("ui.language"),
        CHOICES,
        format_func=NAMES.__getitem__,
        required=True,
        width="stretch",
        label_visibility="collapsed",
        **state.bound(f"_{page}_lang", state.LANGUAGE, shown, str),
    )
