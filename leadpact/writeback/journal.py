"""The journal of applying plans: only added to, so that it tells what was intended before anything was sent.

Events of a row: `intent` (about to be sent; with nothing after it, a crash came between),
`written`, `refused` (the CRM said no), `conflict` (somebody changed or removed the record since),
`unknown` (no answer came), `already` (it held the value), `not_written` (read afterwards: the
write never arrived, the row is to do again). A row's state is its last event.

A run is `running` until it ends (for ever, where its process died), then `done`, `cancelled` or
`paused` between two batches, `refusing` where the CRM refused everything, `broken` by an error, or
`settled` where it only read what became of an earlier one, `pilot` where its first records changed
in more than was planned (pilot.py).

Not here: deciding what happened (applying.py, settling.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import change_plan, plan_apply, plan_event
from config.trail import record
from leadpact import logs
from leadpact.writeback import ledger, plans
from leadpact.writeback.plan import Plan, Row

INTENT, WRITTEN, REFUSED, CONFLICT, UNKNOWN, ALREADY, NOT_WRITTEN = EVENTS = (
    "intent", "written", "refused", "conflict", "unknown", "already", "not_written",
)  # fmt: skip
TO_DO = (None, NOT_WRITTEN, REFUSED)
UNSETTLED = (INTENT, UNKNOWN)
RUNNING, DONE, CANCELLED, REFUSING, BROKEN, SETTLED, PILOT, PAUSED = STATES = (
    "running", "done", "cancelled", "refusing", "broken", "settled", "pilot", "paused",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """What is known of one row of a plan; `code` is the CRM's own word for why."""

    number: int
    row: Row
    event: str
    code: str | None = None


@dataclass(frozen=True)
class Standing:
    """A row with its last event; null where nothing was done about it yet."""

    number: int
    row: Row
    event: str | None
    code: str | None
    at: datetime | None


@dataclass(frozen=True)
class Applied:
    """One run of applying a plan. `counts` are the plan's changes by their last event when it ended.

    `environment` is what the connection pointed at; `rehearsal` the plan that tried a repair out on a
    sandbox, `waived` why it went to production without one; `approval` the one it stands on (approval.py).
    """

    id: int
    plan_id: int
    actor: str
    door: str
    forced: bool
    started_at: datetime
    ended_at: datetime | None
    state: str
    unsettled: bool
    counts: Mapping[str, int] | None
    environment: str | None = None
    waived: str | None = None
    rehearsal: int | None = None
    approval: int | None = None


@dataclass(frozen=True)
class Grounds:
    """On what a run may begin: as in Applied."""

    environment: str | None = None
    waived: str | None = None
    rehearsal: int | None = None
    approval: int | None = None


def begin(
    engine: Engine, plan: Plan, *, actor: str, door: str, forced: bool, now: datetime, grounds: Grounds | None = None
) -> int:
    """Opens a run, and says so in the audit trail. Returns its number."""
    on = asdict(grounds or Grounds())
    given = {"plan_id": plan.id, "actor": actor, "door": door, "forced": forced, "started_at": now, "state": RUNNING,
             "unsettled": True, **on}  # fmt: skip
    with engine.begin() as database:
        key = database.execute(plan_apply.insert().values(given)).inserted_primary_key
        told = {"undoes": plan.draft.undoes, **on}
        detail = {"plan": plan.id, "connection": plan.connection, "kind": plan.kind, "hash": plan.hash, "door": door,
                  "forced": forced, **{name: value for name, value in told.items() if value is not None}}  # fmt: skip
        record(database, now, actor, "plan.apply_began", detail)
        if grounds is not None and grounds.waived is not None:
            record(database, now, actor, "plan.rehearsal_waived", {"plan": plan.id, "reason": grounds.waived})
    return int(key[0])  # type: ignore[index]


def end(engine: Engine, plan: Plan, run: int, *, actor: str, state: str, now: datetime) -> None:
    """Closes a run with what came of the plan so far."""
    counts = counted(engine, plan)
    left = any(counts.get(name) for name in UNSETTLED)
    with engine.begin() as database:
        own = plan_apply.update().where(plan_apply.c.id == run)
        database.execute(own.values(state=state, ended_at=now, unsettled=left, counts=json.dumps(counts)))
        record(database, now, actor, "plan.apply_ended", {"plan": plan.id, "state": state, **counts})
    logs.event("apply", connection=plan.connection, plan=plan.id, run=run, state=state, counts=dict(counts))


