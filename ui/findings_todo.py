"""What is wrong and what to do first: the findings in the order of the work.

Not here: one finding (findings_view.py), the rules (leadpact/audit).
"""

from __future__ import annotations

import streamlit as st

from leadpact.audit import Audit
from ui import findings_view
from ui.page import Page


def show(page: Page, result: Audit) -> None:
    """The findings the filters leave, by group and rule."""
    if not result.findings:
        page.empty("page.findings.none", action="definition")
        return
    findings_view.summary(page, result.findings)
    found = findings_view.chosen(page, result.findings)
    if not found:
        st.info(page.text("none_left"), icon=":material/filter_alt_off:")
    for group, rules in findings_view.groups(found).items():
        st.subheader(page.lang(f"audit.group.{group}"), anchor=False)
        for code, some in rules.items():
            findings_view.rule(page, code, some)
