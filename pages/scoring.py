"""Scoring: the rules that say which leads are ready for Sales, what they do, and how good they are."""

from __future__ import annotations

from ui import open_page, scoring_parts

with open_page("scoring") as page:
    scoring_parts.show(page)
    page.footer()
