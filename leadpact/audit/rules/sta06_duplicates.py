"""STA06: two status values of one object mean the same.

Not here: when words mean the same (audit/likeness.py), values told apart by wording only (STA10).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit import likeness
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.shown import shown
from leadpact.audit.target import stage_of
from leadpact.audit.values import StatusValue
from leadpact.audit.wording import in_use
from leadpact.model import OBJECTS


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """Each value in use that means the same as another, which is the one to keep.

    Kept is the value on offer, then the one held by most. Values that mean the same in other
    words, and that the pact puts in different stages, are told apart on purpose: a note.
    Evidence: `twin`, `why` (spelling, typo, meaning), `stage`, `twin_stage`.
    """
    found = []
    for object in OBJECTS:
        values = {value.value: value for value in in_use(tables) if value.object == object}
        wordings = {name: value.wording for name, value in values.items()}
        for group in likeness.groups(wordings, functools.partial(_alike, tables, pact, values)):
            first, *others = sorted((values[name] for name in group), key=_worth)
            found += [_found(pact, value, first) for value in others]
    return found


def _worth(value: StatusValue) -> tuple[bool, int, str]:
    """What to keep sorts first."""
    return (not value.offered and value.active is not None, -value.records, value.value)


def _alike(tables: Facts, pact: Pact, values: dict[str, StatusValue], one: str, other: str) -> bool:
    """A typo is believed where both name the same kind of thing, and the pact does not tell them apart."""
    first, second = values[one], values[other]
    stages = {stage_of(pact, value.object, value.value) for value in (first, second)} - {None}
    return tables.kind(first) == tables.kind(second) and len(stages) < 2


def _found(pact: Pact, value: StatusValue, twin: StatusValue) -> Found:
    why = likeness.why(value.wording, twin.wording)
    stages = [stage_of(pact, one.object, one.value) for one in (value, twin)]
    apart = None not in stages and stages[0] != stages[1]
    return Found(
        object=value.object,
        value=value.value,
        label=value.label,
        records=value.records,
        severity="info" if why == "meaning" and apart else "warning",
        since=value.first_at,
        message=f"{why}_apart" if apart else why,
        params={"twin": shown(twin.value, twin.label), "twin_records": twin.records},
        evidence={
            **value.evidence,
            "twin": twin.value,
            "twin_records": twin.records,
            "why": why,
            "stage": stages[0],
            "twin_stage": stages[1],
        },
    )


RULE = Rule(
    code="STA06",
    name="status.duplicate",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    check=check,
    per_record_type=True,
)
