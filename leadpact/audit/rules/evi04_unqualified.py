"""EVI04: handed to Sales without having been qualified.

Not here: qualified ones below the agreed threshold (EVI02), moves outside the flow (FLO01).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

import ibis

from config.schema import Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.audit.sentences import counted_values
from leadpact.metrics.moments import earliest
from leadpact.tables import Table, with_owner

MOST_OWNERS = 20
CUSTOMERS = ("won", "retained")


def check(tables: Facts, pact: Pact, as_of: datetime, *, within_days: int, rare: float) -> Sequence[Found]:
    """One finding: the records by which a journey came to a stage of Sales unqualified.

    Judged are journeys all of whose starts are known, and whose first entry to a stage of Sales
    was in the last `within_days` days. Unqualified: no qualified stage was entered before; at
    the same moment is in time. Left out: who was a customer right before, and moves the pact's
    flow agrees. A pact without a qualified stage has none to skip. A note where `records` are
    fewer than `rare` of the journeys handed over. Evidence: `of` (those), `statuses` (records by
    the value they came in by; a deal's `created`), `owners` (records by owner then).
    """
    if not pact.keys("qualified") or not pact.keys("sales"):
        return []
    skipped = with_owner(_skipped(tables, pact, as_of, within_days), tables.owner)
    by = skipped.group_by("value", "owner").aggregate(records=skipped.count(), since=skipped.entered_at.min())
    rows = rows_of(by)
    if not rows:
        return []
    (total,) = rows_of(_handed(tables, pact, as_of, within_days).aggregate(of=lambda t: t.count()))
    return [_found(rows, total["of"], within_days, rare)]


def _found(rows: Sequence[dict[str, Any]], of: int, within_days: int, rare: float) -> Found:
    records = sum(row["records"] for row in rows)
    statuses, owners = (_counted(rows, name) for name in ("value", "owner"))
    return Found(
        records=records,
        severity="warning" if records >= rare * of else "info",
        since=min(row["since"] for row in rows),
        params={"of": of, "days": within_days, "statuses": counted_values(list(statuses.items()))},
        evidence={
            "of": of,
            "share": records / of,
            "statuses": statuses,
            "owners": dict(list(owners.items())[:MOST_OWNERS]),
        },
    )


def _counted(rows: Sequence[dict[str, Any]], name: str) -> dict[str, int]:
    """Records by value of a column, the most first; nothing known under ""."""
    found: dict[str, int] = {}
    for row in rows:
        found[row[name] or ""] = found.get(row[name] or "", 0) + row["records"]
    return dict(sorted(found.items(), key=lambda part: (-part[1], part[0])))


def _handed(tables: Facts, pact: Pact, as_of: datetime, within_days: int) -> Table:
    """Journeys of known starts that came to Sales lately: of_person, of_journey, handed_at, qualified_at."""
    limit = ibis.timestamp((as_of - timedelta(days=within_days)).isoformat(" "))
    journey = tables.journey.filter(~tables.journey.imputed, tables.journey.entered_at.notnull())
    first = {
        name: earliest(*(journey[f"visited_{key}"] for key in pact.keys(kind)))
        for name, kind in (("handed_at", "sales"), ("qualified_at", "qualified"))
    }
    journey = journey.select(of_person="person_id", of_journey="journey", **first)
    return journey.filter(journey.handed_at >= limit)


def _skipped(tables: Facts, pact: Pact, as_of: datetime, within_days: int) -> Table:
    """Records that count by which somebody unqualified was handed over; of several times, the first.

    Out: object, record_id, value, owner_id, entered_at.
    """
    late = _handed(tables, pact, as_of, within_days)
    late = late.filter(late.qualified_at.isnull() | (late.qualified_at > late.handed_at))
    spell = tables.spell.filter(tables.spell.kind == "sales")
    spell = spell.filter(spell.from_stage.notin(pact.keys(*CUSTOMERS)).fill_null(True), ~_agreed(spell, pact))
    first = [
        spell.person_id == late.of_person,
        spell.journey == late.of_journey,
        spell.entered_at == late.handed_at,
    ]
    joined = spell.inner_join(late, first).semi_join(tables.record, KEYS)
    return joined.group_by(*KEYS).aggregate(
        # argmin passes over nulls; n, unlike time, is never the same
        value=joined.value.fill_null("").argmin(joined.n),
        owner_id=joined.owner_id.fill_null("").argmin(joined.n).nullif(""),
        entered_at=joined.entered_at.min(),
    )


def _agreed(handed: Table, pact: Pact) -> Any:
    """The flow both teams agreed goes to this stage of Sales from the one before."""
    sales = pact.keys("sales")
    moves = [(handed.from_stage == one) & (handed.stage == other) for one, other in pact.flow if other in sales]
    return reduce(or_, moves).fill_null(False) if moves else ibis.literal(False)


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, within_days: int, rare: float) -> Table:
    """The records that were handed over unqualified."""
    return _skipped(tables, pact, as_of, within_days)


RULE = Rule(
    code="EVI04",
    name="evidence.unqualified",
    severity="warning",
    groups=("core", "evidence"),
    needs=("history",),
    fix="none",  # what was skipped is in the past; the next hand-over is what changes
    options={"within_days": Option(int, default=365, min=1), "rare": Option(float, default=0.1, min=0, max=1)},
    check=check,
    people=people,
)
