"""Old values after a repair: retired where nobody holds them any more, and made active again to undo it.

Offered for a status plan that was applied whole. Who holds a value is asked of the CRM now, and once
more just before anything is sent. A value is made inactive, never deleted: history keeps it.

`offer` says how each old value stands, `preview` what would be sent, `retire` sends it; `retired` are
those a plan's retirement took away, `preview_back` and `activate` bring them back.

Not here: which role may (ui/access.py: MAKE_FIELDS), how a CRM does it (connectors), adding (repair_values.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import audit_trail
from config.plans import plan_row
from config.trail import record
from leadpact.audit.facts import Facts
from leadpact.crm_facts import Counting
from leadpact.crm_fields import Made, Making, Prepared
from leadpact.errors import Misconfigured
from leadpact.workspace import Analysis
from leadpact.writeback import journal, plans
from leadpact.writeback.actors import named
from leadpact.writeback.plan import STATUS, Plan
from leadpact.writeback.repair_values import fields_of
from leadpact.writeback.target import Target

RETIRED, ACTIVATED = "crm_values.retired", "crm_values.activated"
# how an old value stands (catalogue `repair_values.state.<name>`)
FREE, HELD, DEFAULT, CONVERTED, INACTIVE, ABSENT, UNCOUNTED = OLD = (
    "free", "held", "default", "converted", "inactive", "absent", "uncounted",
)  # fmt: skip


@dataclass(frozen=True)
class Old:
    """One old value of a plan, in one field. `records` hold it now (`at_least`: or more), null where not asked."""

    object: str
    field: str
    label: str
    value: str
    state: str
    records: int | None = None
    at_least: bool = False


def offer(target: Target, analysis: Analysis, number: int) -> list[Old]:
    """How the old values of plan `number` stand now; those that are `free` may be retired.

    Raises Misconfigured (no such plan, another connection, not a status plan, not applied whole), and what
    reading the source raises.
    """
    plan = _whole(target, number)
    facts = Facts.of(analysis)
    kept = {(object, after) for object, _, after in _moves(target.engine, plan)}
    found: list[Old] = []
    for object in sorted({object for object, _, _ in _moves(target.engine, plan)}):
        old = sorted({before for own, before, _ in _moves(target.engine, plan) if own == object and before})
        old = [value for value in old if (object, value) not in kept]
        for one in fields_of(target, object) if old else ():
            active = {each.value: each.is_active for each in one.choices}
            here = [value for value in old if active.get(value)]
            held = target.connector.holders(object, one.name, here) if isinstance(target.connector, Counting) else {}
            for value in old:
                state, count = _state(facts, object, value, active.get(value)), held.get(value)
                if state == FREE:
                    state = UNCOUNTED if count is None else HELD if count.records else FREE
                records, more = (count.records, count.at_least) if count is not None else (None, False)
                found.append(Old(object, one.name, one.label, value, state, records, more))
    return found


def _state(facts: Facts, object: str, value: str, active: bool | None) -> str:
    if active is None:
        return ABSENT
    if not active:
        return INACTIVE
    known = facts.by_key.get((object, value))
    if known is not None and known.is_converted:
        return CONVERTED
    return DEFAULT if known is not None and known.is_default else FREE


def _whole(target: Target, number: int) -> Plan:
    plan = plans.find(target.engine, number)
    if plan.connection != target.connection.name:
        raise Misconfigured("writeback.other_connection", plan=str(number), connection=plan.connection)
    if plan.kind != STATUS:
        raise Misconfigured("repair.not_status", plan=str(number))
    done = journal.counted(target.engine, plan)
    fine = done.get(journal.WRITTEN, 0) + done.get(journal.ALREADY, 0)
    if not done.get(journal.WRITTEN) or fine != plan.changes:
        raise Misconfigured("repair_values.not_whole", plan=str(number))
    return plan


def _moves(engine: Engine, plan: Plan) -> list[tuple[str, str | None, str | None]]:
    columns = plan_row.c
    query = sa.select(columns.object, columns.before, columns.after).where(columns.plan_id == plan.id).distinct()
    with engine.begin() as database:
        return [(row.object, row.before, row.after) for row in database.execute(query)]


def preview(target: Target, found: Sequence[Old]) -> list[Prepared]:
    """What would be sent to retire those that are free, a list each; not `possible` where this CRM cannot.

    Reads only. Raises Misconfigured where this source cannot change its lists, and what reading raises.
    """
    return _prepared(target, found, "retire", FREE)


def retire(
    target: Target, analysis: Analysis, number: int, prepared: Sequence[Prepared], *, author: str, now: datetime
) -> Iterator[Made]:
    """Retires what was prepared, one list after the other; refuses where somebody holds a value meanwhile.

    Raises Misconfigured (nobody named, read-only, `repair_values.held_again`), Busy, and what the source raises.
    """
    _gates(target, author)
    with target.alone():
        free = {(one.object, one.field, one.value) for one in offer(target, analysis, number) if one.state == FREE}
        for step in prepared:
            making = step.making
            taken = [value for value in making.choices if (making.object, making.name, value) not in free]
            if step.possible and taken:
                raise Misconfigured("repair_values.held_again", values=", ".join(taken))
        yield from _sent(target, number, prepared, RETIRED, author=author, now=now)


def retired(engine: Engine, plan: Plan) -> list[tuple[str, str, str]]:
    """What was retired after a plan and not made active since: object, field, value. From the audit trail."""
    query = sa.select(audit_trail.c.action, audit_trail.c.detail).where(audit_trail.c.action.in_((RETIRED, ACTIVATED)))
    there: dict[tuple[str, str, str], None] = {}
    with engine.begin() as database:
        lines = [(row.action, json.loads(row.detail)) for row in database.execute(query.order_by(audit_trail.c.id))]
    for action, detail in lines:
        if detail.get("connection") != plan.connection or detail.get("outcome") not in ("made", "exists"):
            continue
        for value in detail["values"]:
            key = (detail["object"], detail["field"], value)
            if action == ACTIVATED:
                there.pop(key, None)
            elif detail.get("plan") == plan.id:
                there[key] = None
    return list(there)


def inactive(target: Target, plan: Plan) -> list[Old]:
    """Those a plan's retirement took away that are inactive in the CRM now. Raises what reading raises."""
    gone = retired(target.engine, plan)
    found = []
    for object in sorted({object for object, _, _ in gone}):
        for one in fields_of(target, object):
            on = {each.value for each in one.choices if each.is_active}  # some CRMs describe no others
            mine = [value for own, name, value in gone if (own, name) == (object, one.name) and value not in on]
            found += [Old(object, one.name, one.label, value, INACTIVE) for value in mine]
    return found


