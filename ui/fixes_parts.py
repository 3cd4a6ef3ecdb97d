"""The parts of the Fixes page: a repair (a new plan, or one to go on with), all plans, the audit trail.

Not here: what is in them (fixes_new.py, fixes_plan.py, fixes_history.py, fixes_trail.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.writeback import journal, plans
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Target
from ui import (
    connection_source,
    fixes_desk,
    fixes_grounds,
    fixes_history,
    fixes_new,
    fixes_plan,
    fixes_trail,
    sections,
    state,
)
from ui.fixes_desk import Desk
from ui.page import Page

ICONS = {"repair": "build", "history": "history", "trail": "receipt_long"}


def show(page: Page) -> None:
    """The choice of a part, and the part."""
    part = sections.pick(page, ICONS)
    made = connection_source.adapter(page)
    if made is None:
        return
    desk = Desk(page, Target.of(page.workspace, page.connection, made))
    if part == "history":
        fixes_history.show(desk)
    elif part == "trail":
        fixes_trail.show(desk)
    else:
        _repair(desk)


def _repair(desk: Desk) -> None:
    """The plan of the link, or a new one; first of all what waits for somebody."""
    text = state.read(fixes_desk.PLAN)
    plan = fixes_plan.find(desk, str(text)) if text not in (None, fixes_desk.NEW) else None
    if plan is not None:
        if desk.may():
            st.button(desk.page.text("new_plan"), key=desk.key("new_plan"), type="tertiary", icon=":material/add:",
                      on_click=fixes_desk.look_at, args=(None,))  # fmt: skip
        fixes_plan.show(desk, plan)
        return
    fixes_desk.note()
    st.markdown(desk.text("about_copy" if desk.copies else "about"))
    _waiting(desk)
    if desk.may() and not desk.able:
        fixes_grounds.read_only(desk)
    fixes_new.show(desk)


def _waiting(desk: Desk) -> None:
    """Plans that were begun and wait: stopped, in doubt, or running."""
    last: dict[int, journal.Applied] = {}
    for run in journal.runs(desk.engine, desk.page.connection.name, most=100):
        last.setdefault(run.plan_id, run)
    open_ones = [run for run in last.values() if run.unsettled or run.state not in (journal.DONE, journal.SETTLED)]
    for run in open_ones[:3]:
        found: Plan = plans.find(desk.engine, run.plan_id)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            said = desk.page.lang(f"writeback.ran.{run.state}")
            st.markdown(f":orange[:material/pending:] {desk.text('waits', plan=str(found.id), state=said)}",
                        width="stretch")  # fmt: skip
            st.button(desk.page.text("open_plan", plan=str(found.id)), key=desk.key(f"waits_{found.id}"),
                      on_click=fixes_desk.look_at, args=(found.id,))  # fmt: skip
