"""The minutes on the page and as a file.

Not here: what is in them (leadpact/meeting/minutes.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from leadpact.meeting import minutes
from leadpact.meeting.facts import Meeting
from ui import access
from ui.page import Page


def show(page: Page, meeting: Meeting) -> None:
    """The minutes as they stand, to read and to take along."""
    text = _text(page, meeting)
    _button(page, meeting, lambda: text)
    with st.container(border=True):
        # the title stands above already, and headings one level down
        body = re.sub(r"\A# .*\n+", "", text)
        st.markdown(re.sub(r"(?m)^## ", "#### ", body))


def download(page: Page, meeting: Meeting) -> None:
    """The file alone."""
    _button(page, meeting, lambda: _text(page, meeting))


def _text(page: Page, meeting: Meeting) -> str:
    record = minutes.read(page.workspace.database, meeting)
    return minutes.markdown(page.lang, record, page.used.pact.zone)


def _button(page: Page, meeting: Meeting, make: Callable[[], str]) -> None:
    st.download_button(
        page.text("minutes.download"), data=access.held(make),
        file_name=f"{page.text('minutes.file')}-{meeting.opened_at:%Y-%m-%d}.md", mime="text/markdown",
        on_click="ignore", icon=":material/download:", key=page.key(f"minutes_{meeting.id}"),
    )  # fmt: skip
