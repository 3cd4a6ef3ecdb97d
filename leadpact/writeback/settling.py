"""What became of changes nobody answered for, found out by reading; nothing is written here.

A row whose intent stands without an outcome was sent, or not: the process died, or the link did.
If the record holds the planned value now, it was written. If it holds what it held before, the
write never arrived; but the CRM may still be working on it, so that is believed only some time
after the intent. Anything else is somebody else's value: a conflict.

Not here: going on afterwards (applying.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from leadpact.writeback import journal, plans
from leadpact.writeback.journal import CONFLICT, NOT_WRITTEN, WRITTEN, Event, Standing
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Now, Progress, Target, Values, Watch
from leadpact.writeback.values import same

GRACE = timedelta(seconds=30)  # a CRM that got a write answers it by then, or has dropped it
READ_AFTER, GONE, MOVED = "read_after", "gone", "moved"
ASKED = 1_000


def settle_all(target: Target, *, actor: str, now: datetime, watch: Watch | None = None) -> int:
    """Settles every plan of the connection that an interrupted run left in doubt; how many those were.

    Before a new plan is made: what was written without an answer would otherwise look like somebody
    else's value. Raises Busy while somebody applies, and what reading raises.
    """
    seen = watch or Watch()
    numbers = journal.unsettled(target.engine, target.connection.name)
    if numbers:
        with target.alone():
            for number in numbers:
                settle_plan(target, plans.find(target.engine, number), actor, Now(now, seen.clock), seen)
    return len(numbers)


def settle_plan(target: Target, plan: Plan, actor: str, now: Now, watch: Watch) -> None:
    """Settles one plan in a run of its own, under the connection's lock; does nothing where nothing is in doubt."""
    counts = journal.counted(target.engine, plan)
    if not any(counts.get(state) for state in journal.UNSETTLED) and plan.id not in journal.unsettled(
        target.engine, plan.connection
    ):
        return
    run = journal.begin(target.engine, plan, actor=actor, door="settle", forced=False, now=now())
    state = journal.BROKEN
    try:
        settle(target, plan, run, now, watch, lambda: watch.progress(Progress(0, plan.changes, {}, None, None, True)))
        state = journal.SETTLED
    finally:
        journal.end(target.engine, plan, run, actor=actor, state=state, now=now())


def settle(target: Target, plan: Plan, run: int, now: Now, watch: Watch, waiting: Callable[[], None]) -> None:
    """Leaves no row unsettled. Waits where an intent is too young to be judged; `waiting` is called then.

    Raises what reading raises: the rows stay as they are, and the next run settles them.
    """
    youngest = arrived(target, plan, run, now)
    if youngest is None:
        return
    wait = min(youngest + GRACE - now(), GRACE).total_seconds()  # a clock that was set back is not waited for
    if wait > 0:
        waiting()
        watch.sleep(wait)
    for some in _blocks(journal.standing(target.engine, plan, only=journal.UNSETTLED)):
        values = target.read([one.row for one in some])
        journal.note(target.engine, plan, run, [_judged(plan, one, values) for one in some], now())


def arrived(target: Target, plan: Plan, run: int, now: Now) -> datetime | None:
    """Notes the unsettled rows that hold the planned value as written; when the youngest of the others was sent.

    Null where no other is left. Whether those others were written is not said: it may be too early.
    """
    youngest: datetime | None = None
    for some in _blocks(journal.standing(target.engine, plan, only=journal.UNSETTLED)):
        values = target.read([one.row for one in some])
        there = [one for one in some if _held(plan, one, values)]
        journal.note(
            target.engine, plan, run, [Event(one.number, one.row, WRITTEN, READ_AFTER) for one in there], now()
        )
        sent = [one.at for one in some if one not in there and one.at is not None]
        youngest = max([*sent, *([youngest] if youngest else [])], default=None)
    return youngest


def _judged(plan: Plan, one: Standing, values: Values) -> Event:
    own = values.get((one.row.object, one.row.record_id))
    if own is None:
        return Event(one.number, one.row, CONFLICT, GONE)
    current, kind = own.get(one.row.field), plan.kind_of(one.row)
    if same(kind, current, one.row.after):
        return Event(one.number, one.row, WRITTEN, READ_AFTER)
    if same(kind, current, one.row.before):
        return Event(one.number, one.row, NOT_WRITTEN)
    return Event(one.number, one.row, CONFLICT, MOVED)


def _held(plan: Plan, one: Standing, values: Values) -> bool:
    own = values.get((one.row.object, one.row.record_id))
    return own is not None and same(plan.kind_of(one.row), own.get(one.row.field), one.row.after)


def _blocks(found: Iterator[Standing]) -> Iterator[Sequence[Standing]]:
    while block := list(islice(found, ASKED)):
        yield block
