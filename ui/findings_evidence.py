"""How records behave in the value a finding is about: one block of labelled sentences.

Not here: the numbers (leadpact/audit/behaviour.py), the sentences (behaviour_told.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.audit import Finding
from leadpact.audit.behaviour_told import sentences
from ui.errors import plain
from ui.page import Page


def show(page: Page, one: Finding) -> None:
    """The block; nothing for a finding that is about no value."""
    said = sentences(page.lang, one, page.used.pact)
    if said:
        lines = [f"- **{plain(label)}**: {plain(text)}" for label, text in said]
        st.caption("\n".join([f"{plain(page.lang('audit.behaviour.title'))}\n", *lines]))
