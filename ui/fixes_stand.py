"""How a plan stands: what the page shows of it, and the one thing to do next.

Not here: what came of its rows (leadpact/writeback/journal.py), drawing (fixes_plan.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from leadpact.writeback import applying, approval, journal
from leadpact.writeback.applying import Report
from leadpact.writeback.approval import Approval
from leadpact.writeback.journal import Applied
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Target
from ui import fixes_runs

EMPTY, REVIEW, APPROVED, RUNNING, PILOT, STOPPED, UNKNOWN, DONE = STATES = (
    "empty", "review", "approved", "running", "pilot", "stopped", "unknown", "done",
)  # fmt: skip
SETTLES = "settle"  # the door of a run that only reads
STEPS = ("plan", "review", "apply", "after")
_AT = {EMPTY: 1, REVIEW: 1, APPROVED: 2, RUNNING: 2, PILOT: 2, STOPPED: 2, UNKNOWN: 2, DONE: 3}


@dataclass(frozen=True)
class Stand:
    """A plan, what came of it so far, its last run, the approval that holds, and the state those make.

    `wrote` is the last run that was to write, and not only to read what became of an earlier one.
    """

    plan: Plan
    done: Report
    last: Applied | None
    wrote: Applied | None
    approval: Approval | None
    state: str

    @property
    def step(self) -> int:
        return _AT[self.state]

    @property
    def begun(self) -> bool:
        """Something was done about it."""
        return self.last is not None


def of(target: Target, plan: Plan) -> Stand:
    """How the plan stands now. A run that says it is running, and whose process is gone, was broken off."""
    runs = [run for run in journal.runs(target.engine, plan.connection, most=500) if run.plan_id == plan.id]
    last = runs[0] if runs else None
    done = applying.report(target, plan, last.state if last is not None else journal.RUNNING)
    approved = approval.current(target.engine, plan)
    wrote = next((run for run in runs if run.door != SETTLES), None)
    return Stand(plan, done, last, wrote, approved, _state(target, plan, done, last, approved is not None))


def _state(target: Target, plan: Plan, done: Report, last: Applied | None, approved: bool) -> str:
    if _going(target, plan, last):
        return RUNNING
    if last is None:
        return EMPTY if not plan.changes else APPROVED if approved else REVIEW
    if done.unknown or (last.state == journal.RUNNING and last.unsettled):
        return UNKNOWN
    if last.state == journal.PILOT:
        return PILOT
    return STOPPED if done.left or last.state == journal.REFUSING else DONE


def _going(target: Target, plan: Plan, last: Applied | None) -> bool:
    """It is being applied now: by this server, or by the command line or another one."""
    own = fixes_runs.of(target, plan.id)
    if own is not None and own.alive:
        return True
    return last is not None and last.state == journal.RUNNING and target.busy()
