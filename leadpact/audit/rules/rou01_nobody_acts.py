"""ROU01: a record handed over to Sales has nobody who can act on it.

Not here: an owner who does not act (ROU02), an owner other than routing names (ROU03).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.sentences import counted
from leadpact.audit.target import values_of_kind
from leadpact.model import OBJECTS
from leadpact.tables import Table

OPEN = ("qualified", "sales")
OWNER_FIELDS = ("owner_id", "owner")
REASONS = ("none", "unknown", "inactive", "queue")


def check(tables: Facts, pact: Pact, as_of: datetime, *, queue_days: int) -> Sequence[Found]:
    """One finding an object: active records in a qualified or sales stage that count for a person.

    By reason (evidence `reasons`): no owner, an owner the CRM does not list, an inactive one, a
    queue for more than `queue_days` days (since the owner last changed, else since creation).
    """
    left = _left_alone(tables, pact, as_of, queue_days)
    rows = rows_of(left.group_by("object", "reason").aggregate(records=left.count()))
    found = []
    for object in OBJECTS:
        counts = {row["reason"]: row["records"] for row in rows if row["object"] == object}
        if counts:
            parts = [(f"audit.owner.{reason}", counts[reason]) for reason in REASONS if reason in counts]
            found.append(
                Found(
                    object=object,
                    records=sum(counts.values()),
                    params={"reasons": counted(parts), "days": queue_days},
                    evidence={"reasons": counts},
                )
            )
    return found


def _left_alone(tables: Facts, pact: Pact, as_of: datetime, queue_days: int) -> Table:
    """The records concerned, with `reason`."""
    values = {object: values_of_kind(pact, object, OPEN) for object in OBJECTS}
    record = tables.standing
    record = record.filter(record.condition == "active", status_in(record, values))
    record = record.select(*KEYS, "owner_id", "created_at")
    owner = tables.owner.select(known_id="owner_id", is_active="is_active", is_queue="is_queue")
    record = record.left_join(owner, record.owner_id == owner.known_id)
    change = tables.field_change
    moves = change.filter(change.field.isin(OWNER_FIELDS), change["at"].notnull())
    taken = moves.group_by(*KEYS).aggregate(owned_at=moves["at"].max())
    record = record.left_join(taken, KEYS).drop("object_right", "record_id_right")
    limit = ibis.timestamp((as_of - timedelta(days=queue_days)).isoformat(" "))
    parked = ibis.coalesce(record.owned_at, record.created_at) < limit
    reason = ibis.cases(
        (record.owner_id.isnull() | (record.owner_id == ""), "none"),
        (record.known_id.isnull(), "unknown"),
        (~record.is_active.fill_null(True), "inactive"),
        (record.is_queue.fill_null(False) & parked.fill_null(False), "queue"),
    )
    return record.mutate(reason=reason).filter(lambda t: t.reason.notnull())


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, queue_days: int) -> Table:
    """The records of one object nobody can act on."""
    left = _left_alone(tables, pact, as_of, queue_days)
    return left.filter(left.object == finding.object)


RULE = Rule(
    code="ROU01",
    name="routing.nobody",
    severity="warning",
    groups=("core", "routing"),
    needs=("owner",),
    fix="none",  # LeadPact never changes an owner
    options={"queue_days": Option(int, default=2, min=0)},
    check=check,
    people=people,
)
