"""STA15: people who never interacted are called, written to or put under an SLA like others.

Not here: imported people placed past the untouched stage (STA11).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.sentences import counted
from leadpact.metrics.touches import touches
from leadpact.model import OBJECTS, TOUCH_KINDS
from leadpact.tables import Table, is_blank

SLA, CALLED = "sla", ""


def check(tables: Facts, pact: Pact, as_of: datetime, *, rare: float) -> Sequence[Found]:
    """By status value, the people called or written to while untouched; and the SLAs that start there.

    A touch (as the SLA counts one: a person of Sales, not inbound, not automated) since they
    came to the untouched stage. Where that is not known, any touch counts of who was never
    anywhere else. `records` are active ones whose status is of an untouched stage; a note where
    they are fewer than `rare` of those. Evidence `touches`: records by kind of touch. Without
    activities only the SLAs are checked.
    """
    policies = [policy.id for policy in pact.sla if policy.starts in pact.keys("untouched")]
    found = [_bound(tables, pact, policies)] if policies else []
    if "activity" not in tables.provided or not pact.keys("untouched"):
        return found
    worked = _worked(tables, pact)
    kinds = {kind: worked[kind].cast("int64").sum() for kind in TOUCH_KINDS}
    by = worked.group_by("object", "status").aggregate(
        of=worked.count(), records=worked.touched.cast("int64").sum(), since=worked.first_at.min(), **kinds
    )
    for row in sorted(rows_of(by), key=lambda row: (row["object"], row["status"])):
        if row["records"]:
            found.append(_called(tables, row, rare))
    return found


def _called(tables: Facts, row: dict[str, Any], rare: float) -> Found:
    value = tables.by_key.get((row["object"], row["status"]))
    kinds = {kind: row[kind] for kind in TOUCH_KINDS if row[kind]}
    share = row["records"] / row["of"]
    return Found(
        object=row["object"],
        value=value.value if value else None,
        label=value.label if value else None,
        records=row["records"],
        severity="warning" if share >= rare else "info",
        since=row["since"],
        message=CALLED if value else "blank",
        params={"of": row["of"], "touches": counted([(f"audit.touch.{kind}", n) for kind, n in kinds.items()])},
        evidence={"touches": kinds, "of": row["of"], "share": share},
    )


def _bound(tables: Facts, pact: Pact, policies: Sequence[str]) -> Found:
    """The records that stand in a stage where an SLA's clock starts before anybody showed interest."""
    waiting = _bound_records(tables, pact)
    (row,) = rows_of(waiting.aggregate(n=waiting.count()))
    return Found(
        records=row["n"],
        message=SLA,
        suggestion=SLA,
        params={"policies": ", ".join(policies)},
        evidence={"policies": list(policies)},
    )


def _bound_records(tables: Facts, pact: Pact) -> Table:
    starts = {policy.starts for policy in pact.sla} & set(pact.keys("untouched"))
    return _standing_in(tables, pact, starts)


def _standing_in(tables: Facts, pact: Pact, stages: set[str]) -> Table:
    """Active records that count for a person and whose status is of these stages; a blank one as ""."""
    values = {object: [v for v, key in pact.status_map.of(object).items() if key in stages] for object in OBJECTS}
    record = tables.standing.filter(lambda t: t.condition == "active").select(*KEYS, "person_id", "status")
    record = record.mutate(status=ibis.ifelse(is_blank(record.status), "", record.status))
    return record.filter(status_in(record, values))


def _worked(tables: Facts, pact: Pact) -> Table:
    """Records of untouched stages, with `touched` while there, `first_at` and a flag for each kind of touch."""
    record = _standing_in(tables, pact, set(pact.keys("untouched")))
    spell = tables.spell
    spell = spell.filter(spell.lasts, spell.kind == "untouched", spell.entered_at.notnull() | (spell.n == 1))
    there = spell.select("person_id", "entered_at").semi_join(record, "person_id")
    touch = touches(tables, TOUCH_KINDS).inner_join(there, "person_id")
    touch = touch.filter(touch.entered_at.isnull() | (touch["at"] >= touch.entered_at))
    by = touch.group_by(of_person="person_id").aggregate(
        first_at=touch["at"].min(), **{kind: (touch.kind == kind).any() for kind in TOUCH_KINDS}
    )
    joined = record.left_join(by, record.person_id == by.of_person)
    flags = {kind: joined[kind].fill_null(False) for kind in TOUCH_KINDS}
    return joined.mutate(touched=joined.of_person.notnull(), **flags).drop("of_person")


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, rare: float) -> Table:
    """The people called while untouched, by their status; or those whose clock runs."""
    if finding.object is None:
        return _bound_records(tables, pact)
    worked = _worked(tables, pact)
    return worked.filter(worked.touched, worked.object == finding.object, worked.status == (finding.value or ""))


RULE = Rule(
    code="STA15",
    name="status.untouched_worked",
    severity="warning",
    groups=("core", "statuses", "sla"),
    partly=("activity",),
    fix="none",  # the calls are made; what they are called for is agreed by people
    options={"rare": Option(float, default=0.1, min=0, max=1)},
    check=check,
    people=people,
)
