"""Undoing a plan: a plan with the sides swapped, of what was written, through the same door.

Applied like any other, it touches only records that still hold our value; what people changed
since is a conflict and stays. Where we covered a colleague's value unawares (leadpact/overwritten.py),
it is that value which is given back.

Not here: applying it (applying.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from leadpact import overwritten
from leadpact.errors import Misconfigured
from leadpact.writeback import journal, plans, settling
from leadpact.writeback.actors import named
from leadpact.writeback.journal import CONFLICT, WRITTEN
from leadpact.writeback.plan import UNDO, Plan, Row, Tally
from leadpact.writeback.target import Now, Target, Watch


def plan(target: Target, number: int, *, author: str, now: datetime, watch: Watch | None = None) -> Plan:
    """The plan that takes back what plan `number` has written. Nothing is written to the CRM.

    What an interrupted run left unsettled is settled first, by reading: it may have been written.
    Raises Misconfigured (no such plan, nothing written, another connection, nobody named), Busy,
    and what reading raises.
    """
    done = plans.find(target.engine, number)
    if done.connection != target.connection.name:
        raise Misconfigured("writeback.other_connection", plan=str(number), connection=done.connection)
    actor = named(author)
    seen = watch or Watch()
    with target.alone():
        settling.settle_plan(target, done, actor, Now(now, seen.clock), seen)
        covered = overwritten.values(target.engine, done.id)
        if not covered and not journal.counted(target.engine, done).get(WRITTEN):
            raise Misconfigured("writeback.nothing_to_undo", plan=str(number))
        tally = Tally()
        draft = replace(done.draft, kind=UNDO, author=author, created_at=now, undoes=done.id)
        return plans.make(target.engine, draft, _swapped(target, done, covered, tally), tally)


def _swapped(target: Target, done: Plan, covered: Mapping[int, str | None], tally: Tally) -> Iterator[Row]:
    last = None
    for one in journal.standing(target.engine, done, only=[WRITTEN, CONFLICT]):
        if one.event == CONFLICT and (one.code != overwritten.OVERWROTE or one.number not in covered):
            continue
        tally.whole += (one.row.object, one.row.record_id) != last
        last = (one.row.object, one.row.record_id)
        back = one.row.swapped
        yield back if one.event == WRITTEN else replace(back, after=covered[one.number], after_ours=False)
