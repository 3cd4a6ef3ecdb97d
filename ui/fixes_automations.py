"""What is set up in the CRM to run when the planned fields are written: asked when somebody wants to see it.

Not here: reading it (leadpact/writeback/repair_automations.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.writeback import repair_automations
from leadpact.writeback.plan import Plan
from leadpact.writeback.repair_automations import Of
from ui import errors, fixes_table
from ui.fixes_desk import Desk

_SEEN = "_seen_fixes_automations"


def show(desk: Desk, plan: Plan) -> None:
    """The automations that name the fields; what could not be read is said, never taken for nothing."""
    page = desk.page
    st.markdown(f"**{desk.text('automations')}**")
    seen: dict[int, Sequence[Of]] = st.session_state.setdefault(_SEEN, {})
    if plan.id not in seen:
        st.caption(desk.text("automations.help"))
        if not st.button(page.text("automations.ask"), key=desk.key("automations"), icon=":material/bolt:"):
            return
        try:
            with st.spinner(page.text("asking")):
                seen[plan.id] = repair_automations.of(desk.target, plan)
        except LeadPactError as error:
            errors.show(desk.lang, error, page.name)
            return
    _found(desk, seen[plan.id])


def _found(desk: Desk, told: Sequence[Of]) -> None:
    lang = desk.lang
    rows = [
        {"object": lang(f"ui.object.{one.object}"), "what": one.label or one.name,
         "kind": lang(f"repair_values.kind.{one.kind}"), "why": lang(f"repair_values.how.{one.how}"),
         "state": lang("repair_values.starts" if one.starts else "repair_values.starts_not")}
        for of in told
        for one in of.told.found
    ]  # fmt: skip
    columns = ("object", "kind", "what", "why", "state")
    fixes_table.show(desk, rows, dict.fromkeys(columns, "text"), key="automations_found", download=False)
    unread = {lang(one.reason, **one.params) for of in told for one in of.told.unread}
    for line in sorted(unread):
        st.info(errors.plain(line), icon=":material/visibility_off:")
    if rows:
        st.caption(desk.text("automations.some"))
    elif not unread:
        st.success(desk.text("automations.none"), icon=":material/check_circle:")
