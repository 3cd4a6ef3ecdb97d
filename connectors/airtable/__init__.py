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
from pathlib import Path
from typing import Any

from connectors.airtable import schema as schemas
from connectors.airtable import single
from connectors.airtable.check import checks
from connectors.airtable.client import Client
from connectors.airtable.limiter import LIMITERS, Limiters
from connectors.airtable.marks import Mark, parsed, shape
from connectors.airtable.plan import Fault, Plan, check_document, plan
from connectors.airtable.reading import Reading
from connectors.airtable.schema import Schema
from connectors.airtable.settings import read as read_settings
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome
from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable
from leadpact.mapping import MappingDocument, loads

BATCH = 10  # records to a call of Airtable's


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

    @property
    def can(self) -> Capabilities:
        """History where dates of the mapping tell it; deltas where the settings allow deletions to show later."""
        document = self.mapping or MappingDocument()
        dated = any(entry.status_dates or entry.status_since for entry in document.tables)
        return Capabilities(
            history=dated or "status_changes" in document.targets,
            activities="activities" in document.targets,
            write=False,
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

    def check(self) -> Iterable[Check]:
        """Token, base, every mapped table and field, records, writing: each by name. Writes nothing."""
        return list(checks(self.client(), self.mapping))

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
        return Extract(reading.pages(), reading.provided, whole, lambda: str(own))

    def _usable(self, mark: Mark | None, form: str, client: Client) -> Mark | None:
        """The mark, where it is of this base, schema and mapping, and a whole reading is not due."""
        now, hours = client.server_time, self.settings.full_every_hours
        if mark is None or now is None or (mark.base_id, mark.shape) != (self.settings.base_id, form):
            return None
        return mark if mark.read_at <= now and (now - mark.whole_at).total_seconds() < hours * 3600 else None

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """Current values as text; `fields` are canonical columns or field ids. Raises SourceRefused for others."""
        client = self.client()
        schema, made = self.planned(client)
        return single.read(client, schema, made, object, ids, fields)

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        for change in changes:
            yield Outcome(change, "refused", "READ_ONLY")


def _said(fault: Fault) -> LeadPactError:
    return LeadPactError(fault.key, **fault.params)
