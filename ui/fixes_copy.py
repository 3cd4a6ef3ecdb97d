"""The corrected copy of files: where it lies, and taking it along.

Not here: writing it (connectors/files/copy.py).
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import streamlit as st

from leadpact.crm_facts import Copied
from leadpact.writeback.plan import Plan
from ui import access, whom
from ui.fixes_desk import Desk


def show(desk: Desk, plan: Plan) -> bool:
    """What to do with it. Out: whether the mirror knows it, which it never does before an import."""
    made = desk.target.connector
    place = made.place if isinstance(made, Copied) else None
    if place is None or not files(place):
        st.info(desk.text("copy.gone"), icon=":material/folder_off:")
        return False
    st.markdown(desk.text("copy.where", place=str(place)))
    if not whom.whole_files(desk.page, contact=True):
        return False
    st.download_button(
        desk.page.text("copy.download"), data=access.held(lambda: packed(place)),
        mime="application/zip", type="primary",
        file_name=f"{desk.page.connection.name}-plan-{plan.id}-corrected.zip", key=desk.key("copy"),
        on_click="ignore", icon=":material/folder_zip:",
    )  # fmt: skip
    return False


def files(place: Path) -> list[Path]:
    """The files of a copy; not what it keeps for itself, nor what is being worked on."""
    if not place.is_dir():
        return []
    return sorted(one for one in place.iterdir() if one.is_file() and not one.name.startswith(".")
                  and one.suffix != ".json")  # fmt: skip


def packed(place: Path) -> bytes:
    """The files of a copy as one ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for one in files(place):
            bundle.write(one, one.name)
    return out.getvalue()
