"""Lists: a saved filter with somebody to work it, how many are on it now, and the file a campaign takes.

Not here: who is on a list (leadpact/lists.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from config import edits
from config.teamwork import LeadList
from leadpact import lists
from leadpact.errors import LeadPactError
from leadpact.export import to_csv
from ui import access, definition_draft, definition_items, definition_known, definition_routing, exports, whom
from ui import definition_conditions as conditions
from ui import definition_widgets as widgets
from ui.definition_items import Items
from ui.errors import plain
from ui.page import Page


def show(page: Page) -> None:
    """Every list with its count and its file."""
    st.subheader(page.text("lists"), anchor=False)
    st.caption(page.text("lists.text"))
    definition_items.show(page, LISTS, title=False)


def _read(page: Page, place: int, item: Any) -> None:
    try:
        one = LeadList.model_validate(item)
    except ValidationError:
        st.markdown(f"**{plain(str(item.get('name') or item.get('id')) if isinstance(item, Mapping) else str(item))}**")
        return
    names = definition_known.labels(page)
    st.markdown(f"**{plain(one.name)}**")
    asked = [page.text("lists.in", stages=", ".join(names.get(key, key) for key in one.stages))] if one.stages else []
    asked += [conditions.shown(page, test.model_dump(exclude_defaults=True)) for test in one.when]
    st.markdown(plain("; ".join(asked) or page.text("lists.everybody")))
    st.caption(plain(page.text("lists.works", who=one.assignee) if one.assignee else page.text("lists.nobody")))
    if page.ready and definition_draft.standing(page).pact is not None:
        _members(page, one)


def _members(page: Page, one: LeadList) -> None:
    """How many are on it under the text shown, and the file."""
    try:
        found = page.cached_whole(_counted, one)
    except LeadPactError as error:
        st.caption(plain(page.lang.error(error)))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/group: {plain(page.text('lists.count', count=found))}", width="content")
        if not whom.of(page).people:
            return
        st.download_button(
            page.text("lists.download"), data=access.held(lambda: _csv(page, one)), mime="text/csv",
            icon=":material/download:",
            file_name=f"{exports.file_name(one.id)}.csv", key=page.key(f"list_{one.id}"), type="tertiary",
            on_click="ignore", disabled=found == 0, help=page.text("lists.download.help"),
        )  # fmt: skip


def _counted(analysis: Any, one: LeadList) -> int:
    return lists.count(analysis, one)


def _csv(page: Page, one: LeadList) -> bytes:
    return to_csv(lists.COLUMNS, lists.rows(page.reopened(), one, whom.of(page).scope)).encode("utf-8")


def _form(page: Page, item: Any, key: str) -> Any:
    given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    names = definition_known.labels(page)
    name = widgets.text(page.text("lists.name"), f"{key}_name", given.get("name"))
    stages = widgets.several(page.text("lists.stages"), f"{key}_stages", list(names), given.get("stages") or [],
                             lambda one: names.get(one, one), help=page.text("lists.stages.help"))  # fmt: skip
    when = conditions.several(page, f"{key}_when", given.get("when") or [], label=page.text("lists.when"))
    left, right = st.columns(2)
    with left:
        assignee = widgets.maybe(
            page.text("lists.assignee"), f"{key}_assignee", definition_routing.known_owners(page),
            given.get("assignee"), own=True, holder=page.text("edit.choose_or_type"),
        )  # fmt: skip
    with right:
        campaign = widgets.text(page.text("lists.campaign"), f"{key}_campaign", given.get("campaign"),
                                help=page.text("lists.campaign.help"))  # fmt: skip
    taken = {str(one.get("id")) for one in edits.items(definition_draft.standing(page).document, ("lists",))}
    made = {**given, "id": given.get("id") or edits.new_key(name, taken, "list"), "name": name, "stages": stages,
            "when": when, "assignee": assignee, "campaign": campaign}  # fmt: skip
    return edits.compact(made)


def _complete(page: Page, item: Any) -> str | None:
    if not item.get("name"):
        return page.text("lists.lacks")
    return next((lack for one in item.get("when", []) if (lack := conditions.complete(page, one))), None)


LISTS = Items(
    name="lists", path=("lists",), read=_read, form=_form, blank=lambda page: {}, complete=_complete,
    said=lambda page, item: str(item.get("name")),
)  # fmt: skip
