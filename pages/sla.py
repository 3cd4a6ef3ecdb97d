"""SLA: does Sales follow up in the time both teams agreed, and who waits now?"""

from __future__ import annotations

from leadpact.metrics import sla
from ui import filters, open_page, people, sla_view

with open_page("sla") as page:
    by = filters.show_split(page)
    if not page.used.pact.sla:
        page.empty("page.sla.no_policy", action="definition")
    else:
        results = page.cached(sla.compliance, by=by)
        for policy in page.used.pact.sla:
            sla_view.policy(page, policy, [result for result in results if result.policy == policy.id], by)
        choice = sla_view.choose(page, results, by)
        if choice is not None:
            title = sla_view.title(page, choice)
            people.show(page, title, sla_view.behind, by, choice, key="people", first=sla_view.CLOCK_COLUMNS)
        sla_view.waiting(page)
    page.footer(**{"page.sla.rule": page.text("rule.text"), "page.sla.activities": sla_view.readable(page)})
