"""CON04: lead and contact of one person contradict each other.

Not here: a contact without a status (CON02), a sale no status tells of (CON03).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis

from config.schema import END_KINDS, Pact
from leadpact.audit.facts import KEYS, Facts, rows_of, status_in
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.sentences import listed
from leadpact.audit.shown import shown
from leadpact.audit.target import stage_of, values_of_kind
from leadpact.language import Text
from leadpact.model import CONTACT, LEAD
from leadpact.tables import Table

DEAD = ("disqualified", "invalid")
ALIVE = ("qualified", "sales", "won")
ENDED = (*END_KINDS, "retained")
NAMED = 3  # pairs a sentence names; the evidence has all


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding: contacts whose stage stands before their lead's, or that are alive while the lead is dead.

    A contact that ended a journey once and began again is no contradiction. Statuses no stage
    claims are left to STA09. Evidence `pairs`: [lead status, contact status, contacts].
    """
    contrary = _contrary(tables, pact)
    if contrary is None:
        return []
    by = contrary.group_by("lead_status", "status").aggregate(records=contrary.record_id.nunique())
    rows = sorted(rows_of(by), key=lambda row: (-row["records"], row["lead_status"], row["status"]))
    total = rows_of(contrary.aggregate(records=contrary.record_id.nunique()))[0]["records"]
    if not total:
        return []
    pairs = [_pair(row) for row in rows[:NAMED]]
    if len(rows) > NAMED:
        pairs.append(Text.of("audit.more"))
    evidence = {"pairs": [[row["lead_status"], row["status"], row["records"]] for row in rows]}
    return [Found(object=CONTACT, records=total, params={"pairs": listed(pairs)}, evidence=evidence)]


def _pair(row: dict[str, Any]) -> Text:
    lead, contact = shown(row["lead_status"]), shown(row["status"])
    return Text.of("audit.pair", lead=lead, contact=contact, number=row["records"])


def _contrary(tables: Facts, pact: Pact) -> Table | None:
    """Contacts (object, record_id, status) with `lead_status`, where the two contradict; null for no such pair."""
    record = tables.record
    leads = record.filter(record.object == LEAD).select("person_id", lead_status="status")
    contacts = record.filter(record.object == CONTACT).select(*KEYS, "person_id", "status")
    both = contacts.inner_join(leads, "person_id")
    held = rows_of(both.select("lead_status", "status").distinct())
    pairs = [row for row in held if _contradict(pact, row["lead_status"], row["status"])]
    if not pairs:
        return None
    schema = {"lead_status": "string", "status": "string"}
    contrary = both.semi_join(ibis.memtable(pairs, schema=schema), list(schema))
    change = tables.field_change
    ended = change.filter(
        change.field == "status", status_in(change, {CONTACT: values_of_kind(pact, CONTACT, ENDED)}, "to_value")
    )
    return contrary.anti_join(ended, KEYS)


def _contradict(pact: Pact, lead: str | None, contact: str | None) -> bool:
    if lead is None or contact is None:
        return False
    keys = stage_of(pact, LEAD, lead), stage_of(pact, CONTACT, contact)
    if keys[0] is None or keys[1] is None:
        return False
    of_lead, of_contact = pact.stage(keys[0]), pact.stage(keys[1])
    if of_lead.kind in DEAD:
        return of_contact.kind in ALIVE
    before = of_contact.in_funnel or of_contact.kind == "untouched"
    return of_lead.in_funnel and before and pact.stages.index(of_contact) < pact.stages.index(of_lead)


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The contacts that contradict their lead."""
    contrary = _contrary(tables, pact)
    return tables.record.limit(0) if contrary is None else contrary


RULE = Rule(
    code="CON04",
    name="contact.contradicts_lead",
    severity="warning",
    groups=("core", "contacts"),
    fix="review",
    check=check,
    people=people,
)
