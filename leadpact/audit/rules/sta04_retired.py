"""STA04: the picklist has retired a value, and records still hold it.

Not here: values obsolete by their wording (STA03), values in no picklist at all (STA14).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule, milder
from leadpact.audit.target import target
from leadpact.audit.values import StatusValue


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """Inactive picklist values with records; milder where all of them are frozen converted leads."""
    return [
        _found(tables, pact, value)
        for value in tables.values
        if value.listed and value.active is False and value.records
    ]


def _found(tables: Facts, pact: Pact, value: StatusValue) -> Found:
    aim = target(tables, pact, value)
    frozen = value.records == value.frozen
    return Found(
        object=value.object,
        value=value.value,
        label=value.label,
        records=value.records,
        severity=milder("warning") if frozen else "warning",
        since=value.first_at,
        message="frozen" if frozen else "",
        suggestion="frozen" if frozen else "to" if aim and aim.value else "",
        params={"stage": aim.label if aim else "", "target": (aim.value if aim else None) or ""},
        evidence={**value.evidence, "stage": aim.stage if aim else None, "target": aim.value if aim else None},
    )


RULE = Rule(
    code="STA04",
    name="status.retired",
    severity="warning",
    groups=("core", "statuses"),
    needs=("status_value",),
    fix="review",
    check=check,
    per_record_type=True,
)
