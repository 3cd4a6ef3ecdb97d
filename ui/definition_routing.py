"""Who gets which lead and how they hear of it; and lists: a saved filter with somebody to work it.

Not here: whether routing is kept to (audit rule ROU03), who is on a list (leadpact/lists.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import edits
from leadpact.workspace import Analysis
from ui import definition_conditions as conditions
from ui import definition_items
from ui import definition_widgets as widgets
from ui.definition_items import Items
from ui.errors import plain
from ui.page import Page

NOTIFY = ("owner", "team", "manager")
CHANNELS = ("email", "task", "chat", "call")
MOST_OWNERS = 500


def show(page: Page) -> None:
    """The rules in the order they are tried."""
    st.subheader(page.text("routing"), anchor=False)
    st.caption(page.text("routing.text"))
    definition_items.show(page, ROUTES, title=False)


def owners(analysis: Analysis) -> list[str]:
    """Who can own a lead, by name, and their teams: active people and queues."""
    owner = analysis.tables.owner
    rows = owner.filter(owner.is_active.fill_null(True)).limit(MOST_OWNERS).to_pyarrow().to_pylist()
    names = sorted({str(row["name"]) for row in rows if row["name"]}, key=str.casefold)
    return names


def known_owners(page: Page) -> list[str]:
    """The same for the page; nobody before the first sync."""
    return list(page.cached_whole(owners)) if page.ready else []


def told(page: Page, name: str) -> str:
    """Who is told, in the reader's language; a name as it is."""
    key = f"page.definition.notify.{name}"
    return page.lang(key) if name in NOTIFY else name


def channel(page: Page, name: str) -> str:
    """How they are told, in the reader's language; another way as it is."""
    key = f"page.definition.channel.{name}"
    return page.lang(key) if name in CHANNELS else name


def _read(page: Page, place: int, item: Any) -> None:
    if not isinstance(item, Mapping):
        st.code(str(item))
        return
    asked = item.get("when") or []
    when = f" {page.lang('setup.and')} ".join(conditions.shown(page, one) for one in asked)
    to = plain(str(item.get("to") or "–"))
    st.markdown(f"**{place + 1}. {plain(when or page.text('routing.everyone'))}** → {to}")
    notify, how = item.get("notify"), item.get("channel")
    if notify:
        said = page.text("routing.told", who=told(page, str(notify)))
        by = f" {page.text('routing.by', how=channel(page, str(how)))}" if how else ""
        st.caption(plain(said + by))
    else:
        st.caption(page.text("routing.not_told"))


def _form(page: Page, item: Any, key: str) -> Any:
    given: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    when = conditions.several(page, f"{key}_when", given.get("when") or [], label=page.text("routing.when"),
                              help=page.text("routing.when.help"))  # fmt: skip
    first, second, third = st.columns(3)
    with first:
        to = widgets.maybe(page.text("routing.to"), f"{key}_to", known_owners(page), given.get("to"), own=True,
                           help=page.text("routing.to.help"), holder=page.text("edit.choose_or_type"))  # fmt: skip
    with second:
        notify = widgets.maybe(page.text("routing.notify"), f"{key}_notify", NOTIFY, given.get("notify"),
                               lambda one: told(page, one), own=True)  # fmt: skip
    with third:
        how = widgets.maybe(page.text("routing.channel"), f"{key}_channel", CHANNELS, given.get("channel"),
                                lambda one: channel(page, one), own=True)  # fmt: skip
    made = {**given, "when": when, "to": to or "", "notify": notify, "channel": how}
    return {"when": when, "to": to or "", **edits.compact(made)}


def _complete(page: Page, item: Any) -> str | None:
    if not item.get("to"):
        return page.text("routing.lacks")
    return next((lack for one in item["when"] if (lack := conditions.complete(page, one))), None)


ROUTES = Items(
    name="routing", path=("routing",), read=_read, form=_form, blank=lambda page: {"when": []}, complete=_complete,
    placed=True, said=lambda page, item: str(item.get("to")),
)  # fmt: skip
