"""The event sheet on the page: the questions, where each answer goes, the files, and the must-haves.

Not here: the sheet itself (leadpact/meeting/event_sheet.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.meeting import event_sheet, running
from leadpact.meeting.event_sheet import ANSWERS, Sheet
from ui import access, errors, meeting_door, meeting_saving, meeting_seat
from ui.errors import plain
from ui.meeting_seat import Seat
from ui.page import Page


def show(page: Page, seat: Seat) -> None:
    """Questions to edit, then what they become."""
    going = seat.meeting.is_open(page.now())
    sheet = event_sheet.of(seat.meeting.sheet) or event_sheet.first(page.lang, page.used.pact)
    st.write(page.text("event.text"))
    if going:
        sheet = _edited(page, seat, sheet)
    if not sheet.questions:
        st.info(page.text("event.none"), icon=":material/playlist_add:")
        return
    for question, kind in event_sheet.sensitive(sheet):
        st.warning(plain(page.text("event.protected", question=question, kind=page.lang(f"audit.protected.{kind}"))),
                   icon=":material/privacy_tip:")  # fmt: skip
    _files(page, seat, sheet)
    if going:
        _musts(page, seat, sheet)


def _edited(page: Page, seat: Seat, sheet: Sheet) -> Sheet:
    """The table to edit; kept by the button beneath it."""
    sources = sorted({value for one in meeting_door.offered(page) if one.label == "source"
                      for value in one.detail.get("values", [])})  # fmt: skip
    with st.form(page.key("event"), border=False):
        source = st.selectbox(
            page.text("event.source"), [*dict.fromkeys([*([sheet.source] if sheet.source else []), *sources])],
            index=0 if sheet.source else None, accept_new_options=True, key=page.key("event_source"),
            help=page.text("event.source.help"), placeholder=page.text("event.source.hint"),
        )  # fmt: skip
        rows = [{"question": q.question, "must": q.must, "answer": q.answer, "field": q.field} for q in sheet.questions]
        config = {
            "question": st.column_config.TextColumn(page.text("event.question"), width="large", max_chars=300),
            "must": st.column_config.CheckboxColumn(page.text("event.must"), help=page.text("event.must.help")),
            "answer": st.column_config.SelectboxColumn(
                page.text("event.answer"), options=list(ANSWERS), default="text",
                format_func=lambda kind: page.text(f"answer.{kind}"),
            ),
            "field": st.column_config.TextColumn(page.text("event.field"), help=page.text("event.field.help")),
        }  # fmt: skip
        frame = pd.DataFrame(rows, columns=list(config))
        edited: Any = st.data_editor(frame, column_config=config, num_rows="dynamic", hide_index=True, width="stretch",
                                     key=page.key("event_rows"))  # fmt: skip
        given = st.form_submit_button(page.text("event.keep"), key=page.key("event_keep"), type="primary",
                                      icon=":material/save:")  # fmt: skip
    if not given:
        return sheet
    try:
        made = event_sheet.made(source or "", [_plain(row) for row in edited.to_dict("records")])
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return sheet
    if meeting_seat.act(page, seat, running.keep_sheet, made.as_json()):
        meeting_seat.tell(page.text("event.kept"), good=True)
        st.session_state.pop(page.key("event_rows"), None)
        st.rerun()
    return sheet


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value is None or value != value else value for name, value in row.items()}  # noqa: PLR0124


def _files(page: Page, seat: Seat, sheet: Sheet) -> None:
    title = sheet.source or seat.meeting.title
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            page.text("event.form"),
            data=access.held(lambda: event_sheet.form(page.lang, sheet, title).encode("utf-8")),
            file_name=f"{event_sheet.slug(title)}.html", mime="text/html", on_click="ignore",
            icon=":material/print:", key=page.key("event_form"), help=page.text("event.form.help"),
        )  # fmt: skip
        st.download_button(
            page.text("event.template"), data=access.held(lambda: event_sheet.template(sheet).encode("utf-8")),
            file_name="leads.csv", mime="text/csv", on_click="ignore",
            icon=":material/table:", key=page.key("event_template"),
            help=page.text("event.template.help"),
        )  # fmt: skip


def _musts(page: Page, seat: Seat, sheet: Sheet) -> None:
    count = sum(one.must for one in sheet.questions)
    if not sheet.source:
        st.caption(page.text("event.which_source"))
        return
    st.caption(plain(page.text("event.musts", count=count, source=sheet.source)))
    if st.button(page.text("event.save"), key=page.key("event_save"), icon=":material/edit_note:"):
        meeting_saving.save(page, seat, lambda document: event_sheet.sections(document, sheet))
        st.rerun()
