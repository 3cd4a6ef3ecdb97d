"""Today: both complaints tested, who waits now, promises of the month, what leaks, what to do next."""

from __future__ import annotations

import streamlit as st

from ui import (
    explain,
    guide,
    open_page,
    sla_view,
    today_causes,
    today_lights,
    today_promises,
    today_standing,
    today_view,
)

with open_page("today") as page:
    guide.show(page)
    found = page.cached_whole(today_view.tested)
    today_view.both_complaints(page, found)
    waiting = today_view.waiting(page)
    with st.container(horizontal=True, vertical_alignment="center"):
        today_view.hurts(page, found, waiting)
        today_standing.report(page)
    if waiting is not None:
        sla_view.waiting(page)
    today_promises.show(page)
    today_causes.by_response(page, found.policy)
    today_causes.largest(page)
    six = today_lights.lit(page, found)
    late = sum((waiting or {}).get(name, 0) for name in today_view.LATE)
    today_lights.next_action(page, six, late)
    today_lights.six_lights(page, six)
    coverage = page.cached_whole(explain.known_share)
    today_standing.standing(page, coverage)
    page.footer(**{"page.funnel.coverage": page.lang.percent(coverage)})
