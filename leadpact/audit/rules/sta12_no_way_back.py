"""STA12: there is no recycle value, so leads that are not ready yet die as disqualified.

Not here: who was disqualified and asked again (CON05).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Pact
from leadpact.audit.facts import Facts
from leadpact.audit.rule import Finding, Found, Rule
from leadpact.audit.target import values_of_kind
from leadpact.audit.wording import in_use
from leadpact.model import LEAD
from leadpact.tables import Table


def check(tables: Facts, pact: Pact, as_of: datetime) -> Sequence[Found]:
    """One finding where leads have statuses and no value in use is in a recycled stage.

    `records` are the leads that stand disqualified. Variant `stage` where the pact itself has
    no recycled stage.
    """
    held = any(one.object == LEAD and one.value is not None for one in tables.held)
    back = set(values_of_kind(pact, LEAD, ("recycled",)))
    if not held or any(value.object == LEAD and value.value in back for value in in_use(tables)):
        return []
    dead = set(values_of_kind(pact, LEAD, ("disqualified",)))
    records = sum(one.records for one in tables.held if one.object == LEAD and one.value in dead)
    known = bool(pact.keys("recycled"))
    evidence = {"records": records, "values": sorted(dead), "stages": pact.keys("recycled")}
    return [Found(object=LEAD, records=records, suggestion="" if known else "stage", evidence=evidence)]


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding) -> Table:
    """The leads that stand disqualified."""
    dead = values_of_kind(pact, LEAD, ("disqualified",))
    return tables.record.filter(tables.record.object == LEAD, tables.record.status.isin(dead))


RULE = Rule(
    code="STA12",
    name="status.no_way_back",
    severity="warning",
    groups=("core", "statuses", "definition"),
    fix="none",  # which of the dead may come back is for Marketing and Sales to agree
    check=check,
    people=people,
    per_record_type=True,
)
