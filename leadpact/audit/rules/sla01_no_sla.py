"""SLA01: no follow-up time is agreed for the leads that Marketing hands over.

Not here: keeping it (metrics/sla.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.target import values_of_kind
from leadpact.model import OBJECTS
from leadpact.tables import Table


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding where the pact has no SLA, or none that starts at a qualified stage.

    `records` stand in a qualified stage now, with nobody bound to a time. Variant `elsewhere`
    where policies exist, and all start at other stages.
    """
    qualified = pact.keys("qualified")
    if any(policy.starts in qualified for policy in pact.sla) or (pact.sla and not qualified):
        return []
    waiting = {(object, value) for object in OBJECTS for value in values_of_kind(pact, object, ("qualified",))}
    records = sum(one.records for one in tables.held if (one.object, one.value) in waiting)
    policies = [policy.id for policy in pact.sla]
    return [
        Found(
            records=records,
            message="elsewhere" if policies else "",
            params={"policies": ", ".join(policies)},
            evidence={"records": records, "policies": policies},
        )
    ]


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The records in a qualified stage."""
    record = tables.record
    tests = [
        (record.object == object) & record.status.isin(values_of_kind(pact, object, ("qualified",)))
        for object in OBJECTS
    ]
    return record.filter(tests[0] | tests[1])


RULE = Rule(
    code="SLA01",
    name="sla.missing",
    severity="warning",
    groups=("core", "sla"),
    fix="none",
    check=check,
    people=people,
)
