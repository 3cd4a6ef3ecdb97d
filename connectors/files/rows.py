"""Activities, opportunities, owners, picklist values and campaign touches as canonical rows.

Not here: leads and contacts (records.py), status changes (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.files.blocks import Mask
from connectors.files.changes import ChangeReader
from connectors.files.convert import Converted, Converter
from connectors.files.listing import Listing
from connectors.files.pages import cut, defaulted, shaped
from connectors.files.plan import Step
from connectors.files.survey import Survey
from leadpact.connector import Page

# columns by which a row is known here; activities have too many ids to be remembered, the mirror keeps one of each
KEYS: Mapping[str, tuple[str, ...]] = {
    "opportunities": ("opportunity_id",),
    "owners": ("owner_id",),
    "status_values": ("object", "value", "record_type"),
}


class RowPages:
    """The rows of one target, over all the tables that feed it."""

    def __init__(self, zone: ZoneInfo, custom: Sequence[str], changes: ChangeReader, listing: Listing) -> None:
        self._zone, self._custom, self._changes, self._listing = zone, custom, changes, listing
        self._known: set[tuple[str | None, ...]] = set()

    def of(self, step: Step, survey: Survey) -> Iterator[Page]:
        """The rows of one table. A key that came before is listed and left out."""
        table = step.target.table.name
        convert = Converter(step, survey, self._zone, self._listing)
        for block in step.reader.blocks(convert.places):
            found = convert(block)
            columns = self._completed(step, found)
            fresh = self._fresh(step, columns, found.keep)
            twice = convert.listed(
                found.block, np.flatnonzero(found.keep & ~fresh), step.target.required[0], "files.reject.twice"
            )
            early = convert.listed(
                found.block,
                np.flatnonzero(fresh & self._early(step, columns)),
                "closed_at",
                "files.reject.before_creation",
                kept=True,
            )
            kept = pa.array(fresh)
            rows = shaped(
                table, {name: column.filter(kept) for name, column in columns.items()}, int(fresh.sum()), self._custom
            )
            yield from cut(table, rows, [*found.rejects, *twice, *early])

    def _completed(self, step: Step, found: Converted) -> dict[str, pa.Array]:
        """Defaults: a lead, unless the row says otherwise; an activity of no known kind is `other`."""
        columns, rows = dict(found.columns), found.block.rows
        if step.entry.to == "opportunities":  # without a record it is not attributed, so it is of no object either
            records = columns.get("record_id", pa.nulls(rows, pa.string()))
            objects = defaulted(columns, "object", str(step.target.object), rows)
            columns["object"] = pc.if_else(records.is_valid(), objects, None)
        elif step.target.object is not None:
            columns["object"] = defaulted(columns, "object", step.target.object, rows)
        if step.entry.to == "activities":
            columns["kind"] = defaulted(columns, "kind", "other", rows)
        return columns

    def _early(self, step: Step, columns: Mapping[str, pa.Array]) -> Mask:
        """Deals closed before the record they name was created: a timeline counts them from its creation."""
        if step.entry.to != "opportunities" or not {"record_id", "closed_at"} <= set(columns):
            return np.zeros(len(next(iter(columns.values()))), np.bool_)
        return self._changes.before_creation(columns["record_id"], columns["object"], columns["closed_at"])

    def _fresh(self, step: Step, columns: Mapping[str, pa.Array], keep: Mask) -> Mask:
        names = KEYS.get(step.entry.to)
        if names is None:
            return keep
        fresh = keep.copy()
        parts = (columns.get(name, pa.nulls(len(keep), pa.string())).to_pylist() for name in names)
        keys = zip(*parts, strict=True)
        for row, key in enumerate(keys):
            if keep[row] and key in self._known:
                fresh[row] = False
            elif keep[row]:
                self._known.add(key)
        return fresh
