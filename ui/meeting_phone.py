"""A phone in the meeting: one's own votes, one's own judgements of past leads, and what was revealed.

A tap is kept at once, before anything is drawn again: nothing is lost when a phone sleeps.

Not here: the facilitator's side (meeting_host.py), joining (meeting_door.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.meeting import kept, said, sessions, voting
from leadpact.meeting.facts import CATEGORIES, SCALE, Item, Person
from leadpact.meeting.review import Profile
from ui import access, meeting_profile, meeting_results, meeting_seat, meeting_words, sections
from ui.access import VOTE
from ui.errors import plain
from ui.meeting_seat import Seat
from ui.page import Page

PART = "part"
ICONS = {"vote": "how_to_vote", "judge": "person_search", "seen": "visibility"}


def show(page: Page, seat: Seat, person: Person) -> None:
    """Everything a phone shows."""
    meeting = seat.meeting
    meeting_seat.watch(page, meeting)
    meeting_seat.told()
    if meeting.is_open(page.now()):
        sessions.seen(page.workspace.database, meeting.id, person, now=page.now())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(meeting.title)}**", width="content")
        st.badge(plain(page.text("you_are", name=person.name, team=page.lang(f"team.{person.team}"))),
                 icon=":material/person:", color="blue")  # fmt: skip
    everything = kept.items(page.workspace.database, meeting.id)
    leads = [one for one in everything if one.kind == "lead"]
    criteria = [one for one in everything if one.kind == "criterion"]
    shown = any(one.revealed_at for one in everything)
    icons = {"vote": ICONS["vote"], **({"judge": ICONS["judge"]} if leads else {}),
             **({"seen": ICONS["seen"]} if shown else {})}  # fmt: skip
    if not meeting.is_open(page.now()):
        st.info(page.text("over"), icon=":material/event_busy:")
        meeting_results.show(page, meeting)
        return
    icons = _first(icons, meeting.agenda[meeting.step][0], everything)
    part = sections.pick(page, icons, PART) if len(icons) > 1 else "vote"
    if part == "judge":
        profiles = meeting_profile.all_of(page, leads)
        _judge(page, seat, person, leads, profiles)
    elif part == "seen":
        meeting_results.show(page, meeting)
    else:
        _ballot(page, seat, person, criteria)


def _first(icons: Mapping[str, str], step: str, everything: Sequence[Item]) -> dict[str, str]:
    """The parts, first the one there is something to do in: leads at their step, results when all is revealed."""
    blind = {one.kind for one in everything if one.revealed_at is None}
    if "judge" in icons and "lead" in blind and (step == "review" or "criterion" not in blind):
        first = "judge"
    else:
        first = "seen" if "seen" in icons and not blind else "vote"
    return {first: icons[first], **icons}


@access.fragment
def _ballot(page: Page, seat: Seat, person: Person, items: Sequence[Item]) -> None:
    """The criteria, a scale beneath each. Only this part runs again when one is tapped."""
    meeting_seat.told()
    mine = voting.mine(page.workspace.database, seat.meeting.id, seat.key)
    left = [one for one in items if one.revealed_at is None]
    if not items:
        st.info(page.text("nothing_yet"), icon=":material/hourglass_empty:")
        return
    st.markdown(page.text("ask", team=page.lang(f"team.{person.team}")))
    done = sum(one.id in mine for one in left)
    if left:
        st.progress(done / len(left), text=plain(page.text("done_of", done=done, count=len(left))))
        st.caption(page.text("blind"))
    else:
        st.info(page.text("all_revealed"), icon=":material/visibility:")
    for category in CATEGORIES:
        own = [one for one in left if one.category == category]
        if own:
            st.markdown(f"#### {page.text(f'category.{category}')}")
        for one in own:
            _scale(page, seat, one, mine, SCALE)


@access.fragment
def _judge(page: Page, seat: Seat, person: Person, items: Sequence[Item],
           profiles: Mapping[tuple[str, str], Profile]) -> None:  # fmt: skip
    """Past leads, one at a time."""
    meeting_seat.told()
    mine = voting.mine(page.workspace.database, seat.meeting.id, seat.key)
    left = [one for one in items if one.revealed_at is None]
    if not left:
        st.info(page.text("all_revealed"), icon=":material/visibility:")
        return
    done = sum(one.id in mine for one in left)
    st.progress(done / len(left), text=plain(page.text("judged_of", done=done, count=len(left))))
    place = page.key("at")
    if place not in st.session_state:
        st.session_state[place] = next((at for at, one in enumerate(left) if one.id not in mine), 0)
    at = min(st.session_state[place], len(left) - 1)
    one = left[at]
    with st.container(border=True):
        meeting_profile.show(page, one, profiles)
        st.markdown(page.text("judge", team=page.lang(f"team.{person.team}")))
        _scale(page, seat, one, mine, (1, 0), labelled=False)
    with st.container(horizontal=True):
        st.button(page.text("before"), key=page.key("back"), icon=":material/arrow_back:", disabled=at == 0,
                  on_click=_go, args=(place, at - 1))  # fmt: skip
        st.button(page.text("next"), key=page.key("next"), icon=":material/arrow_forward:", type="primary",
                  disabled=at == len(left) - 1, on_click=_go, args=(place, at + 1))  # fmt: skip
    st.caption(page.text("blind"))


def _go(place: str, at: int) -> None:
    st.session_state[place] = at


def _scale(page: Page, seat: Seat, one: Item, mine: Mapping[int, int], values: Sequence[int], *,
           labelled: bool = True) -> None:  # fmt: skip
    key = page.key(f"vote_{one.id}_{one.round}")
    if key not in st.session_state:
        st.session_state[key] = mine.get(one.id)
    label = said.called(page.lang, one) if labelled else page.text("verdict")
    st.segmented_control(
        plain(label), list(values), key=key, width="stretch",
        format_func=lambda value: meeting_words.value(page, one.kind, value),
        required=True,  # a second tap on the same answer must not take it back
        label_visibility="visible" if labelled else "collapsed", on_change=_cast, args=(page, seat, one, key),
    )  # fmt: skip


def _cast(page: Page, seat: Seat, one: Item, key: str) -> None:
    try:
        access.acting(page.visitor, VOTE, seat.person.name if seat.person else "")
        voting.cast(page.workspace.database, seat.meeting.id, seat.key, one.id, st.session_state[key], now=page.now())
    except LeadPactError as error:
        meeting_seat.tell(page.lang.error(error))
