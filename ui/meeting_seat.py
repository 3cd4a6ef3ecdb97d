"""Who sits where: which meeting this browser is in, and as whom. The link remembers, not the session.

A link carries the code, and where nobody signs in a secret of its own: of the facilitator, or of one
phone. So a phone that slept, a page loaded anew and a restarted server all come back to the same seat.

Not here: what may be done (ui/access.py), what a meeting is (leadpact/meeting).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.meeting import kept, sessions
from leadpact.meeting.facts import Key, Meeting, Person
from ui import access, errors, state
from ui.page import Page

CODE, ME, HOST = "code", "me", "host"
_FOUND = "_meeting_found"  # codes that were right, in this browser
_SAID = "_meeting_said"


@dataclass(frozen=True)
class Seat:
    """A place in a meeting: the facilitator's, a person's own, or nobody's yet (`person` null)."""

    meeting: Meeting
    key: Key
    person: Person | None
    host: bool


def taken(page: Page) -> Seat | None:
    """The seat of the link; null for none. A wrong code is said, and forgotten."""
    meeting = _meeting(page)
    if meeting is None:
        return None
    if meeting.connection != page.connection.name and meeting.connection in page.connections:
        state.write(state.CONNECTION, meeting.connection)
        st.rerun()
    engine, email = page.workspace.database, page.visitor.email
    host = Key(None if email else state.read(HOST), email)
    if access.may(page.visitor, access.FACILITATE) and kept.is_host(engine, meeting.id, host):
        return Seat(meeting, host, None, True)
    key = Key(None if email else state.read(ME), email)
    return Seat(meeting, key, sessions.who(engine, meeting.id, key), False)


def _meeting(page: Page) -> Meeting | None:
    engine = page.workspace.database
    for name in (HOST, ME):
        token = state.read(name)
        found = sessions.with_token(engine, token) if token else None
        if found is not None:
            state.write(CODE, found.code)
            return found
    code = state.read(CODE)
    if code is None:
        return None
    known: dict[str, int] = st.session_state.setdefault(_FOUND, {})
    if code in known:
        return kept.by_id(engine, known[code])
    try:
        found = sessions.find(engine, code, source=_source(), now=page.now())
    except LeadPactError as error:
        state.write(CODE, None)
        errors.show(page.lang, error, page.name)
        return None
    known[code] = found.id
    return found


def _source() -> str:
    """Where a code was typed; all of this machine itself are one."""
    address = st.context.ip_address
    return address if isinstance(address, str) else "here"


def leave() -> None:
    """Out of the meeting, in this browser."""
    state.forget((CODE, ME, HOST, "part"))


def act(page: Page, seat: Seat, function: Callable[..., Any], *args: Any, **options: Any) -> bool:
    """One act of the facilitator, `function(engine, meeting, key, …)`; why it was refused is said at the next run."""
    try:
        access.acting(page.visitor, access.FACILITATE, seat.meeting.facilitator)
        function(page.workspace.database, seat.meeting.id, seat.key, *args, now=page.now(), **options)
    except LeadPactError as error:
        tell(page.lang.error(error))
        return False
    return True


def press(page: Page, seat: Seat, function: Callable[..., Any], *args: Any, **options: Any) -> None:
    """`act`, as a button calls it."""
    act(page, seat, function, *args, **options)


def tell(text: str, *, good: bool = False) -> None:
    """Something to be said at the top of the next run."""
    st.session_state[_SAID] = (good, text)


def told() -> None:
    """Says it, once."""
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        good, text = said
        (st.success if good else st.error)(errors.plain(text), icon=f":material/{'check_circle' if good else 'error'}:")


def watch(page: Page, meeting: Meeting, seconds: float = 3.0) -> None:
    """Draws the page again when the meeting has moved on; until then one cheap look every few seconds."""
    engine, drawn = page.workspace.database, meeting.revision

    @access.fragment(run_every=seconds)
    def look() -> None:
        if kept.revision(engine, meeting.id) != drawn:
            st.rerun()

    look()
