"""Today: both complaints tested, who waits now, what to do next, and the six classic errors."""

from __future__ import annotations

from leadpact.metrics.funnel import Scope
from ui import funnels, open_page, sla_view, today_view

with open_page("today") as page:
    found = page.cached_whole(today_view.tested)
    today_view.both_complaints(page, found)
    if page.used.pact.sla:
        sla_view.waiting(page)
    six = page.cached_whole(today_view.lit, found)
    today_view.next_action(page, six, page.cached_whole(today_view.overdue))
    today_view.six_lights(page, six)
    today_view.standing(page, page.cached_whole(funnels.compute, Scope(), True).coverage)
    page.footer()
