"""When the definition is next to be reviewed: so many days after the last signature as the pact says.

Not here: versions and signatures themselves (config/versions.py).
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.engine import Engine

from config import versions
from leadpact.workspace import PactInUse


def next_review(database: Engine, used: PactInUse) -> date | None:
    """The day it is due; null while no version is in force, or where the pact sets no interval."""
    days = used.pact.review.definition_every_days
    signed = versions.in_force(versions.history(database)) if used.in_force else None
    if days is None or signed is None:
        return None
    return (max(one.signed_at for one in signed.signatures) + timedelta(days=days)).date()
