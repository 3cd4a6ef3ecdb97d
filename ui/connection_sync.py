"""Reading the source into the mirror, with progress; and the syncs there were.

Not here: what a sync does (leadpact/sync.py), what arrived (connection_data.py).
"""

from __future__ import annotations

import time

import streamlit as st

from leadpact import coverage, settings
from leadpact.connector import Connector
from leadpact.errors import LeadPactError
from leadpact.sync import SyncResult
from ui import access, errors, listing, moments, sources
from ui.connection_mapping import Describes
from ui.page import Page

DONE = "_connection_done"
EVERY_SECONDS = 0.2


def ask(page: Page, made: Connector) -> None:
    """The button, and whether to read everything again where the source can say what changed."""
    lang, full = page.lang, False
    if page.connection.adds_to is not None:
        st.info(errors.plain(page.text("adds_to", name=page.connection.adds_to)), icon=":material/join:")
        return
    if isinstance(made, Describes) and settings.mapping_of(page.workspace.database, page.connection.name) is None:
        own = f"page.connection.unconfirmed.{page.connection.type}"
        text = lang(own) if lang.has(own) else page.text("unconfirmed")
        st.info(errors.plain(text), icon=":material/schema:")
    can = made.can
    if can.incremental and page.ready:
        full = st.toggle(page.text("full"), key=page.key("full"), help=page.text("full.help"))
    else:
        st.caption(errors.plain(page.text("first_time" if can.incremental else "whole")))
    if not st.button(page.text("sync"), key=page.key("sync"), type="primary", icon=":material/sync:",
                     disabled=not access.may(page.visitor, access.SYNC)):  # fmt: skip
        return
    try:
        st.session_state[DONE] = run(page, full=full)
    except LeadPactError as error:
        errors.show(lang, error, page.name)
        if page.ready:
            at = moments.shown(lang, page.analysis.synced_at, page.used.pact.zone)
            st.info(errors.plain(page.text("still_serving", at=at)), icon=":material/history:")
        return
    st.rerun()


def run(page: Page, *, full: bool) -> SyncResult:
    """Syncs, a line for each table with its rows so far. Raises what the source and the store raise.

    Raises NotAllowed for a visitor without the role.
    """
    access.acting(page.visitor, access.SYNC)
    lang, space, name = page.lang, page.workspace, page.connection.name
    with st.status(lang("ui.sync.running", connection=name), expanded=True) as status:
        st.caption(errors.plain(page.text("stay")))
        lines, shown = {}, {"at": 0.0}

        def progress(table: str, rows: int) -> None:
            first = table not in lines
            if first:
                lines[table] = st.empty()
            if first or time.monotonic() - shown["at"] > EVERY_SECONDS:
                shown["at"] = time.monotonic()
                key = "ui.sync.derive" if table == "journey" else "ui.sync.rows"
                lines[table].markdown(errors.plain(lang(key, table=_name(page, table), rows=rows)))

        result = space.sync(sources.connector(space, page.connection), name, now=page.now(), full=full,
                            adds=sources.adders(space, name), progress=progress,
                            subjects=page.connection.subjects)  # fmt: skip
        for table, line in lines.items():
            if table in result.counts:  # the last rows of a table may have come too soon to be told
                line.markdown(errors.plain(lang("ui.sync.rows", table=_name(page, table), rows=result.counts[table])))
        st.caption(errors.plain(lang("ui.sync.audit")))
        sources.audited(space, name)
        status.update(label=lang("ui.sync.done", connection=name), state="complete", expanded=False)
    return result


def nothing_read(page: Page) -> None:
    """The empty state of what shows what a sync brought: the two steps to it, each a link."""
    st.info(errors.plain(page.text("nothing_read")), icon=":material/sync:")
    with st.container(horizontal=True):
        for section in ("mapping", "sync"):
            page.link("connection", page.text(f"section.{section}"), section=section)


def done(page: Page) -> None:
    """What the sync just done brought, and where to look at it."""
    result: SyncResult | None = st.session_state.get(DONE)
    if result is None or result.connection != page.connection.name:
        return
    text = page.text(
        "done",
        rows=result.counts.get("record", 0),
        changes=result.counts.get("field_change", 0),
        seconds=result.seconds,
    )
    st.success(errors.plain(text), icon=":material/check_circle:")
    with st.container(horizontal=True):
        page.link("today")
        page.link("findings")
    for source, one in result.added.items():
        key, icon = ("joined.kept", "history") if one.kept else ("joined.added", "join")
        st.info(errors.plain(page.lang(key, source=source, count=one.joined, rows=one.rows)),
                icon=f":material/{icon}:")  # fmt: skip
    if result.noticed:
        st.info(errors.plain(page.text("noticed", count=result.noticed)), icon=":material/visibility:")
    if result.rejected:
        st.warning(errors.plain(page.text("rejected", count=result.rejected)), icon=":material/rule:")


def past(page: Page) -> None:
    """The syncs the mirror still tells of, newest first."""
    found = coverage.runs(page.workspace.mirror(page.connection.name))
    st.subheader(page.text("past"), anchor=False)
    if not found:
        st.write(page.text("past.none"))
        return
    rows = [
        {
            "generation": run.generation,
            "started_at": run.started_at,
            "mode": page.text(f"mode.{run.mode}"),
            "records": run.counts.get("record"),
            "changes": run.counts.get("field_change"),
            "calls": run.calls or None,
        }
        for run in found
    ]
    kinds = {"started_at": "moment", "mode": "text", "records": "count", "changes": "count", "calls": "count",
             "generation": "count"}  # fmt: skip
    listing.show(page, rows, kinds, key="past")  # type: ignore[arg-type]


def _name(page: Page, table: str) -> str:
    key = f"ui.table.{table}"
    return page.lang(key) if page.lang.has(key) else table
