"""SLA02: nobody can say how long leads stay in a stage that a promise, or the hand-over, starts at.

Not here: keeping the promise (metrics/sla.py, SLA03), having none (SLA01).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.tables import Table


def check(
    tables: Facts, pact: Pact, as_of: datetime, *, min_coverage: float, min_records: int, within_days: int
) -> Sequence[Found]:
    """The start stages of the SLA policies; the qualified stages where there is none.

    One finding where the CRM gives no status history at all (variant `no_history`). Else by
    stage (its key is the value): no status value or deal event leads to it (`no_value`, only
    for policies); or the time of too many entries is not known: of at least `min_records`
    entries of records made in the last `within_days` days, less than `min_coverage` are dated.
    `records` are those without. Evidence: `dated`, `of`, `share`.
    """
    promised = [policy.starts for policy in pact.sla]
    stages = list(dict.fromkeys(promised)) or pact.keys("qualified")
    if not stages:
        return []
    if tables.history == "none":
        return [Found(message="no_history", suggestion="no_history", evidence={"history": tables.history})]
    entries = _entries(tables, stages, as_of, within_days)
    by = entries.group_by("stage").aggregate(
        of=entries.count(),
        dated=entries.entered_at.notnull().cast("int64").sum(),
        records=(entries.object + ":" + entries.record_id).nunique(where=entries.entered_at.isnull()),
    )
    counts = {row["stage"]: row for row in rows_of(by)}
    found = []
    for key in stages:
        row = counts.get(key)
        if key in promised and not _reachable(pact, key):
            found.append(_no_value(pact, key))
        elif row is not None and row["of"] >= min_records and row["dated"] < min_coverage * row["of"]:
            found.append(_undated(pact, key, row))
    return found


def _no_value(pact: Pact, key: str) -> Found:
    stage = pact.stage(key)
    params = {"stage": stage.label}
    return Found(value=key, message="no_value", suggestion="no_value", params=params, evidence={"stage": key})


def _undated(pact: Pact, key: str, row: dict[str, Any]) -> Found:
    return Found(
        value=key,
        records=row["records"],
        params={"stage": pact.stage(key).label, "undated": row["of"] - row["dated"], "of": row["of"]},
        evidence={"dated": row["dated"], "of": row["of"], "share": row["dated"] / row["of"]},
    )


def _reachable(pact: Pact, key: str) -> bool:
    """Some status value or deal event leads to the stage."""
    maps = (pact.status_map.lead, pact.status_map.contact, pact.status_map.opportunity.model_dump())
    return any(key in one.values() for one in maps)


def _entries(tables: Facts, stages: Sequence[str], as_of: datetime, within_days: int) -> Table:
    """Entries into these stages, of records that count and were made lately."""
    since = ibis.timestamp((as_of - timedelta(days=within_days)).isoformat(" "))
    recent = tables.record.filter(tables.record.created_at >= since).select(*KEYS)
    spell = tables.spell.filter(tables.spell.stage.isin(list(stages))).select(*KEYS, "stage", "entered_at")
    return spell.semi_join(recent, KEYS)


def people(
    tables: Facts,
    pact: Pact,
    as_of: datetime,
    finding: Finding,
    *,
    min_coverage: float,
    min_records: int,
    within_days: int,
) -> Table:
    """The records that entered the stage at a time not known."""
    if finding.value is None or not finding.records:
        return tables.record.limit(0)
    entries = _entries(tables, [finding.value], as_of, within_days)
    return entries.filter(entries.entered_at.isnull())


RULE = Rule(
    code="SLA02",
    name="sla.not_measurable",
    severity="warning",
    groups=("core", "sla"),
    fix="none",  # history is switched on in the CRM's own setup
    options={
        "min_coverage": Option(float, default=0.8, min=0, max=1),
        "min_records": Option(int, default=20, min=1),
        "within_days": Option(int, default=365, min=1),
    },
    check=check,
    people=people,
)
