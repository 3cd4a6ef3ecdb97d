"""A past lead as it was known when it was handed over: profile, and what it had done until then.

Not here: how that is found out (leadpact/meeting/review.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from leadpact.meeting import review, said
from leadpact.meeting.facts import Item
from leadpact.meeting.review import Profile
from ui import moments, whom
from ui.errors import plain
from ui.page import Page

Lead = tuple[str, str, datetime]


def lead(item: Item) -> Lead:
    """Object, record and moment of an item to judge."""
    detail = item.detail
    return str(detail["object"]), str(detail["record_id"]), datetime.fromisoformat(str(detail["moment"]))


def all_of(page: Page, items: Sequence[Item]) -> dict[tuple[str, str], Profile]:
    """The profiles of these leads, computed once for all phones; none before the first sync."""
    if not page.ready:
        return {}
    found: dict[tuple[str, str], Profile] = page.cached(review.profiles, tuple(lead(one) for one in items))
    return found


def may_show(page: Page, item: Item) -> bool:
    """Whether the visitor may see this lead: it is one of their teams and territories."""
    key = lead(item)[:2]
    return key in whom.keys(page, [key])


def title(page: Page, item: Item) -> str:
    """The lead's id, or its place on the table where the visitor may not see it."""
    return item.label if may_show(page, item) else f"#{item.position + 1}"


def show(page: Page, item: Item, profiles: Mapping[tuple[str, str], Profile]) -> None:
    """One lead. Nothing after its moment; fields without a history are told apart."""
    object, record_id, moment = lead(item)
    if not may_show(page, item):
        st.info(plain(page.lang("privacy.lead_of_others", whose=whom.whose(page))), icon=":material/group_off:")
        return
    zone = page.used.pact.zone
    st.markdown(f"**{plain(page.text('lead', object=page.lang(f'setup.object.{object}'), id=record_id))}**")
    why = page.text(f"why.{item.detail.get('why', 'qualified')}", at=moments.shown(page.lang, moment, zone))
    st.caption(plain(why))
    one = profiles.get((object, record_id))
    if one is None:
        st.warning(page.text("lead.gone"), icon=":material/person_off:")
        return
    _fields(page, one.known)
    if one.today:
        st.caption(page.text("lead.today"))
        _fields(page, one.today)
    _touches(page, one)


def _fields(page: Page, pairs: Sequence[tuple[str, str]]) -> None:
    lines = [f"- {plain(said.field(page.lang, name))}: **{plain(value)}**" for name, value in pairs]
    if lines:
        st.markdown("\n".join(lines))


def _touches(page: Page, one: Profile) -> None:
    if one.count is None:
        st.caption(page.text("lead.untold"))
        return
    st.markdown(plain(page.text("lead.touches", count=one.count)))
    lines = []
    for each in one.touches:
        words = [said.activity(page.lang, each.kind)]
        if each.direction in ("inbound", "outbound"):
            words.append(page.text(f"direction.{each.direction}"))
        if each.automated:
            words.append(page.text("automatic"))
        lines.append(f"- {plain(page.text('days_before', what=', '.join(words), count=round(each.days)))}")
    if lines:
        st.markdown("\n".join(lines))
    if one.count > len(one.touches):
        st.caption(plain(page.text("lead.more", count=one.count - len(one.touches))))
