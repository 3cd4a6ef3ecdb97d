"""The door: join with a code, open a meeting, and the meetings there were.

Not here: the seat in a meeting (meeting_seat.py), what is in it (meeting_host.py, meeting_phone.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.meeting import items, said, sessions
from leadpact.meeting.facts import CATEGORIES, MODES, TEAMS, Meeting, NewItem
from ui import access, authors, errors, meeting_minutes, meeting_seat, moments, state
from ui.access import FACILITATE, VOTE
from ui.errors import plain
from ui.meeting_seat import CODE, HOST, ME, Seat
from ui.page import Page

CHOSEN = 8  # of each category, to begin with: ten minutes are enough for twenty votes


def show(page: Page) -> None:
    """Without a meeting: join one, open one, or read the minutes of one."""
    with st.container(border=True):
        st.subheader(page.text("enter"), anchor=False)
        with st.form(page.key("enter"), border=False):
            code = st.text_input(page.text("code"), key=page.key("code"), max_chars=20, placeholder="ABCD-EFGH",
                                 help=page.text("code.help"))  # fmt: skip
            if st.form_submit_button(page.text("enter.do"), key=page.key("enter_now"), type="primary",
                                     icon=":material/login:") and code.strip():  # fmt: skip
                state.write(CODE, code.strip().upper())
                st.rerun()
    if access.may(page.visitor, FACILITATE):
        _open(page)
    _past(page)


def join(page: Page, seat: Seat) -> None:
    """With the code of a meeting: who are you?"""
    meeting = seat.meeting
    st.subheader(plain(meeting.title), anchor=False)
    if not meeting.is_open(page.now()):
        st.info(page.text("over"), icon=":material/event_busy:")
        meeting_minutes.show(page, meeting)
    elif meeting.mode == "hands":
        st.info(page.text("one_screen"), icon=":material/tv:")
    elif not access.may(page.visitor, VOTE):
        st.info(page.text("may_not_vote"), icon=":material/lock:")
    else:
        _who(page, meeting)
    st.button(page.text("leave"), key=page.key("leave"), type="tertiary", icon=":material/arrow_back:",
              on_click=meeting_seat.leave)  # fmt: skip


def _who(page: Page, meeting: Meeting) -> None:
    mine = [team for team in TEAMS if page.visitor.roles is None or team in page.visitor.roles]
    with st.form(page.key("join")):
        if page.visitor.email is None:
            name = st.text_input(page.text("your_name"), key=page.key("your_name"), max_chars=sessions.LONGEST_NAME)
        else:
            name = page.visitor.email
            st.write(plain(name))
        team = st.segmented_control(page.text("your_team"), mine, key=page.key("your_team"), width="stretch",
                                    default=mine[0] if len(mine) == 1 else None,
                                    format_func=lambda one: page.lang(f"team.{one}"))  # fmt: skip
        st.caption(page.text("join.how"))
        given = st.form_submit_button(page.text("join"), key=page.key("join_now"), type="primary",
                                      icon=":material/login:", width="stretch")  # fmt: skip
    if not given:
        return
    try:
        access.acting(page.visitor, VOTE, name)
        done = sessions.join(page.workspace.database, meeting.id, name=name, team=team or "",
                             email=page.visitor.email, now=page.now())  # fmt: skip
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    state.write(HOST, None)
    state.write(ME, done.token)
    st.rerun()


def _open(page: Page) -> None:
    """The form of a new meeting: its name, phones or one screen, and what will be voted on."""
    found = offered(page)
    with st.expander(page.text("open"), icon=":material/add:", expanded=not sessions.every(page.workspace.database)):
        with st.form(page.key("open"), border=False):
            title = st.text_input(page.text("title_of"), value=page.text("title_of.usual"), key=page.key("title"),
                                  max_chars=sessions.LONGEST_TITLE)  # fmt: skip
            name = _name(page, "opener", in_form=True)
            mode = st.radio(
                page.text("mode"), MODES, key=page.key("mode"), index=0 if access.sign_in_configured() else 1,
                format_func=lambda one: page.lang(f"meeting.mode.{one}"),
                captions=[page.text(f"mode.{one}") for one in MODES],
            )  # fmt: skip
            st.markdown(f"**{page.text('what')}**")
            st.caption(page.text("what.help"))
            chosen: list[NewItem] = []
            for category in CATEGORIES[:-1]:
                mine = [one for one in found if one.category == category]
                if mine:
                    chosen += _pick(page, category, mine)
            given = st.form_submit_button(page.text("open.do"), key=page.key("open_now"), type="primary",
                                          icon=":material/groups:")  # fmt: skip
        if given:
            authors.remember(page, name)
            _opened(page, title, mode, name, chosen)


def _opened(page: Page, title: str, mode: str, name: str, chosen: Sequence[NewItem]) -> None:
    try:
        facilitator = access.acting(page.visitor, FACILITATE, name)
        done = sessions.open_session(
            page.workspace.database, title=title, connection=page.connection.name, mode=mode,
            facilitator=facilitator, items=chosen, now=page.now(), signed_in=page.visitor.email is not None,
            pact=page.used.line,
        )  # fmt: skip
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    _sit(page, done)


def _sit(page: Page, done: sessions.Opened) -> None:
    state.write(ME, None)
    state.write(CODE, done.meeting.code)
    state.write(HOST, None if page.visitor.email else done.token)
    st.session_state.setdefault("_meeting_found", {})[done.meeting.code] = done.meeting.id
    st.rerun()


def _pick(page: Page, category: str, mine: Sequence[NewItem]) -> list[NewItem]:
    named = {one.key: one for one in mine}
    keys = st.multiselect(
        page.text(f"category.{category}"), list(named), default=items.usual(mine, CHOSEN),
        key=page.key(f"what_{category}"), format_func=lambda key: said.called(page.lang, named[key]),
    )  # fmt: skip
    return [named[key] for key in keys]


def offered(page: Page) -> list[NewItem]:
    """What can be voted on: the pact's own criteria, then what the data has."""
    if not page.ready:
        return items.together(items.of_pact(page.used.pact), items.without_data())
    found: list[NewItem] = page.cached_whole(items.offered)
    return found


