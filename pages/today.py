"""Today: what both teams should look at first."""

from __future__ import annotations

from ui import open_page

with open_page("today") as page:
    page.footer()
