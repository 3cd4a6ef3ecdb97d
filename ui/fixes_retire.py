"""Old values after a repair: how they stand, retiring those nobody holds, and making them active again.

Who holds a value is asked of the CRM when somebody wants to see it, and once more before anything is sent.

Not here: how that is done (leadpact/writeback/repair_retire.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import streamlit as st

from leadpact.audit.shown import shown
from leadpact.crm_fields import Made, Prepared
from leadpact.errors import LeadPactError
from leadpact.writeback import repair_retire, repair_words
from leadpact.writeback.plan import Plan
from leadpact.writeback.repair_retire import FREE, Old
from ui import access, errors, fixes_desk, fixes_table
from ui.fixes_desk import Desk
from ui.fixes_stand import Stand

_SEEN = "_seen_fixes_retire"


def show(desk: Desk, stand: Stand, *, synced: bool) -> None:
    """Offered once everything was written; what was retired can be brought back."""
    page, plan = desk.page, stand.plan
    if not stand.done.clean or stand.done.left or not plan_values(desk, plan):
        return
    gone = repair_retire.retired(desk.engine, plan)
    label = page.text("retired", count=len(gone)) if gone else page.text("retire")
    with st.expander(label, icon=":material/archive:", key=desk.key(f"retire_{plan.id}"), on_change="rerun") as folder:
        if not folder.open:
            return
        st.markdown(desk.text("retire.help"))
        if not synced:
            st.caption(desk.text("retire.sync_first"))
        if gone:
            _back(desk, plan)
        _offer(desk, plan)


def plan_values(desk: Desk, plan: Plan) -> bool:
    """Whether it takes any value away: of blank statuses there is none."""
    return any(one.before for one in repair_words.by_value(desk.engine, plan))


def _offer(desk: Desk, plan: Plan) -> None:
    page = desk.page
    seen = st.session_state.setdefault(_SEEN, {})
    if plan.id not in seen:
        if not st.button(page.text("retire.look"), key=desk.key("retire_look"), icon=":material/search:"):
            return
        try:
            with st.spinner(page.text("asking")):
                found = repair_retire.offer(desk.target, page.analysis, plan.id)
                seen[plan.id] = (found, repair_retire.preview(desk.target, found))
        except LeadPactError as error:
            errors.show(desk.lang, error, page.name)
            return
    found, prepared = seen[plan.id]
    _table(desk, found)
    _preview(desk, prepared)
    if any(one.possible for one in prepared) and _able(desk):
        count = sum(1 for one in found if one.state == FREE)
        if st.button(desk.text("retire.do", count=count, name=page.connection.name), key=desk.key("retire_do"),
                     icon=":material/archive:", disabled=not desk.may(access.MAKE_FIELDS)):  # fmt: skip
            _send(desk, plan, lambda name: repair_retire.retire(
                desk.target, page.analysis, plan.id, prepared, author=name, now=page.now()))  # fmt: skip
    elif not any(one.state == FREE for one in found):
        st.info(desk.text("retire.none"), icon=":material/info:")


def _table(desk: Desk, found: Sequence[Old]) -> None:
    rows = [
        {"object": desk.lang(f"ui.object.{one.object}"), "before": shown(one.value), "records": one.records,
         "state": desk.lang(f"repair_values.state.{one.state}")}
        for one in found
    ]  # fmt: skip
    kinds: Any = {"object": "text", "before": "text", "records": "count", "state": "text"}
    fixes_table.show(desk, rows, kinds, key="old_values", download=False)


def _preview(desk: Desk, prepared: Sequence[Prepared]) -> None:
    """What would be sent, a list each."""
    for one in prepared:
        st.markdown(errors.plain(desk.lang(one.message, **one.params)))
        if one.remedy:
            st.markdown(errors.plain(desk.lang(one.remedy, **one.params)))
        if one.preview:
            with st.expander(desk.page.text("missing.preview"), icon=":material/preview:"):
                st.code(one.preview, language=None)


def _able(desk: Desk) -> bool:
    if not desk.page.connection.writable:
        st.caption(desk.text("read_only.short"))
    return desk.page.connection.writable


def _back(desk: Desk, plan: Plan) -> None:
    """Makes retired values active again: an undo needs them."""
    if not _able(desk):
        return
    if st.button(desk.page.text("activate"), key=desk.key("activate"), icon=":material/unarchive:",
                 disabled=not desk.may(access.MAKE_FIELDS)):  # fmt: skip

        def sent(name: str) -> Iterator[Made]:
            found = repair_retire.inactive(desk.target, plan)
            prepared = repair_retire.preview_back(desk.target, found)
            return repair_retire.activate(desk.target, plan.id, prepared, author=name, now=desk.page.now())

        _send(desk, plan, sent)


def _send(desk: Desk, plan: Plan, sent: Callable[[str], Iterator[Made]]) -> None:
    done = desk.act(lambda name: list(sent(name)), access.MAKE_FIELDS, waiting="asking")
    if done is None:
        return
    st.session_state.get(_SEEN, {}).pop(plan.id, None)
    lines = [
        f"{', '.join(shown(value) for value in one.prepared.making.choices)}: "
        f"{desk.lang(f'writeback.made.{one.kind}')}" + (f" ({one.code})" if one.code else "")
        for one in done
    ]
    fixes_desk.tell("\n".join(lines), good=all(one.kind in ("made", "exists") for one in done))
    st.rerun()
