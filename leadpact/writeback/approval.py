"""Approving a plan: a named person who may, looked at it and typed the number of its records.

Lines are only added: `approved`, or `withdrawn` (cancelled, undone). The last one holds, and only
for the very hash and number it was given for. In the app nothing is applied without one; on the
command line `apply HASH --yes --as EMAIL` is one by itself, and goes on the record as such.

Not here: which roles a signed-in person has (ui/access.py), applying (applying.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.plans import change_plan, plan_approval
from config.trail import record
from leadpact.errors import LeadPactError, Misconfigured
from leadpact.writeback import plans
from leadpact.writeback.actors import named
from leadpact.writeback.plan import Plan

ROLES = frozenset({"administrator", "revops"})  # who may approve, where people sign in
APPROVED, WITHDRAWN = "approved", "withdrawn"
CANCEL, UNDONE, PERSON = WHY = ("cancel", "undone", "person")  # why one is withdrawn
APP = "app"


class NotApproved(LeadPactError):
    """The plan lacks an approval, or somebody cannot give one like this."""


@dataclass(frozen=True)
class Approval:
    """A line about a plan: its hash and records then, who, by which door (`cli`, `app`), when (UTC)."""

    id: int
    plan_id: int
    event: str
    hash: str
    records: int
    actor: str
    door: str
    at: datetime


def approve(
    engine: Engine,
    plan: Plan,
    *,
    expected_hash: str,
    records: int,
    actor: str,
    roles: Collection[str] | None,
    door: str,
    now: datetime,
) -> Approval:
    """Approves plan as reviewed under `expected_hash`; `records` is the number the person typed.

    `roles` are those of a signed-in person, null where the door itself is trusted (the command line;
    the app while sign-in is off). Raises Misconfigured (nobody named, nothing to change), NotApproved
    (another hash, another number, no role that may, or a plan tampered with).
    """
    name = named(actor)
    if roles is not None and not ROLES & set(roles):
        raise NotApproved("repair.approve.no_role", roles=", ".join(sorted(ROLES)))
    if not plan.changes:
        raise Misconfigured("repair.approve.nothing", plan=str(plan.id))
    kept = plans.find(engine, plan.id)
    if not expected_hash or expected_hash != kept.hash:
        raise NotApproved("repair.approve.other_hash", plan=str(plan.id))
    if records != kept.records:
        raise NotApproved("repair.approve.other_count", plan=str(plan.id), typed=records, records=kept.records)
    if not plans.intact(engine, kept):
        raise NotApproved("writeback.tampered", plan=str(plan.id))
    return _add(engine, kept, APPROVED, name, door, now)


def current(engine: Engine, plan: Plan) -> Approval | None:
    """The approval that holds for this plan as it is now; null where there is none, or it is void."""
    last = next(iter(history(engine, plan)), None)
    if last is None or last.event != APPROVED or (last.hash, last.records) != (plan.hash, plan.records):
        return None
    return last


def history(engine: Engine, plan: Plan) -> list[Approval]:
    """Every approval and withdrawal of a plan, newest first."""
    query = sa.select(plan_approval).where(plan_approval.c.plan_id == plan.id).order_by(plan_approval.c.id.desc())
    with engine.begin() as database:
        return [Approval(**row) for row in database.execute(query).mappings()]


def names(engine: Engine, connection: str) -> dict[int, str]:
    """Who gave each approval of a connection's plans, by its id: what runs stand on."""
    query = sa.select(plan_approval.c.id, plan_approval.c.actor).join(change_plan)
    with engine.begin() as database:
        rows = database.execute(query.where(change_plan.c.connection == connection)).all()
    return {int(row.id): str(row.actor) for row in rows}


def withdraw(engine: Engine, plan: Plan, *, actor: str, door: str, now: datetime, why: str = PERSON) -> bool:
    """Makes the approval void; whether there was one. `why`: `cancel`, `undone` or `person`."""
    if current(engine, plan) is None:
        return False
    _add(engine, plan, WITHDRAWN, actor.strip(), door, now, why)
    return True


def standing(engine: Engine, plan: Plan, *, actor: str, door: str, now: datetime) -> Approval:
    """The approval an apply stands on. By the command line whoever applies by the reviewed hash approves.

    Raises NotApproved where the app has none.
    """
    found = current(engine, plan)
    if found is not None:
        return found
    if door == APP:
        raise NotApproved("repair.approve.needed", plan=str(plan.id), records=plan.records)
    return _add(engine, plan, APPROVED, actor.strip(), door, now, "apply")


def _add(
    engine: Engine, plan: Plan, event: str, actor: str, door: str, now: datetime, why: str | None = None
) -> Approval:
    given = {"plan_id": plan.id, "event": event, "hash": plan.hash, "records": plan.records, "actor": actor,
             "door": door, "at": now}  # fmt: skip
    with engine.begin() as database:
        key = database.execute(plan_approval.insert().values(given)).inserted_primary_key
        found = Approval(int(key[0]), plan.id, event, plan.hash, plan.records, actor, door, now)  # type: ignore[index]
        told = {name: value for name, value in asdict(found).items() if name in ("hash", "records", "door")}
        detail = {"plan": plan.id, "connection": plan.connection, **told, **({"by": why} if why else {})}
        record(database, now, actor, "plan.approved" if event == APPROVED else "plan.approval_withdrawn", detail)
    return found
