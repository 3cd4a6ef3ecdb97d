"""Findings: what is wrong with the lead process, with the evidence and the people behind it."""

from __future__ import annotations

import streamlit as st

from ui import findings_view, open_page

with open_page("findings") as page:
    result = page.cached_whole(findings_view.run)
    if not result.findings:
        page.empty("page.findings.none", action="definition")
    else:
        findings_view.summary(page, result.findings)
        found = findings_view.chosen(page, result.findings)
        if not found:
            st.info(page.text("none_left"), icon=":material/filter_alt_off:")
        for group, rules in findings_view.groups(found).items():
            st.subheader(page.lang(f"audit.group.{group}"), anchor=False)
            for code, some in rules.items():
                findings_view.rule(page, code, some)
    findings_view.not_checked(page, result)
    page.footer(**{"page.findings.rules": page.text("rules.text", count=len({one.code for one in result.findings}))})
