"""The content map: what helps a lead on from one stage to the next, and where nothing does.

Not here: what helps within a stage (definition_stages.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from config import edits
from config.edits import Path
from ui import definition_draft, definition_items, definition_known, figures
from ui import definition_widgets as widgets
from ui.definition_items import Items
from ui.errors import plain
from ui.page import Page


def show(page: Page) -> None:
    """Every move of the funnel with its content; the gaps are counted and marked."""
    st.subheader(page.text("content_map"), anchor=False)
    st.caption(page.text("content_map.text"))
    known = edits.transitions(definition_draft.standing(page).document)
    gaps = sum(not content for _, _, content in known)
    if known:
        figures.row([
            (page.text("content_map.moves"), page.lang.number(len(known)), None),
            (page.text("content_map.gaps"), page.lang.number(gaps), page.text("content_map.gaps.help")),
        ])  # fmt: skip
    definition_items.show(page, CONTENT, title=False)


def _listed(document: Mapping[str, Any], path: Path) -> list[Any]:
    """Every move content may help with, whether the document says anything of it or not."""
    return [
        {"from": start, "to": end, "content": content or [], "key": f"{start} {end}"}
        for start, end, content in edits.transitions(document)
    ]


def _put_back(document: Mapping[str, Any], path: Path, items: Sequence[Any]) -> Mapping[str, Any]:
    """Only moves something is said of stand in the document."""
    kept = [
        {"from": one["from"], "to": one["to"], "content": one["content"]}
        for one in items
        if one["content"] and one["from"] and one["to"]
    ]
    return {"content_map": kept or None}


def _read(page: Page, place: int, item: Any) -> None:
    names = definition_known.labels(page)
    start, end = (names.get(item[side], item[side]) for side in ("from", "to"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(start)} → {plain(end)}**", width="content")
        if not item["content"]:
            st.badge(page.text("content_map.gap"), color="orange", icon=":material/help:")
    if item["content"]:
        st.markdown("\n".join(f"- {plain(str(one))}" for one in item["content"]))


def _form(page: Page, item: Any, key: str) -> Any:
    names = definition_known.labels(page)
    options = list(names)
    if item["from"] and item["to"] and item["key"]:
        start, end = item["from"], item["to"]
        st.markdown(f"**{plain(names.get(start, start))} → {plain(names.get(end, end))}**")
    else:
        left, right = st.columns(2)
        with left:
            start = widgets.maybe(page.text("content_map.from"), f"{key}_from", options, item["from"] or None,
                                  lambda one: names.get(one, one)) or ""  # fmt: skip
        with right:
            end = widgets.maybe(page.text("content_map.to"), f"{key}_to", options, item["to"] or None,
                                lambda one: names.get(one, one)) or ""  # fmt: skip
    content = widgets.lines(page.text("content_map.content"), f"{key}_content", item["content"],
                            help=page.text("edit.lines.help"))  # fmt: skip
    return {"from": start, "to": end, "content": content, "key": item["key"]}


def _complete(page: Page, item: Any) -> str | None:
    return None if item["from"] and item["to"] else page.text("content_map.lacks")


CONTENT = Items(
    name="content_map", path=("content_map",), read=_read, form=_form, complete=_complete,
    blank=lambda page: {"from": "", "to": "", "content": [], "key": ""},
    said=lambda page, item: f"{item['from']} → {item['to']}", listed=_listed, put_back=_put_back,
)  # fmt: skip
