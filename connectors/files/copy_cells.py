"""Where the status of each record of a folder stands: its table, its line, the cell as it is, the value it means.

Not here: changing cells (copy_text.py, copy_book.py), whole rows for the mirror (records.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from connectors.files import cells
from connectors.files.blocks import Unreadable
from connectors.files.convert import Converter
from connectors.files.plan import Plan, Step
from connectors.files.survey import Survey
from leadpact.errors import SourceRefused

STATUS = "status"
RECORDS = {"lead": "leads", "contact": "contacts"}


@dataclass(frozen=True)
class Spot:
    """One record's row. `place` is the position of its status column, null where no column holds it."""

    step: Step
    line: int
    place: int | None
    seen: str
    value: str | None


def spots(plan: Plan, object: str, zone: ZoneInfo) -> dict[str, Spot]:
    """Every record of an object by its id; the first row of an id counts. Raises SourceRefused."""
    found: dict[str, Spot] = {}
    try:
        for step in plan.of(RECORDS[object]):
            for record_id, spot in _of(step, zone):
                found.setdefault(record_id, spot)
    except Unreadable as error:
        raise SourceRefused(error.key, **error.params) from error
    return found


def _of(step: Step, zone: ZoneInfo) -> Iterator[tuple[str, Spot]]:
    convert = Converter(step, Survey(), zone, None, only=("record_id", STATUS))
    place = step.places.get(STATUS)
    for block in step.reader.blocks(convert.places):
        done = convert(block)
        ids = done.columns["record_id"].to_pylist()
        values = done.columns[STATUS].to_pylist() if STATUS in done.columns else [None] * len(ids)
        raw = done.block.columns[place] if place is not None else pa.nulls(len(ids), pa.string())
        seen = cells.as_text(raw).to_pylist()
        for at in np.flatnonzero(done.keep):
            yield ids[at], Spot(step, int(done.block.lines[at]), place, seen[at] or "", values[at])


def word(step: Step, value: str) -> str | None:
    """What is written so that the mapping reads `value`; null where nothing does, or nobody can tell which."""
    called = {str(source).strip(): str(to) for source, to in step.entry.values.get(STATUS, {}).items()}
    meant = [source for source, to in called.items() if to == value]
    if meant:
        return meant[0] if len(meant) == 1 else None
    elsewhere = {one.strip().casefold() for one in (*called, *step.entry.blank)}
    return None if value.strip().casefold() in elsewhere else value
