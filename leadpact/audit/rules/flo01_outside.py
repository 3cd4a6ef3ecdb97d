"""FLO01: people move from stage to stage in ways the agreed flow does not know.

Not here: what a move is (metrics/spells.py, metrics/flow.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import ibis

from config.schema import UNMAPPED, Pact
from leadpact.audit.facts import KEYS, Facts, rows_of
from leadpact.audit.rule import Finding, Found, Option, Rule
from leadpact.tables import Table

RARE = 0.01  # of the moves out of a stage: below, a note


def check(tables: Facts, pact: Pact, as_of: datetime, *, within_days: int) -> Sequence[Found]:
    """A finding for each move, `from > to` by stage keys, that is not in the pact's `flow`.

    Moves of known time in the last `within_days` days, both stages of the pact. An empty flow
    is not agreed yet: nothing is found. `records` are those of the moves; evidence `moves`,
    `of` (all moves out of that stage), `share`. Milder below one in a hundred.
    """
    if not pact.flow:
        return []
    move = _moves(tables, as_of, within_days)
    by_record = move.group_by("from_stage", "stage", *KEYS).aggregate(n=move.count(), first_at=move.entered_at.min())
    by = by_record.group_by("from_stage", "stage").aggregate(
        moves=by_record.n.sum(), records=by_record.count(), since=by_record.first_at.min()
    )
    rows = sorted(rows_of(by), key=lambda row: (row["from_stage"], row["stage"]))
    left: dict[str, int] = {}
    for row in rows:
        left[row["from_stage"]] = left.get(row["from_stage"], 0) + row["moves"]
    return [
        _found(pact, row, left[row["from_stage"]], within_days)
        for row in rows
        if (row["from_stage"], row["stage"]) not in pact.flow
    ]


def _found(pact: Pact, row: dict[str, Any], left: int, within_days: int) -> Found:
    first, second = (pact.stage(row[name]) for name in ("from_stage", "stage"))
    share = row["moves"] / left
    evidence = {"moves": row["moves"], "of": left, "share": share, "from": first.key, "to": second.key}
    return Found(
        value=f"{first.key} > {second.key}",
        records=row["records"],
        severity="warning" if share >= RARE else "info",
        since=row["since"],
        params={"from": first.label, "to": second.label, "moves": row["moves"], "of": left, "days": within_days},
        evidence=evidence,
    )


def _moves(tables: Facts, as_of: datetime, within_days: int) -> Table:
    """The moves between stages of the pact, by records that count: the spells they led to."""
    since = ibis.timestamp((as_of - timedelta(days=within_days)).isoformat(" "))
    spell = tables.spell
    spell = spell.filter(
        spell.entered_at >= since, spell.from_stage.notnull(), spell.from_stage != UNMAPPED, spell.stage != UNMAPPED
    )
    return spell.select(*KEYS, "from_stage", "stage", "entered_at").semi_join(tables.record.select(*KEYS), KEYS)


def people(tables: Facts, pact: Pact, as_of: datetime, finding: Finding, *, within_days: int) -> Table:
    """The records that made the move."""
    move = _moves(tables, as_of, within_days)
    first, _, second = (finding.value or "").partition(" > ")
    return move.filter(move.from_stage == first, move.stage == second)


RULE = Rule(
    code="FLO01",
    name="flow.outside",
    severity="warning",
    groups=("core", "definition"),
    needs=("history",),
    fix="none",  # either the flow is agreed anew, or people stop
    options={"within_days": Option(int, default=90, min=1)},
    check=check,
    people=people,
)
