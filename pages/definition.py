"""Definition: the pact in use, as both teams read it."""

from __future__ import annotations

from config import versions
from ui import definition_standing, definition_view, open_page

with open_page("definition") as page:
    found = versions.history(page.workspace.database)
    values = page.cached_whole(definition_view.held) if page.ready else None
    definition_standing.show(page, found)
    definition_view.stages(page, values)
    definition_view.unclaimed(page, values)
    definition_view.agreed(page)
    definition_standing.history(page, found)
    page.footer()
