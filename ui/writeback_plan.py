"""A dry run of write-back on the page: counts and a sample; then applying it, with the number typed out.

Applying runs as long as the page stands; whoever stops it or leaves ends it between two batches,
and applying again goes on.

Not here: making and applying a plan (leadpact/writeback), the journal (writeback_journal.py).
"""

from __future__ import annotations

import time
from itertools import islice

import streamlit as st

from leadpact.errors import LeadPactError
from leadpact.writeback import applying, approval, difference, journal, plans, targets, words
from leadpact.writeback.applying import Report
from leadpact.writeback.plan import UNDO, Plan
from leadpact.writeback.target import Progress, Target, Watch
from ui import access, errors, figures, moments, whom, writeback_table
from ui.page import Page

CURRENT = "_writeback_plan"
_DONE = "_writeback_done"
SAMPLE = 10
EVERY_SECONDS = 0.3


def show(page: Page, target: Target, said: str) -> None:
    """The button of the dry run, and the plan looked at."""
    st.subheader(page.text("writeback.dry_run"), anchor=False)
    chosen = targets.load(target.engine, page.connection.name)
    if not chosen.objects:
        st.caption(errors.plain(page.text("writeback.choose_first")))
    else:
        take = st.toggle(page.text("writeback.take"), key=page.key("wb_take"), help=page.text("writeback.take.help"))
        if st.button(page.text("writeback.compare"), key=page.key("wb_compare"), icon=":material/difference:"):
            _compare(page, target, said, take=take)
    plan = current(page, target)
    if plan is not None:
        _plan(page, target, plan, said)


def current(page: Page, target: Target) -> Plan | None:
    """The plan that is looked at; null where there is none of this connection."""
    name, number = st.session_state.get(CURRENT, (None, 0))
    return plans.find(target.engine, number) if name == page.connection.name else None


def look_at(page: Page, plan: Plan) -> None:
    """Shows this plan from now on."""
    st.session_state[CURRENT] = (page.connection.name, plan.id)
    st.session_state.pop(_DONE, None)


def _compare(page: Page, target: Target, said: str, *, take: bool) -> None:
    lang = page.lang
    try:
        actor = access.acting(page.visitor, access.WRITE_CRM, said)
        with st.status(page.text("writeback.comparing"), expanded=True) as status:
            line = st.empty()
            watch = Watch(progress=lambda one: line.markdown(errors.plain(words.progress(lang, one))))
            analysis = page.workspace.analyse(page.connection.name)
            plan = difference.plan(target, analysis, author=actor, now=page.now(), take=take, watch=watch)
            status.update(label=page.text("writeback.compared"), state="complete", expanded=False)
    except LeadPactError as error:
        errors.show(lang, error, page.name)
        return
    look_at(page, plan)


def _plan(page: Page, target: Target, plan: Plan, said: str) -> None:
    lang = page.lang
    with st.container(border=True):
        kind, at = lang(f"writeback.kind.{plan.kind}"), moments.shown(lang, plan.draft.created_at, page.used.pact.zone)
        st.text(page.text("writeback.plan", plan=str(plan.id), kind=kind, at=at, author=plan.draft.author))
        done = applying.report(target, plan, journal.RUNNING)
        _figures(page, done)
        for line in words.apart(lang, plan.skipped):
            st.warning(errors.plain(line), icon=":material/block:")
        if not plan.changes:
            st.success(errors.plain(lang("writeback.nothing")), icon=":material/check_circle:")
            return
        _told(page)
        _tables(page, target, plan)
        if done.left or done.unknown or done.failed:
            _apply(page, target, plan, done, said)


def _figures(page: Page, done: Report) -> None:
    lang, plan = page.lang, done.plan
    shown = [("records", plan.records), ("planned", plan.changes), ("written", done.written)]
    more = [("conflicts", done.conflicts), ("failed", done.failed), ("unknown", done.unknown), ("left", done.left)]
    started = done.left != plan.changes
    shown += [one for one in more if started and (one[1] or one[0] == "conflicts")]
    figures.row((page.text(f"writeback.figure.{name}"), lang.number(value), page.text(f"writeback.figure.{name}.help"))
                for name, value in shown)  # fmt: skip


