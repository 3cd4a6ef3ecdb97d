"""How long what this connection brought is kept, whether subjects are stored, and how many people are forgotten.

Not here: emptying and forgetting (leadpact/privacy).
"""

from __future__ import annotations

import streamlit as st

from leadpact.privacy import retention, tombstones
from ui.page import Page


def show(page: Page) -> None:
    """A short list: what the settings say, or that they say nothing."""
    rule = retention.of()
    st.subheader(page.text("kept"), anchor=False)
    lines = [page.text("kept.generations", count=rule.generations)]
    lines.append(page.text("kept.no_limit") if rule.people_months is None
                 else page.text("kept.people", months=rule.people_months))  # fmt: skip
    lines.append(page.text("kept.subjects.on" if page.connection.subjects else "kept.subjects.off"))
    forgotten = len(tombstones.of(page.workspace.database, page.connection.name).aliases)
    if forgotten:
        lines.append(page.text("kept.forgotten", count=forgotten))
    st.markdown("\n".join(f"- {line}" for line in lines))
