"""One-screen mode: the facilitator asks, counts hands, and types how many.

Not here: voting by phone (meeting_phone.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leadpact.meeting import said, voting
from leadpact.meeting.facts import TEAMS, VALUES, Item
from ui import meeting_profile, meeting_seat, meeting_words
from ui.errors import plain
from ui.meeting_seat import Seat
from ui.page import Page


def show(page: Page, seat: Seat, found: Sequence[Item]) -> None:
    """One item at a time, a number for every value and team."""
    if not seat.meeting.is_open(page.now()):
        return
    kind = found[0].kind
    counted = {one.item.id: one for one in voting.tallies(page.workspace.database, seat.meeting.id, kind)}
    done = sum(any(one.voted.values()) for one in counted.values())
    st.progress(done / len(found), text=plain(page.text("counted_of", done=done, count=len(found))))
    place = page.key(f"hands_{kind}")
    if place not in st.session_state:
        ids = [one.id for one in found if not any(counted[one.id].voted.values())]
        st.session_state[place] = ids[0] if ids else found[0].id
    named = {one.id: one for one in found}
    chosen = st.selectbox(
        page.text("hands.which"), list(named), key=place,
        format_func=lambda number: _named(page, named[number], bool(sum(counted[number].voted.values()))),
    )  # fmt: skip
    item = named[chosen]
    if kind == "lead":
        with st.container(border=True):
            meeting_profile.show(page, item, meeting_profile.all_of(page, found))
    values = VALUES[kind][::-1]
    told = counted[item.id].values or {}
    with st.form(page.key(f"hands_form_{item.id}")):
        for team in TEAMS:
            st.markdown(f"**{page.lang(f'team.{team}')}**")
            with st.container(horizontal=True, gap="small"):
                for value in values:
                    st.number_input(
                        meeting_words.value(page, kind, value), 0, voting.MOST_HANDS,
                        value=told.get(team, {}).get(value, 0), step=1, width=120,
                        key=page.key(f"hands_{item.id}_{team}_{value}"),
                    )  # fmt: skip
        st.form_submit_button(page.text("hands.do"), key=page.key("hands_now"), type="primary",
                              icon=":material/pan_tool:",
                              on_click=_keep, args=(page, seat, item, place, found))  # fmt: skip


def _keep(page: Page, seat: Seat, item: Item, place: str, found: Sequence[Item]) -> None:
    """Keeps the hands of both teams, and goes on to the next item."""
    kept = True
    for team in TEAMS:
        counts = {value: int(st.session_state[page.key(f"hands_{item.id}_{team}_{value}")])
                  for value in VALUES[item.kind]}  # fmt: skip
        kept = kept and meeting_seat.act(page, seat, voting.hands, item.id, team, counts)
    at = [one.id for one in found].index(item.id)
    if kept and at + 1 < len(found):
        st.session_state[place] = found[at + 1].id


def _named(page: Page, item: Item, done: bool) -> str:
    text = said.called(page.lang, item) if item.kind == "criterion" else meeting_profile.title(page, item)
    return f"{'✓ ' if done else ''}{text}"
