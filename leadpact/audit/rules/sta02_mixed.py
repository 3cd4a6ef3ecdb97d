"""STA02: a status value mixes a state and an action.

Not here: which words name which (classifier).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.wording import CONFIDENCE, of_kind


def check(tables: Facts, pact: Pact, as_of: datetime, *, min_confidence: float) -> Sequence[Found]:
    """Values in use that say both what the lead is and what somebody did; confidence from 0 to 1."""
    return of_kind(tables, pact, ("mixed",), "warning", min_confidence)


RULE = Rule(
    code="STA02",
    name="status.mixed",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    options=CONFIDENCE,
    check=check,
)
