"""All comments on the Definition page: open by part, settled ones folded away, and saying more.

Not here: comments themselves (config/comments.py), those of one part where it stands (definition_remarks.py).
"""

from __future__ import annotations

import streamlit as st

from config import comments
from leadpact.errors import LeadPactError
from ui import access, authors, definition_draft, definition_remarks
from ui.page import Page


def show(page: Page) -> None:
    """Open comments by part, those settled folded away, and a place to write one."""
    st.subheader(page.text("comments"), anchor=False)
    definition_remarks.note(page)
    found = comments.on(page.workspace.database, page.used.line)
    waiting, settled = [one for one in found if one.open], [one for one in found if not one.open]
    if not found:
        st.caption(page.lang("comments.none"))
    for one in waiting:
        definition_remarks.show(page, one)
    if settled:
        with st.expander(page.text("comments.settled", count=len(settled))):
            for one in settled:
                definition_remarks.show(page, one)
    if access.may(page.visitor, access.COMMENT):
        _write(page)


def _write(page: Page) -> None:
    authors.ask(page)
    known = comments.parts(definition_draft.standing(page).document)
    with st.form(page.key("comment"), border=True, clear_on_submit=True):
        path = st.selectbox(page.lang("comments.on"), known, key=page.key("comment_path"), width=360,
                            format_func=lambda one: definition_remarks.named(page, one))  # fmt: skip
        text = st.text_area(
            page.lang("comments.text"), key=page.key("comment_text"), max_chars=comments.MOST_CHARACTERS
        )
        sent = st.form_submit_button(page.lang("comments.send"), icon=":material/send:")
    if sent:
        try:
            by = authors.named(page, access.COMMENT)
            comments.add(page.workspace.database, pact=page.used.line, path=path, text=text, author=by, now=page.now())
        except LeadPactError as error:
            definition_remarks.tell(page, error)
        st.rerun()
