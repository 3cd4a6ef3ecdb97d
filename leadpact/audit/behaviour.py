"""What people do when they set a status: is a move into a value made beside a logged touch?

Not here: what the wording says (classifier), touches that are missing (EVI03).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ibis

from leadpact.audit.facts import KEYS, Facts, rows_of, status_in
from leadpact.audit.values import StatusValue
from leadpact.language import Text
from leadpact.model import OBJECTS, TOUCH_KINDS

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
    def evidence(self) -> dict[str, Any]:
        return {"moves": self.moves, "beside_touch": self.beside, "beside_share": self.share}

    @property
    def text(self) -> Text | str:
        """A sentence where most of enough moves did; else nothing."""
        share = self.share
        if share is None or self.moves < FEWEST or share < MOST:
            return ""
        return Text.of("audit.beside", share=round(100 * share), moves=self.moves, minutes=MINUTES)


def beside_touches(tables: Facts, values: Sequence[StatusValue]) -> Mapping[tuple[str, str], Beside]:
    """By (object, value), for the given values; empty where the CRM gives no activities or history.

    Counted are moves the CRM itself dated; a touch is a call, e-mail, meeting or message of the
    same record, at most ten minutes before or after.
    """
    if not values or "activity" not in tables.provided or tables.history != "source":
        return {}
    names = {object: [value.value for value in values if value.object == object] for object in OBJECTS}
    since = ibis.timestamp((tables.as_of - timedelta(days=DAYS)).isoformat(" "))
    change = tables.field_change
    moves = change.filter(change.field == "status", change.evidence == "history", change["at"] >= since)
    moves = moves.filter(status_in(moves, names, "to_value")).select(*KEYS, "to_value", "seq", moved_at="at")
    moves = moves.semi_join(tables.record.select(*KEYS), KEYS)
    touch = tables.activity.filter(tables.activity.kind.lower().isin(TOUCH_KINDS)).select(*KEYS, touched_at="at")
    near = ibis.interval(minutes=MINUTES)
    joined = moves.inner_join(touch, KEYS)
    close = joined.filter(joined.touched_at >= joined.moved_at - near, joined.touched_at <= joined.moved_at + near)
    close = close.select(*KEYS, "to_value", "seq", "moved_at").distinct()
    all_of = {_key(row): row["n"] for row in rows_of(moves.group_by("object", "to_value").aggregate(n=moves.count()))}
    beside = {_key(row): row["n"] for row in rows_of(close.group_by("object", "to_value").aggregate(n=close.count()))}
    return {key: Beside(moves, beside.get(key, 0)) for key, moves in all_of.items()}


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return (row["object"], row["to_value"])
