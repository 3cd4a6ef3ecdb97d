"""STA01: a status value names an action, not what the lead is.

Not here: which words name an action (classifier), what a stage is (config).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.wording import CONFIDENCE, of_kind


def check(tables: Facts, pact: Pact, as_of: datetime, *, min_confidence: float) -> Sequence[Found]:
    """Values in use that name a touch, or the outcome of one; confidence from 0 to 1."""
    return of_kind(tables, pact, ("action",), "error", min_confidence)


RULE = Rule(
    code="STA01",
    name="status.action",
    severity="error",
    groups=("core", "statuses"),
    fix="review",  # which state a lead is really in, only people know
    options=CONFIDENCE,
    check=check,
)
