"""The acts that write, one a state: approve, apply, go on after a stop, answer the pilot, settle what is in doubt.

Each draws what must be seen before, and its one button. Roles are asked for where the act happens.

Not here: what is looked at before approving (fixes_review.py), the run itself (fixes_runs.py).
"""

from __future__ import annotations

import streamlit as st

from leadpact.audit.shown import shown
from leadpact.writeback import applying, approval, plans, repair_retire, settling, undoing
from leadpact.writeback.plan import UNDO, Plan
from leadpact.writeback.target import Watch
from ui import fixes_desk, fixes_grounds, fixes_runs, fixes_table, moments
from ui.fixes_desk import Desk
from ui.fixes_grounds import Grounds
from ui.fixes_stand import Stand


def approve(desk: Desk, stand: Stand) -> None:
    """A named person types the number of records: only then can the plan be applied."""
    plan, page = stand.plan, desk.page
    with st.container(border=True, key=desk.key("approve_box")):
        st.markdown(f"**{desk.text('approve.title')}**")
        st.markdown(desk.text("approve.help"))
        if not desk.may():
            st.info(desk.may_not("may_not_approve"), icon=":material/lock:")
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            fixes_desk.who(desk)
            typed = st.text_input(page.text("approve.type", number=str(plan.records)), width=300,
                                  key=desk.key(f"typed_{plan.id}"))  # fmt: skip
        if st.button(page.text("approve"), key=desk.key("approve"), type="primary", icon=":material/how_to_reg:"):
            _approve(desk, plan, typed)


def _approve(desk: Desk, plan: Plan, typed: str) -> None:
    number = "".join(char for char in typed if char not in " .,'\u00a0\u202f")
    if not number.isdecimal() or int(number) != plan.records:
        st.error(desk.text("approve.other_number" if number.isdecimal() else "approve.not_typed", typed=number,
                           number=str(plan.records)), icon=":material/error:")  # fmt: skip
        return
    roles = desk.page.visitor.roles

    def given(name: str) -> approval.Approval:
        return approval.approve(desk.engine, plan, expected_hash=plan.hash, records=int(number), actor=name,
                                roles=roles, door="app", now=desk.page.now())  # fmt: skip

    if desk.act(given) is not None:
        st.rerun()


def apply(desk: Desk, stand: Stand) -> None:
    """Where it goes, on what grounds, and the button that writes."""
    plan, page = stand.plan, desk.page
    with st.container(border=True, key=desk.key("apply_box")):
        _approved(desk, stand)
        grounds = fixes_grounds.show(desk, plan)
        if not grounds.able or _retired(desk, plan):
            return
        st.markdown(desk.text("apply_copy.help" if desk.copies else "apply.help"))
        fixes_desk.who(desk)
        label = desk.text("apply_copy" if desk.copies else "apply", count=plan.records, name=page.connection.name)
        if st.button(label, key=desk.key("apply"), type="primary", icon=":material/send:"):
            begin(desk, plan, grounds)


def _approved(desk: Desk, stand: Stand) -> None:
    """Who approved, and taking that back."""
    given = stand.approval
    if given is None:
        return
    at = moments.shown(desk.lang, given.at, desk.page.used.pact.zone)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":green[:material/how_to_reg:] {desk.text('approved', actor=given.actor, at=at)}", width="content")
        if desk.may() and st.button(desk.page.text("withdraw"), key=desk.key("withdraw"), type="tertiary"):
            done = desk.act(
                lambda name: approval.withdraw(desk.engine, stand.plan, actor=name, door="app", now=desk.page.now())
            )
            if done is not None:
                st.rerun()


def _retired(desk: Desk, plan: Plan) -> bool:
    """An undo gives back values that were retired since: they are made active first, where they were retired."""
    of = plan.draft.undoes if plan.kind == UNDO else None
    gone = repair_retire.retired(desk.engine, plans.find(desk.engine, of)) if of is not None else []
    if of is None or not gone:
        return False
    st.warning(desk.text("retired_since", plan=str(of), values=", ".join(shown(value) for _, _, value in gone)),
               icon=":material/archive:")  # fmt: skip
    st.button(desk.page.text("open_plan", plan=str(of)), key=desk.key("open_retired"), type="primary",
              on_click=fixes_desk.look_at, args=(of,))  # fmt: skip
    return True


