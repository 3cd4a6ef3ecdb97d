"""STA07: a status value says nothing about the lead.

Not here: which words are vague (classifier).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.wording import CONFIDENCE, of_kind


def check(tables: Facts, pact: Pact, as_of: datetime, *, min_confidence: float) -> Sequence[Found]:
    """Values in use like "In progress" or "Other"; confidence from 0 to 1."""
    return of_kind(tables, pact, ("vague",), "warning", min_confidence)


RULE = Rule(
    code="STA07",
    name="status.vague",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    options=CONFIDENCE,
    check=check,
)