def note(engine: Engine, plan: Plan, run: int, events: Sequence[Event], now: datetime) -> None:
    """Adds events, and keeps what LeadPact has written where: both, or neither."""
    if not events:
        return
    values = [
        {"plan_id": plan.id, "number": one.number, "apply_id": run, "event": one.event, "code": one.code, "at": now}
        for one in events
    ]
    with engine.begin() as database:
        database.execute(plan_event.insert(), values)
        ledger.keep(database, plan.connection, [one.row for one in events if one.event == WRITTEN], now)


def standing(engine: Engine, plan: Plan, *, only: Iterable[str | None] | None = None) -> Iterator[Standing]:
    """The rows of a plan in order, each with its last event, read in blocks; `only` these states."""
    wanted = None if only is None else set(only)
    block: list[tuple[int, Row]] = []
    for pair in plans.rows(engine, plan):
        block.append(pair)
        if len(block) == plans.BLOCK:
            yield from _with_events(engine, plan, block, wanted)
            block = []
    yield from _with_events(engine, plan, block, wanted)


def _with_events(
    engine: Engine, plan: Plan, block: list[tuple[int, Row]], wanted: set[str | None] | None
) -> Iterator[Standing]:
    if not block:
        return
    within = sa.and_(plan_event.c.plan_id == plan.id, plan_event.c.number.between(block[0][0], block[-1][0]))
    last = sa.select(sa.func.max(plan_event.c.id)).where(within).group_by(plan_event.c.number)
    query = sa.select(plan_event).where(plan_event.c.id.in_(last))
    with engine.begin() as database:
        found = {row["number"]: row for row in database.execute(query).mappings()}
    for number, row in block:
        event = found.get(number)
        one = Standing(number, row, None, None, None)
        if event is not None:
            one = Standing(number, row, event["event"], event["code"], event["at"])
        if wanted is None or one.event in wanted:
            yield one


def counted(engine: Engine, plan: Plan) -> Mapping[str, int]:
    """Changes by their last event; those nothing was done about are not among them."""
    last = sa.select(sa.func.max(plan_event.c.id)).where(plan_event.c.plan_id == plan.id).group_by(plan_event.c.number)
    query = sa.select(plan_event.c.event, sa.func.count()).where(plan_event.c.id.in_(last))
    with engine.begin() as database:
        rows = database.execute(query.group_by(plan_event.c.event)).all()
    return {str(event): int(count) for event, count in rows}


def codes(engine: Engine, plan: Plan) -> Counter[tuple[str, str]]:
    """Why changes were refused or set apart: by last event and code."""
    last = sa.select(sa.func.max(plan_event.c.id)).where(plan_event.c.plan_id == plan.id).group_by(plan_event.c.number)
    query = sa.select(plan_event.c.event, plan_event.c.code, sa.func.count()).where(
        plan_event.c.id.in_(last), plan_event.c.code.is_not(None)
    )
    with engine.begin() as database:
        rows = database.execute(query.group_by(plan_event.c.event, plan_event.c.code)).all()
    return Counter({(str(event), str(code)): int(count) for event, code, count in rows})


def unsettled(engine: Engine, connection: str) -> list[int]:
    """The plans of a connection with rows nobody knows the outcome of."""
    last = sa.select(sa.func.max(plan_apply.c.id)).group_by(plan_apply.c.plan_id)
    query = (
        sa.select(plan_apply.c.plan_id)
        .join(change_plan)
        .where(change_plan.c.connection == connection, plan_apply.c.id.in_(last), plan_apply.c.unsettled)
        .order_by(plan_apply.c.plan_id)
    )
    with engine.begin() as database:
        return list(database.execute(query).scalars())


def runs(engine: Engine, connection: str, *, most: int = 50) -> list[Applied]:
    """The runs of a connection's plans, newest first."""
    query = sa.select(plan_apply).join(change_plan).where(change_plan.c.connection == connection)
    with engine.begin() as database:
        rows = database.execute(query.order_by(plan_apply.c.id.desc()).limit(most)).mappings().all()
    read = [{**row, "counts": json.loads(row["counts"]) if row["counts"] else None} for row in rows]
    return [Applied(**row) for row in read]


def so_far(engine: Engine, plan: Plan, last: Applied | None) -> Mapping[str, int]:
    """As `counted`, by the plan's last run where that has ended: a list of plans need not read their events."""
    if last is None:
        return {}
    return last.counts if last.counts is not None else counted(engine, plan)
