"""How each number of a page is counted, in a dialog: the same texts as docs/metrics.md.

Not here: the definitions (leadpact/definitions.py), one figure (explain.py), words in a sentence (guide_terms.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from leadpact.definitions import of_page
from leadpact.definitions_page import text
from ui.errors import plain

if TYPE_CHECKING:
    from ui.page import Page


def offer(page: Page) -> None:
    """A button that opens the definitions of the page's numbers; nothing where the page has none."""
    sections = of_page(page.name)
    if not sections:
        return
    lang = page.lang

    @st.dialog(lang("means.open"), width="large")
    def shown() -> None:
        for section in sections:
            st.subheader(lang(section.title), anchor=False)
            for one in section.definitions:
                st.markdown(f"- **{plain(lang(one.name))}**: {plain(text(one, lang))}")

    if st.button(lang("means.open"), key=page.key("means"), type="tertiary", icon=":material/menu_book:"):
        shown()
