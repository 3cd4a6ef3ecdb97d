"""SLA: does Sales follow up in the time both teams agreed, and who waits now?"""

from __future__ import annotations

from ui import filters, open_page, sections, sla_parts

with open_page("sla") as page:
    scope = filters.show_range(page)
    page.between(scope.start, scope.end)
    if not page.used.pact.sla:
        page.empty("page.sla.no_policy", action="definition")
        page.footer()
    else:
        sla_parts.PARTS[sections.pick(page, sla_parts.ICONS)](page, scope.by)
