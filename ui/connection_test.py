"""Testing the connection in use: one answer after the other, each with what to do about it.

Nothing is written there, and whatever goes wrong is an answer like the others.

Not here: what is tested (connectors: check).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leadpact import writing
from leadpact.connector import Check
from leadpact.errors import LeadPactError
from leadpact.language import Text
from ui import access, connection_source, errors
from ui.page import Page

TESTED = "_connection_tested"
ASKED = "_connection_test_asked"  # another part of the page asks for a test


def ask(connection: str) -> None:
    """Tests `connection` as soon as the page shows it."""
    st.session_state[ASKED] = connection


def show(page: Page) -> None:
    """The button, the test while it runs, and what was found last."""
    name = page.connection.name
    if waiting := page.connection.placeholders:
        st.warning(
            errors.plain(page.text("test.placeholders", options=", ".join(waiting))), icon=":material/edit_note:"
        )
        return
    clicked = st.button(page.text("test"), key=page.key("test"), icon=":material/network_check:",
                        disabled=not access.may(page.visitor, access.CONNECT))  # fmt: skip
    if clicked or st.session_state.get(ASKED) == name:
        st.session_state.pop(ASKED, None)
        _run(page)
        return
    tested, checks, broken = st.session_state.get(TESTED, (None, [], None))
    if tested == name:
        _summary(page, checks, broken)
        for check in checks:
            answer(page, check)
        if broken is not None:
            errors.show(page.lang, broken, page.name)


def _run(page: Page) -> None:
    """Each answer as it comes; what the source says no to stops the test and nothing else."""
    try:
        access.acting(page.visitor, access.CONNECT)
    except access.NotAllowed as error:
        errors.show(page.lang, error, page.name)
        return
    made = connection_source.adapter(page)
    if made is None:
        return
    found: list[Check] = []
    broken: Exception | None = None
    with st.status(errors.plain(page.text("testing", name=page.connection.name)), expanded=True) as status:
        try:
            for check in made.check():
                found.append(check)
                answer(page, check)
                status.update(label=errors.plain(page.text("testing.count", name=page.connection.name,
                                                           count=len(found))))  # fmt: skip
        except Exception as error:  # noqa: BLE001 - said like the answers; the page goes on
            broken = error
            errors.show(page.lang, error, page.name)
        bad = broken is not None or _wrong(page, found)
        label = errors.plain(_counted(page, found, broken))
        status.update(label=label, state="error" if bad else "complete", expanded=True)
    kept = broken if isinstance(broken, LeadPactError) else None
    st.session_state[TESTED] = (page.connection.name, found, kept)


def _summary(page: Page, checks: Sequence[Check], broken: Exception | None) -> None:
    fine = broken is None and not _wrong(page, checks)
    show = st.success if fine else st.warning
    show(errors.plain(_counted(page, checks, broken)), icon=":material/check_circle:" if fine else ":material/rule:")


def _counted(page: Page, checks: Sequence[Check], broken: Exception | None) -> str:
    wrong = _wrong(page, checks)
    if broken is not None:
        return page.text("tested.broken", fine=len(checks) - wrong)
    if wrong:
        return page.lang("connect.tested.wrong", count=wrong, whole=len(checks))
    return page.lang("connect.tested.fine", count=len(checks))


def _wrong(page: Page, checks: Sequence[Check]) -> int:
    return sum(not check.ok and not writing.by_choice(check, page.connection.writable) for check in checks)


def answer(page: Page, check: Check) -> None:
    """One answer, and the remedy beneath where it is a bad one."""
    text = errors.plain(page.lang.text(Text(check.message, check.params)))
    if writing.by_choice(check, page.connection.writable):
        st.markdown(f":gray[:material/lock:] {text}")
        return
    mark = ":green[:material/check_circle:]" if check.ok else ":red[:material/cancel:]"
    lines = [f"{mark} {text}" if check.ok else f"{mark} **{text}**"]
    if not check.ok and check.remedy:
        lines.append(f":material/build: {errors.plain(page.lang.text(Text(check.remedy, check.params)))}")
    st.markdown("  \n".join(lines))
