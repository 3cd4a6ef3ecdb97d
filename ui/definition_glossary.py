"""The words both teams use alike: terms with their meaning, and those most teams quarrel about on offer.

Not here: the criteria of an opportunity (definition_ready.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import edits
from ui import definition_draft, definition_items
from ui import definition_widgets as widgets
from ui.definition_items import Items
from ui.errors import plain
from ui.page import Page

TERMS = ("contact", "prospect", "lead", "prequalified", "qualified", "opportunity")


def show(page: Page) -> None:
    """The glossary, and the terms worth defining that are not in it yet."""
    definition_items.show(page, GLOSSARY)
    if definition_draft.may_edit(page) and definition_draft.opened() is None:
        known = {str(one.get("term", "")).casefold()
                 for one in edits.items(definition_draft.standing(page).document, ("glossary",))
                 if isinstance(one, Mapping)}  # fmt: skip
        missing = [term for term in TERMS if page.text(f"glossary.term.{term}").casefold() not in known]
        if missing:
            st.caption(page.text("glossary.offered"))
            with st.container(horizontal=True, gap="small"):
                for term in missing:
                    name, meaning = page.text(f"glossary.term.{term}"), page.text(f"glossary.meaning.{term}")
                    st.button(
                        plain(name), key=page.key(f"glossary_offer_{term}"), icon=":material/add:",
                        on_click=definition_draft.open_part,
                        args=(page, "glossary", None, {"term": name, "meaning": meaning}),
                    )  # fmt: skip


def _read(page: Page, place: int, item: Any) -> None:
    if isinstance(item, Mapping):
        st.markdown(f"**{plain(str(item.get('term', '')))}**: {plain(str(item.get('meaning', '')))}")
    else:
        st.code(str(item))


def _form(page: Page, item: Any, key: str) -> Any:
    given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    term = widgets.text(page.text("glossary.word"), f"{key}_term", given.get("term"), width=320)
    meaning = widgets.area(page.text("glossary.means"), f"{key}_meaning", given.get("meaning"))
    return {**given, "term": term, "meaning": meaning}


GLOSSARY = Items(
    name="glossary", path=("glossary",), read=_read, form=_form, blank=lambda page: {},
    complete=lambda page, item: None if item["term"] and item["meaning"] else page.text("glossary.lacks"),
    said=lambda page, item: str(item.get("term")),
)  # fmt: skip
