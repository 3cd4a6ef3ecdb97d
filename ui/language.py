"""The reader's language: what they chose, else what the link says, else what their browser speaks.

Not here: the texts and how numbers are written (leadpact/language.py).
"""

from __future__ import annotations

import streamlit as st
from babel import Locale

from leadpact.language import SPOKEN, Language
from ui import state


def current() -> Language:
    """The language of this session. The switch and `?lang=` share one value; both beat the browser."""
    return resolve(state.read(state.LANGUAGE), st.context.locale)


def resolve(chosen: str | None, browser: str | None) -> Language:
    """Plain `es` becomes the Spanish of the reader's own browser, where that speaks Spanish."""
    spoken = Language.of(browser)
    return spoken if chosen is None or chosen.casefold() == spoken.spoken else Language.of(chosen)


def name(code: str) -> str:
    """A language in its own words: `Español`."""
    return str(Locale.parse(code).get_display_name(code)).capitalize()


def switch(page: str, lang: Language) -> None:
    """The languages there are, in the sidebar."""
    st.segmented_control(
        lang("ui.language"),
        SPOKEN,
        format_func=name,
        required=True,
        width="stretch",
        label_visibility="collapsed",
        **state.bound(f"_{page}_lang", state.LANGUAGE, lang.spoken, str),
    )
