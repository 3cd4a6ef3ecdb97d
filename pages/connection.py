"""Connection: where the data comes from, how it is read, and how much of it is known."""

from __future__ import annotations

from ui import (
    connection_add,
    connection_crm,
    connection_data,
    connection_doctor,
    connection_kept,
    connection_mapping,
    connection_samples,
    connection_source,
    connection_sync,
    connection_test,
    connection_writeback,
    connection_writing,
    open_page,
    sections,
)
from ui.connection_add import SECTION

with open_page("connection") as page:
    icons = {"source": "cable", "mapping": "schema", "sync": "sync", "data": "fact_check", "writeback": "edit_note"}
    section = sections.pick(page, icons, SECTION)
    if section == "source":
        connection_source.current(page)
        connection_test.show(page)
        connection_writing.show(page)
        connection_add.files(page)
        connection_source.others(page)
        connection_add.form(page)
        connection_samples.show(page)
        connection_crm.form(page)
        connection_doctor.show(page)
    elif section == "mapping":
        connection_mapping.show(page)
    elif section == "sync":
        connection_sync.done(page)
        made = connection_source.adapter(page)
        if made is not None:
            connection_sync.ask(page, made)
        connection_sync.past(page)
    elif section == "writeback":
        connection_writeback.show(page)
    elif page.ready:
        connection_data.tables(page)
        connection_data.added(page)
        connection_data.history(page)
        connection_data.unread(page)
        connection_kept.show(page)
    else:
        connection_sync.nothing_read(page)
