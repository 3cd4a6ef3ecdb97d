"""The Definition page: the parts of the pact, each a link, to read and to edit in place.

Not here: standing, versions and comments (definition_standing.py), the parts themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from ui import (
    definition_begin,
    definition_conflict,
    definition_content,
    definition_draft,
    definition_faults,
    definition_flow,
    definition_glossary,
    definition_lists,
    definition_promises,
    definition_ready,
    definition_review,
    definition_routing,
    definition_sla,
    definition_stages,
    definition_statuses,
    sections,
    state,
)
from ui.errors import plain
from ui.page import Page

ICONS: Mapping[str, str] = {
    "stages": "stairs", "statuses": "label", "moves": "account_tree", "ready": "traffic", "routing": "call_split",
    "promises": "handshake", "words": "menu_book", "care": "event_repeat", "versions": "history",
}  # fmt: skip
DRAWN: Mapping[str, Sequence[Callable[[Page], None]]] = {
    "stages": (definition_stages.show, definition_content.show),
    "statuses": (definition_statuses.show,),
    "moves": (definition_flow.show,),
    "ready": (definition_ready.show,),
    "routing": (definition_routing.show, definition_lists.show),
    "promises": (definition_promises.show, definition_sla.show),
    "words": (definition_glossary.show,),
    "care": (definition_review.show,),
}
# where in the document each part of the page stands, for what is wrong to be told there
PLACES: Mapping[str, Sequence[str]] = {
    "stages": ("stages", "content_map"),
    "statuses": ("status_map",),
    "moves": ("flow",),
    "ready": ("sales_ready",),
    "routing": ("routing", "lists"),
    "promises": ("commitments", "sla", "calendars"),
    "words": ("glossary",),
    "care": ("review", "owners", "name", "timezone", "language"),
}


def show(page: Page) -> str:
    """One part of the pact. Out: which; `versions` is drawn by the page."""
    _which(page)
    _draft(page)
    definition_conflict.show(page)
    said = definition_draft.note()
    if said is not None:
        (st.success if said[0] else st.error)(plain(said[1]))
    definition_review.remind(page)
    definition_faults.summary(page, PLACES)
    definition_begin.show(page)
    part = sections.pick(page, ICONS)
    own = definition_draft.opened()
    if own is not None and own.part not in OWN[part]:
        st.caption(plain(page.text("edit.elsewhere")))
    for draw in DRAWN.get(part, ()):
        draw(page)
    return part


def _which(page: Page) -> None:
    """Whether the version in use is read or the text being written, where they are two."""
    if not definition_draft.two_texts(page):
        if not definition_draft.may_edit(page):
            st.caption(page.text("edit.may_not"))
        return
    current = definition_draft.IN_USE if state.read(definition_draft.SHOWN) == definition_draft.IN_USE else "draft"
    st.segmented_control(
        page.text("which"), ["draft", definition_draft.IN_USE], required=True, label_visibility="collapsed",
        format_func=lambda one: page.text(f"which.{'draft' if one == 'draft' else 'in_use'}"),
        **state.bound(page.key("which"), definition_draft.SHOWN, current,
                      lambda one: None if one == "draft" else one),
    )  # fmt: skip


def _draft(page: Page) -> None:
    """That a draft is open, and where it becomes a version."""
    found = definition_draft.standing(page).draft
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(page.text("edit.draft", count=found.revision)), width="stretch")
        st.button(page.text("edit.to_versions"), key=page.key("to_versions"), icon=":material/history:",
                  type="tertiary", on_click=state.write, args=(state.VIEW, "versions"))  # fmt: skip


OWN: Mapping[str, Sequence[str]] = {
    "stages": ("stages", "content_map"), "statuses": ("status_map",), "moves": ("flow",),
    "ready": ("threshold", "ready_all", "ready_any", "questions"), "routing": ("routing", "lists"),
    "promises": ("commitments", "sla", "calendars"), "words": ("glossary",), "care": ("review_parts", "general"),
    "versions": (),
}  # fmt: skip
