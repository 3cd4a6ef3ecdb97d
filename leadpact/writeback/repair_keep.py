"""Keeping the action a status named ("Left voicemail") in a field of its own, so that reps lose nothing.

A plan of its own, made of a status plan: the old status of the records whose status named an action
goes into the field. What stands there already is left as it is.

Not here: the statuses themselves (repair.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby, islice

from leadpact.audit.facts import Facts
from leadpact.crm_fields import CrmField
from leadpact.errors import Misconfigured
from leadpact.workspace import Analysis
from leadpact.writeback import plans, repair_barriers
from leadpact.writeback.difference import FOREIGN, GONE, NO_CHOICE, described_fields
from leadpact.writeback.plan import KEEP, STATUS, Plan, Row, Tally
from leadpact.writeback.repair import FIELD
from leadpact.writeback.target import Target

CHUNK = 2_000
KINDS = ("text", "choice")
ACTIONS = ("action", "mixed")


def plan(target: Target, analysis: Analysis, number: int, field: str, *, author: str, now: datetime) -> Plan:
    """Makes and keeps the plan that keeps the actions of status plan `number` in `field`. Reads the field only.

    `field` is the CRM's own name of it. Raises Misconfigured (no such plan, another kind of plan or
    connection, a field there is not or that cannot hold a text), and what reading raises.
    """
    done = plans.find(target.engine, number)
    if done.connection != target.connection.name:
        raise Misconfigured("writeback.other_connection", plan=str(number), connection=done.connection)
    if done.kind != STATUS:
        raise Misconfigured("repair.not_status", plan=str(number))
    facts, tally = Facts.of(analysis), Tally()
    moved = [row for _, row in plans.rows(target.engine, done) if _action(facts, row)]
    fields = {object: _field(target, object, field) for object in sorted({row.object for row in moved})}
    kinds = {f"{object}.{field}": one.kind for object, one in fields.items()}
    recipe = {**done.draft.recipe, "source": KEEP, "field": field}
    draft = replace(done.draft, kind=KEEP, author=author, created_at=now, kinds=kinds, recipe=recipe)
    tally.whole = done.whole
    found = (row for object, one in fields.items() for row in _rows(target, object, one, moved, number, tally))
    rows = list(repair_barriers.sift(target, found, tally))
    return plans.make(target.engine, draft, rows, tally)


def _action(facts: Facts, row: Row) -> bool:
    return row.field == FIELD and bool(row.before) and facts.verdict(row.before or "").kind in ACTIONS


def _field(target: Target, object: str, name: str) -> CrmField:
    described = described_fields(target, object)
    if described is None:
        raise Misconfigured("writeback.no_fields_told", name=target.connection.name, type=target.connection.type)
    one = described.get(name)
    if one is None or one.column == FIELD or not one.writable or one.kind not in KINDS:
        raise Misconfigured("repair.no_keep_field", object=object, field=name)
    return one


def _rows(target: Target, object: str, one: CrmField, moved: list[Row], number: int, tally: Tally) -> Iterator[Row]:
    own = (row for row in moved if row.object == object)
    active = {choice.value for choice in one.choices if choice.is_active} if one.kind == "choice" else None
    while some := list(islice(own, CHUNK)):
        held = target.connector.read(object, [row.record_id for row in some], [one.name])
        for _, same in groupby(some, key=lambda row: row.record_id):
            row = next(same)
            values = held.get(row.record_id)
            if values is None:
                tally.skipped[GONE] += 1
            elif values[one.name]:
                tally.skipped[FOREIGN] += values[one.name] != row.before
            elif active is not None and row.before not in active:
                tally.skipped[NO_CHOICE] += 1
            else:
                yield Row(object, row.record_id, one.name, None, row.before, f"{row.reason} · plan {number}")
