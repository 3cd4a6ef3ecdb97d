"""The one stylesheet of the app, for what Streamlit's theme cannot say (ui/style.css); no text of anybody's is in it.

Not here: colours and fonts (.streamlit/config.toml).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SHEET = Path(__file__).with_name("style.css")


def show() -> None:
    """Puts it on the page; it takes no room."""
    st.html(SHEET)
