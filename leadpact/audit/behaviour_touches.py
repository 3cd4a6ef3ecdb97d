"""Is a move into a status made beside a logged touch? All values in two queries.

Not here: touches that are missing (EVI03), the SLA's touches (metrics/touches.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis

from leadpact.audit.counts import KEYS, rows_of
from leadpact.language import Text
from leadpact.model import TOUCH_KINDS
from leadpact.tables import Table, Tables

MINUTES = 10
DAYS = 365  # older activities are archived by CRMs, and would look like none
FEWEST = 20
MOST = 0.5


@dataclass(frozen=True)
class Beside:
    """Moves into a value in the last year, and how many came within minutes of a logged touch."""

    moves: int
    beside: int

    @property
    def share(self) -> float | None:
        return self.beside / self.moves if self.moves else None

    @property
    def text(self) -> Text | str:
        """A sentence where most of enough moves did; else nothing."""
        share = self.share
        if share is None or self.moves < FEWEST or share < MOST:
            return ""
        return Text.of("audit.beside", share=round(100 * share), moves=self.moves, minutes=MINUTES)


def beside_touches(tables: Tables, record: Table, as_of: datetime) -> Mapping[tuple[str, str], Beside]:
    """By (object, value); empty where the CRM gives no activities or no history of its own.

    In: the tables, and the records that count. Counted are moves the CRM itself dated, since the
    first activity it gives; a touch is a call, e-mail, meeting or message of the same record, not
    automated, at most ten minutes before or after.
    """
    if "activity" not in tables.provided or tables.history != "source":
        return {}
    activity = tables.activity
    kept = activity.filter(activity.kind.lower().isin(TOUCH_KINDS), ~activity.automated.fill_null(False))
    first = rows_of(kept.aggregate(at=kept["at"].min()))[0]["at"]
    if first is None:
        return {}
    near = ibis.interval(minutes=MINUTES)
    since = ibis.timestamp(max(first - timedelta(minutes=MINUTES), as_of - timedelta(days=DAYS)).isoformat(" "))
    touch = kept.select(*KEYS, touched_at="at").filter(lambda t: t.touched_at >= since - near)
    change = tables.field_change
    moves = change.filter(change.field == "status", change.evidence == "history", change["at"] >= since)
    moves = moves.filter(moves.to_value.notnull()).semi_join(record.select(*KEYS), KEYS)
    moves = moves.select(*KEYS, "to_value", moved_at="at")
    close = moves.semi_join(
        touch,
        [
            moves.object == touch.object,
            moves.record_id == touch.record_id,
            touch.touched_at >= moves.moved_at - near,
            touch.touched_at <= moves.moved_at + near,
        ],
    )
    every, beside = _by_value(moves), _by_value(close)
    return {key: Beside(number, beside.get(key, 0)) for key, number in every.items()}


def _by_value(moves: Table) -> dict[tuple[str, str], int]:
    by: list[dict[str, Any]] = rows_of(moves.group_by("object", "to_value").aggregate(n=lambda t: t.count()))
    return {(row["object"], row["to_value"]): row["n"] for row in by}
