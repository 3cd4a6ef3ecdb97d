"""A row of figures: label, value, and what it says. They wrap at phone width."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from ui.errors import plain


def row(figures: Iterable[tuple[str, str, str | None]]) -> None:
    """Each figure is its label, its value as written, and a help text or none."""
    with st.container(horizontal=True, gap="small"):
        for label, value, text in figures:
            st.metric(plain(label), value, help=text and plain(text), border=True, width="stretch")
