"""One plan: what it is, how far it is, and the part that belongs to its state. One clear next act in each.

Not here: the states (fixes_stand.py), their parts (fixes_review.py, fixes_apply.py, fixes_progress.py,
fixes_outcome.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.writeback import plans, repair_words, words
from leadpact.writeback.plan import KEEP, UNDO, WRITEBACK, Plan
from ui import (
    errors,
    fixes_after,
    fixes_apply,
    fixes_desk,
    fixes_outcome,
    fixes_progress,
    fixes_review,
    fixes_runs,
    fixes_stand,
    moments,
)
from ui.connection_add import SECTION
from ui.fixes_desk import Desk
from ui.fixes_stand import STEPS, Stand

COLOURS = {
    fixes_stand.EMPTY: ("gray", "check_circle"), fixes_stand.REVIEW: ("blue", "visibility"),
    fixes_stand.RUNNING: ("blue", "sync"), fixes_stand.PILOT: ("orange", "front_hand"),
    fixes_stand.STOPPED: ("orange", "pause_circle"), fixes_stand.UNKNOWN: ("orange", "help"),
    fixes_stand.DONE: ("green", "check_circle"), fixes_stand.APPROVED: ("blue", "how_to_reg"),
}  # fmt: skip


def find(desk: Desk, text: str) -> Plan | None:
    """The plan a link names, of this connection; null where there is none, which is said."""
    try:
        plan = plans.find(desk.engine, int(text) if text.isdecimal() else 0)
    except LeadPactError:
        plan = None
    if plan is not None and plan.connection == desk.page.connection.name:
        return plan
    st.warning(desk.text("no_plan" if plan is None else "other_connection", plan=text,
                         connection=plan.connection if plan else ""), icon=":material/link_off:")  # fmt: skip
    return None


def show(desk: Desk, plan: Plan) -> None:
    """The plan as it stands."""
    stand = fixes_stand.of(desk.target, plan)
    _head(desk, stand)
    fixes_desk.note()
    _broken(desk, stand)
    if plan.kind == WRITEBACK or (plan.kind == UNDO and not plan.draft.recipe):
        st.info(desk.text("writeback"), icon=":material/edit_note:")
        desk.page.link("connection", desk.page.text("writeback.go"), **{SECTION: "writeback"})
        return
    if stand.state == fixes_stand.EMPTY:
        st.info(desk.text("empty"), icon=":material/check_circle:")
        apart(desk, plan)
        return
    if stand.state != fixes_stand.DONE:
        st.info(promise(desk, plan), icon=":material/shield:")
    if stand.state == fixes_stand.RUNNING:
        fixes_progress.show(desk, stand)
        return
    if stand.state == fixes_stand.REVIEW:  # looked through first, approved at the end
        st.caption(desk.text("look_through"))
        apart(desk, plan)
        fixes_review.show(desk, stand)
        fixes_apply.approve(desk, stand)
        return
    if stand.state == fixes_stand.DONE:
        fixes_outcome.show(desk, stand)
    _ACTS[stand.state](desk, stand)
    if stand.begun and stand.state != fixes_stand.DONE:  # what is to be done first stands first
        fixes_outcome.show(desk, stand)
    apart(desk, plan)
    fixes_review.show(desk, stand)
    if stand.begun:
        fixes_outcome.runs(desk, plan)


_ACTS = {
    fixes_stand.APPROVED: fixes_apply.apply,
    fixes_stand.PILOT: fixes_apply.pilot,
    fixes_stand.STOPPED: fixes_apply.go_on,
    fixes_stand.UNKNOWN: fixes_apply.settle,
    fixes_stand.DONE: fixes_after.show,
}


def _broken(desk: Desk, stand: Stand) -> None:
    """What ended the last run in the background, where something did."""
    own = fixes_runs.of(desk.target, stand.plan.id)
    if own is not None and not own.alive and own.error is not None:
        errors.show(desk.lang, own.error, desk.page.name)


def _head(desk: Desk, stand: Stand) -> None:
    """Its number, kind and state; who made it, when, of what."""
    plan, page = stand.plan, desk.page
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind = page.text(f"kind.{plan.kind}")
        st.subheader(desk.text("plan_title", plan=str(plan.id), kind=kind), anchor=False, width="content")
        partly = stand.state == fixes_stand.DONE and not stand.done.clean
        colour, icon = ("orange", "rule") if partly else COLOURS[stand.state]
        said = page.text("state.partly" if partly else f"state.{stand.state}")
        st.badge(said, color=colour, icon=f":material/{icon}:")  # type: ignore[arg-type]
    at = moments.shown(desk.lang, plan.draft.created_at, page.used.pact.zone)
    told = [page.text("made", author=plan.draft.author, at=at), source(desk, plan)]
    version = plan.draft.pact_version
    told.append(page.text("under", version=str(version)) if version is not None else page.text("under_draft"))
    st.caption(errors.plain(" · ".join(one for one in told if one)))
    _steps(desk, stand)


def _steps(desk: Desk, stand: Stand) -> None:
    """Where in the way from plan to undo it stands; the last step is done once the CRM was read again."""
    checked = stand.state == fixes_stand.DONE and not desk.copies and fixes_after.read_since(desk, stand)
    here = stand.step + checked
    with st.container(horizontal=True, gap="small", key=desk.key("steps")):
        for number, name in enumerate(STEPS):
            icon = ":material/check:" if number < here else None
            colour = "green" if number < here else "blue" if number == here else "gray"
            label = desk.page.text("step", number=str(number + 1), name=desk.page.text(f"step.{name}"))
            st.badge(label, color=colour, icon=icon)  # type: ignore[arg-type]


def source(desk: Desk, plan: Plan) -> str:
    """What it follows, in words; nothing for a plan that follows none."""
    if plan.kind == UNDO:
        return desk.page.text("undoes", plan=str(plan.draft.undoes))
    followed = plan.draft.recipe.get("source")
    return desk.page.text(f"followed.{followed}") if followed else ""


def promise(desk: Desk, plan: Plan) -> str:
    """What will and what will not be changed, in one line."""
    counts = repair_words.by_value(desk.engine, plan)
    by: dict[str, int] = {}
    for one in counts:
        by[one.object] = by.get(one.object, 0) + one.records
    named = [desk.page.text(f"count.{object}", count=number) for object, number in by.items()]
    field = plan.draft.recipe.get("field", "") if KEEP in (plan.kind, plan.draft.recipe.get("source")) else ""
    records = desk.page.text("and", first=named[0], second=named[1]) if len(named) > 1 else "".join(named)
    if field:
        return desk.text("promise_field", records=records, field=field)
    return desk.text("promise_copy" if desk.copies else "promise", records=records)


def apart(desk: Desk, plan: Plan) -> None:
    """What was set apart, and why: in plain words, with counts."""
    told = words.apart(desk.lang, plan.skipped)
    if told:
        count = sum(plan.skipped.values())
        with st.expander(desk.page.text("apart", count=count), icon=":material/block:"):
            st.markdown("\n".join(f"- {errors.plain(line)}" for line in told))
