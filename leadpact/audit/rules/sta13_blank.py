"""STA13: records being worked have no status at all.

Not here: an object nobody keeps a status on (CON01), blanks among customers (CON02).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts, is_frozen
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.target import stage_of
from leadpact.model import CONTACT, OBJECTS
from leadpact.tables import Table, is_blank


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """Active records, not converted, with a null or empty status; one finding an object.

    Contacts only where some contact has a status (else CON01 says it once). A pact that
    claims the blank status has agreed what it means, and nothing is found.
    """
    found = []
    for object in OBJECTS:
        working = [held for held in tables.held if held.object == object]
        blanks = sum(held.working for held in working if held.value is None)
        kept = any(held.value is not None for held in working)
        if not blanks or (object == CONTACT and not kept) or stage_of(pact, object, None):
            continue
        total = sum(held.working for held in working)
        evidence = {"records": blanks, "of": total, "share": blanks / total}
        found.append(Found(object=object, records=blanks, params={"total": total}, evidence=evidence))
    return found


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The records without a status."""
    record = tables.record.filter(tables.record.object == finding.object, tables.record.condition == "active")
    return record.filter(is_blank(record.status), ~is_frozen(record, as_of))


RULE = Rule(
    code="STA13",
    name="status.blank",
    severity="warning",
    groups=("core", "statuses"),
    fix="review",
    check=check,
    people=people,
)
