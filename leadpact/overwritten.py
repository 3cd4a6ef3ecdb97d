"""Values a colleague entered between our reading of a record and our write, which covered them.

A CRM that does not compare before it writes lets that happen, for a second or two a batch. The
history of the source tells it afterwards: our write, from another value than the one we had read.
The next sync puts it into the journal as a conflict, with the value, which an undo gives back.

Not here: recognising our writes (relabelled.py), undoing (leadpact/writeback/undoing.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import plan_apply, plan_event, plan_overwritten
from config.trail import record

CONFLICT, WRITTEN, OVERWROTE = "conflict", "written", "overwrote"
ACTION, ACTOR = "plan.overwrote", "leadpact"
ASKED = 500


@dataclass(frozen=True)
class Found:
    """A write of ours, by the number of its event in the journal, and what stood there when it came."""

    event: int
    value: str | None


def note(engine: Engine, connection: str, found: Sequence[Found], now: datetime) -> int:
    """Puts into the journal what is not there yet; how much that was. The audit trail says it of each plan."""
    fresh = 0
    for start in range(0, len(found), ASKED):
        values = {one.event: one.value for one in found[start : start + ASKED]}
        with engine.begin() as database:
            fresh += _noted(database, connection, values, now)
    return fresh


def _noted(database: sa.Connection, connection: str, values: dict[int, str | None], now: datetime) -> int:
    known = sa.exists().where(
        plan_overwritten.c.plan_id == plan_event.c.plan_id, plan_overwritten.c.number == plan_event.c.number
    )
    query = sa.select(plan_event).where(plan_event.c.id.in_(list(values)), ~known).order_by(plan_event.c.id)
    rows = database.execute(query).mappings().all()
    of_plan: dict[int, int] = {}
    for row in rows:
        own = {"plan_id": row["plan_id"], "number": row["number"], "at": now}
        database.execute(plan_overwritten.insert().values(**own, value=values[row["id"]]))
        told = {"apply_id": row["apply_id"], "event": CONFLICT, "code": OVERWROTE}
        database.execute(plan_event.insert().values(**own, **told))
        of_plan[row["plan_id"]] = of_plan.get(row["plan_id"], 0) + 1
    for plan, records in of_plan.items():
        _counted_anew(database, plan, records)
        record(database, now, ACTOR, ACTION, {"plan": plan, "connection": connection, "records": records})
    return len(rows)


def _counted_anew(database: sa.Connection, plan: int, records: int) -> None:
    """The last run of a plan keeps what came of it: these are conflicts, and count as written no more."""
    last = sa.select(sa.func.max(plan_apply.c.id)).where(plan_apply.c.plan_id == plan).scalar_subquery()
    row = database.execute(sa.select(plan_apply.c.id, plan_apply.c.counts).where(plan_apply.c.id == last)).first()
    if row is None or not row.counts:
        return
    counts = json.loads(row.counts)
    counts[WRITTEN] = counts.get(WRITTEN, 0) - records
    counts[CONFLICT] = counts.get(CONFLICT, 0) + records
    kept = json.dumps({name: count for name, count in counts.items() if count})
    database.execute(plan_apply.update().where(plan_apply.c.id == row.id).values(counts=kept))


def values(engine: Engine, plan: int) -> dict[int, str | None]:
    """What stood there, by the number of the row of a plan."""
    query = sa.select(plan_overwritten.c.number, plan_overwritten.c.value).where(plan_overwritten.c.plan_id == plan)
    with engine.begin() as database:
        return {int(row.number): row.value for row in database.execute(query)}
