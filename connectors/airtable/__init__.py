"""The Airtable adapter: the tables of one base as leads, contacts and what is about them.

There is no Airtable without a mapping: every base is its owner's own invention. Tables and fields
are known by their ids, so that renaming them changes nothing. Its modules: client and limiter (the
call and its pace), faults (what errors are called), schema, plan (what fills what), cells, rows,
changes and reading (records into pages), marks, single (records by id), check, describe; and
write, fields, webhooks.

Not here: the mapping document (leadpact/mapping), the mirror (leadpact/store.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.airtable import schema as schemas
from connectors.airtable import single
from connectors.airtable.check import checks
from connectors.airtable.client import Client
from connectors.airtable.describe import describe
from connectors.airtable.fields import Maker
from connectors.airtable.limiter import LIMITERS, Limiters
from connectors.airtable.marks import Mark, parsed, shape
from connectors.airtable.options import holders
from connectors.airtable.plan import Fault, Plan, check_document, plan
from connectors.airtable.reading import Reading
from connectors.airtable.schema import Schema, TableDef
from connectors.airtable.settings import read as read_settings
from connectors.airtable.webhook_rows import beside, watched
from connectors.airtable.webhooks import Place, Webhooks
from connectors.airtable.write import READ_ONLY, Writer
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome
from leadpact.crm_facts import Automations, Held, Unread
from leadpact.crm_fields import CrmField, Made, Making, Prepared
from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable
from leadpact.mapping import MappingDocument, SourceTable, loads

BATCH = 10  # records to a call of Airtable's


LATELY = 30.0  # seconds for which single records are read and written by the schema that was read


class Airtable:
    """The adapter. Settings: `token`, `base_id`; optional `endpoint_url`, `timezone`, `writable`, `full_every_hours`.

    `mapping` is a document or its YAML; without one the connection can be tested and described,
    and not read. `limiters` are those of the process unless a test brings its own.
    """

    name = "airtable"

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        state: Path | None = None,
        mapping: MappingDocument | str | None = None,
        limiters: Limiters = LIMITERS,
    ) -> None:
        """Reads nothing; raises Misconfigured or BadMapping where settings or mapping cannot be."""
        self.settings = read_settings(settings)
        self.mapping = loads(mapping) if isinstance(mapping, str) else mapping
        self.state = state
        self.limiters = limiters
        self._lately: tuple[float, Schema, Plan] | None = None

    @property
    def can(self) -> Capabilities:
        """History where dates of the mapping tell it; deltas where the settings allow deletions to show later."""
        document = self.mapping or MappingDocument()
        dated = any(entry.status_dates or entry.status_since for entry in document.tables)
        return Capabilities(
            history=dated or "status_changes" in document.targets or self.settings.webhooks,
            activities="activities" in document.targets,
            write=True,
            batch_size=BATCH,
            incremental=self.settings.full_every_hours > 0,
        )

    def client(self) -> Client:
        """A client of this connection: what it counts is its own, its pace is everybody's."""
        return Client(self.settings, self.limiters)

    def planned(self, client: Client) -> tuple[Schema, Plan]:
        """The schema as it is now and the mapping held against it. Raises SourceRefused where they do not fit."""
        document = check_document(self.mapping)
        schema = schemas.read(client)
        made = plan(document, schema)
        if made.faults:
            raise SourceRefused("airtable.base_changed", details=tuple(_said(fault) for fault in made.faults))
        return schema, made

    def _planned_lately(self, client: Client) -> tuple[Schema, Plan]:
        """As `planned`, not asked for again within LATELY: a plan of many batches reads and writes by one schema."""
        now, kept = self.limiters.clock(), self._lately
        if kept is None or not 0 <= now - kept[0] <= LATELY:
            self._lately = kept = (now, *self.planned(client))
        return kept[1], kept[2]

    def check(self) -> Iterable[Check]:
        """Token, base, every mapped table and field, records, writing: each by name. Writes nothing."""
        client = self.client()
        found = list(checks(client, self.mapping))
        if self.settings.webhooks and all(one.ok for one in found):
            _, made = self.planned(client)
            fields = watched(made, Reading(client, Schema(()), made).work)
            found += Webhooks(client, fields, self.state).check()
        return found

    def describe(self) -> list[SourceTable]:
        """Every table of the base with its fields, by the schema and a page of records: what mappings are made from."""
        client = self.client()
        return describe(client, schemas.read(client))

    def extract(self, since: str | None = None) -> Extract:
        """Everything; or what was modified since the mark, where the settings allow that and nothing else changed.

        Raises Misconfigured without a mapping, SourceRefused, SourceUnreachable.
        """
        client = self.client()
        schema, made = self.planned(client)
        if client.server_time is None:
            raise SourceUnreachable("airtable.unreachable", host=self.settings.host)
        now, form = client.server_time, shape(schema.fingerprint, made.document)
        mark = self._usable(parsed(since), form, client)
        reading = Reading(client, schema, made, after=mark.after if mark else None)
        whole = mark is None or all(reading.whole(step) for step in made.steps)
        own = Mark(self.settings.base_id, form, now, now if whole or mark is None else mark.whole_at)
        if not self.settings.webhooks:
            return Extract(reading.pages(), reading.provided, whole, lambda: str(own), scope=reading.scope)
        return self._with_webhook(reading, own, parsed(since), whole=whole)

    def _with_webhook(self, reading: Reading, own: Mark, last: Mark | None, *, whole: bool) -> Extract:
        """The reading with what a webhook of the base tells, read first: what happens meanwhile is told next time."""
        fields = watched(reading.plan, reading.work)
        webhooks = Webhooks(reading.client, fields, self.state)
        known = Place.parsed(last.place) if last is not None and last.base_id == own.base_id and not whole else None
        told = webhooks.read(known) if fields else None
        if told is None or told.place is None:
            return Extract(reading.pages(), reading.provided, whole, lambda: str(own), scope=reading.scope)
        place = told.place

        def mark() -> str:
            webhooks.keep(place)
            return str(replace(own, place=str(place)))

        pages = beside(reading.pages(), told.payloads, fields, place.since, told.gap, delta=reading.after is not None)
        provided = reading.provided | {"field_change"}
        return Extract(pages, provided, whole, mark, history_since=place.since, creation_logged=True,
                       scope=reading.scope)  # fmt: skip

    def _usable(self, mark: Mark | None, form: str, client: Client) -> Mark | None:
        """The mark, where it is of this base, schema and mapping, and a whole reading is not due."""
        now, hours = client.server_time, self.settings.full_every_hours
        if mark is None or now is None or (mark.base_id, mark.shape) != (self.settings.base_id, form):
            return None
        return mark if mark.read_at <= now and (now - mark.whole_at).total_seconds() < hours * 3600 else None

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """Current values as text; `fields` are canonical columns or field ids. Raises SourceRefused for others."""
        client, known = self.client(), self._lately
        try:
            return single.read(client, *self._planned_lately(client), object, ids, fields)
        except SourceRefused:
            if known is None or self._lately is not known:
                raise
            self._lately = None  # something was made, renamed or removed since, perhaps
            return single.read(client, *self._planned_lately(client), object, ids, fields)

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order, ten to a call. Raises SourceRefused, SourceUnreachable."""
        if not self.settings.writable:
            yield from (Outcome(change, "refused", READ_ONLY) for change in changes)
            return
        if changes:
            client, known = self.client(), self._lately
            writer = Writer(client, *self._planned_lately(client))
            if known is not None and self._lately is known and writer.unfit(changes):
                self._lately = None  # an option or a field may have been added since
                writer = Writer(client, *self._planned_lately(client))
            yield from writer.write(changes)

    def fields(self, object: str) -> Sequence[CrmField]:
        """The fields of the tables mapped to leads or contacts. Raises SourceRefused, SourceUnreachable."""
        return self._maker().fields(object)

    def holders(self, object: str, field: str, values: Sequence[str]) -> Mapping[str, Held]:
        """How many records hold values now. Raises SourceRefused, SourceUnreachable."""
        client = self.client()
        return holders(client, self.planned(client)[1], object, field, values)

    def automations(self, object: str, field: str) -> Automations:
        """None is told: Airtable's API shows no automations. Asks nothing."""
        return Automations(unread=(Unread("all", "airtable_write.no_automations"),))

    def prepare(self, wanted: Sequence[Making]) -> Sequence[Prepared]:
        """What would be made, one for each, in order; what the field API cannot make comes with what to do by hand."""
        return self._maker().prepare(wanted)

    def make(self, prepared: Sequence[Prepared]) -> Iterator[Made]:
        """Makes what was prepared, one by one; refuses all while the connection is read-only."""
        yield from self._maker().make(prepared)

    def _maker(self) -> Maker:
        document = check_document(self.mapping)

        def tables(schema: Schema, object: str) -> list[TableDef]:
            steps = plan(document, schema).of("leads", "contacts")
            return list({step.table.id: step.table for step in steps if step.object == object}.values())

        def statuses(schema: Schema, object: str) -> dict[str, Mapping[str, Any]]:
            steps = [step for step in plan(document, schema).of("leads", "contacts") if step.object == object]
            return {
                step.places["status"].id: step.entry.values.get("status", {})
                for step in steps
                if "status" in step.places
            }

        return Maker(self.client(), tables, statuses)


def _said(fault: Fault) -> LeadPactError:
    return LeadPactError(fault.key, **fault.params)
