"""What came of a plan so far: figures, and every record that is not as planned, with the true reason in words.

Not here: what may be done next (fixes_apply.py, fixes_after.py), the journal (leadpact/writeback/journal.py).
"""

from __future__ import annotations

from itertools import islice

import streamlit as st

from leadpact.audit.shown import shown
from leadpact.overwritten import OVERWROTE
from leadpact.writeback import journal, pilot, repair_words
from leadpact.writeback.journal import CONFLICT, INTENT, REFUSED, UNKNOWN, Standing
from leadpact.writeback.plan import UNDO, Plan
from leadpact.writeback.settling import GONE, MOVED
from ui import access, figures, fixes_stand, fixes_table, moments, whom
from ui.fixes_desk import Desk
from ui.fixes_stand import Stand

OPEN = (CONFLICT, REFUSED, UNKNOWN, INTENT)
MOST = 200
# what a CRM answers, or LeadPact found, in words of its own; any other code shows itself
CODES = (
    *(MOVED, GONE, OVERWROTE, "READ_ONLY", "LOCKED", "ENTITY_IS_LOCKED", "ENTITY_IS_DELETED", "ENTITY_NOT_FOUND"),
    *("CANNOT_UPDATE_CONVERTED_LEAD", "INSUFFICIENT_ACCESS_OR_READONLY"),
    *("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "INVALID_PICKLIST", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    *("FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "UNABLE_TO_LOCK_ROW"),
    *("REQUIRED_FIELD_MISSING", "DUPLICATES_DETECTED", "REQUEST_LIMIT_EXCEEDED"),
)


def show(desk: Desk, stand: Stand) -> None:
    """Figures, the words of the last run, and the records that stand out."""
    page, done = desk.page, stand.done
    already = done.skipped - sum(stand.plan.skipped.values())  # found as planned, and so left alone
    shown_as = [("written", done.written), ("left", done.left), ("conflicts", done.conflicts), ("failed", done.failed)]
    shown_as += [("already", already)] if already else []
    shown_as += [("unknown", done.unknown)] if done.unknown else []
    figures.row((page.text(f"figure.{name}"), desk.lang.number(value), page.text(f"figure.{name}.help"))
                for name, value in shown_as)  # fmt: skip
    last = stand.last
    if last is not None:
        at = moments.shown(desk.lang, last.ended_at or last.started_at, page.used.pact.zone)
        state = page.lang(f"writeback.run.{last.state}")
        st.caption(desk.text("last_run", actor=last.actor, at=at, state=state))
    if stand.state == fixes_stand.DONE and done.conflicts and stand.plan.kind != UNDO:
        st.info(desk.text("conflicts.help", count=done.conflicts), icon=":material/front_hand:")
    if not done.clean:
        _apart(desk, stand.plan)
    if done.pilot is not None and done.pilot.event == pilot.ACCEPTED and done.pilot.fields:
        st.info(desk.text("accepted_more", fields=", ".join(done.pilot.fields)), icon=":material/bolt:")
    if stand.state == fixes_stand.DONE and done.clean:
        st.success(desk.text("all_written", count=done.written + already), icon=":material/check_circle:")
    _download(desk, stand.plan)


def _apart(desk: Desk, plan: Plan) -> None:
    """The records that are not as planned: what they should hold, and why they do not."""
    found = list(islice(journal.standing(desk.engine, plan, only=OPEN), MOST + 1))
    mine = whom.keys(desk.page, ((one.row.object, one.row.record_id) for one in found))
    if not found:
        return
    st.markdown(f"**{desk.text('not_as_planned')}**")
    rows = [
        {"object": desk.lang(f"ui.object.{one.row.object}"), "record_id": one.row.record_id,
         "before": shown(one.row.before) or None, "after": shown(one.row.after),
         "outcome": desk.lang(f"writeback.event.{one.event}"), "why": why(desk, one)}
        for one in found[:MOST]
        if (one.row.object, one.row.record_id) in mine
    ]  # fmt: skip
    columns = ("object", "record_id", "outcome", "why", "before", "after")
    fixes_table.show(desk, rows, dict.fromkeys(columns, "text"), key="apart", download=False)
    if len(found) > MOST:
        st.caption(desk.text("first", shown=MOST))
    whom.narrowed(desk.page, len(rows), min(len(found), MOST))


def why(desk: Desk, one: Standing) -> str | None:
    """The reason in words, with the CRM's own code where there is one."""
    if one.code is None:
        return desk.page.text("why.no_answer") if one.event in (UNKNOWN, INTENT) else None
    return desk.page.text(f"why.{one.code}") if one.code in CODES else one.code


def _download(desk: Desk, plan: Plan) -> None:
    page = desk.page
    if not whom.whole_files(page):
        return
    st.download_button(
        page.text("outcome_csv"), data=access.held(lambda: repair_words.csv_of(desk.engine, plan).encode()),
        mime="text/csv",
        file_name=f"{page.connection.name}-plan-{plan.id}-outcome.csv", key=desk.key("outcome_csv"),
        on_click="ignore", icon=":material/download:", help=page.text("outcome_csv.help"),
    )  # fmt: skip


def runs(desk: Desk, plan: Plan) -> None:
    """Every run of this plan: who, when, on what grounds, what came of it."""
    page = desk.page
    found = [run for run in journal.runs(desk.engine, plan.connection, most=500) if run.plan_id == plan.id]
    with st.expander(page.text("runs", count=len(found)), icon=":material/history:"):
        rows = [
            {"started_at": run.started_at, "actor": run.actor, "door": page.text(f"door.{run.door}"),
             "state": page.lang(f"writeback.ran.{run.state}"), "written": (run.counts or {}).get(journal.WRITTEN),
             "detail": _grounds(desk, run)}
            for run in found
        ]  # fmt: skip
        kinds = {"started_at": "moment", "actor": "text", "door": "text", "state": "text", "written": "count",
                 "detail": "text"}  # fmt: skip
        fixes_table.show(desk, rows, kinds, key="runs", download=False)  # type: ignore[arg-type]


def _grounds(desk: Desk, run: journal.Applied) -> str | None:
    page = desk.page
    told = [page.text("forced")] if run.forced else []
    told += [page.text("rehearsed_as", plan=str(run.rehearsal))] if run.rehearsal is not None else []
    told += [page.text("waived", reason=run.waived)] if run.waived else []
    return " · ".join(told) or None
