"""SCO04: the CRM shows its users another score than the one both teams signed.

Not here: which field holds the CRM's score (scored.py), what the score means (leadpact/scoring).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isnan
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit.facts import Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.scored import crm_column
from leadpact.model import OBJECTS
from leadpact.tables import Table

ALIKE = 0.95  # Pearson's r from which the CRM's score is the same on another scale


def check(
    tables: Facts, pact: Pact, as_of: datetime, *, max_difference: float, min_share: float, min_records: int
) -> Sequence[Found]:
    """One finding an object (`value` is the field), of active records that count and have both scores.

    `records` are those whose scores differ by more than `max_difference` points; found where
    they are more than `min_share` of at least `min_records` compared. Variant `scale`, milder:
    both rise together (r ≥ 0.95) and stand on the same side of the threshold for nearly all.
    Evidence: `of` compared, `share`, `other_side` of the threshold (null without one), `unknown`
    (no number in the CRM's field), `correlation`.
    """
    field = crm_column(tables, pact)
    if field is None or not pact.scoring.rules:
        return []
    record = _compared(tables, pact, max_difference)
    by = record.group_by("object").aggregate(
        of=record.crm.count(),
        unknown=record.crm.isnull().cast("int64").sum(),
        records=record.differs.cast("int64").sum(),
        other_side=record.other_side.cast("int64").sum(),
        correlation=record.score.corr(record.crm, how="pop"),
    )
    rows = {row["object"]: row for row in rows_of(by)}
    return [
        _found(rows[object], field, min_share, max_difference)
        for object in OBJECTS
        if object in rows
        and rows[object]["of"] >= min_records
        and rows[object]["records"] > min_share * rows[object]["of"]
    ]


def _found(row: dict[str, Any], field: str, min_share: float, max_difference: float) -> Found:
    correlation = row["correlation"]
    known = correlation is not None and not isnan(correlation)  # not a number where one of them never varies
    other = row["other_side"]
    scale = known and correlation >= ALIKE and (other or 0) <= min_share * row["of"]
    variant = "scale" if scale else "" if other is None else "side"
    evidence = {
        "of": row["of"],
        "share": row["records"] / row["of"],
        "other_side": other,
        "unknown": row["unknown"],
        "correlation": correlation if known else None,
    }
    return Found(
        object=row["object"],
        value=field,
        records=row["records"],
        severity="info" if scale else "warning",
        message=variant,
        suggestion="scale" if scale else "",
        params={"of": row["of"], "points": max_difference, "other": other or 0},
        evidence=evidence,
    )


def _compared(tables: Facts, pact: Pact, max_difference: float) -> Table:
    """Active records that count and have a score: crm, differs, other_side (null where there is nothing to compare)."""
    record = tables.scored
    record = record.filter(record.stands, record.score.notnull())
    threshold = pact.sales_ready.threshold
    side = ibis.null("boolean") if threshold is None else (record.score >= threshold) != (record.crm >= threshold)
    return record.mutate(differs=(record.crm - record.score).abs() > max_difference, other_side=side)


def people(
    tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, max_difference: float, **options: float
) -> Table:
    """The records of one object whose scores differ."""
    record = _compared(tables, pact, max_difference)
    return record.filter(record.object == finding.object, record.differs.fill_null(False))


RULE = Rule(
    code="SCO04",
    name="scoring.crm_differs",
    severity="warning",
    groups=("core", "scoring"),
    fix="none",  # the CRM computes its own score: LeadPact does not overwrite it
    options={
        "max_difference": Option(float, default=5.0, min=0),
        "min_share": Option(float, default=0.1, min=0, max=1),
        "min_records": Option(int, default=30, min=1),
    },
    check=check,
    people=people,
)
