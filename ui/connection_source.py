"""The connections there are, and what the chosen one is.

Not here: adding one (connection_add.py, connection_crm.py), testing it (connection_test.py), reading
it (connection_sync.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.connector import Connector
from leadpact.errors import LeadPactError
from leadpact.settings import Connection
from ui import errors, moments, sources, state, whereabouts
from ui.page import Page


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
    st.badge(errors.plain(whereabouts.kind(page.lang, one)), icon=":material/cable:", color="gray")
    whereabouts.badges(page.lang, one)


def _facts(page: Page) -> None:
    """Where the connection reads and when it last did. Nothing secret is among it."""
    lang, one = page.lang, page.connection
    rows = {
        "setup.fact.path": one.options.get("path"),
        "setup.fact.host": one.host or _host(one),
        "setup.fact.zone": None if one.type == "demo" else one.timezone,
        "setup.fact.synced": moments.shown(lang, page.analysis.synced_at, page.used.pact.zone)
        if page.ready
        else lang("setup.fact.never"),
    }
    lines = (f"- {lang(key)}: {errors.plain(str(value))}" for key, value in rows.items() if value)
    st.markdown("\n".join(lines))


def _host(one: Connection) -> str | None:
    """The server, where only the My Domain or the base is named."""
    if one.type == "airtable":
        return f"airtable.com/{one.options['base_id']}" if one.options.get("base_id") else None
    domain = one.options.get("domain")
    return f"{domain}.salesforce.com" if one.type == "salesforce" and isinstance(domain, str) else None
