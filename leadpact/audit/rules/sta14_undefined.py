"""STA14: records hold a status value that the picklist does not define.

Not here: values the picklist defines and has retired (STA04).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts, folded
from leadpact.audit.rule import Found, Rule
from leadpact.audit.values import StatusValue


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """Values held by records and missing from their object's picklist, where one is known.

    Evidence `near`: a value on offer that differs in case and spaces only, else one whose label
    it is (variant `label`: somebody writes what people read, not what is stored).
    """
    offered = [one for one in reversed(tables.values) if one.offered]
    spelled = {(one.object, folded(one.value)): (one.value, "near") for one in offered}
    labelled = {(one.object, folded(one.label or "")): (one.value, "label") for one in offered if one.label}
    known = {**labelled, **spelled}
    return [
        _found(value, *known.get((value.object, folded(value.value)), (None, "")))
        for value in tables.values
        if value.records and not value.listed and value.object in tables.picklists
    ]


def _found(value: StatusValue, near: str | None, how: str) -> Found:
    return Found(
        object=value.object,
        value=value.value,
        records=value.records,
        since=value.first_at,
        suggestion=how,
        params={"near": near or ""},
        evidence={**value.evidence, "near": near},
    )


RULE = Rule(
    code="STA14",
    name="status.undefined",
    severity="error",
    groups=("core", "statuses"),
    needs=("status_value",),
    fix="review",
    check=check,
    per_record_type=True,
)
