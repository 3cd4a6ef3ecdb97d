"""The four parts of the Connection page, one at a time: a part is a link.

Not here: what is in them (connection_source.py, _mapping.py, _sync.py, _data.py).
"""

from __future__ import annotations

import streamlit as st

from ui import state
from ui.connection_add import SECTION
from ui.page import Page

PARTS = ("source", "mapping", "sync", "data")
ICONS = {"source": "cable", "mapping": "schema", "sync": "sync", "data": "fact_check"}


def pick(page: Page) -> str:
    """The part in the URL, else remembered, else the source."""
    current = state.read(SECTION)
    current = current if current in PARTS else PARTS[0]
    st.segmented_control(
        page.text("section"),
        PARTS,
        required=True,
        format_func=lambda part: f":material/{ICONS[part]}: {page.text(f'section.{part}')}",
        label_visibility="collapsed",
        **state.bound(page.key(SECTION), SECTION, current, lambda part: None if part == PARTS[0] else part),
    )
    return current
