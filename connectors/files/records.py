"""Leads and contacts as `record` rows: from their own tables, or from their changes alone.

Not here: the other tables (rows.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from connectors.files.blocks import Mask, Whole
from connectors.files.convert import Converted, Converter
from connectors.files.index import RecordIndex
from connectors.files.listing import Listing
from connectors.files.pages import ROWS, cut, defaulted, shaped
from connectors.files.plan import Step
from connectors.files.survey import Survey
from connectors.files.timeline import Timeline
from leadpact.connector import Page
from leadpact.model import CONTACT


class RecordPages:
    """The records of one object, each once: the first row of an id counts, the others are listed."""

    def __init__(
        self, object: str, index: RecordIndex, timeline: Timeline, custom: Sequence[str], listing: Listing
    ) -> None:
        self._object, self._index, self._timeline = object, index, timeline
        self._custom, self._listing = custom, listing
        self._sent: Mask = np.zeros(0, np.bool_)

    def of(self, step: Step, survey: Survey, zone: ZoneInfo) -> Iterator[Page]:
        """The rows of one table. A status no column gives is the latest of the record's changes."""
        convert = Converter(step, survey, zone, self._listing)
        for block in step.reader.blocks(convert.places):
            found = convert(block)
            rows = np.flatnonzero(found.keep)
            numbers, _ = self._index.add(found.columns["record_id"].take(pa.array(rows)))
            fresh = self._fresh(numbers)
            twice = convert.listed(found.block, rows[~fresh], "record_id", "files.reject.twice")
            yield from cut("record", self._table(found, rows[fresh], numbers[fresh]), [*found.rejects, *twice])

    def derived(self) -> Iterator[Page]:
        """Records that only their changes tell of; creation where a change from nothing shows it."""
        ids, contact = self._index.ids, self._object == CONTACT
        for start in range(0, len(ids), ROWS):
            part = ids.slice(start, ROWS)
            numbers = np.arange(start, start + len(part), dtype=np.int64)
            columns = {
                "record_id": part,
                "status": self._timeline.status(numbers, contact),
                "created_at": self._timeline.creation(numbers, contact),
            }
            yield from cut("record", self._shaped(columns, len(part)))

    def _fresh(self, numbers: Whole) -> Mask:
        """The rows whose record was not sent before, nor by a row above."""
        self._sent = np.concatenate((self._sent, np.zeros(max(0, len(self._index) - len(self._sent)), np.bool_)))
        fresh = np.zeros(len(numbers), np.bool_)
        fresh[np.unique(numbers, return_index=True)[1]] = True
        fresh &= ~self._sent[numbers]
        self._sent[numbers] = True
        return fresh

    def _table(self, found: Converted, rows: Whole, numbers: Whole) -> pa.Table:
        columns = {name: column.take(pa.array(rows)) for name, column in found.columns.items()}
        if "status" not in columns:
            columns["status"] = self._timeline.status(numbers, self._object == CONTACT)
        return self._shaped(columns, len(rows))

    def _shaped(self, columns: dict[str, pa.Array], rows: int) -> pa.Table:
        columns["object"] = pa.repeat(pa.scalar(self._object), rows)
        columns["condition"] = defaulted(columns, "condition", "active", rows)
        return shaped("record", columns, rows, self._custom)
