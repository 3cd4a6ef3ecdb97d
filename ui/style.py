"""The one stylesheet of the app, for what Streamlit's theme cannot say (ui/style.css); no text of anybody's is in it.

Not here: colours and fonts (.streamlit/config.toml).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from leadpact.language import Language

SHEET = Path(__file__).with_name("style.css")
CONTENT = "content"  # where the skip link leads: the title of the page


def show() -> None:
    """Puts it on the page; it takes no room."""
    st.html(SHEET)


def skip_link(lang: Language) -> None:
    """The first thing the Tab key meets: past the sidebar. Seen only while it has the focus."""
    with st.container(key="skip"):
        st.markdown(f"[{lang('guide.skip')}](#{CONTENT})")
