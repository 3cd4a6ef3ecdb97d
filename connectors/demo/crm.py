"""The demo company as a CRM to read from: its tables with everything written since laid over.

Not here: the protocol (__init__.py), drawing the company (company.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.demo.company import fixed, place_of, places, tables_of
from connectors.demo.edits import Edit, Edits
from connectors.demo.people import Place
from connectors.demo.picklist import PICKLIST, Picklist
from leadpact.crm_facts import Held
from leadpact.model import CONTACT, FIELD_CHANGE, LEAD, RECORD

ACTOR = "leadpact"
AFTER = 1_000  # edits come after whatever else happened in the same moment
PAGE_ROWS = 50_000
OWNERS = "owner"
FROZEN = ("object", "record_id", "condition", "created_at", "converted_at", "converted_to", "merged_into", "url")


@dataclass(frozen=True)
class Crm:
    """One company: (leads, seed, until) and the edits made to it."""

    leads: int
    seed: int
    until: datetime
    edits: Edits

    @property
    def name(self) -> str:
        return f"{self.leads}/{self.seed}/{self.until.isoformat()}"

    @property
    def custom(self) -> list[str]:
        columns = tables_of(Place(self.leads, 0), self.seed, self.until)[LEAD].column_names
        return [name for name in columns if name not in RECORD.names]

    @property
    def lists(self) -> Picklist:
        """Its status lists."""
        return Picklist(self.edits, self.name)

    def holders(self, object: str, values: Sequence[str]) -> dict[str, Held]:
        """How many records hold each value now, whoever they are; deleted and merged ones do not count."""
        latest = _latest(self.edits.between(self.name, 0, self.edits.last(self.name))).get(object, {})
        counts = dict.fromkeys(values, 0)
        for place in places(self.leads):
            table = _laid_over(tables_of(place, self.seed, self.until)[object], latest)
            there = pc.and_(pc.not_equal(table["condition"], "deleted"), pc.is_null(table["merged_into"]))
            for found in pc.value_counts(table.filter(there)["status"]).to_pylist():
                if found["values"] in counts:
                    counts[found["values"]] += found["counts"]
        return {value: Held(count) for value, count in counts.items()}

    def owner_ids(self) -> frozenset[str]:
        return frozenset(fixed()[OWNERS]["owner_id"].to_pylist())

    def whole(self, last: int) -> Iterator[tuple[str, pa.Table]]:
        """Every canonical table in pages, as of edit number `last`."""
        for name, table in fixed().items():
            yield name, self.lists.table() if name == PICKLIST else table
        edits = self.edits.between(self.name, 0, last)
        latest = _latest(edits)
        for place in places(self.leads):
            tables = tables_of(place, self.seed, self.until)
            for object in (LEAD, CONTACT):
                for page in _pages(_laid_over(tables[object], latest.get(object, {}))):
                    yield "record", page
            for name in ("field_change", "activity", "opportunity", "campaign_touch"):
                for page in _pages(tables[name]):
                    yield name, page
        if edits:
            yield "field_change", _changes(edits)

    def since(self, after: int, last: int) -> Iterator[tuple[str, pa.Table]]:
        """The records edited in `(after, last]` as they stand at `last`, and those edits as history."""
        if self.lists.changed():
            yield PICKLIST, self.lists.table()
        edits = self.edits.between(self.name, after, last)
        if not edits:
            return
        latest = _latest(self.edits.between(self.name, 0, last))
        for object in (LEAD, CONTACT):
            touched = {edit.record_id for edit in edits if edit.object == object}
            for table in self._rows(object, sorted(touched)):
                yield "record", _laid_over(table, latest.get(object, {}))
        yield "field_change", _changes(edits)

    def read(self, object: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Whole rows by record id, edits laid over; unknown ids are left out."""
        found = {row["record_id"]: row for table in self._rows(object, ids) for row in table.to_pylist()}
        for record_id, values in self.edits.values(self.name, object, list(found)).items():
            found[record_id].update(values)
        return found

    def _rows(self, object: str, ids: Sequence[str]) -> Iterator[pa.Table]:
        by_place: dict[Place, list[str]] = {}
        for record_id in dict.fromkeys(ids):
            place = place_of(record_id, self.leads) if object in (LEAD, CONTACT) else None
            if place is not None:
                by_place.setdefault(place, []).append(record_id)
        for place, wanted in by_place.items():
            table = tables_of(place, self.seed, self.until)[object]
            at = pc.index_in(pa.array(wanted, pa.string()), value_set=table["record_id"])
            yield table.take(pc.drop_null(at))


def _pages(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, PAGE_ROWS):
        yield table.slice(start, PAGE_ROWS)


def _latest(edits: Sequence[Edit]) -> dict[str, dict[str, dict[str, str | None]]]:
    """The last value by object, record id and field."""
    found: dict[str, dict[str, dict[str, str | None]]] = {}
    for edit in edits:
        found.setdefault(edit.object, {}).setdefault(edit.record_id, {})[edit.field] = edit.after
    return found


def _laid_over(table: pa.Table, values: Mapping[str, Mapping[str, str | None]]) -> pa.Table:
    """The records with their edited fields replaced."""
    if not values:
        return table
    at = pc.index_in(pa.array(list(values), pa.string()), value_set=table["record_id"]).to_pylist()
    here = {row: fields for row, fields in zip(at, values.values(), strict=True) if row is not None}
    for name in sorted({field for fields in here.values() for field in fields}):
        column = table[name].to_pylist()
        for row, fields in here.items():
            column[row] = fields.get(name, column[row])
        index = table.schema.get_field_index(name)
        table = table.set_column(index, table.schema.field(index), pa.array(column, table.schema.field(index).type))
    return table


def _changes(edits: Sequence[Edit]) -> pa.Table:
    rows = [
        {
            "object": edit.object,
            "record_id": edit.record_id,
            "field": edit.field,
            "from_value": edit.before,
            "to_value": edit.after,
            "at": edit.at,
            "seq": AFTER + (edit.number or 0),
            "actor_id": ACTOR,
            "evidence": "history",
        }
        for edit in edits
    ]
    return pa.Table.from_pylist(rows, schema=FIELD_CHANGE.arrow_schema())
