"""STA09: no stage of the pact claims a status value, so its records are in no stage.

Not here: blank statuses (STA13), how an unmapped value counts (leadpact/metrics).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts, folded
from leadpact.audit.rule import Found, Rule, milder
from leadpact.audit.target import target
from leadpact.audit.values import StatusValue
from leadpact.audit.wording import in_use
from leadpact.model import OBJECTS


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """Values in use that the pact's status map does not list for their object."""
    claimed = {(object, value) for object in OBJECTS for value in pact.status_map.of(object)}
    spelled = {(object, folded(value)): value for object, value in sorted(claimed, reverse=True)}
    return [
        _found(tables, pact, value, *_near(value, spelled))
        for value in in_use(tables)
        if (value.object, value.value) not in claimed
    ]


def _near(value: StatusValue, spelled: Mapping[tuple[str, str], str]) -> tuple[str | None, str]:
    """What the pact lists instead: the value in another case and spaces, else the label people read."""
    for how, text in (("spelling", value.value), ("label", value.label or "")):
        if text and (value.object, folded(text)) in spelled:
            return spelled[(value.object, folded(text))], how
    return None, ""


def _found(tables: Facts, pact: Pact, value: StatusValue, near: str | None, how: str) -> Found:
    aim = target(tables, pact, value)
    stage = pact.stage(pact.status_map.of(value.object)[near]) if near else None
    return Found(
        object=value.object,
        value=value.value,
        label=value.label,
        records=value.records,
        severity="error" if value.records else milder("error"),
        since=value.first_at,
        message="" if value.records else "unheld",
        suggestion=how if stage else "to" if aim else "",
        params={
            "stage": stage.label if stage else aim.label if aim else "",
            "near": near or "",
        },
        evidence={
            **value.evidence,
            "stage": stage.key if stage else aim.stage if aim else None,
            "near": near,
        },
    )


RULE = Rule(
    code="STA09",
    name="status.unmapped",
    severity="error",
    groups=("core", "definition", "statuses"),
    fix="none",  # the pact is what has to change, and both teams sign it
    check=check,
)
