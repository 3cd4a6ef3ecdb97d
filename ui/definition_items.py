"""A part of the pact that is a list: calm to read, each item edited in place, one at a time.

Not here: what the items say and how they are asked for (each part's own module), saving
(definition_draft.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from config import comments, edits
from config.edits import Path
from ui import authors, definition_draft, definition_faults, definition_remarks
from ui.definition_draft import Opened
from ui.errors import plain
from ui.page import Page

MOST_UNSCROLLED, SCROLLED = 30, 560  # short lines shown at once; the height of a longer list
Item = Any
Sections = Mapping[str, Any]


def listed(document: Mapping[str, Any], path: Path) -> list[Item]:
    """The items as the page edits them."""
    return edits.items(document, path)


def put_back(document: Mapping[str, Any], path: Path, items: Sequence[Item]) -> Sections:
    """The section with these items."""
    return edits.with_part(document, path, list(items))


@dataclass(frozen=True)
class Items:
    """One list. Texts are `page.definition.<name>…`: the title, `.none`, `.add`.

    `read` draws an item; `form` draws its widgets, whose keys begin with the text given, and gives
    the item as edited. `blank` is what a new one begins as. `placed`: people choose the order.
    `complete` says what a form lacks before it can be saved, null for nothing. `removing` gives
    every section that changes when an item goes. `listed` and `put_back` are for lists that stand
    in the document in another form.
    """

    name: str
    path: Path
    read: Callable[[Page, int, Item], None]
    form: Callable[[Page, Item, str], Item]
    blank: Callable[[Page], Item]
    complete: Callable[[Page, Item], str | None] = lambda page, item: None
    placed: bool = False
    said: Callable[[Page, Item], str] = lambda page, item: str(item)
    removing: Callable[[Mapping[str, Any], int], Sections] | None = None
    listed: Callable[[Mapping[str, Any], Path], list[Item]] = listed
    put_back: Callable[[Mapping[str, Any], Path, Sequence[Item]], Sections] = put_back
    bordered: bool = True

    @property
    def place(self) -> str:
        return ".".join(self.path)


def show(page: Page, one: Items, *, title: bool = True) -> None:
    """The whole list, the open item as a form in its place, and what is wrong with each."""
    if title:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(page.text(one.name), anchor=False, width="content")
            if one.place in _commented(page):
                definition_remarks.mark(page, one.place)
    document = definition_draft.standing(page).document
    items = one.listed(document, one.path)
    own = definition_draft.opened()
    own = own if own is not None and own.part == one.name else None
    at = None if own is None else _where(one, own, items)
    faults = definition_faults.of(page, one.place)
    told: list[definition_faults.Fault] = []
    if not items and own is None:
        st.write(page.text(f"{one.name}.none"))
    long = not one.bordered and len(items) > MOST_UNSCROLLED
    with st.container(height=SCROLLED if long else "content", border=long):
        for place, item in enumerate(items):
            if own is not None and place == at:
                _form(page, one, own)
            else:
                _read(page, one, place, item)
            mine = [fault for fault in faults if fault not in told and (
                fault.within(f"{one.place}[{place}]") or fault.within(f"{one.place}.{_name(item)}"))]  # fmt: skip
            definition_faults.show(page, mine)
            told += mine
    definition_faults.show(page, [fault for fault in faults if fault not in told])
    if own is not None and at is None:
        _form(page, one, own)
    elif own is None and definition_draft.may_edit(page):
        st.button(page.text(f"{one.name}.add"), key=page.key(f"{one.name}_add"), icon=":material/add:", type="tertiary",
                  on_click=lambda: definition_draft.open_part(page, one.name, None, one.blank(page)))  # fmt: skip


def _where(one: Items, own: Opened, items: Sequence[Item]) -> int | None:
    """Where the open item stands now: others may have moved it. Null for a new one, and for one that is gone."""
    if own.at is None:
        return None
    then = one.listed(own.document, one.path)[own.at]
    name = _name(then)
    return next((place for place, item in enumerate(items) if item == then or (name and _name(item) == name)), None)


def _name(item: Item) -> str | None:
    if not isinstance(item, Mapping):
        return None
    found = item.get("key") or item.get("id") or item.get("name") or item.get("term")
    return str(found) if found else None


def _read(page: Page, one: Items, place: int, item: Item) -> None:
    level: Any = "top" if one.bordered else "center"
    with st.container(border=one.bordered, horizontal=True, vertical_alignment=level, gap="small"):
        with st.container(width="stretch"):
            one.read(page, place, item)
        name = _name(item)
        if name and f"{one.place}[{name}]" in _commented(page):
            definition_remarks.mark(page, f"{one.place}[{name}]")
        if definition_draft.may_edit(page):
            st.button(
                page.text("edit.open"), key=page.key(f"{one.name}_edit_{place}"), icon=":material/edit:",
                type="tertiary", on_click=lambda: definition_draft.open_part(page, one.name, place, item),
            )  # fmt: skip


def _commented(page: Page) -> set[str]:
    """The parts people comment on one by one."""
    document = definition_draft.standing(page).document
    found: set[str] = page.once("pact_parts", lambda: set(comments.parts(document)))
    return found


def _form(page: Page, one: Items, own: Opened) -> None:
    """The widgets of the open item, and what can be done with it."""
    prefix = page.key(f"edit_{own.turn}")
    items = one.listed(own.document, one.path)
    with st.container(border=True, key=page.key(f"{one.name}_form")):
        title = page.text("edit.editing" if own.at is not None else f"{one.name}.new")
        st.markdown(f":material/edit: **{plain(title)}**")
        now = one.form(page, own.now, prefix)
        definition_draft.keep(now)
        to = _order(page, one, own, items, prefix) if one.placed else own.at
        lacks = one.complete(page, now)
        sections: Sections = {}
        if lacks:
            st.caption(plain(lacks))
        else:
            sections = one.put_back(own.document, one.path, edits.put(items, own.at, now, to))
            definition_faults.show(page, definition_faults.new(page, one.place, own.document, sections))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            authors.ask(page)
            if st.button(page.text("edit.save"), key=page.key("save"), type="primary", icon=":material/save:",
                         disabled=bool(lacks)):  # fmt: skip
                definition_draft.save(page, sections)
                st.rerun()
            st.button(page.text("edit.cancel"), key=page.key("cancel"), on_click=definition_draft.close)
            if own.at is not None:
                _remove(page, one, own, items)


def _order(page: Page, one: Items, own: Opened, items: Sequence[Item], prefix: str) -> int:
    """Where in the order it stands: after one of the others."""
    others = [item for at, item in enumerate(items) if at != own.at]
    key = f"{prefix}_order"
    st.session_state.setdefault(key, own.at if own.at is not None else len(others))
    said = [page.text("edit.first"), *(page.text("edit.after", name=one.said(page, item)) for item in others)]
    st.selectbox(page.text("edit.order"), range(len(said)), format_func=lambda at: said[at], key=key)
    return int(st.session_state[key])


def _remove(page: Page, one: Items, own: Opened, items: Sequence[Item]) -> None:
    at = own.at or 0
    with st.popover(page.text("edit.remove"), icon=":material/delete:"):
        st.markdown(plain(page.text("edit.remove.sure", name=one.said(page, items[at]))))
        if st.button(page.text("edit.remove.do"), key=page.key("remove"), type="primary"):
            removed = one.removing(own.document, at) if one.removing else one.put_back(
                own.document, one.path, edits.without(items, at))  # fmt: skip
            definition_draft.save(page, removed)
            st.rerun()
