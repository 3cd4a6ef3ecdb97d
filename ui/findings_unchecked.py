"""Rules this source gives no data for: not the same as nothing found.

Not here: what was checked and found (findings_todo.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.audit import Audit
from ui.errors import plain
from ui.page import Page


def show(page: Page, result: Audit) -> None:
    """Every rule that could not be checked, and what the CRM would have to give."""
    lang = page.lang
    st.subheader(lang("page.findings.not_checked"), anchor=False)
    if not result.not_checked:
        st.success(page.text("not_checked.none"), icon=":material/task_alt:")
        return
    st.caption(lang("page.findings.not_checked.help"))
    lines = (
        f"- **{one.code}** {plain(lang(f'rule.{one.code}.title'))}: {plain(lang.text(one.message))}"
        for one in result.not_checked
    )
    st.markdown("\n".join(lines))
