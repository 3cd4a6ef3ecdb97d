"""DEF02: the definition is in force, and its review is overdue.

Not here: a definition nobody signed (DEF01), the scoring's own review (SCO01).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.review import late_review
from leadpact.audit.rule import Found, Option, Rule


def check(tables: Facts, pact: Pact, as_of: datetime, *, max_days: int) -> Sequence[Found]:
    """As `late_review`, of `review.definition_every_days`."""
    return late_review(tables, pact.review.definition_every_days, max_days, as_of, {"name": pact.name})


RULE = Rule(
    code="DEF02",
    name="definition.review_overdue",
    severity="warning",
    groups=("core", "definition"),
    fix="none",  # people review, LeadPact does not
    options={"max_days": Option(int, default=365, min=1)},
    check=check,
)
