"""The audit trail on the page: who did what and when, filtered, a page at a time, with its export.

Not here: reading it (leadpact/trail.py), writing it (config/trail.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact import trail
from leadpact.audit.shown import shown
from leadpact.trail import Asked, Line
from leadpact.writeback.journal import EVENTS
from ui import access, fixes_table, state
from ui.fixes_desk import Desk

ACTION, ACTOR = "action", "actor"
PAGE = 50


def show(desk: Desk) -> None:
    """The lines, newest first; an empty state before anything happened."""
    page = desk.page
    actions, actors = trail.known(desk.engine)
    if not actions:
        page.empty("page.fixes.no_trail")
        return
    st.caption(desk.text("trail.help"))
    asked = Asked(action=state.read(ACTION), actor=state.read(ACTOR))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state.pick(page.text("trail.action"), desk.key(ACTION), ACTION, actions, asked.action, width=300,
                   shown=lambda act: page.text("trail.all") if act is None else said(desk, act))  # fmt: skip
        state.pick(page.text("trail.actor"), desk.key(ACTOR), ACTOR, actors, asked.actor, width=280,
                   shown=lambda one: one or page.text("trail.anybody" if one is None else "nobody"))  # fmt: skip
        st.download_button(page.text("trail.csv"), data=access.held(lambda: trail.csv_of(desk.engine, asked).encode()),
                           mime="text/csv", file_name="leadpact-audit-trail.csv", key=desk.key("trail_csv"),
                           on_click="ignore", icon=":material/download:")  # fmt: skip
    total = trail.count(desk.engine, asked)
    if not total:
        st.info(desk.text("trail.none_left"), icon=":material/filter_alt_off:")
        return
    pages = -(-total // PAGE)
    turned = st.pagination(pages, key=desk.key("trail_page")) if pages > 1 else 1
    found = trail.page(desk.engine, asked, most=PAGE * turned)[PAGE * (turned - 1) :]
    rows = [
        {"at": one.at, "actor": one.actor or page.text("nobody"), "act": said(desk, one.action),
         "plan": one.detail.get("plan"), "connection": one.detail.get("connection"), "detail": detail(desk, one)}
        for one in found
    ]  # fmt: skip
    kinds = {"at": "moment", "actor": "text", "act": "text", "plan": "count", "connection": "text", "detail": "text"}
    fixes_table.show(desk, rows, kinds, key="trail", download=False)  # type: ignore[arg-type]
    st.caption(desk.text("trail.count", count=total))


def said(desk: Desk, action: str) -> str:
    """An act in words; its own name where nobody has written any."""
    key = f"trail.did.{action}"
    return desk.lang(key) if desk.lang.has(key) else action


def detail(desk: Desk, one: Line) -> str | None:
    """What people ask of a line first; all of it is in the export."""
    page, lang, told = desk.page, desk.lang, []
    given = one.detail
    state = given.get("state")
    if isinstance(state, str) and lang.has(f"writeback.ran.{state}"):
        told.append(lang(f"writeback.ran.{state}"))
    if isinstance(given.get("records"), int):
        told.append(page.text("trail.records", count=given["records"]))
    told += [f"{lang(f'writeback.event.{event}')}: {lang.number(given[event])}" for event in EVENTS if given.get(event)]
    told += [", ".join(shown(str(value)) for value in given["values"])] if isinstance(given.get("values"), list) else []
    fields = given.get("fields")
    told += [f"{name}: {count}" for name, count in fields.items()] if isinstance(fields, dict) else []
    told += [page.text("waived", reason=given["waived"])] if given.get("waived") else []
    told += [page.text("forced")] if given.get("forced") is True else []
    return " · ".join(told) or None
