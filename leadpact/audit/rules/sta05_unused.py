"""STA05: a status value is on offer, and nobody holds it or has entered it lately.

Not here: values that should not be on offer for what they say (STA01 to STA03).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Found, Option, Rule


def check(tables: Facts, pact: Pact, as_of: datetime, *, max_days: int) -> Sequence[Found]:
    """Active picklist values without a holder and without an entry in the last `max_days` days.

    An entry exactly `max_days` days ago is lately. Variant `unknown` where there is no history
    to say when the value was last entered. A note where a record type does without a value
    that the picklist offers to all.
    """
    lately = as_of - timedelta(days=max_days)
    known = tables.history != "none"
    shared = tables.part is not None and not tables.own_picklist
    return [
        Found(
            object=value.object,
            value=value.value,
            label=value.label,
            severity="info" if shared else None,
            since=value.last_at,
            message="" if value.last_at else "never" if known else "unknown",
            params={"days": max_days, "last": value.last_at.date().isoformat() if value.last_at else ""},
            evidence={**value.evidence, "history": tables.history},
        )
        for value in tables.values
        if value.offered and not value.records and not (value.last_at and value.last_at >= lately)
    ]


RULE = Rule(
    code="STA05",
    name="status.unused",
    severity="warning",
    groups=("core", "statuses"),
    needs=("status_value",),
    fix="none",  # a picklist is retired in the CRM's own setup
    options={"max_days": Option(int, default=180, min=1)},
    check=check,
    per_record_type=True,
)