def _past(page: Page) -> None:
    """Every meeting, the newest first: carried on by who may, or read."""
    found = sessions.every(page.workspace.database)
    st.subheader(page.text("past"), anchor=False)
    if not found:
        st.caption(page.text("past.none"))
    now = page.now()
    for one in found[:20]:
        with st.container(border=True):
            standing = "open" if one.is_open(now) else "closed" if one.closed_at else "expired"
            st.markdown(f"**{plain(one.title)}**")
            st.caption(plain(page.text("past.said", at=moments.shown(page.lang, one.opened_at, page.used.pact.zone),
                                       name=one.facilitator, state=page.text(f"state.{standing}"))))  # fmt: skip
            if one.closed_at is not None:
                meeting_minutes.download(page, one)
            elif access.may(page.visitor, FACILITATE):
                _carry_on(page, one)


def _carry_on(page: Page, one: Meeting) -> None:
    with st.popover(page.text("carry_on"), icon=":material/restart_alt:"):
        st.write(plain(page.text("carry_on.text", name=one.facilitator)))
        name = _name(page, f"carrier_{one.id}")
        if not st.button(page.text("carry_on.do"), key=page.key(f"carry_{one.id}"), type="primary"):
            return
        try:
            who = access.acting(page.visitor, FACILITATE, name)
            done = sessions.take_over(page.workspace.database, one.id, facilitator=who, now=page.now(),
                                      signed_in=page.visitor.email is not None)  # fmt: skip
        except LeadPactError as error:
            errors.show(page.lang, error, page.name)
            return
        _sit(page, done)


def _name(page: Page, key: str, *, in_form: bool = False) -> str:
    """The signed-in one, else asked for."""
    authors.ask(page, key=key, label=page.text("your_name"), in_form=in_form)
    return authors.given(page, key=key)
