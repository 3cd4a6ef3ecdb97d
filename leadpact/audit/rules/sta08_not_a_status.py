"""STA08: a status value is really a source, product, owner or a reason for loss.

Not here: which words name which (classifier).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Rule
from leadpact.audit.target import values_of_kind
from leadpact.audit.wording import CONFIDENCE, of_kind
from leadpact.model import OBJECTS


def check(tables: Facts, pact: Pact, as_of: datetime, *, min_confidence: float) -> Sequence[Found]:
    """Values in use that belong into another field; confidence from 0 to 1.

    What the pact puts in an invalid stage (spam, duplicate) is agreed to be one.
    """
    agreed = {(object, value) for object in OBJECTS for value in values_of_kind(pact, object, ("invalid",))}
    found = of_kind(tables, pact, ("source", "reason"), "warning", min_confidence)
    return [one for one in found if (one.object, one.value) not in agreed]


RULE = Rule(
    code="STA08",
    name="status.other_field",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    options=CONFIDENCE,
    check=check,
)
