"""STA11: no value for people who never interacted, or imported ones placed past it.

Not here: calling them all the same (STA15).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from config.schema import Pact
from leadpact.audit.facts import Facts, rows_of, status_in
from leadpact.audit.imports import imported, past
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.sentences import counted_values
from leadpact.audit.target import best_value, values_of_kind
from leadpact.audit.values import StatusValue
from leadpact.audit.wording import in_use
from leadpact.model import LEAD
from leadpact.tables import Table


def check(tables: Facts, pact: Pact, as_of: datetime, *, block: int, min_share: float) -> Sequence[Found]:
    """No value in use maps to an untouched stage; and, by value, imported leads past it.

    An imported block (imports.py): at least `block` leads of one source created within minutes, of
    whom at least `min_share` never interacted. Variant `unknown` where the CRM gives no
    activities, milder. Evidence `sources`: leads by source.
    """
    held = any(one.object == LEAD and one.value is not None for one in tables.held)
    if not held:
        return []
    untouched = set(values_of_kind(pact, LEAD, ("untouched",)))
    found = []
    if not any(value.object == LEAD and value.value in untouched for value in in_use(tables)):
        known = bool(pact.keys("untouched"))
        found.append(Found(object=LEAD, suggestion="value" if known else "stage", message="missing"))
    placed = _placed(tables, pact, block, min_share)
    rows = rows_of(placed.group_by("status", "source").aggregate(records=placed.count(), since=placed.created_at.min()))
    for name in sorted({row["status"] for row in rows}):
        own = sorted(
            (row for row in rows if row["status"] == name), key=lambda row: (-row["records"], row["source"] or "")
        )
        found.append(_found(tables, pact, tables.by_key[(LEAD, name)], own))
    return found


def _found(tables: Facts, pact: Pact, value: StatusValue, rows: list[dict[str, Any]]) -> Found:
    known = "activity" in tables.provided
    stage = next(iter(pact.keys("untouched")), None)
    target = best_value(tables, pact, LEAD, stage) if stage else None
    return Found(
        object=LEAD,
        value=value.value,
        label=value.label,
        records=sum(row["records"] for row in rows),
        severity="warning" if known else "info",
        since=min(row["since"] for row in rows),
        message="" if known else "unknown",
        suggestion="to" if target else "",
        params={
            "sources": counted_values(
                [(row["source"] or "", row["records"]) for row in rows], blank="audit.source.none"
            ),
            "target": target or "",
        },
        evidence={"sources": {row["source"] or "": row["records"] for row in rows}, "target": target},
    )


def _placed(tables: Facts, pact: Pact, block: int, min_share: float) -> Table:
    """Leads of imported blocks that never interacted and stand past the untouched stage."""
    members = imported(tables, pact.zone, block=block, min_share=min_share).members
    return members.filter(members.silent, members.object == LEAD, status_in(members, past(pact)))


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, block: int, min_share: float) -> Table:
    """The imported leads in one value; nobody for the missing value."""
    placed = _placed(tables, pact, block, min_share)
    return placed.filter(placed.status == finding.value) if finding.value is not None else tables.record.limit(0)


RULE = Rule(
    code="STA11",
    name="status.zero_interaction",
    severity="warning",
    groups=("core", "statuses", "definition"),
    fix="review",
    options={"block": Option(int, default=50, min=2), "min_share": Option(float, default=0.8, min=0, max=1)},
    check=check,
    people=people,
)
