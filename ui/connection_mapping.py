"""The mapping of a connection: proposed, corrected, confirmed; as YAML, too.

Not here: one table's columns (mapping_editor.py), what an edit does (mapping_draft.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import streamlit as st

from config.document import MOST_BYTES
from connectors import connect
from leadpact import settings
from leadpact.errors import LeadPactError
from leadpact.mapping import MappingDocument, Proposal, SourceTable, dumps, loads, propose
from ui import access, errors, listing, mapping_editor, mapping_state, state
from ui import connection_store as kept
from ui import mapping_draft as edit
from ui.connection_add import SECTION
from ui.page import Page

KEPT_SECONDS = 600  # a CRM's fields change under the app; files are looked at anew when they change


@runtime_checkable
class Describes(Protocol):
    """An adapter whose source needs a mapping."""

    def describe(self) -> list[SourceTable]: ...


def show(page: Page) -> None:
    """The whole section. Raises what the source raises when it cannot be looked at.

    Raises NotAllowed for a visitor without the role: a look into the source shows what is in it.
    """
    access.acting(page.visitor, access.CONNECT)
    space, name = page.workspace, page.connection.name
    adapter = connect(page.connection, state=space.home / name / "state", mapping=None)
    if not isinstance(adapter, Describes):
        st.info(errors.plain(page.text("no_mapping")), icon=":material/check_circle:")
        return
    seen = kept.fingerprint(page.connection)
    with st.spinner(page.text("looking")):
        tables, proposal = _looked(str(space.home.resolve()), name, seen, adapter)
    _problems(page, tables)
    if not any(table.problem is None for table in tables):
        st.warning(errors.plain(page.text("nothing_there")), icon=":material/folder_off:")
        return
    confirmed = settings.mapping_of(space.database, name)
    document = mapping_state.draft(page, seen, lambda: _begin(confirmed, proposal, tables))
    points = edit.open_points(document, tables)
    _standing(page, document, tables, confirmed)
    rows = mapping_editor.overview(document, tables)
    _table(page, document, tables, rows)
    source, place = mapping_editor.choose(page, document, rows)
    table = next((table for table in tables if table.name == source), None)
    with st.container(border=True):
        if table is not None:
            mapping_editor.show(page, document, table, place, proposal)
        elif place is not None:
            mapping_editor.lost(page, source, place)
    _confirm(page, document, tables, points)
    _as_yaml(page, document, tables, seen, proposal)
    with st.container(horizontal=True):
        if st.button(page.text("start_again"), key=page.key("start_again"), type="tertiary", icon=":material/undo:",
                     help=page.text("start_again.help")):  # fmt: skip
            mapping_state.drop(name)
            st.rerun()
        if page.connection.type != "files" and st.button(
            page.text("look_again"), key=page.key("look_again"), type="tertiary", icon=":material/refresh:",
            help=page.text("look_again.help"),
        ):  # fmt: skip
            _looked.clear()
            st.rerun()


@st.cache_data(max_entries=8, ttl=KEPT_SECONDS, show_spinner=False)
def _looked(home: str, name: str, seen: tuple[object, ...], _adapter: Describes) -> tuple[list[SourceTable], Proposal]:
    """A sample of every table and the proposal; looked at anew when the files change."""
    tables = _adapter.describe()
    return tables, propose(tables)


def _begin(confirmed: str | None, proposal: Proposal, tables: Sequence[SourceTable]) -> MappingDocument:
    return edit.spelled(loads(confirmed) if confirmed else proposal.document, tables)


def _problems(page: Page, tables: Sequence[SourceTable]) -> None:
    for table in tables:
        if table.problem is not None:
            st.warning(errors.plain(page.lang(table.problem, **table.params)), icon=":material/broken_image:")


def _standing(page: Page, document: MappingDocument, tables: Sequence[SourceTable], confirmed: str | None) -> None:
    """Whether what is seen here is what the next sync reads by."""
    same = confirmed is not None and loads(confirmed) == edit.finished(document, tables)
    first = "standard" if any(table.fills for table in tables) else "proposed"
    key = "confirmed" if same else "changed" if confirmed is not None else first
    show = st.success if same else st.info
    icons = {"confirmed": "verified", "changed": "edit"}
    show(errors.plain(page.text(f"mapping.{key}")), icon=f":material/{icons.get(key, 'auto_awesome')}:")


def _table(page: Page, document: MappingDocument, tables: Sequence[SourceTable],
           rows: Sequence[tuple[str, int | None]]) -> None:  # fmt: skip
    known = {table.name: table for table in tables}
    shown: list[dict[str, Any]] = []
    for name, at in rows:
        entry = None if at is None else document.tables[at]
        columns = known[name].columns if name in known else ()
        used = sum(bool(edit.uses_of(entry, column.name)) for column in columns) if entry else 0
        shown.append(
            {
                "source": known[name].shown if name in known else document.shown(name),
                "rows": known[name].rows if name in known else None,
                "target": page.lang(f"setup.target.{entry.to if entry else mapping_editor.NOWHERE}"),
                "used": page.text("used", part=used, whole=len(columns)),
            }
        )
    listing.show(page, shown, {"source": "text", "rows": "count", "target": "text", "used": "text"}, key="mapping")


def _confirm(page: Page, document: MappingDocument, tables: Sequence[SourceTable],
             points: Sequence[LeadPactError]) -> None:  # fmt: skip
    lang, name = page.lang, page.connection.name
    if points:
        lines = "\n".join(f"- {errors.plain(lang.error(point))}" for point in points)
        st.warning(f"{errors.plain(page.text('open_points', count=len(points)))}\n\n{lines}", icon=":material/help:")
    label, help = page.text("confirm"), page.text("confirm.help")
    if st.button(label, key=page.key("confirm"), type="primary", icon=":material/check:", disabled=bool(points),
                 help=help) and not points:  # fmt: skip
        access.acting(page.visitor, access.CONNECT)
        settings.keep_mapping(page.workspace.database, name, dumps(edit.finished(document, tables)), page.now())
        mapping_state.drop(name)
        state.write(SECTION, "sync")
        st.rerun()


def _as_yaml(page: Page, document: MappingDocument, tables: Sequence[SourceTable], seen: tuple[object, ...],
             proposal: Proposal) -> None:  # fmt: skip
    """The mapping as one file, to keep, to read on the command line, or to bring in."""
    name = page.connection.name
    with st.expander(page.text("yaml"), icon=":material/description:"):
        finished = edit.finished(document, tables)
        notes = proposal.notes(page.lang) if finished.tables == proposal.document.tables else None
        st.download_button(
            page.text("yaml.download"),
            data=access.held(lambda: dumps(finished, notes).encode("utf-8")),
            file_name=f"{name}-mapping.yaml",
            mime="application/yaml",
            on_click="ignore",
            icon=":material/download:",
            key=page.key("mapping_download"),
        )
        given = st.file_uploader(page.text("yaml.upload"), type=["yaml", "yml", "json"], key=page.key("mapping_upload"),
                                 max_upload_size=MOST_BYTES // 1_000_000)  # fmt: skip
        if given is not None and st.button(page.text("yaml.take"), key=page.key("mapping_take")):
            try:
                text = given.getvalue().decode("utf-8-sig")
            except UnicodeDecodeError:
                errors.show(page.lang, LeadPactError("mapping.unreadable", source=given.name), page.name)
                return
            try:
                document = edit.spelled(loads(text, given.name), tables)
            except LeadPactError as error:
                errors.show(page.lang, error, page.name)
                return
            mapping_state.put(name, document, seen)
            st.rerun()
