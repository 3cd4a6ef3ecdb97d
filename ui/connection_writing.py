"""Whether LeadPact may write over the connection in use: how it stands, who decided it, and deciding it.

Not here: what a decision does (leadpact/writing.py), writing itself (connectors).
"""

from __future__ import annotations

import streamlit as st

from leadpact import settings, writing
from leadpact.errors import LeadPactError
from ui import access, authors, errors, moments
from ui.page import Page

_ROUND = "_connection_writing"


def show(page: Page) -> None:
    """The standing in words, and the one act there is to it."""
    one = page.connection
    if one.type in writing.READERS:
        return
    decision = writing.decisions(page.workspace.database).get(one.name)
    label = page.text("writing.on" if one.writable else "writing.off")
    with st.expander(label, icon=":material/edit:" if one.writable else ":material/lock:", key=page.key("writing")):
        for line in standing(page, decision):
            st.markdown(errors.plain(line))
        if one.writable:
            _disable(page)
        elif one.stated is False:
            st.info(errors.plain(page.text("writing.locked")), icon=":material/lock:")
        else:
            _enable(page)


def standing(page: Page, decision: writing.Decision | None) -> list[str]:
    """How it stands and why, a sentence each."""
    one = page.connection
    lines = [page.text("writing.may" if one.writable else "writing.may_not")]
    if decision is not None:
        lines.append(decided(page, decision))
        if decision.enabled and not one.writable and one.stated is not False:
            lines.append(page.text("writing.elsewhere"))
    elif one.stated is True:
        lines.append(page.text("writing.by_settings"))
    return lines


def decided(page: Page, decision: writing.Decision) -> str:
    """Who decided it last, and when."""
    at = moments.shown(page.lang, decision.at, page.used.pact.zone)
    said = {"actor": decision.actor or page.lang("ui.unknown"), "at": at}
    return page.text("writing.enabled_by", **said) if decision.enabled else page.text("writing.disabled_by", **said)


def _enable(page: Page) -> None:
    """An administrator's, and only with the connection's name typed out."""
    one, number = page.connection, st.session_state.setdefault(_ROUND, 0)
    if not access.may(page.visitor, access.WRITING_ON):
        st.caption(errors.plain(page.text("writing.ask_admin")))
        return
    if one.environment == "production":
        st.warning(errors.plain(page.text("writing.production")), icon=":material/warning:")
    said = _who(page, number)
    typed = st.text_input(
        page.text("writing.type", name=errors.plain(one.name)), key=page.key(f"writing_name_{number}")
    )
    if st.button(page.text("writing.enable"), key=page.key("writing_enable"), icon=":material/edit:"):
        if typed.strip() != one.name:
            st.error(errors.plain(page.text("writing.not_typed", name=one.name)), icon=":material/error:")
            return
        _decide(page, access.WRITING_ON, said, enabled=True)


def _disable(page: Page) -> None:
    """At once: going back to reading needs no confirmation."""
    if not access.may(page.visitor, access.WRITING_OFF):
        return
    said = _who(page, st.session_state.setdefault(_ROUND, 0))
    if st.button(page.text("writing.disable"), key=page.key("writing_disable"), icon=":material/lock:", type="primary"):
        _decide(page, access.WRITING_OFF, said, enabled=False)


def _who(page: Page, number: int) -> str:
    """While sign-in is off, the name people give goes on the record."""
    key = f"writing_who_{number}"
    authors.ask(page, key=key, email=True, label=page.text("writing.who"), help=page.text("writing.who.help"),
                width=360)  # fmt: skip
    return authors.given(page, key=key)


def _decide(page: Page, act: str, said: str, *, enabled: bool) -> None:
    try:
        actor = access.acting(page.visitor, act, said)
        settings.decide_writing(
            page.workspace.database, page.connection, enabled=enabled, actor=actor, door="app", now=page.now()
        )
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    st.session_state[_ROUND] += 1
    st.rerun()
