"""Who is in the room, what is decided, and what is parked for later.

Not here: votes (meeting_votes.py), the clock (meeting_host.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.meeting import kept, minutes, running, sessions, voting
from leadpact.meeting.facts import TEAMS, Meeting
from ui import access, meeting_seat
from ui.errors import label, plain
from ui.meeting_seat import Seat
from ui.page import Page


def show(page: Page, seat: Seat) -> None:
    """The room and the notes."""
    if seat.meeting.mode == "phones":
        _people(page, seat)
    else:
        st.info(page.text("by_hands"), icon=":material/pan_tool:")
    notes(page, seat, "decision")
    notes(page, seat, "parked")


@access.fragment(run_every=2.0)
def progress(page: Page, meeting: Meeting, kind: str) -> None:
    """How far each team has voted; how, nobody can see here."""
    found = voting.progress(page.workspace.database, meeting.id, kind)
    with st.container(horizontal=True, gap="small"):
        for team in TEAMS:
            one = found[team]
            st.metric(
                page.lang(f"team.{team}"),
                page.text("voted_of", voted=page.lang.number(one["voted"]), people=page.lang.number(one["people"])),
                border=True, width="stretch", help=page.text("voted_of.help"),
                delta=plain(page.text("done_all", count=one["done"])), delta_color="off", delta_arrow="off",
            )  # fmt: skip


@access.fragment(run_every=3.0)
def _people(page: Page, seat: Seat) -> None:
    """Everybody who joined, by team, with the way to take somebody out."""
    meeting = seat.meeting
    found = kept.people(page.workspace.database, meeting.id)
    if not found:
        st.info(page.text("nobody"), icon=":material/hourglass_empty:")
        return
    for team, column in zip(TEAMS, st.columns(2), strict=True):
        mine = [one for one in found if one.team == team]
        with column, st.container(border=True):
            st.markdown(f"**{plain(page.text('team_count', team=page.lang(f'team.{team}'), count=len(mine)))}**")
            for one in mine:
                with st.container(horizontal=True, vertical_alignment="center"):
                    there = minutes.in_room(one, meeting) or meeting.started_at is None
                    text = one.name if there else page.text("beforehand", name=one.name)
                    st.markdown(plain(text), width="stretch")
                    if meeting.is_open(page.now()):
                        st.button(page.text("remove"), key=page.key(f"remove_{one.id}"), type="tertiary",
                                  icon=":material/person_remove:", help=page.text("remove.help"),
                                  on_click=meeting_seat.press, args=(page, seat, sessions.remove, one.id))  # fmt: skip


def notes(page: Page, seat: Seat, kind: str) -> None:
    """Decisions or parked items, and a line for one more."""
    found = [one for one in running.notes(page.workspace.database, seat.meeting.id) if one.kind == kind]
    st.subheader(page.text(f"notes.{kind}"), anchor=False)
    for one in found:
        if kind == "parked":
            key = page.key(f"settled_{one.id}")
            st.checkbox(label(one.text), value=one.settled, key=key, on_change=_settle, args=(page, seat, one.id, key),
                        disabled=not seat.meeting.is_open(page.now()))  # fmt: skip
        else:
            st.markdown(f"- {plain(one.text)}")
    if not found:
        st.caption(page.text(f"notes.{kind}.none"))
    if seat.meeting.is_open(page.now()):
        form = st.form(page.key(f"note_{kind}"), clear_on_submit=True, border=False)
        with form, st.container(horizontal=True, vertical_alignment="bottom"):
            text = st.text_input(page.text(f"notes.{kind}.new"), key=page.key(f"new_{kind}"),
                                 max_chars=running.LONGEST_NOTE)  # fmt: skip
            given = st.form_submit_button(page.text("notes.add"), key=page.key(f"add_{kind}"),
                                          icon=":material/add:")  # fmt: skip
        if given and meeting_seat.act(page, seat, running.note, kind=kind, text=text):
            st.rerun()


def _settle(page: Page, seat: Seat, number: int, key: str) -> None:
    meeting_seat.act(page, seat, running.settle, number, settled=bool(st.session_state[key]))
