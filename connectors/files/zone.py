"""Local times to UTC, a column at a time.

An hour that came twice is the first of the two; one that never was is the moment the
clocks jumped to. Both are the same on every run.

Not here: cells that name their own offset (moments.py).
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from connectors.files.blocks import Whole
from connectors.files.moments import Moments
from leadpact.model import ARROW


def to_utc(local: Whole, zone: ZoneInfo) -> Whole:
    """Local microseconds since 1970 as UTC ones."""
    if zone.key == "UTC" or not len(local):
        return local
    times = pd.DatetimeIndex(local.astype("datetime64[us]"))
    placed = times.tz_localize(zone, ambiguous=np.ones(len(times), np.bool_), nonexistent="shift_forward")
    return np.asarray(placed.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]"), np.int64)


def timestamps(moments: Moments, zone: ZoneInfo) -> pa.Array:
    """The moments as canonical timestamps: UTC, null where the cell was not read."""
    at = moments.at.copy()
    here = moments.read & ~moments.zoned
    at[here] = to_utc(at[here], zone)
    return pa.array(at, mask=~moments.read).cast(ARROW["time"])


def native(column: pa.Array, zone: ZoneInfo) -> pa.Array:
    """A column of dates or timestamps of any unit as canonical timestamps."""
    aware = pa.types.is_timestamp(column.type) and column.type.tz is not None
    plain = column.cast(pa.timestamp("us", "UTC") if aware else ARROW["time"], safe=False)
    known = np.asarray(plain.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    at = np.asarray(plain.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    return timestamps(Moments(at, known, np.full(len(at), aware)), zone)
