"""Forgetting this person, for administrators: what it means, the id typed out, then for good.

Not here: what is erased (leadpact/privacy/forget.py), the story (person_view.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.metrics.person_facts import Story
from leadpact.privacy import forget
from leadpact.privacy.forget import Wanted
from ui import access, errors, warm
from ui.errors import plain
from ui.page import Page

_DONE = "_person_forgotten"


def show(page: Page, story: Story) -> None:
    """The folded form; what came of it stands above once it is done."""
    done = st.session_state.pop(_DONE, None)
    if done is not None:
        st.success(plain(page.text("forget.done", count=done.records)), icon=":material/person_off:")
        places = [*done.quoted, *done.left]
        if places:
            text = page.text("forget.left", count=len(places), places=", ".join(places))
            st.warning(plain(text), icon=":material/format_quote:")
    if not access.may(page.visitor, access.FORGET) or _empty(story):
        return
    face = story.face
    with st.expander(page.text("forget"), icon=":material/person_off:"):
        st.markdown(plain(page.text("forget.text")))
        st.caption(page.text("forget.backups"))
        with st.form(page.key("forget"), border=False):
            typed = st.text_input(
                page.text("forget.type", id=plain(face.record_id)), key=page.key("forget_typed"), width=360
            )
            who = (
                ""
                if page.visitor.email
                else st.text_input(page.text("forget.who"), key=page.key("forget_who"), width=360)
            )
            given = st.form_submit_button(page.text("forget.do"), key=page.key("forget_do"), type="primary",
                                          icon=":material/delete_forever:")  # fmt: skip
        if given:
            _forget(page, story, typed.strip(), who.strip())


def _empty(story: Story) -> bool:
    """Nothing of the person is left to forget."""
    return not any(getattr(one, name) for one in story.records for name in ("name", "email", "phone", "company", "url"))


def _forget(page: Page, story: Story, typed: str, who: str) -> None:
    face = story.face
    if typed != face.record_id:
        st.error(plain(page.text("forget.not_typed", id=face.record_id)), icon=":material/error:")
        return
    try:
        actor = access.acting(page.visitor, access.FORGET, who)
        wanted = Wanted(key=(face.object, face.record_id))
        with st.spinner(page.lang("ui.computing")):
            for found in forget.find(page.workspace, wanted, [page.connection.name]):
                st.session_state[_DONE] = forget.forget(page.workspace, found, actor=actor, door="app", now=page.now())
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    warm.emptied()  # what was computed before still names them
    st.rerun()
