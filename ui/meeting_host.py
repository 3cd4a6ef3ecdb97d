"""The facilitator's screen: the code, the clock and the steps above, the parts of the meeting beneath.

Not here: the parts themselves (meeting_room.py, meeting_votes.py, meeting_leads.py, meeting_event.py,
meeting_draft.py, meeting_minutes.py).
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from leadpact.meeting import agenda, running, sessions
from leadpact.meeting.facts import Meeting
from ui import (
    access,
    meeting_draft,
    meeting_event,
    meeting_leads,
    meeting_minutes,
    meeting_room,
    meeting_seat,
    meeting_votes,
    sections,
    state,
)
from ui.errors import plain
from ui.meeting_phone import PART
from ui.meeting_seat import CODE, Seat
from ui.page import Page

ICONS = {"room": "groups", "votes": "how_to_vote", "leads": "person_search", "event": "event", "draft": "edit_note",
         "minutes": "description"}  # fmt: skip


def show(page: Page, seat: Seat) -> None:
    """Everything the facilitator sees."""
    meeting = seat.meeting
    meeting_seat.watch(page, meeting, seconds=10.0)  # it moves by this screen; another one is rare
    meeting_seat.told()
    st.subheader(plain(meeting.title), anchor=False)
    if meeting.is_open(page.now()):
        if meeting.mode == "phones":
            _way_in(page, meeting)
        _clock(page, seat)
    else:
        st.info(page.text("over"), icon=":material/event_busy:")
    part = sections.pick(page, ICONS, PART)
    if part == "room":
        meeting_room.show(page, seat)
        _end(page, seat)
    elif part == "votes":
        meeting_votes.show(page, seat)
    elif part == "leads":
        meeting_leads.show(page, seat)
    elif part == "event":
        meeting_event.show(page, seat)
    elif part == "draft":
        meeting_draft.show(page, seat)
    else:
        meeting_minutes.show(page, meeting)


def link(meeting: Meeting) -> str | None:
    """The address that leads to this meeting; null where the page does not know its own."""
    here = st.context.url
    if not isinstance(here, str) or not here:
        return None
    parts = urlsplit(here)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({CODE: meeting.code}), ""))


def _way_in(page: Page, meeting: Meeting) -> None:
    if meeting.started_at is None:
        place = st.container(border=True, horizontal=True, vertical_alignment="center", gap="medium")
    else:  # those who are late still find it; the room is needed for what is talked about
        place = st.popover(f"{page.text('code')} {meeting.code}", icon=":material/login:")
    with place:
        st.metric(page.text("code"), meeting.code, width="content")
        with st.container(width="stretch", gap="small"):
            st.caption(plain(page.text("way_in")))
            address = link(meeting)
            if address is not None:
                st.code(address, language=None, wrap_lines=True)


def _clock(page: Page, seat: Seat) -> None:
    """The agenda, with the buttons that move it."""
    meeting = seat.meeting
    if meeting.started_at is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(page.text("start"), key=page.key("start"), type="primary", icon=":material/play_arrow:",
                      on_click=meeting_seat.press, args=(page, seat, running.start))  # fmt: skip
            st.caption(plain(page.text("before_start", count=sum(minutes for _, minutes in meeting.agenda))))
        return
    with st.container(border=True):
        _ticking(page, meeting)
        with st.container(horizontal=True, gap="small"):
            for to, (step, minutes) in enumerate(meeting.agenda):
                st.button(
                    plain(f"{to + 1}. {page.text(f'step.{step}')} · {minutes}′"), key=page.key(f"step_{step}"),
                    type="primary" if to == meeting.step else "secondary", on_click=_move, args=(page, seat, to),
                    help=page.text("step.help"),
                )  # fmt: skip


PART_OF = {"welcome": None, "vote": "votes", "differences": "votes", "review": "leads", "outcome": "draft",
           "close": "minutes"}  # fmt: skip


def _move(page: Page, seat: Seat, to: int) -> None:
    """On to a step, and to the part of the page it is about."""
    if meeting_seat.act(page, seat, lambda *a, **k: running.move(*a, to=to, **k)):
        state.write(PART, PART_OF.get(seat.meeting.agenda[to][0]))


@access.fragment(run_every=5.0)
def _ticking(page: Page, meeting: Meeting) -> None:
    """The clock: worked out from when the meeting started, so that nothing can stop it."""
    found = agenda.clock(meeting.agenda, meeting.step, meeting.started_at, meeting.step_at, page.now(),
                         meeting.closed_at)  # fmt: skip
    if found is None:
        return
    name = page.text(f"step.{found.step}")
    with st.container(horizontal=True, gap="medium"):
        st.metric(plain(page.text("step_left", step=name)), agenda.written(found.step_left), width="content")
        st.metric(page.text("left"), agenda.written(found.left), width="content")
        late = max(0.0, found.behind)
        if late >= 60:
            st.metric(page.text("behind"), agenda.written(late), width="content")
    if found.left < 0:
        st.warning(page.text("time_up"), icon=":material/alarm:")


def _end(page: Page, seat: Seat) -> None:
    if not seat.meeting.is_open(page.now()):
        st.button(page.text("leave"), key=page.key("leave"), type="tertiary", icon=":material/arrow_back:",
                  on_click=meeting_seat.leave)  # fmt: skip
        return
    with st.container(horizontal=True):
        with st.popover(page.text("close"), icon=":material/stop_circle:"):
            st.write(page.text("close.text"))
            st.button(page.text("close.do"), key=page.key("close"), type="primary", on_click=meeting_seat.press,
                      args=(page, seat, sessions.close))  # fmt: skip
        st.button(page.text("leave"), key=page.key("leave"), type="tertiary", icon=":material/arrow_back:",
                  on_click=meeting_seat.leave, help=page.text("leave.help"))  # fmt: skip
