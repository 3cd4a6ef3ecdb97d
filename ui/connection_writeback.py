"""What LeadPact writes into the CRM, on the page Connection: fields, a dry run, applying it, the journal.

Not here: its parts (writeback_fields.py, writeback_plan.py, writeback_journal.py), what is written
(leadpact/writeback).
"""

from __future__ import annotations

import streamlit as st

from leadpact.writeback.target import Target
from ui import (
    authors,
    connection_source,
    connection_sync,
    errors,
    state,
    writeback_fields,
    writeback_journal,
    writeback_plan,
)
from ui.connection_add import SECTION
from ui.page import Page


def show(page: Page) -> None:
    """The whole section. Whatever the connection cannot do is said, with what to do about it."""
    if not page.ready:
        connection_sync.nothing_read(page)
        return
    made = connection_source.adapter(page)
    if made is None:
        return
    target = Target.of(page.workspace, page.connection, made)
    st.markdown(errors.plain(page.text("writeback.about")))
    if not made.can.write:
        st.info(errors.plain(page.text("writeback.cannot")), icon=":material/lock:")
        return
    if not page.connection.writable:
        st.info(errors.plain(page.text("writeback.read_only")), icon=":material/lock:")
        if st.button(page.text("writeback.enable"), key=page.key("writeback_enable"), type="tertiary"):
            state.write(SECTION, None)
            st.rerun()
    if not page.used.in_force:
        st.info(errors.plain(page.text("writeback.unsigned")), icon=":material/edit_note:")
    said = _who(page)
    writeback_fields.show(page, target, said)
    writeback_plan.show(page, target, said)
    writeback_journal.show(page, target, said)


def _who(page: Page) -> str:
    """While sign-in is off, the name people give goes on the record."""
    authors.ask(page, key="writeback_who", email=True, label=page.text("writeback.who"),
                help=page.text("writeback.who.help"), width=360)  # fmt: skip
    return authors.given(page, key="writeback_who")
