"""Status changes out of the tables that tell of them: logs of changes, and date columns.

A change before its record's creation moves to creation and is listed. A change of a record
that the source's leads or contacts do not hold is listed and left out; where the source has
no table of leads (or contacts) at all, the changes say which there are.

Not here: what the changes amount to (timeline.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.blocks import Mask, Whole
from connectors.files.cells import mask
from connectors.files.convert import Converted, Converter
from connectors.files.index import RecordIndex
from connectors.files.listing import Listing
from connectors.files.plan import Step
from connectors.files.survey import Survey
from connectors.files.timeline import DATED, UNSAID, Changes, Timeline
from leadpact.connector import Reject
from leadpact.mapping.history import NEVER, from_dates, microseconds
from leadpact.model import CONTACT, LEAD, OBJECTS


class ChangeReader:
    """Feeds a timeline. `open` are objects without a table of their own: unknown ids are new records.
    `lost` are objects whose table could not be read: their changes are left out, the table is listed.

    First `learn` every table of records, then `read` every log, then close the timeline.
    """

    def __init__(
        self,
        indexes: Mapping[str, RecordIndex],
        open: Sequence[str],
        lost: Sequence[str],
        zone: ZoneInfo,
        listing: Listing,
    ) -> None:
        self._indexes, self._open, self._lost = indexes, open, lost
        self._zone, self._listing = zone, listing
        self._created: dict[str, Whole] = {}
        self.timeline = Timeline()

    def learn(self, step: Step, survey: Survey) -> Iterator[Reject]:
        """Ids, creations and date columns of one table of records; yields the dates that were moved.

        What else is wrong with its rows is said when they are read again for the mirror.
        """
        convert = Converter(step, survey, self._zone, None, only=("record_id", "created_at"))
        index = self._indexes[str(step.target.object)]
        for block in step.reader.blocks(convert.places):
            found = convert(block)
            kept = np.flatnonzero(found.keep)
            created = found.columns.get("created_at")
            ids = found.columns["record_id"].take(pa.array(kept))
            new = index.add_created(ids, None if created is None else created.take(pa.array(kept)))
            if step.dated:
                yield from self._dates(step, found, kept[new])

    def read(self, step: Step, survey: Survey) -> Iterator[Reject]:
        """Reads one log of changes; yields the rows to list."""
        convert = Converter(step, survey, self._zone, self._listing)
        for block in step.reader.blocks(convert.places):
            found = convert(block)
            yield from found.rejects
            yield from self._log(found, convert)

    def _dates(self, step: Step, found: Converted, rows: Whole) -> Iterator[Reject]:
        """The date columns of the given rows."""
        kept = pa.array(rows)
        created = found.columns.get("created_at")
        changes = from_dates(
            [column.take(kept) for column in found.dated], None if created is None else created.take(kept)
        )
        object = str(step.target.object)
        number = self._indexes[object].find(found.columns["record_id"].take(kept))
        statuses = self.timeline.statuses.code(pa.array([status for status, _ in step.dated], pa.string()))
        creation = np.array([place == step.places.get("created_at") for _, place in step.dated])
        count = len(changes.row)
        self.timeline.add(
            Changes(
                record=(number[changes.row] * 2 + (object == CONTACT)).astype(np.int32),
                at=changes.at,
                seq=self.timeline.next_seq(count),
                to=statuses[changes.column],
                before=np.where(creation[changes.column], UNSAID, DATED).astype(np.int32),
                actor=np.full(count, -1, np.int32),
            )
        )
        for column in np.unique(changes.column[changes.moved]):
            moved = rows[changes.row[changes.moved & (changes.column == column)]]
            header = step.reader.headers[step.dated[column][1]]
            yield from self._listing.rows(
                step.source.file, found.block, moved, header, "files.reject.before_creation", kept=True
            )

    def _log(self, found: Converted, convert: Converter) -> Iterator[Reject]:
        numbers, contact = self._numbers(found)
        unknown = found.keep & (numbers < 0)
        lost = np.array([object in self._lost for object in (LEAD, CONTACT)])
        strange = np.flatnonzero(unknown & ~lost[contact.astype(np.int8)])
        yield from convert.listed(found.block, strange, "record_id", "files.reject.unknown_record")
        keep = np.flatnonzero(found.keep & ~unknown)
        numbers, contact = numbers[keep], contact[keep]
        columns = {name: column.take(pa.array(keep)) for name, column in found.columns.items()}
        at = microseconds(columns["at"])
        created = np.where(contact, self._creation(CONTACT, numbers), self._creation(LEAD, numbers))
        moved = (created != NEVER) & (at < created)
        yield from convert.listed(found.block, keep[moved], "at", "files.reject.before_creation", kept=True)
        words = self.timeline
        before = columns.get("from_status")
        self.timeline.add(
            Changes(
                record=(numbers * 2 + contact).astype(np.int32),
                at=np.where(moved, created, at),
                seq=self._seq(columns.get("seq"), len(keep)),
                to=words.statuses.code(columns["to_status"]),
                before=np.full(len(keep), UNSAID, np.int32) if before is None else words.statuses.code(before),
                actor=words.actors.code(columns.get("actor_id", pa.nulls(len(keep), pa.string()))),
            )
        )

    def _seq(self, said: pa.Array | None, count: int) -> Whole:
        order = self.timeline.next_seq(count)
        if said is None:
            return order
        return np.asarray(pc.coalesce(said, pa.array(order)).to_numpy(zero_copy_only=False), np.int64)

    def before_creation(self, ids: pa.Array, objects: pa.Array, at: pa.Array) -> Mask:
        """Where a moment (of a deal, say) is earlier than the creation of the record it names."""
        moments = microseconds(at)
        early = np.zeros(len(ids), np.bool_)
        for object in OBJECTS:
            rows = np.flatnonzero(mask(pc.and_(ids.is_valid(), pc.equal(objects, object))))
            created = self._creation(object, self._indexes[object].find(ids.take(pa.array(rows))))
            early[rows] = (created != NEVER) & (moments[rows] != NEVER) & (moments[rows] < created)
        return early

    def _creation(self, object: str, numbers: Whole) -> Whole:
        """Creation by record number, NEVER for an unknown record."""
        if object not in self._created:
            self._created[object] = self._indexes[object].created
        created = self._created[object]
        if not len(created):
            return np.full(len(numbers), NEVER)
        known = (numbers >= 0) & (numbers < len(created))
        return np.where(known, created[np.clip(numbers, 0, len(created) - 1)], NEVER)

    def _numbers(self, found: Converted) -> tuple[Whole, Mask]:
        """The record number of each row, -1 where it is unknown, and which rows are of contacts."""
        ids = found.columns["record_id"]
        said = found.columns.get("object")
        objects = pa.repeat(pa.scalar(LEAD), len(ids)) if said is None else pc.fill_null(said, LEAD)
        contact = np.asarray(pc.equal(objects, CONTACT).to_numpy(zero_copy_only=False), np.bool_)
        numbers = np.full(len(ids), -1, np.int64)
        for object in OBJECTS:
            rows = np.flatnonzero(found.keep & (contact == (object == CONTACT)))
            if len(rows):
                index, some = self._indexes[object], ids.take(pa.array(rows))
                numbers[rows] = index.add(some)[0] if object in self._open else index.find(some)
        return numbers, contact
