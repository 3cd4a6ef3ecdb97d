"""Saving what a meeting decided: into the one open draft of the pact, never past it.

Not here: how drafts merge (config/drafts.py), what is proposed (leadpact/meeting/outcome.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from config import drafts, versions
from config.draft_rows import Draft
from leadpact.errors import LeadPactError
from leadpact.meeting.facts import Meeting
from ui import access, meeting_seat
from ui.meeting_seat import Seat
from ui.page import Page

Sections = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def save(page: Page, seat: Seat, sections: Sections) -> Draft | None:
    """Puts sections into the open draft, begun where there is none; null where it was refused, or nothing changed.

    `sections` makes them of the document as it stands now, so that nothing anybody else wrote is lost.
    """
    lang, engine = page.lang, page.workspace.database
    try:
        check_pact(page, seat.meeting)
        author = access.acting(page.visitor, access.EDIT_PACT, seat.meeting.facilitator)
        draft = open_draft(page) or _begin(page, author)
        wanted = sections(draft.document)
        if not wanted:
            meeting_seat.tell(page.text("saved.nothing"))
            return None
        done = drafts.edit_many(engine, draft.id, sections=wanted, expected=draft.revision, author=author,
                                now=page.now())  # fmt: skip
    except LeadPactError as error:
        meeting_seat.tell(lang.error(error))
        return None
    faults = drafts.faults(done.document)
    meeting_seat.tell(page.text("saved.with_faults" if faults else "saved", count=len(faults)), good=not faults)
    return done


def check_pact(page: Page, meeting: Meeting) -> None:
    """Raises LeadPactError where the page computes under another of the company's pacts than the meeting is about."""
    if meeting.pact != page.used.line:
        raise LeadPactError("meeting.other_pact", pact=meeting.pact)


def open_draft(page: Page) -> Draft | None:
    """The draft everybody edits, of the pact this page computes under; null while none is open."""
    return drafts.newest(page.workspace.database, page.used.line)


def document(page: Page) -> Mapping[str, Any]:
    """What a proposal is laid beside: the open draft, else the pact in use."""
    draft = open_draft(page)
    return draft.document if draft is not None else page.used.pact.model_dump(mode="json", exclude_defaults=True)


def _begin(page: Page, author: str) -> Draft:
    """A draft of the newest version; of the proposed pact where there is no version yet."""
    engine, line = page.workspace.database, page.used.line
    given = None if versions.history(engine, line) else page.used.pact.model_dump(mode="json", exclude_defaults=True)
    return drafts.begin(engine, author=author, now=page.now(), document=given, pact=line)
