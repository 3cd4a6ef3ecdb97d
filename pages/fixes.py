"""Fixes: repairs of statuses in the CRM, from the plan to the undo, and what came of them."""

from __future__ import annotations

from ui import fixes_parts, open_page

with open_page("fixes") as page:
    fixes_parts.show(page)
