"""Findings set aside in the app: the way to do it, what is aside and until when, and the way back.

Setting aside is kept in pact.db beside the pact, by finding; it changes no number and no signature.

Not here: when a suppression holds (leadpact/audit/suppression.py), who may (access.py).
"""

from __future__ import annotations

from datetime import date

import streamlit as st

from leadpact.audit import Audit, Finding, suppression
from leadpact.audit.identity import Identity
from leadpact.audit.shown import shown
from leadpact.audit.suppression import SortedOut, Suppression
from leadpact.errors import LeadPactError
from ui import access, audits, authors, errors, moments
from ui.errors import plain
from ui.page import Page

ASKED = "_findings_asked_aside"


def known(page: Page) -> list[Suppression]:
    """Everything set aside of this connection, what has ended too."""
    found: list[Suppression] = page.once(
        "aside", lambda: suppression.every(page.workspace.database, page.connection.name)
    )
    return found


def counted(page: Page, result: Audit) -> Audit:
    """The audit with only the findings that count today."""
    return Audit(suppression.sort_out(result.findings, known(page), _today(page)).counted, result.not_checked)


def told(page: Page, result: Audit) -> None:
    """Says how many findings are set aside, and what counts again because its day has passed."""
    found: SortedOut = suppression.sort_out(result.findings, known(page), _today(page))
    if found.aside:
        st.caption(f":material/snooze: {plain(page.text('aside.count', count=len(found.aside)))}")
    for one in {one.identity: one for one in found.back.values()}.values():
        said = page.text("aside.back", finding=_named(page, one.identity), author=shown(one.author),
                         until=page.lang.day(one.until), reason=shown(one.reason))  # fmt: skip
        st.warning(plain(said), icon=":material/history:")


def offer(page: Page, finding: Finding) -> None:
    """The button that asks for setting one finding aside, for those who may."""
    if not access.may(page.visitor, access.SET_ASIDE):
        return
    asked = st.session_state.get(ASKED) == finding.identity
    st.button(
        page.text("aside.cancel" if asked else "aside.do"),
        key=page.key(f"aside_{finding.identity}"),
        icon=":material/close:" if asked else ":material/snooze:",
        type="tertiary",
        help=None if asked else page.text("aside.help"),
        on_click=_ask,
        args=(None if asked else finding.identity,),
    )


def _ask(identity: str | None) -> None:
    st.session_state[ASKED] = identity


def form(page: Page, finding: Finding) -> None:
    """Why and until when, beneath the finding somebody wants to set aside."""
    if st.session_state.get(ASKED) != finding.identity or not access.may(page.visitor, access.SET_ASIDE):
        return
    identity = Identity.of(finding)
    with st.form(page.key("aside_form")):
        st.caption(plain(page.text("aside.what", finding=_named(page, identity))))
        reason = st.text_area(
            page.text("aside.reason"),
            key=page.key(f"aside_reason_{identity.fingerprint}"),
            max_chars=suppression.LONGEST_REASON,
            placeholder=page.text("aside.reason.hint"),
        )
        with st.container(horizontal=True, gap="small"):
            until = st.date_input(
                page.text("aside.until"),
                suppression.default_until(page.now(), page.used.pact.zone),
                min_value=_today(page),
                max_value=moments.LAST,
                format="YYYY-MM-DD",
                key=page.key("aside_until"),
                help=page.text("aside.until.help", zone=page.used.pact.timezone),
                width=200,
            )
            name = _who(page, in_form=True)
        given = st.form_submit_button(page.text("aside.do"), key=page.key("aside_now"), type="primary",
                                      icon=":material/snooze:")  # fmt: skip
    if not given:
        return
    authors.remember(page, name)
    try:
        set_aside(page, identity, reason, until, name)
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    _ask(None)
    st.rerun()


def set_aside(page: Page, identity: Identity, reason: str, until: date, name: str) -> Suppression:
    """Sets it aside, if this visitor may."""
    author = access.acting(page.visitor, access.SET_ASIDE, name)
    return suppression.set_aside(
        page.workspace.database, page.connection.name, identity, reason=reason, author=author, door="app",
        now=page.now(), zone=page.used.pact.zone, until=until,
    )  # fmt: skip


def bring_back(page: Page, identity: Identity, name: str) -> Suppression:
    """Ends a suppression, if this visitor may."""
    author = access.acting(page.visitor, access.SET_ASIDE, name)
    return suppression.bring_back(
        page.workspace.database, page.connection.name, identity, author=author, door="app", now=page.now()
    )


def show(page: Page, result: Audit) -> None:
    """The part of the page: everything set aside, what is found of it now, and the way back."""
    aside = known(page)
    if not aside:
        page.empty("page.findings.aside.none")
        return
    st.caption(plain(page.text("aside.about")))
    whole = audits.whole(page)
    by_identity = {Identity.of(one).fingerprint: one for one in whole.findings}
    name = _who(page) if access.may(page.visitor, access.SET_ASIDE) else None
    for one in sorted(aside, key=lambda one: (one.until, one.identity.place)):
        _one(page, one, by_identity.get(one.identity.fingerprint), name)


def _one(page: Page, one: Suppression, finding: Finding | None, name: str | None) -> None:
    lang = page.lang
    with st.container(border=True):
        with st.container(horizontal=True, gap="small"):
            st.badge(one.identity.code, color="gray")
            if one.holds(_today(page)):
                st.badge(
                    page.text("aside.until.day", until=lang.day(one.until)), icon=":material/snooze:", color="blue"
                )
            else:
                st.badge(page.text("aside.ended", until=lang.day(one.until)), icon=":material/history:", color="orange")
        said = lang.text(finding.message) if finding is not None else _named(page, one.identity)
        st.markdown(f"**{plain(said)}**")
        if finding is None:
            st.caption(plain(page.text("aside.not_found")))
        st.markdown(plain(one.reason))
        at = moments.shown(lang, one.created_at, page.used.pact.zone)
        st.caption(plain(page.text("aside.by", author=shown(one.author), at=at)))
        if name is None:
            return
        key = page.key(f"back_{one.identity.fingerprint}")
        holds = one.holds(_today(page))
        label = page.text("aside.bring_back") if holds else page.text("aside.remove")
        if st.button(label, key=key, icon=":material/undo:" if holds else ":material/delete:"):
            try:
                bring_back(page, one.identity, name)
            except LeadPactError as error:
                errors.show(lang, error, page.name)
                return
            st.rerun()


def _who(page: Page, *, in_form: bool = False) -> str:
    """The name that goes on the record: the signed-in one, else what they say."""
    authors.ask(page, key="aside_name", email=True, label=page.text("aside.name"), help=page.text("aside.name.help"),
                width=420, in_form=in_form)  # fmt: skip
    return authors.given(page, key="aside_name")


def _named(page: Page, identity: Identity) -> str:
    """`STA01 · Lead · “Left voicemail”`; the value is shown harmless."""
    lang, key = page.lang, f"rule.{identity.code}.title"
    parts = [identity.code, lang(key) if lang.has(key) else "", identity.record_type or ""]
    value = [lang("cli.quoted", value=shown(identity.value))] if identity.value else []
    return " · ".join([*(shown(part) for part in parts if part), *value])


def _today(page: Page) -> date:
    return suppression.today(page.now(), page.used.pact.zone)
