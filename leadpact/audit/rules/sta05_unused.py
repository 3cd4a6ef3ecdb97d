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

    An entry exactly `max_days` days ago is lately. A note where nobody can say: variant
    `unknown` where there is no history, `young` where it does not reach back `max_days` days;
    and where a record type does without a value that the picklist offers to all.
    """
    lately = as_of - timedelta(days=max_days)
    shared = tables.part is not None and not tables.own_picklist
    unused = [
        value
        for value in tables.values
        if value.offered and not value.records and not (value.last_at and value.last_at >= lately)
    ]
    found = []
    for value in unused:
        begun = _begun(tables, value.object)
        young = value.last_at is None and begun is not None and begun > lately
        never = "unknown" if tables.history == "none" else "young" if young else "never"
        found.append(
            Found(
                object=value.object,
                value=value.value,
                label=value.label,
                severity="info" if shared or young else None,
                since=value.last_at,
                message="" if value.last_at else never,
                suggestion="type" if tables.part else "",
                params={"days": max_days, "last": _day(value.last_at), "begun": _day(begun)},
                evidence={**value.evidence, "history": tables.history},
            )
        )
    return found


def _begun(tables: Facts, object: str) -> datetime | None:
    """The first dated change of any status of the object."""
    dated = [own["first_at"] for key, own in tables.entered.items() if key[0] == object and own["first_at"]]
    return min(dated, default=None)


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


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
