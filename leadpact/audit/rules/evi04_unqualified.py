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
from leadpact.model import OBJECTS
from leadpact.tables import Table, with_owner

MOST_OWNERS = 20
CUSTOMERS = ("won", "retained")


def check(tables: Facts, pact: Pact, as_of: datetime, *, within_days: int, rare: float) -> Sequence[Found]:
    """One finding an object: records by which a journey came to a stage of Sales unqualified.

    Judged are journeys all of whose starts are known, and whose first entry to a stage of Sales
    was in the last `within_days` days. Unqualified: no qualified stage was entered before; at
    the same moment is in time. Left out: who was a customer right before, and moves the pact's
    flow agrees. A pact without a qualified stage has none to skip. A note where fewer than
    `rare` of the hand-overs are so. Evidence: `of` (records handed over), `statuses` (records by
    the value they came in by; a deal's `created`), `owners` (records by owner then).
    """
    if not pact.keys("qualified") or not pact.keys("sales"):
        return []
    handed = _handed(tables, pact, as_of, within_days)
    named = with_owner(handed, tables.owner)
    by = named.group_by("object", "skipped", "value", "owner").aggregate(
        records=named.count(), since=named.entered_at.min()
    )
    rows = rows_of(by)
    return [
        _found(object, own, sum(row["records"] for row in rows if row["object"] == object), within_days, rare)
        for object in OBJECTS
        if (own := [row for row in rows if row["object"] == object and row["skipped"]])
    ]


def _found(object: str, rows: Sequence[dict[str, Any]], of: int, within_days: int, rare: float) -> Found:
    records = sum(row["records"] for row in rows)
    statuses, owners = (_counted(rows, name) for name in ("value", "owner"))
    return Found(
        object=object,
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
    """Records that count, handed over lately: object, record_id, skipped, value, owner_id, entered_at.

    Of a record handed over several times, the first unqualified one stands for it.
    """
    spell = tables.spell.filter(tables.spell.kind == "sales", tables.spell.journey.notnull())
    first = spell.group_by("person_id", "journey").aggregate(n=spell.n.min())
    spell = spell.semi_join(first, ["person_id", "journey", "n"])
    limit = ibis.timestamp((as_of - timedelta(days=within_days)).isoformat(" "))
    own = spell.from_stage.notin(pact.keys(*CUSTOMERS)).fill_null(True)
    spell = spell.filter(own, spell.entered_at >= limit).select(
        *KEYS, "person_id", "journey", "value", "owner_id", "entered_at", "stage", "from_stage"
    )
    journey = tables.journey.filter(~tables.journey.imputed, tables.journey.entered_at.notnull())
    qualified = earliest(*(journey[f"visited_{key}"] for key in pact.keys("qualified")))
    known = journey.select(of_person="person_id", of_journey="journey", qualified_at=qualified)
    joined = spell.inner_join(known, (spell.person_id == known.of_person) & (spell.journey == known.of_journey))
    late = joined.qualified_at.isnull() | (joined.qualified_at > joined.entered_at)
    joined = joined.mutate(skipped=late & ~_agreed(joined, pact)).semi_join(tables.record, KEYS)
    return joined.group_by(*KEYS).aggregate(
        skipped=joined.skipped.any(),
        # argmin passes over nulls
        value=joined.value.fill_null("").argmin(joined.entered_at, where=joined.skipped),
        owner_id=joined.owner_id.fill_null("").argmin(joined.entered_at, where=joined.skipped).nullif(""),
        entered_at=joined.entered_at.min(where=joined.skipped),
    )


def _agreed(handed: Table, pact: Pact) -> Any:
    """The flow both teams agreed goes to this stage of Sales from the one before."""
    sales = pact.keys("sales")
    moves = [(handed.from_stage == one) & (handed.stage == other) for one, other in pact.flow if other in sales]
    return reduce(or_, moves).fill_null(False) if moves else ibis.literal(False)


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, within_days: int, rare: float) -> Table:
    """The records of one object that were handed over unqualified."""
    handed = _handed(tables, pact, as_of, within_days)
    return handed.filter(handed.skipped, handed.object == finding.object)


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
