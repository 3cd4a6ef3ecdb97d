"""The mapping being edited, kept by the session for each connection until it is confirmed.

Not here: what an edit does (mapping_draft.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from leadpact.mapping import Entry, MappingDocument
from ui import mapping_draft as edit
from ui.page import Page

_DRAFTS = "_mapping_drafts"


@dataclass(frozen=True)
class Draft:
    """`seen` is what the source looked like when it was begun; an untouched draft follows the source."""

    document: MappingDocument
    seen: tuple[object, ...]
    touched: bool = False


def draft(page: Page, seen: tuple[object, ...], begin: Callable[[], MappingDocument]) -> MappingDocument:
    """The document being edited; begun anew where there is none, or nobody has touched it and the source changed."""
    drafts: dict[str, Draft] = st.session_state.setdefault(_DRAFTS, {})
    found = drafts.get(page.connection.name)
    if found is None or (not found.touched and found.seen != seen):
        found = drafts[page.connection.name] = Draft(begin(), seen)
    return found.document


def put(connection: str, document: MappingDocument, seen: tuple[object, ...]) -> None:
    """Another document in place of the one being edited: an uploaded one."""
    st.session_state.setdefault(_DRAFTS, {})[connection] = Draft(document, seen, touched=True)


def drop(connection: str) -> None:
    """Forgets the edits: the next look begins anew."""
    st.session_state.setdefault(_DRAFTS, {}).pop(connection, None)


def change(connection: str, made: Callable[[MappingDocument], MappingDocument]) -> None:
    drafts: dict[str, Draft] = st.session_state[_DRAFTS]
    drafts[connection] = replace(drafts[connection], document=made(drafts[connection].document), touched=True)


def bound(page: Page, place: int, what: str, value: Any, made: Callable[[Entry, Any], Entry]) -> dict[str, Any]:
    """Arguments that tie a widget to the entry at `place`: `made(entry, value)` is the entry after a change."""
    key = page.key(f"map_{place}_{what}")
    st.session_state[key] = value

    def copy() -> None:
        given = st.session_state[key]
        change(page.connection.name, lambda document: edit.replaced(document, place, lambda entry: made(entry, given)))

    return {"key": key, "on_change": copy}
