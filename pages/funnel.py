"""Funnel: how many leads reach each stage, and where they stop."""

from __future__ import annotations

from ui import filters, funnel_view, funnels, open_page, people

with open_page("funnel") as page:
    scope = filters.show(page)
    shown = funnel_view.stages(page, scope)
    funnel = page.cached_whole(funnels.compute, scope, shown is page.used.pact)
    if not funnel.steps or funnel.steps[0].entered == 0:
        page.empty("page.funnel.none", action="connection")
    else:
        funnel_view.figures(page, funnel)
        funnel_view.chart(page, funnel, shown)
        funnel_view.table(page, funnel, shown)
        choice = funnel_view.choose(page, funnel, shown)
        if choice is not None:
            title = funnel_view.title(page, shown, choice)
            people.show(
                page,
                title,
                funnels.behind,
                scope,
                shown is page.used.pact,
                choice,
                key="people",
                first={"entry": "moment"},
            )
    funnel_view.explain(page, funnel)
