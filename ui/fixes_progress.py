"""A run as it goes on: how far, how fast, how long still; pausing and cancelling it. It needs nobody to watch.

What is shown is read from pact.db: every session sees it, whoever began the run, and by whichever door.

Not here: the run (fixes_runs.py), what came of it (fixes_outcome.py).
"""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from leadpact.writeback import pilot, progress
from leadpact.writeback.plan import Plan
from leadpact.writeback.progress import Running
from ui import access, fixes_desk, fixes_stand, moments
from ui.fixes_desk import Desk
from ui.fixes_stand import Stand

EVERY = timedelta(seconds=1.5)


def show(desk: Desk, stand: Stand) -> None:
    """The bar, read again every other second until the run has ended; then the page is drawn anew."""
    plan = stand.plan

    @access.fragment(run_every=EVERY)
    def drawn() -> None:
        if fixes_stand.of(desk.target, plan).state != fixes_stand.RUNNING:
            st.rerun()
        _bar(desk, plan, progress.of(desk.engine, plan))

    with st.container(border=True, key=desk.key("running_box")):
        drawn()
        fixes_desk.who(desk)
        _buttons(desk, plan)
        st.caption(desk.text("running.leave"))


def _bar(desk: Desk, plan: Plan, one: Running | None) -> None:
    page, lang = desk.page, desk.lang
    if one is None:  # it is being checked, or what became of an earlier run is being read
        st.progress(0.0, text=desk.text("running.begins"))
        return
    share = min(1.0, one.done / max(1, one.total))
    told = [page.text("running.done", done=one.done, total=one.total, share=lang.percent(share, 0))]
    if one.rate is not None and not one.waiting:
        told.append(page.text("running.rate", rate=round(one.rate, 1)))
    if one.left_seconds is not None and not one.waiting:
        told.append(left(desk, one.left_seconds))
    st.progress(share, text=desk.plain(" · ".join(told)))
    at = moments.shown(lang, one.started_at, page.used.pact.zone)
    st.caption(desk.text("running.by", actor=one.actor, at=at, door=page.text(f"door.{one.door}")))
    if _piloted(desk, plan):
        st.caption(desk.text("running.pilot_read" if one.done else "running.pilot"))
    if one.waiting:
        st.info(desk.text("running.waiting"), icon=":material/hourglass_top:")
    if one.asked:
        st.info(desk.text(f"running.asked.{one.asked}", actor=one.asked_by), icon=":material/front_hand:")


def _piloted(desk: Desk, plan: Plan) -> bool:
    """The first records are being written, or read again."""
    if desk.copies or not pilot.needed(plan):
        return False
    found = pilot.standing(desk.engine, plan)
    return found is None or found.event == pilot.READ


def left(desk: Desk, seconds: float) -> str:
    """The time left, as people say it."""
    if seconds < 60:
        return desk.page.text("running.left_seconds", seconds=max(1, round(seconds)))
    return desk.page.text("running.left_minutes", minutes=round(seconds / 60))


def _buttons(desk: Desk, plan: Plan) -> None:
    """Both end the run between two batches; cancelling also takes the approval back."""
    if not desk.may():
        return
    page = desk.page
    with st.container(horizontal=True):
        if st.button(page.text("pause"), key=desk.key("pause"), type="primary", icon=":material/pause:",
                     help=page.text("pause.help")):  # fmt: skip
            desk.act(lambda name: progress.pause(desk.engine, plan, actor=name, door="app", now=page.now()))
        if st.button(page.text("cancel"), key=desk.key("cancel"), icon=":material/stop_circle:",
                     help=page.text("cancel.help")):  # fmt: skip
            desk.act(lambda name: progress.cancel(desk.engine, plan, actor=name, door="app", now=page.now()) or True)
