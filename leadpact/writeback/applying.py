"""Applying a plan: the reviewed one only, batch by batch, and at every moment the journal knows where it stands.

A batch: re-read every `before`; set apart what moved; journal the intent; write; journal the
outcomes. Whatever happens in between (a kill, a dead link), the next run settles by reading what
was sent without an answer, and goes on with what was not. Nothing is ever sent twice in doubt.

Of a repair the first batch is small, and all fields of its records are read before and after
(pilot.py).

Not here: making plans (plans.py, difference.py, repair.py), undoing (undoing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, islice

import sqlalchemy as sa

from leadpact.connector import Outcome
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.writeback import approval, journal, pilot, plans, progress, rehearsal, repair_retire, settling
from leadpact.writeback.actors import named
from leadpact.writeback.journal import ALREADY, CONFLICT, INTENT, REFUSED, UNKNOWN, WRITTEN, Event, Standing
from leadpact.writeback.locking import Hold
from leadpact.writeback.plan import UNDO, Limits, Plan
from leadpact.writeback.report import Report, report
from leadpact.writeback.settling import GONE, MOVED
from leadpact.writeback.target import Now, Progress, Target, Watch
from leadpact.writeback.values import same

RECORDS_A_BATCH = 100  # at least: re-reading ten at a time would cost as many calls as writing them
REFUSED_BATCHES = 3  # in a row, wholly refused: the CRM has said no, and says it for the rest too
LONGEST_CODE = 255

__all__ = ["Report", "Tampered", "Unkept", "apply", "report"]


class Unkept(LeadPactError):
    """The journal could not be written: a full disk, a database that is locked or gone. Nothing more is sent."""


class Tampered(LeadPactError):
    """The plan is not the one that was reviewed."""


def apply(
    target: Target,
    number: int,
    *,
    expected_hash: str,
    actor: str,
    door: str,
    now: datetime,
    force: bool = False,
    limits: Limits | None = None,
    watch: Watch | None = None,
    waive: str | None = None,
    accept: bool = False,
) -> Report:
    """Applies plan `number`, if it is the one whose hash was reviewed; goes on where an earlier run ended.

    `waive` is the reason for which a repair goes to production without a rehearsal; `accept`s what the
    pilot of an earlier run found changed. Raises Misconfigured (no plan, another connection, nobody
    named, read-only, no rehearsal), Tampered (another hash), TooMuch (above the limits, without
    `force`), NotApproved (approval.py), Busy (somebody else applies), Unkept (the journal cannot be
    written), and what the source raises when it cannot be reached: the journal then holds what is unknown.
    """
    seen = watch or Watch()
    clock = Now(now, seen.clock)  # from here on: checking a large plan takes seconds
    plan = plans.find(target.engine, number)
    _gates(target, plan, expected_hash, actor, force=force, limits=limits or Limits())
    repair_retire.check_undone(target, plan)
    grounds = rehearsal.grounds(target, plan, waive)
    try:
        with target.alone() as hold:
            if not plans.intact(target.engine, plan):
                raise Tampered("writeback.tampered", plan=str(plan.id))
            approved = approval.standing(target.engine, plan, actor=actor, door=door, now=clock())
            if plan.kind == UNDO and plan.draft.undoes is not None:
                taken_back = plans.find(target.engine, plan.draft.undoes)
                approval.withdraw(target.engine, taken_back, actor=actor, door=door, now=clock(), why=approval.UNDONE)
            one = _Applying(target, plan, actor.strip(), clock, seen, hold, accept)
            return one.whole(door=door, forced=force, grounds=replace(grounds, approval=approved.id))
    except sa.exc.SQLAlchemyError as error:  # its text quotes the rows
        raise Unkept("repair.journal_unkept", plan=str(plan.id), problem=type(error).__name__) from None


def _gates(target: Target, plan: Plan, expected: str, actor: str, *, force: bool, limits: Limits) -> None:
    """Every gate refuses when its input is missing."""
    named(actor)
    if plan.connection != target.connection.name:
        raise Misconfigured("writeback.other_connection", plan=str(plan.id), connection=plan.connection)
    if not expected or expected != plan.hash:
        raise Tampered("writeback.other_hash", plan=str(plan.id))
    target.check_writable()
    pilot.check(target, plan)
    above = limits.exceeded(plan)
    if above is not None and not force:
        raise above


@dataclass
class _Applying:
    """One run. `run` is its number in the journal."""

    target: Target
    plan: Plan
    actor: str
    now: Now
    watch: Watch
    hold: Hold
    accept: bool = False
    run: int = 0
    wrote: int = 0
    done: int = 0
    pace: progress.Pace = field(default_factory=progress.Pace)
    counts: dict[str, int] = field(default_factory=dict)
    state: str = journal.BROKEN

    def whole(self, *, door: str, forced: bool, grounds: journal.Grounds) -> Report:
        engine = self.target.engine
        self.run = journal.begin(
            engine, self.plan, actor=self.actor, door=door, forced=forced, now=self.now(), grounds=grounds
        )
        try:
            settling.settle(self.target, self.plan, self.run, self.now, self.watch, lambda: self._tell(waiting=True))
            self.counts = dict(journal.counted(engine, self.plan))
            self.state = self._batches()
        finally:
            journal.end(engine, self.plan, self.run, actor=self.actor, state=self.state, now=self.now())
        return report(self.target, self.plan, self.state, self.wrote)

    def _batches(self) -> str:
        standing = journal.standing(self.target.engine, self.plan, only=journal.TO_DO)
        self.done = sum(self.counts.get(name, 0) for name in (WRITTEN, CONFLICT, ALREADY))
        refusals = 0
        trial = pilot.Pilot(self.target, self.plan, self.run, self.now, self.watch)
        self._keep()
        if not trial.resume(self.actor, accept=self.accept):
            return journal.PILOT
        usual = max(self.target.connector.can.batch_size, RECORDS_A_BATCH)
        for batch in _by_records(standing, lambda: pilot.RECORDS if trial.open else usual):
            stop = self._stop()
            if stop is not None:
                return stop
            trial.before([one.row for one in batch])
            sent, kinds = self._batch(batch)
            self.done += len(batch)
            if trial.open:  # what is written is told before it is read again, which takes a while and is no pace
                self.pace = progress.Pace()
                self._keep()
                if not trial.after():
                    return journal.PILOT
                self.pace = progress.Pace()
            self._tell()
            if sent:
                refusals = refusals + 1 if kinds == {REFUSED} else 0
            if refusals >= REFUSED_BATCHES:
                return journal.REFUSING
        return journal.DONE

    def _stop(self) -> str | None:
        """The state to end in where somebody asked this run to, or withdrew the approval it stands on."""
        self.hold.check()
        if self.watch.cancel() or approval.current(self.target.engine, self.plan) is None:
            return journal.CANCELLED
        return {progress.CANCEL: journal.CANCELLED, progress.PAUSE: journal.PAUSED, None: None}[
            progress.asked(self.target.engine, self.run)
        ]

    def _batch(self, batch: Sequence[Standing]) -> tuple[int, set[str]]:
        """One batch; how many changes were sent, and the kinds of what came of them."""
        engine = self.target.engine
        values = self.target.read([one.row for one in batch])
        apart, rows = [], []
        for one in batch:
            event = self._moved(one, values.get((one.row.object, one.row.record_id)))
            rows.append(one) if event is None else apart.append(event)
        journal.note(engine, self.plan, self.run, apart, self.now())
        self._count(apart)
        if not rows:
            return 0, set()
        journal.note(engine, self.plan, self.run, [Event(one.number, one.row, INTENT) for one in rows], self.now())
        outcomes: list[Outcome] = []
        try:
            for outcome in self.target.connector.write([one.row.change for one in rows]):
                outcomes.append(outcome)
        finally:
            # whatever ends the writing: what was answered is kept, and the rest is not known
            events = [_event(one, outcome) for one, outcome in zip(rows, outcomes, strict=False)]
            events += [Event(one.number, one.row, UNKNOWN) for one in rows[len(outcomes) :]]
            journal.note(engine, self.plan, self.run, events, self.now())
            self._count(events)
        if any(event.event == UNKNOWN for event in events):
            settling.arrived(self.target, self.plan, self.run, self.now)
            self.counts = dict(journal.counted(engine, self.plan))
        return len(rows), {event.event for event in events}

    def _moved(self, one: Standing, own: Mapping[str, str | None] | None) -> Event | None:
        """Why a row is not written; null where it holds what the plan says."""
        if own is None:
            return Event(one.number, one.row, CONFLICT, GONE)
        current, kind = own.get(one.row.field), self.plan.kind_of(one.row)
        if same(kind, current, one.row.after):
            return Event(one.number, one.row, ALREADY)
        if not same(kind, current, one.row.before):
            return Event(one.number, one.row, CONFLICT, MOVED)
        return None

    def _count(self, events: Sequence[Event]) -> None:
        for one in events:
            self.counts[one.event] = self.counts.get(one.event, 0) + 1
            self.wrote += one.event == WRITTEN

    def _keep(self, *, waiting: bool = False) -> Progress:
        """How far the run is, kept for those who look from elsewhere."""
        one = self.pace.progress(self.now.seconds, self.done, self.plan.changes, self.counts, waiting=waiting)
        progress.tell(self.target.engine, self.run, one, self.now())
        return one

    def _tell(self, *, waiting: bool = False) -> None:
        one = self._keep(waiting=waiting)
        # who watches may leave here, between two batches: Streamlit ends a run with an exception of its own
        self.state = journal.CANCELLED
        self.watch.progress(one)
        self.state = journal.BROKEN


def _event(one: Standing, outcome: Outcome) -> Event:
    if outcome.change != one.row.change:  # an answer about something else says nothing of this one
        return Event(one.number, one.row, UNKNOWN)
    return Event(one.number, one.row, outcome.kind, outcome.code[:LONGEST_CODE] if outcome.code else None)


def _by_records(found: Iterator[Standing], records: Callable[[], int]) -> Iterator[list[Standing]]:
    """Batches of so many records, asked before each; all fields of a record together."""
    groups = (list(group) for _, group in groupby(found, key=lambda one: (one.row.object, one.row.record_id)))
    while some := list(islice(groups, records())):
        yield [one for group in some for one in group]
