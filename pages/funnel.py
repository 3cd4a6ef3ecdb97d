"""Funnel: how many leads reach each stage, and where they stop."""

from __future__ import annotations

from ui import filters, funnel_parts, open_page, sections

with open_page("funnel") as page:
    scope = filters.show(page)
    funnel_parts.PARTS[sections.pick(page, funnel_parts.ICONS)](page, scope)
