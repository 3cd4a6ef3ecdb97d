"""Arrow columns out of numpy codes: the small vocabulary the generator is written in.

Times are whole seconds since 1970 (UTC) while the company is drawn; `NEVER` stands for
"does not happen" and sorts after everything that does.

Not here: what the columns mean (records.py, history.py, activities.py, deals.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from leadpact.model import Table

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

HOUR = 3600
DAY = 24 * HOUR
NEVER = 2**52  # seconds; far beyond any `until`, and safe to add days to
NOTHING = -1  # the code of a missing word


def pick(codes: npt.NDArray[np.integer], words: Sequence[str]) -> pa.Array:
    """The word behind each code; a negative code is null."""
    return pa.array(words, pa.string()).take(pa.array(codes, mask=codes < 0))


def ids(prefix: str, numbers: Ints, width: int = 7) -> pa.Array:
    """`prefix` and the zero-padded number; a negative number is null."""
    digits = pa.array(numbers, mask=numbers < 0).cast(pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(digits, width, "0"), "")


def moments(seconds: Ints) -> pa.Array:
    """Timestamps; NEVER is null."""
    return pa.array(seconds * 1_000_000, mask=seconds >= NEVER).cast(pa.timestamp("us"))


def blank(column: pa.Array, where: Flags) -> pa.Array:
    """The column with the marked cells emptied."""
    return pc.if_else(pa.array(where), pa.scalar(None, column.type), column)


def constant(word: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(word), rows)


def table(shape: Table, columns: Mapping[str, pa.Array], rows: int, custom: Sequence[str] = ()) -> pa.Table:
    """A canonical table; columns that are not given are null."""
    schema = shape.arrow_schema(custom)
    return pa.Table.from_arrays(
        [columns[field.name] if field.name in columns else pa.nulls(rows, field.type) for field in schema],
        schema=schema,
    )


def draw(rng: np.random.Generator, shares: Sequence[float], size: int) -> Ints:
    """`size` codes, code k with probability proportional to `shares[k]`."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    codes = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(np.minimum(codes, len(shares) - 1), dtype=np.int64)


def bent(rng: np.random.Generator, median: Floats | float, cap: Floats | float, size: int) -> Ints:
    """Delays in seconds, `median` and `cap` in days: right-skewed, and never past the cap.

    The cap is what makes truth testable: a journey cannot outlast the sum of its caps.
    """
    power = np.log(np.asarray(median) / np.asarray(cap)) / np.log(0.5)
    days: Floats = np.asarray(cap) * rng.random(size) ** power
    return (days * DAY).astype(np.int64)
