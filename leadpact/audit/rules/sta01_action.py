"""STA01: a status value names an action, or behaves like one; it does not say what the lead is.

Not here: which words name an action (classifier), what a stage is (config).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.wording import CONFIDENCE, LASTING, PASSING, TOUCHED, Weights, acted, weighed


def check(
    tables: Facts,
    pact: Pact,
    as_of: datetime,
    *,
    min_confidence: float,
    min_moves: int,
    min_beside: float,
    lasting_days: int,
    max_stay_days: float,
) -> Sequence[Found]:
    """Values in use that name a touch, or the outcome of one; confidence from 0 to 1.

    Behaviour counts beside wording: see `Weights` for what raises and lowers, and `acted` for
    values that only behave like an action, which are a warning.
    """
    weights = Weights(min_moves, min_beside, lasting_days)
    named = weighed(tables, pact, "action", "error", min_confidence, weights)
    return [*named, *acted(tables, pact, "warning", weights, max_stay_days)]


RULE = Rule(
    code="STA01",
    name="status.action",
    severity="error",
    groups=("core", "statuses"),
    fix="review",  # which state a lead is really in, only people know
    options={**CONFIDENCE, **TOUCHED, **LASTING, **PASSING},
    check=check,
)
