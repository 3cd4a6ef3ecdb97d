"""A plan that is applied: reading the CRM again, keeping what old statuses said, retiring old values, undo.

Not here: what came of it (fixes_outcome.py), old values (fixes_retire.py), undo (fixes_apply.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.writeback import plans, repair_retire
from leadpact.writeback.plan import STATUS, UNDO, Plan
from ui import access, errors, fixes_apply, fixes_copy, fixes_desk, fixes_keep, fixes_retire, sources
from ui.fixes_desk import Desk
from ui.fixes_stand import Stand


def show(desk: Desk, stand: Stand) -> None:
    """The next step, and the others there are."""
    plan, page = stand.plan, desk.page
    again = undone_by(desk, plan)
    if again is not None:
        st.info(desk.text("undone", plan=str(again.id)), icon=":material/undo:")
        st.button(page.text("open_plan", plan=str(again.id)), key=desk.key("open_undo"), type="tertiary",
                  on_click=fixes_desk.look_at, args=(again.id,))  # fmt: skip
    with st.container(border=True, key=desk.key("next_box")):
        st.markdown(f"**{desk.text('next')}**")
        fixes_desk.who(desk)
        synced = fixes_copy.show(desk, plan) if desk.copies else _sync(desk, stand)
        if stand.done.failed and desk.may():
            _again(desk, stand)
        fixes_apply.undo(desk, stand, primary=False)
    if plan.kind != STATUS or not stand.done.written or desk.copies:
        return
    if again is None:
        fixes_keep.show(desk, plan)
    if again is None or repair_retire.retired(desk.engine, plan):
        fixes_retire.show(desk, stand, synced=synced)


def undone_by(desk: Desk, plan: Plan) -> Plan | None:
    """The newest plan that takes this one back; null where there is none."""
    found = plans.recent(desk.engine, plan.connection, most=200)
    return next((one for one in found if one.kind == UNDO and one.draft.undoes == plan.id), None)


def read_since(desk: Desk, stand: Stand) -> bool:
    """Whether the CRM was read again after the last run ended: the dashboards show what was written."""
    ended = stand.last.ended_at if stand.last is not None else None
    return ended is not None and desk.page.analysis.synced_at >= ended


def _sync(desk: Desk, stand: Stand) -> bool:
    """Dashboards show it once the CRM is read again; whether that has happened."""
    page = desk.page
    if read_since(desk, stand):
        st.markdown(f":green[:material/check_circle:] {desk.text('synced')}")
        return True
    st.markdown(desk.text("sync.help"))
    if st.button(page.text("sync"), key=desk.key("sync"), type="primary", icon=":material/sync:",
                 disabled=not desk.may(access.SYNC)):  # fmt: skip
        try:
            access.acting(page.visitor, access.SYNC)
            sources.sync(page.workspace, page.connection, desk.lang)
        except LeadPactError as error:
            errors.show(desk.lang, error, page.name)
        else:
            st.rerun()
    return False


def _again(desk: Desk, stand: Stand) -> None:
    """What the CRM refused can be tried once more, after its reasons were mended."""
    if st.button(desk.page.text("again", count=stand.done.failed), key=desk.key("again"), icon=":material/replay:",
                 help=desk.page.text("again.help")):  # fmt: skip
        fixes_apply.begin(desk, stand.plan, fixes_apply.as_before(stand))
