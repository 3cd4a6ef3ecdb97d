"""Definition: the pact as both teams read and write it."""

from __future__ import annotations

from config import versions
from ui import (
    definition_comments,
    definition_compare,
    definition_pacts,
    definition_standing,
    definition_versions,
    definition_view,
    open_page,
)

with open_page("definition") as page:
    found = versions.history(page.workspace.database, page.used.line)
    definition_standing.show(page, found)
    if definition_view.show(page) == "versions":
        definition_versions.show(page, found)
        definition_standing.history(page, found)
        definition_compare.show(page, found)
        definition_comments.show(page)
        definition_pacts.show(page, found)
    page.footer()
