"""The journal of write-back: every plan with who, when and what came of it; undoing one.

Not here: a plan looked at (writeback_plan.py), the journal itself (leadpact/writeback/journal.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.writeback import journal, plans, undoing
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Target
from ui import access, errors, writeback_plan, writeback_table
from ui.page import Page

MOST = 20
COUNTED = {"written": journal.WRITTEN, "conflicts": journal.CONFLICT, "failed": journal.REFUSED}


def show(page: Page, target: Target, said: str) -> None:
    """The plans, newest first, and one of them to look at or to undo."""
    lang = page.lang
    st.subheader(page.text("writeback.journal"), anchor=False)
    found = plans.recent(target.engine, page.connection.name, most=MOST)
    if not found:
        st.caption(errors.plain(lang("writeback.no_plans")))
        return
    last: dict[int, journal.Applied] = {}
    for run in journal.runs(target.engine, page.connection.name):
        last.setdefault(run.plan_id, run)
    counts = {plan.id: journal.so_far(target.engine, plan, last.get(plan.id)) for plan in found}
    rows = [
        {"plan": plan.id, "kind": lang(f"writeback.kind.{plan.kind}"), "made_at": plan.draft.created_at,
         "author": plan.draft.author, "planned": plan.changes,
         "state": lang(f"writeback.ran.{last[plan.id].state}" if plan.id in last else "writeback.not_applied"),
         **{name: counts[plan.id].get(event, 0) for name, event in COUNTED.items()}}
        for plan in found
    ]  # fmt: skip
    kinds = {"plan": "count", "kind": "text", "made_at": "moment", "author": "text", "planned": "count",
             **dict.fromkeys(COUNTED, "count"), "state": "text"}  # fmt: skip
    writeback_table.show(page, rows, kinds, key="wb_journal")  # type: ignore[arg-type]
    by_number = {plan.id: plan for plan in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(page.text("writeback.which"), list(by_number), key=page.key(f"wb_which_{found[0].id}"),
                              width=160)  # fmt: skip
        plan = by_number[number]
        st.button(page.text("writeback.look_at"), key=page.key("wb_look_at"), icon=":material/visibility:",
                  on_click=writeback_plan.look_at, args=(page, plan))  # fmt: skip
        if counts[plan.id].get(journal.WRITTEN) or (plan.id in last and last[plan.id].unsettled):
            undo = st.button(page.text("writeback.undo"), key=page.key("wb_undo"), icon=":material/undo:",
                             help=page.text("writeback.undo.help"))  # fmt: skip
            if undo:
                _undo(page, target, plan, said)


def _undo(page: Page, target: Target, plan: Plan, said: str) -> None:
    """Makes the plan that takes this one back, and shows it; nothing is written yet."""
    try:
        actor = access.acting(page.visitor, access.WRITE_CRM, said)
        with st.spinner(page.text("writeback.looking")):
            made = undoing.plan(target, plan.id, author=actor, now=page.now())
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)
        return
    writeback_plan.look_at(page, made)
    st.rerun()
