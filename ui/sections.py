"""The parts of a page, one at a time: a part is a link.

Not here: what is in them (the page's own modules).
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ui import state
from ui.page import Page


def pick(page: Page, icons: Mapping[str, str], name: str = state.VIEW) -> str:
    """The part in the URL, else remembered, else the first of `icons` (part → Material icon)."""
    parts = list(icons)
    current = state.read(name)
    current = current if current in icons else parts[0]
    st.segmented_control(
        page.text("section"),
        parts,
        required=True,
        format_func=lambda part: f":material/{icons[part]}: {page.text(f'section.{part}')}",
        label_visibility="collapsed",
        **state.bound(page.key(name), name, current, lambda part: None if part == parts[0] else part),
    )
    return current
