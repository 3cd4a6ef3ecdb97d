"""Sample files on the Connection page: what to bring, what each file adds, and how LeadPact would read it.

The mapping shown is the one proposed for the very file that is offered, not a picture of one.

Not here: the files themselves (sample_files.py), the mapping of a connection (connection_mapping.py).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import cast

import streamlit as st

from connectors import connect
from leadpact.language import Language
from leadpact.mapping.propose import propose
from leadpact.settings import Connection
from ui import access, connection_mapping, listing, mapping_columns, sample_files
from ui import mapping_draft as edit
from ui.errors import plain
from ui.page import Page

SHEET, FOLDER = "sheet", "folder"
ADDS = ("leads", "status_changes", "activities", "owners")


def show(page: Page) -> None:
    """Folded until somebody wants it; nothing is read or computed before."""
    with st.expander(page.text("samples"), icon=":material/description:", key=page.key("samples"),
                     on_change="rerun") as folder:  # fmt: skip
        if not folder.open:
            return
        st.write(page.text("samples.about"))
        way = st.segmented_control(page.text("samples.which"), (SHEET, FOLDER), default=SHEET, required=True,
                                   format_func=lambda way: page.text(f"samples.{way}"),
                                   key=page.key("samples_way"))  # fmt: skip
        if way == FOLDER:
            _folder(page)
        else:
            _sheet(page)


def _sheet(page: Page) -> None:
    lang = page.lang
    header, rows = sample_files.spreadsheet(lang)
    st.dataframe({name: [row[at] for row in rows] for at, name in enumerate(header)}, hide_index=True,
                 key=page.key("sample_rows"))  # fmt: skip
    _download(page, "sheet", sample_files.spreadsheet_csv(lang), "leadpact-sample.csv", "text/csv")
    st.markdown(f"**{plain(page.text('samples.read_as'))}**")
    read = [{"column": name, "reads": ", ".join(mapping_columns.called(page, use) for use in uses) or "–"}
            for name, uses in proposed(lang)]  # fmt: skip
    listing.show(page, read, {"column": "text", "reads": "text"}, key="sample_mapping")
    st.caption(plain(page.text("samples.then")))


def _folder(page: Page) -> None:
    rows = [{"file": f"{name}.csv", "reads": page.text(f"samples.adds.{name}")} for name in ADDS]
    listing.show(page, rows, {"file": "text", "reads": "text"}, key="sample_files")
    _download(page, "folder", sample_files.export_zip(page.lang), "leadpact-sample-files.zip", "application/zip")
    st.caption(plain(page.text("samples.unpack")))


def _download(page: Page, what: str, data: bytes, name: str, mime: str) -> None:
    st.download_button(page.text(f"samples.{what}.download"), data=access.held(lambda: data), file_name=name,
                       mime=mime, on_click="ignore", icon=":material/download:",
                       key=page.key(f"sample_{what}"))  # fmt: skip


@st.cache_data(max_entries=4, show_spinner=False)
def _proposed(code: str) -> list[tuple[str, list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "leads.csv").write_bytes(sample_files.spreadsheet_csv(Language(code)))
        adapter = connect(Connection("sample", "files", {"path": folder}), state=Path(folder) / "state", mapping=None)
        tables = cast(connection_mapping.Describes, adapter).describe()
        entry = propose(tables).document.tables[0]
    return [(column.shown, edit.uses_of(entry, column.name)) for column in tables[0].columns]


def proposed(lang: Language) -> list[tuple[str, list[str]]]:
    """Each column of the spreadsheet and what LeadPact proposes to read it as."""
    return _proposed(lang.code)
