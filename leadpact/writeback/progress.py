"""How far a run is, and what others ask of it: told and asked through pact.db, from any process or session.

A run tells after each batch how far it is, and asks before each whether somebody wants it to pause
or cancel. Pausing ends the run between two batches, and applying the plan again goes on; cancelling
also withdraws the approval. Both hold for the run they were asked of, and for no later one.

Not here: the batches (applying.py), the lock that says whether a run is alive (target.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import change_plan, plan_apply, plan_progress, plan_request
from config.trail import record
from leadpact.errors import Misconfigured
from leadpact.writeback import approval, journal
from leadpact.writeback.actors import named
from leadpact.writeback.plan import Plan
from leadpact.writeback.target import Progress

LAST = 20  # batches
PAUSE, CANCEL = ASKS = ("pause", "cancel")


@dataclass(frozen=True)
class Running:
    """A run that has not ended (or whose process died: ask Target.busy), as it told last.

    `done` of `total` changes; `rate` changes a second and `left_seconds` null before they are known;
    `at` when it told (UTC); `asked` is what somebody asked of it: `pause`, `cancel` or null.
    """

    run: int
    plan: int
    actor: str
    door: str
    started_at: datetime
    done: int
    total: int
    rate: float | None
    left_seconds: float | None
    waiting: bool
    at: datetime
    asked: str | None = None
    asked_by: str | None = None


@dataclass
class Pace:
    """How fast a run is, by its last batches: what it waited for at the beginning does not slow the figure."""

    seen: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=LAST))

    def progress(
        self, seconds: float, done: int, total: int, counts: Mapping[str, int], *, waiting: bool = False
    ) -> Progress:
        """The progress at `seconds` since the run began. Rate and time left are null before the second batch."""
        if not waiting:
            self.seen.append((seconds, done))
        took, moved = (self.seen[-1][at] - self.seen[0][at] for at in (0, 1)) if self.seen else (0.0, 0)
        rate = moved / took if took > 0 and moved > 0 else None
        return Progress(done, total, dict(counts), rate, (total - done) / rate if rate else None, waiting)


def tell(engine: Engine, run: int, one: Progress, now: datetime) -> None:
    """Keeps how far a run is, for whoever looks from elsewhere."""
    given = {"done": one.done, "total": one.total, "rate": one.rate, "left_seconds": one.left_seconds,
             "waiting": one.waiting, "at": now}  # fmt: skip
    with engine.begin() as database:
        mine = plan_progress.update().where(plan_progress.c.apply_id == run)
        if not database.execute(mine.values(given)).rowcount:
            database.execute(plan_progress.insert().values(apply_id=run, **given))


def running(engine: Engine, connection: str) -> Running | None:
    """The newest run of a connection where that has not ended; null otherwise."""
    query = sa.select(plan_apply).join(change_plan).where(change_plan.c.connection == connection)
    return _running(engine, query)


def of(engine: Engine, plan: Plan) -> Running | None:
    """As `running`, of one plan."""
    return _running(engine, sa.select(plan_apply).where(plan_apply.c.plan_id == plan.id))


def _running(engine: Engine, query: sa.Select[Any]) -> Running | None:
    with engine.begin() as database:
        row = database.execute(query.order_by(plan_apply.c.id.desc()).limit(1)).mappings().first()
        if row is None or row["state"] != journal.RUNNING:
            return None
        told = (
            database.execute(sa.select(plan_progress).where(plan_progress.c.apply_id == row["id"])).mappings().first()
        )
        total = sa.select(change_plan.c.changes).where(change_plan.c.id == row["plan_id"])
        whole = told["total"] if told else database.execute(total).scalar_one()
    what, who = _asked(engine, row["id"])
    return Running(
        row["id"], row["plan_id"], row["actor"], row["door"], row["started_at"],
        told["done"] if told else 0, whole, told["rate"] if told else None,
        told["left_seconds"] if told else None, bool(told and told["waiting"]),
        told["at"] if told else row["started_at"], what, who,
    )  # fmt: skip


def asked(engine: Engine, run: int) -> str | None:
    """What somebody asked of a run: `pause`, `cancel` (which outweighs it), or null."""
    return _asked(engine, run)[0]


def _asked(engine: Engine, run: int) -> tuple[str | None, str | None]:
    column = plan_request.c
    query = sa.select(column.what, column.actor).where(column.apply_id == run).order_by(column.id)
    with engine.begin() as database:
        found = {str(row.what): str(row.actor) for row in database.execute(query)}
    return next(((what, found[what]) for what in (CANCEL, PAUSE) if what in found), (None, None))


def pause(engine: Engine, plan: Plan, *, actor: str, door: str, now: datetime) -> Running:
    """Asks the run of a plan to end after its batch; applying the plan again goes on.

    Raises Misconfigured where nobody is named, or the plan is not being applied.
    """
    name, one = named(actor), of(engine, plan)
    if one is None:
        raise Misconfigured("repair.not_running", plan=str(plan.id))
    _ask(engine, plan, one.run, PAUSE, name, door, now)
    return one


def cancel(engine: Engine, plan: Plan, *, actor: str, door: str, now: datetime) -> Running | None:
    """Ends the run of a plan after its batch, and withdraws its approval: to go on, somebody approves again.

    What is written stays written (undo takes it back). Null where nothing was running. Raises
    Misconfigured where nobody is named, or there is neither a run nor an approval to withdraw.
    """
    name, one = named(actor), of(engine, plan)
    if one is None and approval.current(engine, plan) is None:
        raise Misconfigured("repair.nothing_to_cancel", plan=str(plan.id))
    if one is not None:
        _ask(engine, plan, one.run, CANCEL, name, door, now)
    approval.withdraw(engine, plan, actor=name, door=door, now=now, why=approval.CANCEL)
    return one


def _ask(engine: Engine, plan: Plan, run: int, what: str, actor: str, door: str, now: datetime) -> None:
    with engine.begin() as database:
        database.execute(plan_request.insert().values(apply_id=run, what=what, actor=actor, door=door, at=now))
        detail = {"plan": plan.id, "connection": plan.connection, "run": run, "door": door}
        record(database, now, actor, f"plan.{what}_asked", detail)