def _tables(page: Page, target: Target, plan: Plan) -> None:
    """The changes by field, and the first of them; all of them to download."""
    lang = page.lang
    rows = [
        {"object": lang(f"ui.object.{one.object}"), "field": one.field, "fills": one.fills,
         "replaces": one.replaces, "empties": one.empties}
        for one in _by_field(str(page.workspace.home.resolve()), plan.id, plan.hash, target, plan)
    ]  # fmt: skip
    kinds = {"object": "text", "field": "text", "fills": "count", "replaces": "count", "empties": "count"}
    writeback_table.show(page, rows, kinds, key="wb_by_field")  # type: ignore[arg-type]
    some = [row for _, row in islice(plans.rows(target.engine, plan), SAMPLE)]
    mine = whom.keys(page, ((row.object, row.record_id) for row in some))
    whole, some = len(some), [row for row in some if (row.object, row.record_id) in mine]
    st.caption(errors.plain(lang("writeback.sample", shown=len(some), total=plan.changes)))
    rows = [
        {"object": lang(f"ui.object.{row.object}"), "record_id": row.record_id, "field": row.field,
         "before": row.before, "after": row.after}
        for row in some
    ]  # fmt: skip
    columns = ("object", "record_id", "field", "before", "after")
    writeback_table.show(page, rows, dict.fromkeys(columns, "text"), key="wb_sample", download=False)
    whom.narrowed(page, len(some), whole)
    if not whom.whole_files(page):
        return
    st.download_button(
        page.text("writeback.backup"), data=access.held(lambda: words.csv_of(target.engine, plan).encode()),
        mime="text/csv", file_name=f"{page.connection.name}-plan-{plan.id}.csv", key=page.key("wb_backup"),
        on_click="ignore", icon=":material/download:", help=page.text("writeback.backup.help"),
    )  # fmt: skip


@st.cache_data(max_entries=50, show_spinner=False)
def _by_field(home: str, number: int, content: str, _target: Target, _plan: Plan) -> list[plans.Of]:
    """Counted once: a plan never changes."""
    return plans.by_field(_target.engine, _plan)


def _apply(page: Page, target: Target, plan: Plan, done: Report, said: str) -> None:
    """The number of records typed out, and then the button."""
    limits = targets.load(target.engine, page.connection.name).limits
    above, force = limits.exceeded(plan), False
    if above is not None:
        st.warning(errors.plain(page.lang.error(above)), icon=":material/warning:")
        force = st.checkbox(page.text("writeback.force"), key=page.key(f"wb_force_{plan.id}"))
    if page.connection.environment == "production":
        text = page.text("writeback.production", name=page.connection.name)
        st.warning(errors.plain(text), icon=":material/public:")
    label = page.text("writeback.type_undo" if plan.kind == UNDO else "writeback.type", number=str(plan.records))
    typed = st.text_input(label, key=page.key(f"wb_typed_{plan.id}"), width=360)
    started = done.left != plan.changes
    if not st.button(
        page.text("writeback.go_on" if started else "writeback.apply"), key=page.key("wb_apply"), type="primary",
        icon=":material/send:", disabled=not (page.connection.writable and access.may(page.visitor, access.WRITE_CRM)),
    ):  # fmt: skip
        return
    if typed.strip() != str(plan.records):
        st.error(errors.plain(page.text("writeback.not_typed", number=str(plan.records))), icon=":material/error:")
        return
    try:
        actor = access.acting(page.visitor, access.WRITE_CRM, said)
        if approval.current(target.engine, plan) is None:  # the number was typed out for this very hash
            approval.approve(target.engine, plan, expected_hash=plan.hash, records=plan.records, actor=actor,
                             roles=page.visitor.roles, door="app", now=page.now())  # fmt: skip
        _run(page, target, plan, actor, force=force)
    except LeadPactError as error:
        errors.show(page.lang, error, page.name)


def _run(page: Page, target: Target, plan: Plan, actor: str, *, force: bool) -> None:
    """Applies with a bar; the button Stop ends it between two batches."""
    shown = {"at": 0.0}
    with st.status(page.text("writeback.applying", name=errors.plain(page.connection.name)), expanded=True):
        bar, line = st.progress(0.0), st.empty()
        st.button(page.text("writeback.stop"), key=page.key("wb_stop"), icon=":material/stop_circle:")

        def progress(one: Progress) -> None:
            at = time.monotonic()
            if one.waiting or one.done >= one.total or at - shown["at"] > EVERY_SECONDS:
                shown["at"] = at
                bar.progress(min(1.0, one.done / max(1, one.total)))
                line.markdown(errors.plain(words.progress(page.lang, one)))

        limits = targets.load(target.engine, page.connection.name).limits
        done = applying.apply(target, plan.id, expected_hash=plan.hash, actor=actor, door="app", now=page.now(),
                              force=force, limits=limits, watch=Watch(progress=progress))  # fmt: skip
    st.session_state[_DONE] = (plan.id, done)
    st.rerun()


def _told(page: Page) -> None:
    """What the apply just done has brought."""
    number, done = st.session_state.get(_DONE, (None, None))
    if done is None or number != st.session_state[CURRENT][1]:
        return
    lines = words.outcome(page.lang, done, {})
    good = done.clean and done.state == journal.DONE
    (st.success if good else st.warning)(errors.plain("\n".join(lines)))
