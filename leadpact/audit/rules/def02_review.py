"""DEF02: the definition is in force, and its review is overdue.

Not here: a definition nobody signed (DEF01), the scoring's own review (SCO01).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.review import overdue
from leadpact.audit.rule import Found, Option, Rule, Severity


def check(tables: Facts, pact: Pact, as_of: datetime, *, max_days: int) -> Sequence[Found]:
    """One finding the day after the review was due; a new signed version, or one more signature, is a review.

    Due as the pact agrees (`review.definition_every_days`); where it agrees none, after
    `max_days` days (variant `unagreed`, milder). `records` is 0: it concerns all of them alike.
    """
    agreed = pact.review.definition_every_days
    late = overdue(tables.used, agreed or int(max_days), as_of)
    if late is None or tables.used is None:
        return []
    params = {"name": pact.name, "days": agreed or max_days, "signed": late.signed, "late": late.days_late}
    evidence = {"version": tables.used.version, "signed": late.signed.isoformat(), "due": late.due.isoformat()}
    variant = "" if agreed else "unagreed"
    severity: Severity = "warning" if agreed else "info"
    return [
        Found(
            severity=severity, since=late.since, message=variant, suggestion=variant, params=params, evidence=evidence
        )
    ]


RULE = Rule(
    code="DEF02",
    name="definition.review_overdue",
    severity="warning",
    groups=("core", "definition"),
    fix="none",  # people review, LeadPact does not
    options={"max_days": Option(int, default=365, min=1)},
    check=check,
)
