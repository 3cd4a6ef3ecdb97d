"""Salesforce as a source: leads and contacts with their history, touches, campaigns and deals.

Reading: settings, client and link (how it is asked), schema and plan (what this user may read),
reading (in which order), the translations (records, changes, activities, campaigns, opportunities,
owners, values) and checks. Writing: write, fields and metadata.

Not here: any of it; this is the adapter the registry names.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from connectors.salesforce import settings as options
from connectors.salesforce.checks import checks
from connectors.salesforce.client import Client
from connectors.salesforce.describing import describe
from connectors.salesforce.fields import Fields
from connectors.salesforce.plan import checked
from connectors.salesforce.reading import Reading
from connectors.salesforce.schema import Schema
from connectors.salesforce.write import Writer
from connectors.salesforce.write_call import send
from connectors.salesforce.write_read import read
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome
from leadpact.crm_fields import CrmField
from leadpact.mapping import MappingDocument, SourceTable, loads

CAN = Capabilities(
    history=True, activities=True, write=True, batch_size=200, compare_and_set=False, incremental=True, deletions=True
)


class Salesforce:
    """The adapter. Settings: see settings.py; `mapping` is a document or its YAML, none reads standard fields.

    Raises Misconfigured or BadMapping for settings that cannot be. `sleep` and `monotonic` are
    what waiting is done with.
    """

    name = "salesforce"

    def __init__(
        self,
        settings: Mapping[str, Any],
        *,
        state: Path | None = None,
        mapping: MappingDocument | str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = state
        self._settings = options.read(settings)
        self._document = checked(loads(mapping) if isinstance(mapping, str) else mapping or MappingDocument())
        self.client = Client(self._settings, sleep=sleep, monotonic=monotonic)
        self._provided: frozenset[str] | None = None

    @property
    def can(self) -> Capabilities:
        """What Salesforce can; once an org was read, what this user may read of it."""
        if self._provided is None:
            return CAN
        known = {"history": "field_change" in self._provided, "activities": "activity" in self._provided}
        return Capabilities(**{**vars(CAN), **known})

    def check(self) -> Iterable[Check]:
        """What works, what is missing, and the permission it needs. Reads only."""
        return checks(self.client, self._document)

    def extract(self, since: str | None = None) -> Extract:
        """Everything, or what changed since a mark that leads on; any other mark means everything."""
        reading = Reading.of(self.client, self._document, since)
        self._provided = reading.provided
        return reading.extract()

    def describe(self) -> list[SourceTable]:
        """Leads, contacts and opportunities with their fields: what a mapping is proposed from."""
        return describe(Schema(self.client))

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """Current values as text; records that are gone are left out. Raises SourceRefused for a field there is not."""
        return read(self.client, self._fields, object, ids, fields)

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order, 200 records a call, assignment rules always off."""
        writer = Writer(
            self._fields, partial(send, self.client), writable=self._settings.writable, sleep=self.client.sleep
        )
        return writer.write(changes)

    def fields(self, object: str) -> Sequence[CrmField]:
        """All fields of leads or contacts. Raises SourceRefused or SourceUnreachable."""
        return self._fields.all(object)

    @property
    def _fields(self) -> Fields:
        return Fields(self.client, self._document)
