"""Is a move into a status made beside a logged touch? Of all values at once.

Not here: touches that are missing (EVI03), the SLA's touches (metrics/touches.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from leadpact.audit.behaviour_trail import DAY, MOVE, Ints, Key, Rows, Trail, ints
from leadpact.audit.counts import KEYS
from leadpact.language import Text
from leadpact.model import TOUCH_KINDS
from leadpact.tables import Table

MINUTES = 10
MILLI = 1000  # microseconds
NEAR = MINUTES * 60_000  # milliseconds
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


def touches(read: Rows, activity: Table) -> pa.Table:
    """Dated calls, e-mails, meetings and messages, not automated. Out: place (as in Rows), touched_at. Executes."""
    kept = activity.filter(activity.kind.lower().isin(TOUCH_KINDS), ~activity.automated.fill_null(False))
    kept = kept.select(*KEYS, touched_at="at").filter(lambda t: t.touched_at.notnull())
    return kept.inner_join(read.numbered, KEYS).select("place", "touched_at").to_pyarrow()


def beside_touches(trail: Trail, touched: pa.Table) -> Mapping[Key, Beside]:
    """By (object, value), of moves the CRM itself dated since the first touch it gives.

    Beside a touch (`touches`) of the same record is a move at most ten minutes after or before
    it. Empty where there is none.
    """
    touched_at = ints(touched["touched_at"]) // MILLI
    if not len(touched_at):
        return {}
    since = max(int(touched_at.min()) - NEAR, (trail.end - DAYS * DAY) // MILLI)
    late = touched_at >= since - NEAR
    at = trail.at // MILLI
    moves = np.flatnonzero((trail.what == MOVE) & (at >= since))
    counted, near = (np.zeros(len(at), dtype=bool) for _ in range(2))
    counted[moves] = True
    near[moves] = _near(trail.place[moves], at[moves], ints(touched["place"])[late], touched_at[late])
    found = {}
    for key, here in trail.entries:
        if number := int(np.count_nonzero(counted[here])):
            found[key] = Beside(number, int(np.count_nonzero(near[here])))
    return found


def _near(place: Ints, at: Ints, touched: Ints, touched_at: Ints) -> Ints:
    """Which moves (of the record `place`) have a touch of the same record within ten minutes.

    Record and time make one number, in which ten minutes never reach from one record to another.
    """
    if not len(at) or not len(touched_at):
        return np.zeros(len(at), dtype=bool)
    first = min(at.min(), touched_at.min())
    span = max(at.max(), touched_at.max()) - first + 3 * NEAR
    touches = np.sort(touched.astype(np.int64) * span + (touched_at - first))
    moves = place.astype(np.int64) * span + (at - first)
    following = np.searchsorted(touches, moves - NEAR)  # the first touch not more than ten minutes before
    reached = touches[np.minimum(following, len(touches) - 1)] <= moves + NEAR
    near: Ints = reached & (following < len(touches))
    return near
