"""Past leads judged by both teams: how far they agree, on which they do not, and what tells good ones apart.

Not here: the measures (leadpact/meeting/agreement.py, separating.py), judging on a phone (meeting_phone.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from leadpact.meeting import agreement, kept, review, said, separating, sessions, voting
from leadpact.meeting.facts import Item, Tally
from leadpact.meeting.review import Profile
from leadpact.meeting.separating import Lead, Separation
from leadpact.workspace import Analysis
from ui import (
    figures,
    listing,
    meeting_hands,
    meeting_profile,
    meeting_room,
    meeting_saving,
    meeting_seat,
    meeting_votes,
)
from ui.errors import plain
from ui.meeting_seat import Seat
from ui.page import Page


def show(page: Page, seat: Seat) -> None:
    """The review, from putting leads on the table to what follows."""
    going = seat.meeting.is_open(page.now())
    found = kept.items(page.workspace.database, seat.meeting.id, "lead")
    if not page.ready:
        page.empty("page.meeting.leads.no_data", action="connection")
        return
    if not found:
        st.write(page.text("leads.text"))
        if going:
            _begin(page, seat)
        return
    left = [one for one in found if one.revealed_at is None]
    if seat.meeting.mode == "hands":
        meeting_hands.show(page, seat, found)
    elif left and going:
        st.markdown(plain(page.text("leads.blind", count=len(left))))
        meeting_room.progress(page, seat.meeting, "lead")
        meeting_votes.reveal(page, seat, "lead")
    if seat.meeting.mode == "hands" or len(left) < len(found):
        _agreement(page, seat, found)


def _begin(page: Page, seat: Seat) -> None:
    with st.form(page.key("leads"), border=False):
        count = st.slider(
            page.text("leads.count"), review.LEAST, review.MOST, review.USUAL, key=page.key("leads_count")
        )
        given = st.form_submit_button(page.text("leads.begin"), key=page.key("leads_begin"), type="primary",
                                      icon=":material/person_search:")  # fmt: skip
    if not given:
        return
    new = page.cached(review.handed_over, count)
    if not new:
        st.info(page.text("leads.none"), icon=":material/person_off:")
    elif meeting_seat.act(page, seat, sessions.put, new):
        st.rerun()


def _agreement(page: Page, seat: Seat, found: Sequence[Item]) -> None:
    lang = page.lang
    tallies = voting.tallies(page.workspace.database, seat.meeting.id, "lead")
    one = agreement.agreement(tallies)
    st.subheader(page.text("agreement"), anchor=False)
    if not one.leads:
        st.info(page.text("agreement.none"), icon=":material/balance:")
        return
    between = "–" if one.low is None else f"{lang.number(one.low, 2)} – {lang.number(one.high, 2)}"
    word = agreement.strength(one.kappa)
    figures.row(
        [
            (page.text("both_judged"), lang.number(one.leads), page.text("both_judged.help", ties=one.ties,
                                                                         one_sided=one.one_sided)),
            (page.text("same"), lang.percent(one.observed, 0), page.text("same.help",
                                                                         chance=lang.percent(one.expected, 0))),
            (page.text("kappa"), lang.number(one.kappa, 2), page.text("kappa.help")),
            (page.text("between"), between, page.text("between.help")),
        ]
    )  # fmt: skip
    if word is None:
        st.caption(page.text("kappa.undefined"))
    else:
        st.caption(plain(page.text("kappa.said", word=page.text(f"kappa.{word}"))))
    if one.leads < agreement.FEW:
        st.caption(plain(page.text("kappa.few", count=one.leads)))
    profiles = meeting_profile.all_of(page, found)
    _apart(page, tallies, profiles)
    _effect(page, seat, tallies, profiles)


def _apart(page: Page, tallies: Sequence[Tally], profiles: Mapping[tuple[str, str], Profile]) -> None:
    """The leads the teams disagree on, to be opened one by one."""
    st.markdown(f"**{page.text('apart')}**")
    apart = []
    for one in tallies:
        marketing, sales = _verdicts(one)
        if marketing is not None and sales is not None and marketing != sales:
            apart.append((one.item, "marketing" if marketing else "sales"))
    if not apart:
        st.caption(page.text("apart.none"))
    for item, team in apart:
        title = page.text("apart.one", id=meeting_profile.title(page, item), team=page.lang(f"team.{team}"))
        with st.expander(plain(title)):
            meeting_profile.show(page, item, profiles)
            if meeting_profile.may_show(page, item):
                page.link("person", object=str(item.detail["object"]), record=str(item.detail["record_id"]))


def _effect(page: Page, seat: Seat, tallies: Sequence[Tally], profiles: Mapping[tuple[str, str], Profile]) -> None:
    """What tells the good ones from the others, and a way into the vote."""
    leads = judged(tallies)
    st.markdown(f"**{page.text('effect')}**")
    if len({good for *_, good in leads}) < 2:
        st.caption(page.text("effect.one_kind"))
        return
    st.caption(
        plain(page.text("effect.text", good=sum(one[3] for one in leads), other=sum(not one[3] for one in leads)))
    )
    keys = [(one[0], one[1]) for one in leads]
    shown = [profiles[key] for key in keys if key in profiles]
    found: list[Separation] = page.cached_whole(_separations, tuple(leads), tuple(shown))
    rows = [
        {
            "criterion": said.condition(page.lang, one.when),
            "good_share": one.good / one.of_good if one.of_good else None,
            "other_share": one.other / one.of_other if one.of_other else None,
            "difference_low": one.low,
            "difference_high": one.high,
            "told": page.text("told.sure" if one.sure else "told.unsure"),
            "points": one.points,
            "now_points": one.now_points,
            "known_today": page.text("told.today") if one.today else None,
        }
        for one in found[:15]
    ]
    listing.show(page, rows, {"criterion": "text", "good_share": "share", "other_share": "share",
                              "difference_low": "share", "difference_high": "share", "told": "text",
                              "points": "count", "now_points": "count", "known_today": "text"},
                 key="effect")  # fmt: skip
    sure = [one for one in found if one.sure]
    if not sure:
        st.caption(page.text("effect.nothing"))
    elif seat.meeting.is_open(page.now()):
        with st.form(page.key("separate"), border=False):
            named = {said.condition(page.lang, one.when): one for one in sure}
            chosen = st.multiselect(page.text("effect.take"), list(named), key=page.key("effect_chosen"),
                                    default=[text for text, one in named.items() if not one.today])  # fmt: skip
            given = st.form_submit_button(page.text("effect.save"), key=page.key("effect_save"), type="primary",
                                          icon=":material/edit_note:")  # fmt: skip
        if given and chosen:
            picked = [named[text] for text in chosen]
            labels = {id(one): text for text, one in named.items()}
            meeting_saving.save(page, seat, lambda document: separating.sections(
                document, [(one, labels[id(one)]) for one in picked]))  # fmt: skip
            st.rerun()


def judged(tallies: Sequence[Tally]) -> list[Lead]:
    """The leads both teams judge the same, with the verdict."""
    found = []
    for one in tallies:
        marketing, sales = _verdicts(one)
        if marketing is not None and marketing == sales:
            found.append((*meeting_profile.lead(one.item), marketing))
    return found


def _verdicts(one: Tally) -> tuple[bool | None, bool | None]:
    values = one.values or {}
    return agreement.verdict(values.get("marketing", {})), agreement.verdict(values.get("sales", {}))


def _separations(one: Analysis, leads: Sequence[Lead], profiles: Sequence[Profile]) -> list[Separation]:
    asked = separating.candidates(one.pact, profiles)
    return separating.separations(one.tables, one.pact, one.as_of, leads, asked)