def preview_back(target: Target, found: Sequence[Old]) -> list[Prepared]:
    """What would be sent to make inactive values active again, a list each. Reads only."""
    return _prepared(target, found, "choices", INACTIVE)


def activate(
    target: Target, number: int, prepared: Sequence[Prepared], *, author: str, now: datetime
) -> Iterator[Made]:
    """Makes values active again. Raises Misconfigured (nobody named, read-only), Busy, and what the source raises."""
    _gates(target, author)
    with target.alone():
        yield from _sent(target, number, prepared, ACTIVATED, author=author, now=now)


def check_undone(target: Target, undo: Plan) -> None:
    """Raises Misconfigured where an undo gives back values that were retired since: they come first.

    Nothing for any other plan. Raises what reading the source raises.
    """
    if undo.draft.undoes is None:
        return
    plan = plans.find(target.engine, undo.draft.undoes)
    off = inactive(target, plan) if retired(target.engine, plan) else []
    if off:
        values = ", ".join(dict.fromkeys(one.value for one in off))
        raise Misconfigured("repair_values.retired_since", plan=str(plan.id), values=values)


def _prepared(target: Target, found: Sequence[Old], what: str, state: str) -> list[Prepared]:
    connector = target.equipped()
    fields = dict.fromkeys((one.object, one.field, one.label) for one in found if one.state == state)
    wanted = [
        Making(what, object, name, label, "choice",  # type: ignore[arg-type]
               tuple(one.value for one in found if (one.object, one.field, one.state) == (object, name, state)))
        for object, name, label in fields
    ]  # fmt: skip
    return list(connector.prepare(wanted)) if wanted else []


def _gates(target: Target, author: str) -> None:
    named(author)
    target.check_writable()


def _sent(
    target: Target, number: int, prepared: Sequence[Prepared], action: str, *, author: str, now: datetime
) -> Iterator[Made]:
    for made in target.equipped().make([one for one in prepared if one.possible]):
        making = made.prepared.making
        detail = {"connection": target.connection.name, "plan": number, "object": making.object, "field": making.name,
                  "values": list(making.choices), "outcome": made.kind, "code": made.code}  # fmt: skip
        with target.engine.begin() as database:
            record(database, now, author.strip(), action, detail)
        yield made
