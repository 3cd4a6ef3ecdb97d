"""SCO01: the scoring is in force, and its review is overdue.

Not here: a pact nobody signed (DEF01), the definition's own review (DEF02).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.review import late_review
from leadpact.audit.rule import Found, Option, Rule


def check(tables: Facts, pact: Pact, as_of: datetime, *, max_days: int) -> Sequence[Found]:
    """As `late_review`, of `review.scoring_every_days`, for a pact with scoring rules.

    Signing the version in force is a review: both teams sign the rules with the rest.
    """
    rules = len(pact.scoring.rules)
    if not rules:
        return []
    return late_review(tables, pact.review.scoring_every_days, max_days, as_of, {"count": rules}, rules=rules)


RULE = Rule(
    code="SCO01",
    name="scoring.review_overdue",
    severity="warning",
    groups=("core", "scoring"),
    fix="none",  # people review, LeadPact does not
    options={"max_days": Option(int, default=180, min=1)},
    check=check,
)
