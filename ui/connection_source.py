"""The connections there are, and what the chosen one is.

Not here: adding one (connection_add.py, connection_crm.py), testing it (connection_test.py), reading
it (connection_sync.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from leadpact import writing
from leadpact.connector import Connector
from leadpact.errors import LeadPactError
from leadpact.settings import Connection
from ui import connection_writing, errors, moments, sources, state, whereabouts
from ui.page import Page


def adapter(page: Page) -> Connector | None:
    """The adapter of the connection; where its settings or mapping cannot be, says why."""
    try:
        return sources.connector(page.workspace, page.connection)
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return None


def current(page: Page) -> None:
    """The connection in use, and what it is."""
    with st.container(border=True):
        with _named(page, page.connection):
            if len(page.connections) > 1:
                st.badge(page.text("in_use"), icon=":material/check:", color="green")
        _facts(page)


def others(page: Page) -> None:
    """Every other connection, each to be used instead."""
    names = sorted(name for name in page.connections if name != page.connection.name)
    if names:
        st.subheader(page.text("others"), anchor=False)
    for name in names:
        with (
            st.container(border=True),
            _named(page, page.connections[name]),
        ):
            if st.button(page.text("use"), key=page.key(f"use_{name}"), type="tertiary"):
                state.write(state.CONNECTION, name)
                st.rerun()


@contextmanager
def _named(page: Page, one: Connection) -> Iterator[None]:
    """A row with its name and badges, and room for more."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{errors.plain(one.name)}**", width="content")
        badges(page, one)
        yield


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
    lines = [f"- {lang(key)}: {errors.plain(str(value))}" for key, value in rows.items() if value]
    decision = writing.decisions(page.workspace.database).get(one.name)
    if decision is not None:
        lines.append(f"- {errors.plain(connection_writing.decided(page, decision))}")
    st.markdown("\n".join(lines))


def _host(one: Connection) -> str | None:
    """The server, where only the My Domain or the base is named."""
    if one.type == "airtable":
        return f"airtable.com/{one.options['base_id']}" if one.options.get("base_id") else None
    domain = one.options.get("domain")
    return f"{domain}.salesforce.com" if one.type == "salesforce" and isinstance(domain, str) else None
