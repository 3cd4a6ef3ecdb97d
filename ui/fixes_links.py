"""The ways from Findings to the Fixes page: from a finding, and from the map of statuses.

Not here: the page itself (fixes_parts.py).
"""

from __future__ import annotations

from leadpact.audit import Finding
from leadpact.audit.proposal import SOLD
from leadpact.audit.proposal_rows import BLANK, UNMAPPED, VALUES
from leadpact.model import OBJECTS
from ui import access, fixes_desk, links, state
from ui.errors import plain
from ui.page import Page

MENDED = (*VALUES, UNMAPPED, *BLANK, SOLD)  # another status can mend these
FOLLOWS = "findings"


def of_finding(page: Page, one: Finding) -> None:
    """`Fix this`, where another status can mend it: the Fixes page with this finding chosen."""
    if _may(page) and one.code in MENDED and one.records and one.object in OBJECTS:
        page.link("fixes", page.lang("page.fixes.from_finding"), **_new(follow=FOLLOWS, codes=one.code))


def of_map(page: Page) -> None:
    """`Make a plan` of the saved map: the next step there is."""
    if not _may(page):
        return
    links.to(page.lang, "fixes", plain(page.lang("page.fixes.from_map")), leads=True, **_new(follow="map"))


def _may(page: Page) -> bool:
    return access.may(page.visitor, access.WRITE_CRM)


def _new(**values: str) -> dict[str, str]:
    """A new plan, whichever was looked at last."""
    return {state.VIEW: "repair", fixes_desk.PLAN: fixes_desk.NEW, **values}
