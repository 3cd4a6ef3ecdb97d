"""Voting on criteria as the facilitator sees it: how many have voted, the reveal, where to begin talking.

Not here: what a phone shows (meeting_phone.py), hands on one screen (meeting_hands.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from pydantic import ValidationError

from leadpact.meeting import items, kept, said, sessions, voting
from leadpact.meeting.differ import Standing
from leadpact.meeting.facts import CATEGORIES, Item
from ui import meeting_door, meeting_hands, meeting_results, meeting_room, meeting_seat
from ui.errors import plain
from ui.meeting_seat import Seat
from ui.page import Page

TALK = 5  # differences there is time to talk about


def show(page: Page, seat: Seat) -> None:
    """The vote, before and after the reveal."""
    found = kept.items(page.workspace.database, seat.meeting.id, "criterion")
    going = seat.meeting.is_open(page.now())
    if not found:
        st.info(page.text("no_criteria"), icon=":material/playlist_add:")
    elif seat.meeting.mode == "hands":
        meeting_hands.show(page, seat, found)
        meeting_results.show(page, seat.meeting)
    else:
        _phones(page, seat, found, going)
    if going:
        _more(page, seat)


def _phones(page: Page, seat: Seat, found: Sequence[Item], going: bool) -> None:
    left = [one for one in found if one.revealed_at is None]
    if left and going:
        st.markdown(plain(page.text("blind_left", count=len(left))))
        meeting_room.progress(page, seat.meeting, "criterion")
        reveal(page, seat, "criterion")
    if len(left) < len(found):
        st.subheader(page.text("differences"), anchor=False)
        standings = meeting_results.show(page, seat.meeting)
        if going:
            _talk(page, seat, standings)


def reveal(page: Page, seat: Seat, kind: str) -> None:
    """The reveal, asked for twice: after it nobody changes a vote."""
    with st.popover(page.text("reveal"), icon=":material/visibility:", type="primary"):
        st.write(page.text("reveal.text"))
        st.button(page.text("reveal.do"), key=page.key(f"reveal_{kind}"), type="primary",
                  on_click=meeting_seat.press, args=(page, seat, voting.reveal), kwargs={"kind": kind})  # fmt: skip


def _talk(page: Page, seat: Seat, standings: Sequence[Standing]) -> None:
    """What to talk about first, and a new vote on it when both sides have been heard."""
    apart = [one for one in standings if one.difference][:TALK]
    if not apart:
        return
    st.markdown(f"**{page.text('talk')}**")
    for one in apart:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            higher = one.higher
            text = page.text("talk.one", what=said.called(page.lang, one.item),
                             difference=page.lang.percent(one.difference, 0),
                             team=page.lang(f"team.{higher}") if higher else "–")  # fmt: skip
            st.markdown(plain(text), width="stretch")
            st.button(page.text("again"), key=page.key(f"again_{one.item.id}"), icon=":material/replay:",
                      help=page.text("again.help"), on_click=meeting_seat.press,
                      args=(page, seat, voting.again, one.item.id))  # fmt: skip


def _more(page: Page, seat: Seat) -> None:
    """More to vote on: from what is offered, a value of a field, or in people's own words."""
    with st.expander(page.text("more"), icon=":material/playlist_add:"):
        there = {one.key for one in kept.items(page.workspace.database, seat.meeting.id, "criterion")}
        offered = {one.key: one for one in meeting_door.offered(page) if one.key not in there}
        fields = {one.detail["when"]["field"]: one for one in meeting_door.offered(page)
                  if "field" in (one.detail.get("when") or {})}  # fmt: skip
        with st.form(page.key("more"), border=False, clear_on_submit=True):
            chosen = st.multiselect(
                page.text("more.offered"), sorted(offered, key=lambda key: CATEGORIES.index(offered[key].category)),
                key=page.key("more_offered"), format_func=lambda key: said.called(page.lang, offered[key]),
            )  # fmt: skip
            field = st.selectbox(page.text("more.field"), list(fields), index=None, key=page.key("more_field"),
                                 format_func=lambda name: said.field(page.lang, name))  # fmt: skip
            values = st.multiselect(
                page.text("more.values"), sorted({v for one in fields.values() for v in one.detail.get("values", [])}),
                key=page.key("more_values"), accept_new_options=True, help=page.text("more.values.help"),
            )  # fmt: skip
            words = st.text_input(page.text("more.own"), key=page.key("more_own"), max_chars=200,
                                  help=page.text("more.own.help"))  # fmt: skip
            given = st.form_submit_button(page.text("more.do"), key=page.key("more_now"), icon=":material/add:")
        if not given:
            return
        new = [offered[key] for key in chosen]
        try:
            new += [items.test(field, "in", list(values))] if field and values else []
        except ValidationError:  # the form offers only what the pact takes; typed values are text
            meeting_seat.tell(page.text("more.not"))
        new += [items.own(words)] if words.strip() else []
        if new and meeting_seat.act(page, seat, sessions.put, new):
            meeting_seat.tell(page.text("more.done", count=len(new)), good=True)
        st.rerun()
