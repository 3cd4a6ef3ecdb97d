"""A part of the pact edited as a whole: read as lines, a form in its place when it is open.

Not here: lists whose items are edited one by one (definition_items.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ui import authors, definition_draft, definition_faults, definition_remarks
from ui.page import Page


@dataclass(frozen=True)
class Single:
    """One part. Texts are `page.definition.<name>`: the title.

    `begin` gives what the form edits; `form` draws the widgets, whose keys begin with the text
    given, and gives it as edited; `sections` are the sections of the document with it.
    `places` are the paths whose faults are shown here.
    """

    name: str
    places: tuple[str, ...]
    read: Callable[[Page, Mapping[str, Any]], None]
    begin: Callable[[Mapping[str, Any]], Any]
    form: Callable[[Page, Any, str], Any]
    sections: Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


def show(page: Page, one: Single, *, title: bool = True) -> None:
    """The part, to read or to edit, and what is wrong with it."""
    own = definition_draft.opened()
    editing = own is not None and own.part == one.name
    document = definition_draft.standing(page).document
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if title:
            st.subheader(page.text(one.name), anchor=False, width="content")
            definition_remarks.mark(page, one.places[0].partition(".")[0])
        if definition_draft.may_edit(page) and not editing:
            st.button(page.text("edit.open"), key=page.key(f"{one.name}_edit"), icon=":material/edit:", type="tertiary",
                      on_click=lambda: definition_draft.open_part(page, one.name, 0, one.begin(document)))  # fmt: skip
    if own is not None and editing:
        prefix = page.key(f"edit_{own.turn}")
        with st.container(border=True, key=page.key(f"{one.name}_form")):
            now = one.form(page, own.now, prefix)
            definition_draft.keep(now)
            sections = one.sections(own.document, now)
            for place in one.places:
                definition_faults.show(page, definition_faults.new(page, place, own.document, sections))
            with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
                authors.ask(page)
                if st.button(page.text("edit.save"), key=page.key("save"), type="primary", icon=":material/save:"):
                    definition_draft.save(page, sections)
                    st.rerun()
                st.button(page.text("edit.cancel"), key=page.key("cancel"), on_click=definition_draft.close)
    else:
        one.read(page, document)
    definition_faults.show(page, [fault for place in one.places for fault in definition_faults.of(page, place)])
