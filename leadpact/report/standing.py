"""When the definition is next to be reviewed: so many days after the last signature as the pact says.

Not here: versions and signatures themselves (config/versions.py), a review that is late (audit/review.py).
"""

from __future__ import annotations

from datetime import date

from leadpact.audit.review import due_day
from leadpact.pact_in_use import PactInUse


def next_review(used: PactInUse) -> date | None:
    """The day it is due, in the pact's zone; null while no version is in force, or where the pact sets no interval."""
    days = used.pact.review.definition_every_days
    if days is None or not used.in_force or used.reviewed_at is None:
        return None
    return due_day(used.reviewed_at, days, used.pact.zone)
