"""All plans of a connection: who, when, and what came of each. A row opens its plan.

Not here: one plan (fixes_plan.py), the audit trail (fixes_trail.py).
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from leadpact.writeback import journal, plans
from leadpact.writeback.plan import Plan
from ui import access, fixes_desk, fixes_plan, fixes_table, state
from ui.fixes_desk import Desk

MOST = 200
COUNTED = {"written": journal.WRITTEN, "conflicts": journal.CONFLICT, "failed": journal.REFUSED}


def show(desk: Desk) -> None:
    """The table; an empty state where nothing was ever planned."""
    page = desk.page
    found = plans.recent(desk.engine, page.connection.name, most=MOST)
    if not found:
        if desk.may():
            page.empty("page.fixes.no_history")
        else:
            page.empty("page.fixes.no_history.may_not", roles=access.called(access.MAY[access.WRITE_CRM]))
        return
    last: dict[int, journal.Applied] = {}
    for run in journal.runs(desk.engine, page.connection.name, most=1_000):
        last.setdefault(run.plan_id, run)
    undone = {plan.draft.undoes: plan.id for plan in reversed(found) if plan.draft.undoes and plan.id in last}
    rows = [_row(desk, plan, last.get(plan.id), undone.get(plan.id)) for plan in found]
    st.caption(desk.text("history.help"))
    kinds = {"plan": "count", "what": "text", "made_at": "moment", "author": "text",
             "planned": "count", "state": "text", **dict.fromkeys(COUNTED, "count"), "actor": "text"}  # fmt: skip

    def opened(at: int | None) -> None:
        if at is not None:
            _open(found[at])

    fixes_table.show(desk, rows, kinds, key="history", select=opened)  # type: ignore[arg-type]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        numbers = {plan.id: plan for plan in found}
        chosen = st.selectbox(page.text("which"), list(numbers), key=desk.key(f"which_{found[0].id}"), width=140)
        st.button(page.text("open"), key=desk.key("open"), icon=":material/visibility:", on_click=_open,
                  args=(numbers[chosen],))  # fmt: skip


def _open(plan: Plan) -> None:
    fixes_desk.look_at(plan.id)
    state.write(state.VIEW, None)


def _row(desk: Desk, plan: Plan, run: journal.Applied | None, undone: int | None) -> dict[str, Any]:
    lang, page = desk.lang, desk.page
    counts = journal.so_far(desk.engine, plan, run)
    came = lang(f"writeback.ran.{run.state}" if run is not None else "writeback.not_applied")
    return {
        "plan": plan.id,  "what": fixes_plan.source(desk, plan) or page.text(f"kind.{plan.kind}"),
        "made_at": plan.draft.created_at, "author": plan.draft.author, "planned": plan.changes,
        "state": page.text("undone_by", state=came, plan=str(undone)) if undone else came,
        **{name: counts.get(event, 0) if run is not None else None for name, event in COUNTED.items()},
        "actor": run.actor if run is not None else None,
    }  # fmt: skip
