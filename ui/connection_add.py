"""Adding a connection of files, and the files uploaded for one. No secret is asked for.

Not here: where they are kept (connection_store.py), other types (the secrets file).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from config.zones import zones
from leadpact.errors import LeadPactError
from leadpact.settings import Connection
from ui import access, errors, state
from ui import connection_store as kept
from ui.page import Page

SECTION = "section"
_ROUND = "_connection_round"  # counted up to begin a form anew


def form(page: Page) -> None:
    """A new connection: its name, its files or folder, its time zone."""
    lang, number = page.lang, st.session_state.setdefault(_ROUND, 0)
    with st.expander(page.text("add"), icon=":material/add:", expanded=_nothing_but_demo(page)):
        st.caption(errors.plain(page.text("add.help")))
        name = st.text_input(
            page.text("add.name"), key=page.key(f"add_name_{number}"), help=page.text("add.name.help"), max_chars=80
        )
        ways = ("upload", "folder")
        way = st.segmented_control(
            page.text("add.way"),
            ways,
            default=ways[0],
            required=True,
            format_func=lambda way: page.text(f"add.way.{way}"),
            key=page.key(f"add_way_{number}"),
        )
        files: list[Any] = []
        path = ""
        if way == "upload":
            files = _uploader(page, f"add_files_{number}")
        else:
            path = st.text_input(page.text("add.path"), key=page.key(f"add_path_{number}"), placeholder="/data/crm")
        known = sorted(zones())
        zone = st.selectbox(
            page.text("add.zone"),
            known,
            index=known.index(page.used.pact.timezone) if page.used.pact.timezone in known else known.index("UTC"),
            key=page.key(f"add_zone_{number}"),
            help=page.text("add.zone.help"),
        )
        to = _adds_to(page, f"add_to_{number}")
        if st.button(page.text("add.do"), key=page.key("add"), type="primary", icon=":material/add:"):
            try:
                _add(page, name.strip(), path.strip(), files, {"timezone": zone, **({"adds_to": to} if to else {})})
            except LeadPactError as error:
                errors.show(lang, error, page.name)
                return
            st.session_state[_ROUND] = number + 1
            state.write(state.CONNECTION, name.strip())
            state.write(SECTION, "mapping")
            st.rerun()


def files(page: Page) -> None:
    """The files uploaded for this connection: added, replaced, removed."""
    found = kept.uploaded(page.workspace, page.connection)
    if found is None:
        return
    lang, number = page.lang, st.session_state.setdefault(_ROUND, 0)
    st.subheader(page.text("uploads"), anchor=False)
    for place, path in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center"):
            size = lang.number(path.stat().st_size / 1_000_000, 1)
            st.markdown(errors.plain(f"{path.name} · {size} MB"), width="stretch")
            label = page.text("uploads.remove")
            if st.button(label, key=page.key(f"remove_{place}"), icon=":material/delete:", type="tertiary",
                         help=page.text("uploads.remove.help", name=errors.plain(path.name))):  # fmt: skip
                _remove(page, path)
                st.rerun()
    given = _uploader(page, f"files_{number}")
    if given and st.button(page.text("uploads.store"), key=page.key("store"), icon=":material/upload:"):
        try:
            _store(page, page.connection.name, given)
        except LeadPactError as error:
            errors.show(lang, error, page.name)
            return
        st.session_state[_ROUND] = number + 1
        st.rerun()


def _adds_to(page: Page, key: str) -> str | None:
    """The connection whose people these files tell more about; asked for where there is one."""
    others = sorted(one.name for one in page.connections.values() if one.adds_to is None and one.type != "demo")
    if not others:
        return None
    return st.selectbox(
        page.text("add.to"),
        [None, *others],
        format_func=lambda name: (
            errors.plain(page.text("add.to.other", name=name)) if name else page.text("add.to.alone")
        ),
        key=page.key(key),
        help=page.text("add.to.help"),
    )


def _nothing_but_demo(page: Page) -> bool:
    return all(one.type == "demo" for one in page.connections.values())


def _uploader(page: Page, key: str) -> list[Any]:
    return st.file_uploader(
        page.text("add.files"),
        type=list(kept.KINDS),
        accept_multiple_files=True,
        key=page.key(key),
        help=page.text("add.files.help"),
    )


def _add(page: Page, name: str, path: str, given: Sequence[Any], options: Mapping[str, str]) -> None:
    access.acting(page.visitor, access.CONNECT)
    space = page.workspace
    kept.check_name(space, page.connections, name)
    if not path:
        if not given:
            raise LeadPactError("setup.add.nothing")
        path = str(_store(page, name, given))
    kept.add(space, Connection(name, "files", {"path": path, **options}), page.now())


def _remove(page: Page, path: Path) -> None:
    access.acting(page.visitor, access.CONNECT)
    path.unlink(missing_ok=True)


def _store(page: Page, name: str, given: Sequence[Any]) -> str:
    """Writes the uploads, every name checked before the first is written."""
    access.acting(page.visitor, access.CONNECT)
    folder = kept.uploads(page.workspace, name)
    for upload in given:
        kept.file_name(upload.name)
    with st.spinner(page.text("uploads.storing")):
        for upload in given:
            kept.store(folder, upload.name, upload)
    return str(folder.resolve())
