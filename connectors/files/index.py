"""The records of a source by id: their numbers, their creation, and whether an id came before.

Not here: the records' other columns (records.py), their changes (timeline.py).
"""

from __future__ import annotations

from itertools import filterfalse, repeat

import numpy as np
import pyarrow as pa

from connectors.files.blocks import Mask, Whole
from leadpact.mapping.history import NEVER, microseconds


class RecordIndex:
    """The records of one object, numbered from 0 in the order they were met.

    It holds an id and a number a record, not rows: some 150 bytes each.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._created: list[Whole] = []

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def ids(self) -> pa.Array:
        """Every id, by number."""
        return pa.array(list(self._numbers), pa.string())

    @property
    def created(self) -> Whole:
        """Creation by number in microseconds, NEVER where it is unknown."""
        known = np.concatenate([*self._created, np.empty(0, np.int64)])
        return np.concatenate([known, np.full(len(self) - len(known), NEVER)])

    def add(self, ids: pa.Array) -> tuple[Whole, Mask]:
        """The number of each id, and whether it was met here for the first time."""
        size = len(self._numbers)
        coded = ids.dictionary_encode()
        distinct = coded.dictionary.to_pylist()
        # the loops over ids stay inside the interpreter's own functions: this is half the work of a sync
        unknown = list(filterfalse(self._numbers.__contains__, distinct))
        self._numbers.update(zip(unknown, range(size, size + len(unknown)), strict=True))
        found = np.fromiter(map(self._numbers.__getitem__, distinct), np.int64, len(distinct))
        numbers = np.asarray(found[coded.indices.to_numpy(zero_copy_only=False)], np.int64)
        highest = np.maximum.accumulate(np.concatenate(([size - 1], numbers)))[:-1]
        return numbers, np.asarray(numbers > highest, np.bool_)

    def add_created(self, ids: pa.Array, created_at: pa.Array | None) -> Mask:
        """Adds records with their creation; says which ids are new. The first row of an id counts."""
        _, new = self.add(ids)
        at = np.full(len(ids), NEVER) if created_at is None else microseconds(created_at)
        self._created.append(at[new])
        return new

    def find(self, ids: pa.Array) -> Whole:
        """The number of each id, -1 where there is no such record."""
        coded = ids.dictionary_encode()
        distinct = coded.dictionary.to_pylist()
        found = np.fromiter(map(self._numbers.get, distinct, repeat(-1)), np.int64, len(distinct))
        return np.asarray(found[coded.indices.to_numpy(zero_copy_only=False)], np.int64)
