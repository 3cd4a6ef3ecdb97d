"""Date columns read as history: "Fecha MQL" and "Fecha SQL" of one row are two status changes.

Spreadsheets, Airtable bases and Salesforce date-stamp fields keep history in this way.

Not here: which columns are meant (document.py), reading dates (connectors).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leadpact.model import ARROW, FIELD_CHANGE

Whole = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class DatedChanges:
    """Status changes out of date columns, ordered by row, then date, then column.

    row, column: positions in the input; at: microseconds UTC; before: position of the status
    held until then, -1 for the first; moved: the date was before creation and is creation now.
    """

    row: Whole
    column: Whole
    at: Whole
    before: Whole
    moved: npt.NDArray[np.bool_]

    def last(self, rows: int) -> Whole:
        """The column of the latest change of each of `rows` rows, -1 where there is none."""
        last = np.full(rows, -1, np.int64)
        last[self.row] = self.column  # ordered by date inside a row: the latest is assigned last
        return last


def microseconds(times: pa.Array) -> Whole:
    """A timestamp array as integers, null as NEVER."""
    whole = times.cast(ARROW["time"]).cast(pa.int64())
    return np.asarray(whole.fill_null(NEVER).to_numpy(zero_copy_only=False), dtype=np.int64)


def from_dates(columns: Sequence[pa.Array], created_at: pa.Array | None = None) -> DatedChanges:
    """The changes that `columns` (timestamps, one per status, in the mapping's order) tell.

    A date before `created_at` of its row moves to it. An empty date is no change. Equal dates
    keep the order of the columns.
    """
    times = np.stack([microseconds(column) for column in columns], axis=1)
    row, column = np.nonzero(times != NEVER)
    at = times[row, column]
    moved = np.zeros(len(at), dtype=np.bool_)
    if created_at is not None:
        created = microseconds(created_at)[row]
        moved = (created != NEVER) & (at < created)
        at = np.where(moved, created, at)
    order = np.lexsort((column, at, row))
    row, column, at, moved = row[order], column[order], at[order], moved[order]
    before = np.full(len(row), -1, np.int64)
    follows = row[1:] == row[:-1]
    before[1:][follows] = column[:-1][follows]
    return DatedChanges(row, column, at, before, moved)


def as_table(
    changes: DatedChanges, object: str, record_ids: pa.Array, statuses: Sequence[str], first_seq: int = 0
) -> pa.Table:
    """The changes as `field_change` rows of the field `status`, numbered from `first_seq`."""
    count = len(changes.row)
    names = pa.array(list(statuses), pa.string())
    before = pa.array(np.where(changes.before < 0, 0, changes.before), mask=changes.before < 0)
    columns = {
        "object": pa.repeat(pa.scalar(object), count),
        "record_id": record_ids.take(pa.array(changes.row)),
        "field": pa.repeat(pa.scalar("status"), count),
        "from_value": names.take(before),
        "to_value": names.take(pa.array(changes.column)),
        "at": pa.array(changes.at).cast(ARROW["time"]),
        "seq": pa.array(np.arange(first_seq, first_seq + count, dtype=np.int64)),
        "actor_id": pa.nulls(count, pa.string()),
        "evidence": pa.repeat(pa.scalar("history"), count),
    }
    return pa.table(columns, schema=FIELD_CHANGE.arrow_schema())
