"""A plan that is applied: reading the CRM again, keeping what old statuses said, retiring old values, undo.

Not here: what came of it (fixes_outcome.py), old values (fixes_retire.py), undo (fixes_apply.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.audit.facts import Facts
from leadpact.crm_fields import Fielded
from leadpact.errors import LeadPactError
from leadpact.workspace import Analysis
from leadpact.writeback import plans, repair_keep, repair_retire, repair_words
from leadpact.writeback.plan import STATUS, UNDO, Plan
from ui import errors, fixes_apply, fixes_copy, fixes_desk, fixes_retire, sources
from ui.fixes_desk import Desk
from ui.fixes_stand import Stand

_FIELDS = "_seen_fixes_fields"


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
        _keep(desk, plan)
    if again is None or repair_retire.retired(desk.engine, plan):
        fixes_retire.show(desk, stand, synced=synced)


def undone_by(desk: Desk, plan: Plan) -> Plan | None:
    """The newest plan that takes this one back; null where there is none."""
    found = plans.recent(desk.engine, plan.connection, most=200)
    return next((one for one in found if one.kind == UNDO and one.draft.undoes == plan.id), None)


def _sync(desk: Desk, stand: Stand) -> bool:
    """Dashboards show it once the CRM is read again; whether that has happened."""
    page, last = desk.page, stand.last
    ended = last.ended_at if last is not None else None
    if ended is not None and page.analysis.synced_at >= ended:
        st.markdown(f":green[:material/check_circle:] {desk.text('synced')}")
        return True
    st.markdown(desk.text("sync.help"))
    if st.button(page.text("sync"), key=desk.key("sync"), type="primary", icon=":material/sync:"):
        try:
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


def _keep(desk: Desk, plan: Plan) -> None:
    """A plan of its own that keeps the actions old statuses named; only where they named any."""
    page = desk.page
    actions: int = page.cached_whole(named_actions, old_values(desk, plan))
    if not actions or not desk.may():
        return
    with st.expander(page.text("keep", count=actions), icon=":material/inventory_2:", key=desk.key("keep_box"),
                     on_change="rerun") as folder:  # fmt: skip
        st.markdown(desk.text("keep.help"))
        if not folder.open:
            return
        names = _fields(desk, plan)
        field = st.selectbox(page.text("keep.field"), list(names), index=None, format_func=names.__getitem__,
                             key=desk.key("keep_field"), placeholder=page.text("keep.none"), width=420)  # fmt: skip
        if st.button(page.text("keep.plan"), key=desk.key("keep"), icon=":material/edit_note:", disabled=field is None):
            made = desk.act(lambda name: repair_keep.plan(desk.target, page.analysis, plan.id, str(field), author=name,
                                                          now=page.now()), waiting="planning")  # fmt: skip
            if made is not None:
                fixes_desk.look_at(made.id)
                st.rerun()


def old_values(desk: Desk, plan: Plan) -> tuple[tuple[str, int], ...]:
    """The old values of a plan, with their records."""
    return tuple((one.before, one.records) for one in repair_words.by_value(desk.engine, plan) if one.before)


def named_actions(analysis: Analysis, old: tuple[tuple[str, int], ...]) -> int:
    """How many records held a status that named an action."""
    facts = Facts.of(analysis)
    return sum(records for value, records in old if facts.verdict(value).kind in repair_keep.ACTIONS)


def _fields(desk: Desk, plan: Plan) -> dict[str, str]:
    """The text fields of the CRM this user may write, in all objects of the plan; asked once a session."""
    kept: dict[int, dict[str, str]] = st.session_state.setdefault(_FIELDS, {})
    if plan.id not in kept and isinstance(desk.target.connector, Fielded):
        objects = sorted(key.partition(".")[0] for key in plan.draft.kinds)
        found: list[dict[str, str]] = []
        for object in objects:
            own = [one for one in desk.target.connector.fields(object)
                   if one.writable and one.kind in repair_keep.KINDS and not one.column]  # fmt: skip
            found.append({one.name: one.name if one.label in ("", one.name) else f"{one.label} ({one.name})"
                          for one in own})  # fmt: skip
        kept[plan.id] = {name: label for name, label in found[0].items() if all(name in one for one in found)}
    return kept.get(plan.id, {})
