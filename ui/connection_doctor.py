"""The installation, for administrators: what LeadPact stands on, looked at when asked, with what to do.

No CRM is asked: each connection has its own test beside.

Not here: what is looked at (leadpact/doctor), the same on the command line (commands/doctor.py).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import streamlit as st

from connectors import connect
from leadpact import settings
from leadpact.doctor import Answer, Site, examine, well
from leadpact.language import Text
from ui import access, errors, registry, sources
from ui.page import Page

FOUND = "_installation_found"


def show(page: Page) -> None:
    """The button, and what was found last: what needs attention first, the rest folded."""
    if not access.may(page.visitor, access.MANAGE_PEOPLE):
        return
    st.subheader(errors.plain(page.text("doctor")), anchor=False)
    st.write(errors.plain(page.text("doctor.help")))
    if st.button(page.text("doctor.look"), key=page.key("doctor"), icon=":material/stethoscope:"):
        try:
            access.acting(page.visitor, access.MANAGE_PEOPLE)
        except access.NotAllowed as error:
            errors.show(page.lang, error, page.name)
            return
        with st.spinner(page.text("doctor.looking")):
            st.session_state[FOUND] = list(examine(_site(page), offline=True))
    found: Sequence[Answer] | None = st.session_state.get(FOUND)
    if found is not None:
        _answers(page, found)


def _site(page: Page) -> Site:
    url = os.environ.get("DATABASE_URL") or None
    return Site(page.workspace.home, url, settings.SECRETS, registry.ROOT, sources.now(), connect)


def _answers(page: Page, found: Sequence[Answer]) -> None:
    bad = [one for one in found if one.ok is False]
    if well(found):
        st.success(errors.plain(page.lang("doctor.fine")), icon=":material/check_circle:")
    else:
        st.warning(errors.plain(page.lang("doctor.attention", count=len(bad))), icon=":material/rule:")
    for one in bad:
        st.markdown(f":red[:material/error:] {_said(page, one.message, one)}")
        if one.remedy:
            st.caption(f":material/arrow_forward: {_said(page, one.remedy, one)}")
    with st.expander(page.text("doctor.others", count=len(found) - len(bad))):
        for one in found:
            if one.ok is not False:
                mark = ":green[:material/check:]" if one.ok else ":gray[:material/remove:]"
                st.markdown(f"{mark} {_said(page, one.message, one)}")


def _said(page: Page, key: str, one: Answer) -> str:
    text = errors.plain(page.lang.text(Text(key, one.params)))
    return f"{errors.plain(one.about)}: {text}" if one.about else text
