"""STA07: a status value says nothing about the lead.

Not here: which words are vague (classifier).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from config.schema import UNMAPPED, Pact
from leadpact.audit.behaviour import behaviours
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Option, Rule, milder
from leadpact.audit.target import values_of_kind
from leadpact.audit.wording import CONFIDENCE, of_kind
from leadpact.model import OBJECTS


def check(
    tables: Facts, pact: Pact, as_of: datetime, *, min_confidence: float, min_moves: int, min_share: float
) -> Sequence[Found]:
    """Values in use like "In progress" or "Other"; confidence from 0 to 1.

    What the pact puts before the funnel may say "Unknown": of who never interacted, nothing is known.
    Milder, and told (variant `one_way`), where people mean one thing by it: of at least
    `min_moves` moves out of the value, at least `min_share` lead to one stage of the pact.
    """
    agreed = {(object, value) for object in OBJECTS for value in values_of_kind(pact, object, ("untouched",))}
    found = of_kind(tables, pact, ("vague",), "warning", min_confidence)
    return [_weighed(tables, pact, one, min_moves, min_share) for one in found if (one.object, one.value) not in agreed]


def _weighed(tables: Facts, pact: Pact, one: Found, min_moves: int, min_share: float) -> Found:
    stages = behaviours(tables).of(one.object or "", one.value or "").stages
    left = sum(stages.values())
    if not one.records or left < min_moves:
        return one
    key, times = max(stages.items(), key=lambda item: (item[1], item[0]))
    if key == UNMAPPED or times / left < min_share:
        return one
    params = {**one.params, "onto": pact.stage(key).label, "share": round(100 * times / left), "left": left}
    return replace(one, severity=milder(one.severity or "warning"), message="one_way", params=params)


RULE = Rule(
    code="STA07",
    name="status.vague",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    options={
        **CONFIDENCE,
        "min_moves": Option(int, default=20, min=1),
        "min_share": Option(float, default=0.8, min=0.5, max=1),
    },
    check=check,
)
