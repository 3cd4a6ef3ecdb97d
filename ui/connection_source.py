"""The connections there are, what the chosen one is, and whether it answers.

Not here: adding one (connection_add.py), reading it (connection_sync.py).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from leadpact.connector import Connector
from leadpact.errors import LeadPactError
from leadpact.language import Text
from leadpact.settings import Connection
from ui import errors, moments, sources, state
from ui.page import Page

TESTED = "_connection_tested"


def adapter(page: Page) -> Connector | None:
    """The adapter of the connection; where its settings or mapping cannot be, says why."""
    try:
        return sources.connector(page.workspace, page.connection)
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return None


def choose(page: Page) -> None:
    """Every connection as a card, with what it is; one of them is in use, and says more of itself."""
    for name, one in sorted(page.connections.items(), key=lambda item: (item[0] != page.connection.name, item[0])):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{errors.plain(name)}**", width="content")
                badges(page, one)
                if name == page.connection.name:
                    if len(page.connections) > 1:
                        st.badge(page.text("in_use"), icon=":material/check:", color="green")
                elif st.button(page.text("use"), key=page.key(f"use_{name}"), type="tertiary"):
                    state.write(state.CONNECTION, name)
                    st.rerun()
            if name == page.connection.name:
                _facts(page)


def badges(page: Page, one: Connection) -> None:
    """Its type, its environment and whether anything may be written there: always in sight."""
    lang = page.lang
    kind = f"setup.type.{one.type}"
    st.badge(errors.plain(lang(kind) if lang.has(kind) else one.type), icon=":material/cable:", color="gray")
    where = environment(one)
    colours = {"production": "red", "sandbox": "orange", "demo": "violet", "files": "gray"}
    st.badge(lang(f"setup.environment.{where}"), icon=":material/public:", color=colours[where])  # type: ignore[arg-type]
    writes = one.writable and one.type != "files"
    st.badge(
        lang("setup.writable" if writes else "setup.read_only"),
        icon=":material/edit:" if writes else ":material/lock:",
        color="orange" if writes else "green",
    )


def environment(one: Connection) -> str:
    """production, sandbox, demo or files: by what the settings say."""
    if one.type in ("demo", "files"):
        return one.type
    said = one.options.get("environment")
    host = urlsplit(str(one.options.get("instance_url", ""))).hostname or ""
    sandbox = said == "sandbox" or one.options.get("domain") == "test" or ".sandbox." in host
    return "sandbox" if sandbox else "production"


def _facts(page: Page) -> None:
    """Where the connection reads and when it last did. Nothing secret is among it."""
    lang, one = page.lang, page.connection
    rows = {
        "setup.fact.path": one.options.get("path"),
        "setup.fact.host": urlsplit(str(one.options.get("instance_url", ""))).hostname,
        "setup.fact.zone": None if one.type == "demo" else one.timezone,
        "setup.fact.synced": moments.shown(lang, page.analysis.synced_at, page.used.pact.zone)
        if page.ready
        else lang("setup.fact.never"),
    }
    lines = (f"- {lang(key)}: {errors.plain(str(value))}" for key, value in rows.items() if value)
    st.markdown("\n".join(lines))


def test(page: Page) -> None:
    """The connection tested on request; nothing is written there."""
    lang = page.lang
    if st.button(page.text("test"), key=page.key("test"), icon=":material/network_check:"):
        made = adapter(page)
        if made is None:
            return
        with st.spinner(page.text("testing")):
            st.session_state[TESTED] = (page.connection.name, list(made.check()))
    name, checks = st.session_state.get(TESTED, (None, []))
    if name != page.connection.name:
        return
    for check in checks:
        text = lang.text(Text(check.message, check.params))
        if check.ok:
            st.success(errors.plain(text), icon=":material/check_circle:")
        else:
            remedy = lang.text(Text(check.remedy, check.params)) if check.remedy else ""
            st.error(errors.plain(f"{text}\n{remedy}".strip()), icon=":material/error:")
