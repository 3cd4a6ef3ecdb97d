"""Findings: what is wrong with the lead process, what to do first, and the people behind it."""

from __future__ import annotations

from ui import findings_parts, open_page

with open_page("findings") as page:
    findings_parts.show(page)
    page.footer()
