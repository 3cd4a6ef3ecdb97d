"""Rows of a source table as columns of its target, and a list of what could not be read.

A cell that cannot be read is null, and the row is kept and listed; a row whose required
column is blank or cannot be read is listed and left out.

Not here: which form a column has (survey.py), defaults and keys of each target (records.py, rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.files import cells
from connectors.files.blocks import Block, Mask, Whole
from connectors.files.listing import Listing
from connectors.files.moments import read
from connectors.files.plan import Step
from connectors.files.survey import Survey
from connectors.files.zone import native, timestamps, to_utc
from leadpact.connector import Reject
from leadpact.mapping.vocabulary import fold, vocabulary
from leadpact.model import ARROW, Column

CLOSED = ("object", "condition", "direction")  # a word outside their vocabulary is not understood
OTHERWISE: Mapping[str, str] = {"kind": "other"}


@dataclass(frozen=True)
class Converted:
    """A block under its target: canonical columns, date columns of statuses, and the rows to keep."""

    columns: Mapping[str, pa.Array]
    dated: Sequence[pa.Array]
    keep: Mask
    rejects: Sequence[Reject]
    block: Block


@dataclass
class _Work:
    """A block on its way: rows still to keep, and faults as rows, header, problem and parameters."""

    block: Block
    keep: Mask
    faults: list[tuple[Whole, str, str, dict[str, Any]]] = field(default_factory=list)


class Converter:
    """Converts the blocks of one step.

    `listing` takes the faults; without one nothing is listed. `only` limits the columns to
    what a first pass needs.
    """

    def __init__(
        self, step: Step, survey: Survey, zone: ZoneInfo, listing: Listing | None, only: Sequence[str] | None = None
    ) -> None:
        self._step, self._survey, self._zone, self._listing = step, survey, zone, listing
        wanted = [
            column
            for column in (*step.target.columns, *map(step.target.column, step.custom))
            if only is None or column.name in only
        ]
        self.filled = [column for column in wanted if column.name in step.places]
        self.constant = {
            column.name: _constant(step.entry.constants[column.name], column, zone)
            for column in wanted
            if column.name in step.entry.constants
        }

    @property
    def places(self) -> list[int]:
        """The positions to read; the required columns first, by which blank rows are known."""
        first = [self._step.places[name] for name in self._step.target.required if name in self._step.places]
        more = [self._step.places[column.name] for column in self.filled] + [place for _, place in self._step.dated]
        wanted = list(dict.fromkeys(first + more + list(self._step.where)))
        return wanted or [next(place for place, header in enumerate(self._step.reader.headers) if header)]

    def __call__(self, block: Block) -> Converted:
        """A block, or what is meant of it; the block in the answer holds just those rows."""
        block = self._meant(block)
        work = _Work(block, np.ones(block.rows, np.bool_))
        columns: dict[str, pa.Array] = {name: pa.repeat(value, block.rows) for name, value in self.constant.items()}
        for column in self.filled:
            columns[column.name] = self._column(column, work)
        dated = [self._moments(place, None, work) for _, place in self._step.dated]
        return Converted(columns, dated, work.keep, self._rejects(work), block)

    def listed(self, block: Block, rows: Whole, column: str, problem: str, *, kept: bool = False) -> list[Reject]:
        """Rows of a block for the list. `column` is a column of the target."""
        if self._listing is None or not len(rows):
            return []
        header = self._step.header(column) or column
        return self._listing.rows(self._step.source.file, block, rows, header, problem, kept=kept)

    def _rejects(self, work: _Work) -> list[Reject]:
        if self._listing is None:
            return []
        file = self._step.source.file
        found = self._listing.lines(file, work.block.bad)
        for rows, header, problem, params in work.faults:
            found += self._listing.rows(file, work.block, rows, header, problem, params=params, kept=work.keep)
        found.sort(key=lambda reject: reject.line or 0)
        return found

    def _meant(self, block: Block) -> Block:
        if not self._step.where:
            return block
        meant = np.ones(block.rows, np.bool_)
        for place, values in self._step.where.items():
            text = pc.utf8_lower(pc.utf8_trim_whitespace(cells.as_text(block.columns[place])))
            meant &= cells.mask(pc.is_in(text, pa.array(sorted(values), pa.string())))
        return block.take(np.flatnonzero(meant))

    def _column(self, column: Column, work: _Work) -> pa.Array:
        place = self._step.places[column.name]
        if column.kind == "time":
            return self._moments(place, column.name, work)
        text = column.kind == "text"
        raw = self._cells(place, work.block, column.name, typed=not text)
        if text:
            found = self._words(column.name, cells.as_text(raw))
        elif column.kind == "flag":
            found = cells.flags(raw)
        else:
            comma = self._survey.commas.get(place, False)
            found = cells.numbers(raw, comma) if column.kind == "number" else cells.wholes(raw, comma)
        self._note(column.name, place, raw, found, work, f"files.reject.bad_{column.kind}")
        return found

    def _cells(self, place: int, block: Block, name: str | None, *, typed: bool) -> pa.Array:
        """A column with blanks null and the entry's `values` applied; a type of its own is kept."""
        raw = block.columns[place]
        values = self._step.entry.values.get(name, {}) if name else {}
        if not pa.types.is_string(raw.type) and not values:
            return raw
        clean = cells.blanked(cells.as_text(raw), self._step.entry.blank, typed=typed)
        return cells.valued(clean, values) if values else clean

    def _words(self, name: str, text: pa.Array) -> pa.Array:
        words = vocabulary(name)
        if not words:
            return text
        otherwise = OTHERWISE.get(name)
        return cells.translated(
            text, lambda word: words.get(fold(word), None if name in CLOSED else otherwise or word), pa.string()
        )

    def _moments(self, place: int, name: str | None, work: _Work) -> pa.Array:
        raw = self._cells(place, work.block, name, typed=True)
        if pa.types.is_temporal(raw.type) and not pa.types.is_time(raw.type):
            found = native(raw, self._zone)
            self._note(name, place, raw, found, work, "files.reject.bad_time")
            return found
        text = cells.as_text(raw)
        decision = self._survey.dates.get(place)
        if decision is None or decision.form is None:  # blank, or one problem for the column, said once (faults)
            return pa.nulls(len(text), ARROW["time"])
        found = timestamps(read(text, decision.form), self._zone)
        self._note(name, place, text, found, work, "files.reject.bad_time", form=decision.form)
        return found

    def _note(
        self, name: str | None, place: int, raw: pa.Array, found: pa.Array, work: _Work, problem: str, **params: Any
    ) -> None:
        """Notes unreadable cells, and leaves out rows that lack what the target requires."""
        header = self._step.reader.headers[place]
        unread = cells.mask(pc.and_(pc.is_valid(raw), pc.is_null(found)))
        if unread.any():
            work.faults.append((np.flatnonzero(unread), header, problem, params))
        if name in self._step.target.required:
            blank = cells.mask(pc.is_null(raw))
            work.faults.append((np.flatnonzero(blank), header, "files.reject.missing", {}))
            work.keep &= ~blank
        if name in self._step.target.required or name == "object":  # an unknown object must not become a lead
            work.keep &= ~unread


def _constant(value: Any, column: Column, zone: ZoneInfo) -> pa.Scalar:
    if column.kind != "time":
        return pa.scalar(str(value) if column.kind == "text" else value, ARROW[column.kind])
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is not None:
        return pa.scalar(moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None), ARROW["time"])
    local = np.array([np.datetime64(moment, "us").astype(np.int64)])
    return pa.scalar(int(to_utc(local, zone)[0]), pa.int64()).cast(ARROW["time"])
