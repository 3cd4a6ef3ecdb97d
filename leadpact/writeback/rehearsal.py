"""A repair goes to production after a rehearsal on a sandbox, or with a reason named by whoever waives it.

A rehearsal is an applied plan of the same recipe (the same map of values, of the same kind of CRM)
on a connection whose environment is a sandbox, that ended with everything written.

Not here: what an environment is (leadpact/settings.py), the pilot (pilot.py).
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import change_plan, plan_apply
from leadpact.errors import Misconfigured
from leadpact.writeback.journal import CONFLICT, DONE, REFUSED, UNKNOWN, WRITTEN, Grounds
from leadpact.writeback.plan import REPAIRS, Plan
from leadpact.writeback.target import Target

PRODUCTION, SANDBOX = "production", "sandbox"
LONGEST = 1_000


def grounds(target: Target, plan: Plan, waive: str | None = None) -> Grounds:
    """On what grounds the plan may be applied. An undo needs none: it gives back what was there; nor does a
    copy to import, which changes no CRM.

    Raises Misconfigured where production needs a rehearsal, there is none, and no reason is named.
    """
    environment = target.connection.environment
    if environment != PRODUCTION or plan.kind not in REPAIRS or target.connector.can.copies:
        return Grounds(environment)
    rehearsal = of(target.engine, plan)
    if rehearsal is not None:
        return Grounds(environment, None, rehearsal)
    reason = (waive or "").strip()[:LONGEST]
    if not reason:
        raise Misconfigured("repair.rehearsal_needed", plan=str(plan.id), name=target.connection.name)
    return Grounds(environment, reason)


def of(engine: Engine, plan: Plan) -> int | None:
    """The plan that was this one's rehearsal, the newest; null where there is none."""
    if not plan.draft.recipe:
        return None
    query = (
        sa.select(change_plan.c.id, plan_apply.c.counts)
        .join(plan_apply, plan_apply.c.plan_id == change_plan.c.id)
        .where(
            change_plan.c.id != plan.id,
            change_plan.c.kind == plan.kind,
            change_plan.c.recipe == json.dumps(dict(plan.draft.recipe), sort_keys=True),
            plan_apply.c.environment == SANDBOX,
            plan_apply.c.state == DONE,
        )
        .order_by(plan_apply.c.id.desc())
    )
    with engine.begin() as database:
        rows = database.execute(query).all()
    for number, counts in rows:
        came = json.loads(counts or "{}")
        if came.get(WRITTEN) and not any(came.get(bad) for bad in (CONFLICT, REFUSED, UNKNOWN)):
            return int(number)
    return None
