"""SCO01: the scoring is in force, and its review is overdue.

Not here: a pact nobody signed (DEF01), the definition's own review (DEF02).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.review import overdue
from leadpact.audit.rule import Found, Option, Rule, Severity


def check(tables: Facts, pact: Pact, as_of: datetime, *, max_days: int) -> Sequence[Found]:
    """One finding the day after the review was due, for a pact with scoring rules.

    Signing the version in force is a review: both teams sign the rules with the rest. Due as the
    pact agrees (`review.scoring_every_days`); where it agrees none, after `max_days` days
    (variant `unagreed`, milder). `records` is 0: it concerns all of them alike.
    """
    agreed = pact.review.scoring_every_days
    late = overdue(tables.used, agreed or int(max_days), as_of) if pact.scoring.rules else None
    if late is None or tables.used is None:
        return []
    variant = "" if agreed else "unagreed"
    severity: Severity = "warning" if agreed else "info"
    params = {
        "count": len(pact.scoring.rules),
        "days": agreed or max_days,
        "signed": late.signed,
        "late": late.days_late,
    }
    evidence = {
        "version": tables.used.version,
        "rules": len(pact.scoring.rules),
        "signed": late.signed.isoformat(),
        "due": late.due.isoformat(),
    }
    return [
        Found(
            severity=severity, since=late.since, message=variant, suggestion=variant, params=params, evidence=evidence
        )
    ]


RULE = Rule(
    code="SCO01",
    name="scoring.review_overdue",
    severity="warning",
    groups=("core", "scoring"),
    fix="none",  # people review, LeadPact does not
    options={"max_days": Option(int, default=180, min=1)},
    check=check,
)
