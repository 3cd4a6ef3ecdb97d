"""One reading of a base: table by table, page by page, into canonical pages as they come.

Every table is listed once, whatever it feeds. A listing whose place Airtable has forgotten begins
anew and leaves out what was delivered already. What is read counts as of Airtable's clock when
the reading began.

Not here: what fills what (plan.py), rows (rows.py), what a mark says (marks.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from pyairtable.formulas import IS_AFTER, LAST_MODIFIED_TIME, to_formula_str

from connectors.airtable import cells, changes, marks
from connectors.airtable.client import Client
from connectors.airtable.faults import Refused, Unanswered, as_ours
from connectors.airtable.plan import RECORDS, Plan, Step, is_pseudo
from connectors.airtable.rows import MOST_LINKS, Raw, Row, Translator, Work
from connectors.airtable.schema import SELECTS, FieldDef, Schema, TableDef
from leadpact.connector import Page
from leadpact.model import FIELD_CHANGE, TABLES

ROWS = 2_000  # of a page of ours: some twenty of Airtable's
ANEW = 3  # how often a listing may begin again


@dataclass
class Reading:
    """`after`: only records modified since then (Airtable's clock), in the tables where that tells; null reads all."""

    client: Client
    schema: Schema
    plan: Plan
    after: datetime | None = None
    work: Work = field(init=False)
    _counted: int = 0

    def __post_init__(self) -> None:
        settings = self.client.settings
        self.work = Work(self.plan, settings.zone, settings.base_id, sure=self.after is None)

    @property
    def provided(self) -> frozenset[str]:
        """The canonical tables this reading tells of at all."""
        found = {step.target.table.name for step in self.plan.steps}
        if any(step.dated or step.since for step in self.plan.steps):
            found.add("field_change")
        if any(step.people or any(step.staff) for step in self.plan.steps):
            found.add("owner")
        if any(True for _ in self._offered()):
            found.add("status_value")
        return frozenset(found)

    @property
    def scope(self) -> str:
        """Which records a whole reading covers: one that is missing from the next was deleted."""
        return marks.scope(self.client.settings.base_id, self.plan.document)

    def whole(self, step: Step) -> bool:
        """Whether a table must be read whole: its rows change without their records being modified."""
        return self.after is None or step.derived or step.entry.to in ("owners", "status_values")

    def pages(self) -> Iterator[Page]:
        """Records first, then what is about them, then people and the values a status offers."""
        self._name_linked()
        for table, steps in self.plan.tables:
            yield from self._table(table, steps)
        yield from self._people()
        yield from self._values()

    def _table(self, table: TableDef, steps: Sequence[Step]) -> Iterator[Page]:
        translators = [(step, Translator(step, self.work)) for step in steps]
        waiting: dict[int, list[tuple[Raw, Row]]] = {place: [] for place in range(len(steps))}
        after = None if any(self.whole(step) for step in steps) else self.after
        for raws in self._listed(table, steps, after):
            for place, (step, translate) in enumerate(translators):
                waiting[place] += [(raw, row) for raw in raws for row in translate.rows(raw)]
                if len(waiting[place]) >= ROWS:
                    yield from self._pages_of(step, waiting[place])
                    waiting[place] = []
            yield from self._outside(raws, steps)
        for place, (step, _) in enumerate(translators):
            yield from self._pages_of(step, waiting[place])

    def _outside(self, raws: Sequence[Raw], steps: Sequence[Step]) -> Iterator[Page]:
        """Records there are and the mapping does not mean: they are not to be taken for deleted ones."""
        for object in dict.fromkeys(step.object for step in steps if step.entry.to in RECORDS):
            ids = [raw["id"] for raw in raws if raw["id"] not in self.work.known.get(object, ())]
            if ids:
                gone = pa.table({"object": pa.array([object] * len(ids)), "record_id": pa.array(ids)})
                yield self._page("record", shaped("record", [], self.plan.custom("record")), gone=gone)

    def _listed(self, table: TableDef, steps: Sequence[Step], after: datetime | None) -> Iterator[list[Raw]]:
        """The records of a table as Airtable's pages bring them, each once."""
        wanted = dict.fromkeys(one.id for step in steps for one in step.fields() if not is_pseudo(one))
        options: dict[str, Any] = {"fields": list(wanted) or [table.primary], "page_size": 100}
        if after is not None:
            options["formula"] = modified_since(after)
        yield from self._once_each(table, options)

    def _once_each(self, table: TableDef, options: Mapping[str, Any]) -> Iterator[list[Raw]]:
        seen: set[str] = set()
        for turn in range(ANEW + 1):
            try:
                for page in self.client.table(table.id).iterate(**options):
                    fresh: list[Raw] = [raw for raw in page if raw["id"] not in seen]
                    seen.update(raw["id"] for raw in fresh)
                    yield fresh
                return
            except Refused as refused:
                if refused.type != "LIST_RECORDS_ITERATOR_NOT_AVAILABLE" or turn == ANEW:
                    raise as_ours(refused, self.client.settings.host, table.name) from None
            except Unanswered as silence:
                raise as_ours(silence, self.client.settings.host, table.name) from None

    def _pages_of(self, step: Step, found: Sequence[tuple[Raw, Row]]) -> Iterator[Page]:
        raws, rows = [raw for raw, _ in found], [row for _, row in found]
        name = step.target.table.name
        history: list[pa.Table] = []
        told = FIELD_CHANGE.empty()
        if step.dated:
            history.append(changes.dated(step, raws, rows, self.work))
        if step.since is not None:
            told, before = changes.since(step, raws, rows, self.work)
            history.append(before)
        if name == "field_change":
            rows = [_change(row) for row in rows]
        yield self._page(name, shaped(name, rows, self.plan.custom(name)), gone=self._more_links(step, raws))
        if history and raws:
            yield self._page("field_change", pa.concat_tables(history), gone=self._told_before(step, raws))
        if told.num_rows:
            yield self._page("field_change", told, once=True)

    def _told_before(self, step: Step, raws: Sequence[Raw]) -> pa.Table | None:
        """In a delta, what a record's dates told before goes: one may have been corrected or emptied."""
        if self.after is None:
            return None
        rows = [
            {"object": step.object, "record_id": raw["id"], "field": "status", "evidence": evidence}
            for raw in raws
            for evidence in ("history", "imputed")
        ]
        return pa.Table.from_pylist(rows)

    def _more_links(self, step: Step, raws: Sequence[Raw]) -> pa.Table | None:
        """In a delta, the rows an activity had for further people: it may be about fewer now."""
        if self.after is None or step.entry.to != "activities" or not raws:
            return None
        ids = [f"{raw['id']}/{number}" for raw in raws for number in range(2, MOST_LINKS + 1)]
        return pa.table({"activity_id": pa.array(dict.fromkeys(ids), pa.string())})

    def _page(self, name: str, rows: pa.Table, **more: Any) -> Page:
        counted, self._counted = self._counted, self.client.calls
        return Page(name, rows, tuple(self.work.told()), calls=self._counted - counted, **more)

    def _name_linked(self) -> None:
        """What linked records are called, where a column wants them by name: by their table's primary field."""
        told = {step.table.id for step in self.plan.of("owners")}
        staff = {one.links for step in self.plan.steps for one in step.staff if one.links} - told
        named = [one.links for step in self.plan.steps for one in step.named() if one.links]
        for table_id in dict.fromkeys([*named, *sorted(staff)]):
            table = self.schema.table(table_id)
            primary = table.field(table.primary) if table else None
            if table is None or primary is None:
                continue
            found: dict[str, str] = {}
            for raws in self._once_each(table, {"fields": [primary.id], "page_size": 100}):
                found |= {raw["id"]: cells.text(raw["fields"].get(primary.id), primary) or raw["id"] for raw in raws}
            self.work.names[table_id] = found
            if table_id in staff:
                self.work.people |= found

    def _people(self) -> Iterator[Page]:
        """Users of Airtable that records name, where no table of the base tells of them already."""
        rows = [{"owner_id": one, "name": name or None} for one, name in self.work.people.items()]
        told = [row for row in rows if row["owner_id"] not in self.work.known.get("owners", ())]
        if told:
            yield self._page("owner", shaped("owner", told))

    def _offered(self) -> Iterator[tuple[Step, FieldDef, list[str]]]:
        """The values a status may take, by the options of its field or the names of the records it links to."""
        for step in self.plan.of(*RECORDS):
            one = step.places.get("status")
            if one is not None and one.type in SELECTS:
                yield step, one, one.choices
            elif one is not None and one.links:
                yield step, one, list(self.work.names.get(one.links, {}).values())

    def _values(self) -> Iterator[Page]:
        rows: dict[tuple[str, str], Row] = {}
        for step, _, offered in self._offered():
            translated_to = {k.strip().casefold(): str(v) for k, v in step.entry.values.get("status", {}).items()}
            for position, value in enumerate(offered):
                plain = translated_to.get(value.strip().casefold(), value)
                row = {"object": step.object, "value": plain, "label": value, "is_active": True, "position": position}
                rows.setdefault((step.object, plain), row)
        if rows:
            yield self._page(
                "status_value", shaped("status_value", list(rows.values())), anew=not self.plan.of("status_values")
            )


def modified_since(at: datetime) -> str:
    """The formula for records modified at or after a moment (UTC); Airtable compares to the second."""
    return to_formula_str(IS_AFTER(LAST_MODIFIED_TIME(), at - timedelta(seconds=1)))


def shaped(name: str, rows: Sequence[Row], custom: Sequence[str] = ()) -> pa.Table:
    """Rows as the canonical table; what they do not say is null."""
    schema = TABLES[name].arrow_schema(custom)
    return pa.table([pa.array([row.get(one.name) for row in rows], one.type) for one in schema], schema=schema)


def _change(row: Row) -> Row:
    """A row of a log of changes, as `field_change`."""
    told = {"field": "status", "from_value": row.get("from_status"), "to_value": row.get("to_status")}
    return {**row, **told, "seq": row.get("seq") or 0, "evidence": "history"}
