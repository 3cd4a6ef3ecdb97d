"""When a working-time target is used up: the inverse of the clock, for "due at" on lists.

Not here: the clock itself (calendar.py); whether a target was met is told by the clock, never
by comparing due dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from leadpact.metrics.calendar_days import DAY

Micros = npt.NDArray[np.int64]


def due_at(starts: Sequence[datetime | None], seconds: float, days: pa.Table, calendar: str) -> list[datetime | None]:
    """For each start (UTC, without zone) the first instant by which `seconds` were worked since.

    A target used up when the office closes is due then, not when it opens again; a target of
    0 is due at once. Null where the start is null or lies outside the day table, or where the
    table ends before the target is used up (then make it longer: a due date can lie far past
    `as_of`). Raises ValueError on a negative target and KeyError on an unknown calendar.
    """
    if seconds < 0:
        raise ValueError(f"a target cannot be negative: {seconds}")
    own = days.filter(pc.equal(days["calendar"], calendar))
    if own.num_rows == 0:
        raise KeyError(calendar)
    opens, closes = _pieces(own)
    first, last = pc.min(own["day"]).as_py(), pc.max(own["day"]).as_py()
    after = np.cumsum(closes - opens)
    before = after - (closes - opens)

    begins = np.array(starts, dtype="datetime64[us]")
    known = (begins >= np.datetime64(first)) & (begins < np.datetime64(last + DAY))  # false for a null
    at = np.where(known, begins.astype(np.int64), 0)

    target = _worked_by(at, opens, closes, before) + round(seconds * 1e6)
    place = np.searchsorted(after, target, side="left")
    known &= (place < len(after)) | (seconds == 0)
    if len(after):
        place = np.minimum(place, len(after) - 1)
        due = opens[place] + target - before[place]
    else:
        due = at
    due = at if seconds == 0 else due
    answers = due.astype("datetime64[us]").astype(object)
    return [answer if is_known else None for answer, is_known in zip(answers, known, strict=True)]


def _worked_by(at: Micros, opens: Micros, closes: Micros, before: Micros) -> Micros:
    """W at each instant: the pieces that ended, and the part of the one that had begun."""
    if not len(opens):
        return np.zeros_like(at)
    last = np.searchsorted(opens, at, side="right") - 1
    begun = last >= 0
    last = np.maximum(last, 0)
    return np.where(begun, before[last] + np.minimum(at, closes[last]) - opens[last], 0)


def _pieces(own: pa.Table) -> tuple[Micros, Micros]:
    """The pieces of one calendar in order, without the padding."""
    starts = [column for column in own.column_names if column.endswith("_start")]
    opens = np.stack([own[column].to_numpy() for column in starts], axis=1)
    closes = np.stack([own[column.replace("_start", "_end")].to_numpy() for column in starts], axis=1)
    real = closes > opens
    return opens[real], closes[real]