def begin(desk: Desk, plan: Plan, grounds: Grounds, *, accept: bool = False) -> None:
    """Starts a run in the background."""
    page = desk.page

    def started(name: str) -> fixes_runs.Run:
        grounds.check()
        now = page.now()

        def work(watch: Watch) -> object:
            return applying.apply(desk.target, plan.id, expected_hash=plan.hash, actor=name, door="app", now=now,
                                  force=grounds.force, watch=watch, waive=grounds.waive, accept=accept)  # fmt: skip

        return fixes_runs.start(desk.target, plan.id, work)

    if desk.act(started) is not None:
        st.rerun()


def go_on(desk: Desk, stand: Stand) -> None:
    """It stopped between two batches: go on, or take back what was written."""
    if stand.approval is None:
        st.info(desk.text("approve_again"), icon=":material/how_to_reg:")
        approve(desk, stand)
        undo(desk, stand, primary=False)
        return
    with st.container(border=True):
        st.markdown(desk.text("stopped.help", count=stand.done.left))
        _approved(desk, stand)
        same = stand.wrote is not None and stand.wrote.approval == stand.approval.id
        grounds = fixes_grounds.show(desk, stand.plan, asked=not same)
        if grounds.able:
            fixes_desk.who(desk)
            label = desk.page.text("go_on", count=stand.done.left)
            if st.button(label, key=desk.key("go_on"), type="primary", icon=":material/play_arrow:"):
                begin(desk, stand.plan, as_before(stand) if same else grounds)
    undo(desk, stand, primary=False)


def as_before(stand: Stand) -> Grounds:
    """What was said for the last run: under one approval it holds for the rest of the plan."""
    last = stand.wrote
    return Grounds(bool(last and last.forced), last.waived if last is not None else None)


def pilot(desk: Desk, stand: Stand) -> None:
    """The CRM changed more than was planned in the first records: what, in how many; take back, or accept."""
    page, found = desk.page, stand.done.pilot
    with st.container(border=True):
        if found is not None:
            st.warning(desk.text("pilot", count=found.records), icon=":material/front_hand:")
            rows = [{"field": name, "records": count} for name, count in found.fields.items()]
            fixes_table.show(desk, rows, {"field": "text", "records": "count"}, key="pilot", download=False)
            if found.stamped:
                st.caption(desk.text("pilot.stamped", fields=", ".join(found.stamped)))
        st.markdown(desk.text("pilot.help"))
        if not fixes_grounds.show(desk, stand.plan, asked=False).able:
            return
        fixes_desk.who(desk)
        with st.container(horizontal=True):
            if st.button(page.text("pilot.undo"), key=desk.key("pilot_undo"), type="primary", icon=":material/undo:"):
                _undo(desk, stand.plan)
            if st.button(page.text("pilot.accept", count=stand.done.left), key=desk.key("accept"),
                         icon=":material/done_all:"):  # fmt: skip
                begin(desk, stand.plan, as_before(stand), accept=True)


def settle(desk: Desk, stand: Stand) -> None:
    """No answer came, or the process died: find out by reading, before anything else."""
    page = desk.page
    with st.container(border=True):
        st.warning(desk.text("unknown", count=stand.done.unknown), icon=":material/help:")
        st.markdown(desk.text("settle.help"))
        if not desk.may():
            return
        fixes_desk.who(desk)
        if st.button(page.text("settle"), key=desk.key("settle"), type="primary", icon=":material/manage_search:"):
            _settle(desk, stand.plan)


def _settle(desk: Desk, plan: Plan) -> None:
    now = desk.page.now()

    def started(name: str) -> fixes_runs.Run:
        return fixes_runs.start(
            desk.target, plan.id, lambda watch: settling.settle_all(desk.target, actor=name, now=now, watch=watch)
        )

    if desk.act(started) is not None:
        st.rerun()


def undo(desk: Desk, stand: Stand, *, primary: bool) -> None:
    """The plan that takes this one back; it is looked at, approved and applied like any other."""
    if not stand.done.written or not desk.may():
        return
    if st.button(desk.page.text("undo", count=stand.done.written), key=desk.key("undo"), icon=":material/undo:",
                 type="primary" if primary else "secondary", help=desk.page.text("undo.help")):  # fmt: skip
        _undo(desk, stand.plan)


def _undo(desk: Desk, plan: Plan) -> None:
    made = desk.act(lambda name: undoing.plan(desk.target, plan.id, author=name, now=desk.page.now()))
    if made is not None:
        fixes_desk.look_at(made.id)
        st.rerun()
