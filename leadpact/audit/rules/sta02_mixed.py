"""STA02: a status value mixes a state and an action.

Not here: which words name which (classifier).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.wording import CONFIDENCE, LASTING, TOUCHED, Weights, weighed


def check(
    tables: Facts,
    pact: Pact,
    as_of: datetime,
    *,
    min_confidence: float,
    min_moves: int,
    min_beside: float,
    lasting_days: int,
) -> Sequence[Found]:
    """Values in use that say both what the lead is and what somebody did; confidence from 0 to 1.

    Behaviour raises and lowers as in STA01 (`Weights`).
    """
    weights = Weights(min_moves, min_beside, lasting_days)
    return weighed(tables, pact, "mixed", "warning", min_confidence, weights)


RULE = Rule(
    code="STA02",
    name="status.mixed",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    options={**CONFIDENCE, **TOUCHED, **LASTING},
    check=check,
)
