"""STA03: a status value is obsolete by its own wording.

Not here: values retired in the picklist but still held (STA04).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.wording import CONFIDENCE, of_kind


def check(tables: Facts, pact: Pact, as_of: datetime, *, min_confidence: float) -> Sequence[Found]:
    """Values in use that call themselves old, unused or a test; confidence from 0 to 1."""
    return of_kind(tables, pact, ("obsolete",), "warning", min_confidence)


RULE = Rule(
    code="STA03",
    name="status.obsolete",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    options=CONFIDENCE,
    check=check,
)
