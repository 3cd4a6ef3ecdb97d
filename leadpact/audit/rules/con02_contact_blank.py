"""CON02: some contacts have a status, others have none.

Not here: contacts of whom nobody has one (CON01), won customers among them (CON03).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts, rows_of
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.target import stage_of
from leadpact.model import CONTACT, LEAD
from leadpact.tables import Table, is_blank


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding for active contacts without a status where others have one.

    Evidence tells how many of them come from a converted lead: from conversion on their
    status counts, and there is none. A pact that claims the blank status has agreed on it.
    """
    contacts = [held for held in tables.held if held.object == CONTACT]
    blanks = sum(held.working for held in contacts if held.value is None)
    filled = sum(held.records for held in contacts if held.value is not None)
    if not blanks or not filled or stage_of(pact, CONTACT, None):
        return []
    converted = _from_leads(tables, _blank(tables))
    evidence = {"records": blanks, "filled": filled, "from_leads": converted}
    params = {"filled": filled, "converted": converted}
    return [Found(object=CONTACT, records=blanks, params=params, evidence=evidence)]


def _blank(tables: Facts) -> Table:
    record = tables.record
    return record.filter(record.object == CONTACT, record.condition == "active", is_blank(record.status))


def _from_leads(tables: Facts, contacts: Table) -> int:
    """How many of these contacts are one person with a lead."""
    leads = tables.every_record.filter(tables.every_record.object == LEAD)
    joined = contacts.semi_join(leads.select("person_id"), "person_id")
    return int(rows_of(joined.aggregate(n=joined.count()))[0]["n"])


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The contacts without a status."""
    return _blank(tables)


RULE = Rule(
    code="CON02",
    name="contact.status_missing",
    severity="warning",
    groups=("core", "contacts"),
    fix="review",
    check=check,
    people=people,
)
