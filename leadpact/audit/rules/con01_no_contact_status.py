"""CON01: there are contacts, and none of them has a status.

From conversion on the contact's status counts, so whatever Sales does after it is lost.

Not here: contacts of whom only some have a status (CON02).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.model import CONTACT
from leadpact.tables import Table


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding where contacts count and every one is blank; variant `empty` where the field exists."""
    contacts = tables.count(CONTACT)
    if not contacts or tables.count(CONTACT, blank_only=True) < contacts:
        return []
    exists = CONTACT in tables.picklists
    variant = "empty" if exists else ""
    evidence = {"records": contacts, "field_exists": exists}
    return [Found(object=CONTACT, records=contacts, message=variant, suggestion=variant, evidence=evidence)]


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """All contacts."""
    return tables.record.filter(tables.record.object == CONTACT)


RULE = Rule(
    code="CON01",
    name="contact.no_status",
    severity="error",
    groups=("core", "contacts"),
    fix="none",  # a field is made in the CRM's own setup
    check=check,
    people=people,
)
