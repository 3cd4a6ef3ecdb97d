"""Definition: the pact as both teams read and write it."""

from __future__ import annotations

from config import versions
from ui import definition_standing, definition_view, open_page

with open_page("definition") as page:
    found = versions.history(page.workspace.database)
    definition_standing.show(page, found)
    if definition_view.show(page) == "versions":
        definition_standing.history(page, found)
    page.footer()
