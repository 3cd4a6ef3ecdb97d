"""All status changes of a source, gathered from every table that tells of some.

Only when all are known can it be said what a record changed from, where the source does not
say so, what its status is now, and whether creations were logged. A change takes 36 bytes
here, however long its texts.

Not here: reading the changes (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from connectors.files.blocks import Mask, Whole
from leadpact.mapping.history import NEVER
from leadpact.model import ARROW, CONTACT, FIELD_CHANGE, LEAD

BLANK, UNSAID, DATED = -1, -2, -3  # a blank "from"; a table without that column; a date column, which logs no creation
Codes = npt.NDArray[np.int32]


class Words:
    """Texts as numbers, for the few different ones a column of statuses or users holds."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def code(self, texts: pa.Array) -> Codes:
        """The number of each text, BLANK for null."""
        coded = texts.dictionary_encode()
        known = self._codes
        codes = np.array([known.setdefault(text, len(known)) for text in coded.dictionary.to_pylist()], np.int32)
        places = coded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        null = texts.is_null().to_numpy(zero_copy_only=False)
        return np.where(null, BLANK, codes[places] if len(codes) else BLANK).astype(np.int32)

    def texts(self, codes: Codes) -> pa.Array:
        """The texts behind numbers, null below 0."""
        return pa.array(list(self._codes), pa.string()).take(pa.array(np.maximum(codes, 0), mask=codes < 0))


@dataclass
class Changes:
    """Some changes as arrays. `record` is twice the record's number, plus one for a contact."""

    record: Codes
    at: Whole
    seq: Whole
    to: Codes
    before: Codes
    actor: Codes


_KINDS: Mapping[str, type] = {
    "record": np.int32,
    "at": np.int64,
    "seq": np.int64,
    "to": np.int32,
    "before": np.int32,
    "actor": np.int32,
}


NO_CHANGES = Changes(**{name: np.empty(0, kind) for name, kind in _KINDS.items()})


class _Store:
    """Changes added part by part to arrays that grow by doubling: large arrays go back to the system when let go."""

    def __init__(self) -> None:
        self._size = 0
        self._columns: dict[str, npt.NDArray[Any]] = {name: np.empty(0, kind) for name, kind in _KINDS.items()}

    def add(self, part: Changes) -> None:
        end = self._size + len(part.record)
        for name, column in self._columns.items():
            if end > len(column):
                self._columns[name] = np.empty(max(end, 2 * len(column)), column.dtype)
                self._columns[name][: self._size] = column[: self._size]
            self._columns[name][self._size : end] = getattr(part, name)
        self._size = end

    def all(self) -> Changes:
        return Changes(**{name: column[: self._size] for name, column in self._columns.items()})


class Timeline:
    """Gathers changes; `close()` orders them, and then they can be asked about."""

    def __init__(self) -> None:
        self.statuses, self.actors = Words(), Words()
        self._store = _Store()
        self._count = 0
        self.all = self._store.all()
        self._last: Whole = np.empty(0, np.int64)
        self._born: Whole = np.empty(0, np.int64)
        self._logged = False

    def next_seq(self, count: int) -> Whole:
        """The order in which changes came, for tables that have none of their own."""
        self._count += count
        return np.arange(self._count - count, self._count, dtype=np.int64)

    def add(self, part: Changes) -> None:
        self._store.add(part)

    def close(self) -> None:
        """Orders each record's changes by time, then `seq`, and fills in what they came from."""
        self.all = self._store.all()
        order = _order(self.all)
        record = self.all.record[order]
        first = np.concatenate(([True], record[1:] != record[:-1]))[: len(record)]
        before = np.empty_like(record)
        before[1:] = self.all.to[order][:-1]
        before[first] = BLANK
        starts = order[first]
        self._last = order[np.concatenate((first[1:], [True]))[: len(record)]]
        self._born = starts[self.all.before[starts] == BLANK]
        self._logged = len(self._born) > 0 or bool((self.all.before[starts] == UNSAID).any())
        unsaid = self.all.before[order] <= UNSAID
        self.all.before[order[unsaid]] = before[unsaid]

    def creation(self, numbers: Whole, contact: bool) -> pa.Array:
        """When the given records were created, where a change from nothing says so, else null."""
        at = np.full(int(self.all.record.max(initial=-1)) + 3, NEVER)
        at[self.all.record[self._born]] = self.all.at[self._born]
        found = at[np.minimum(numbers * 2 + contact, len(at) - 1)]
        return pa.array(found, mask=found == NEVER).cast(ARROW["time"])

    @property
    def creation_logged(self) -> bool:
        """Whether some record's first change came from nothing, so that creations are in the log."""
        return self._logged

    def status(self, numbers: Whole, contact: bool) -> pa.Array:
        """The latest status of the given records, null for one without changes."""
        last = np.full(int(self.all.record.max(initial=-1)) + 3, BLANK, np.int32)
        last[self.all.record[self._last]] = self.all.to[self._last]
        return self.statuses.texts(last[np.minimum(numbers * 2 + contact, len(last) - 1)])

    def tables(self, leads: pa.Array, contacts: pa.Array, rows: int) -> Iterator[pa.Table]:
        """The changes as `field_change`, in the order they came; the ids by record number."""
        ids = pa.concat_arrays([leads, contacts])
        for start in range(0, len(self.all.record), rows):
            part = slice(start, start + rows)
            record = self.all.record[part]
            contact: Mask = np.asarray(record % 2 == 1, np.bool_)
            columns = {
                "object": pa.array([LEAD, CONTACT]).take(pa.array(contact.astype(np.int8))),
                "record_id": ids.take(pa.array(record // 2 + contact * len(leads))),
                "field": pa.repeat(pa.scalar("status"), len(record)),
                "from_value": self.statuses.texts(self.all.before[part]),
                "to_value": self.statuses.texts(self.all.to[part]),
                "at": pa.array(self.all.at[part]).cast(ARROW["time"]),
                "seq": pa.array(self.all.seq[part]),
                "actor_id": self.actors.texts(self.all.actor[part]),
                "evidence": pa.repeat(pa.scalar("history"), len(record)),
            }
            yield pa.table(columns, schema=FIELD_CHANGE.arrow_schema())
        self.all, self._store = NO_CHANGES, _Store()  # nobody asks about them once they are told


def _order(changes: Changes) -> Whole:
    """By record, time, seq; a table already in that order costs nothing."""
    record, at, seq = changes.record, changes.at, changes.seq
    same, later = record[1:] == record[:-1], at[1:] > at[:-1]
    tied = at[1:] == at[:-1]
    if bool(np.all((record[1:] > record[:-1]) | (same & (later | (tied & (seq[1:] >= seq[:-1])))))):
        return np.arange(len(record), dtype=np.int64)
    return np.lexsort((seq, at, record))
