"""Salesforce as a source: leads and contacts with their history, touches, campaigns and deals.

Reading: settings, client and link (how it is asked), schema and plan (what this user may read),
reading (in which order), the translations (records, changes, activities, campaigns, opportunities,
owners, values) and checks. Writing: write, fields and metadata.

Not here: any of it; this is the adapter the registry names.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors.salesforce import settings as options
from connectors.salesforce.checks import checks
from connectors.salesforce.client import Client
from connectors.salesforce.describing import describe
from connectors.salesforce.plan import checked
from connectors.salesforce.reading import Reading
from connectors.salesforce.schema import Schema
from connectors.salesforce.write_side import WriteSide
from leadpact.connector import Capabilities, Change, Check, Extract, Outcome
from leadpact.crm_facts import Automations, Barriers, Held
from leadpact.crm_fields import CrmField, Made, Making, Prepared
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
        self._writing = WriteSide(self.client, self._document)
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
        return self._writing.read(object, ids, fields)

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order, 200 records a call, assignment rules always off."""
        return self._writing.write(changes)

    def fields(self, object: str) -> Sequence[CrmField]:
        """All fields of leads or contacts. Raises SourceRefused or SourceUnreachable."""
        return self._writing.fields(object)

    def holders(self, object: str, field: str, values: Sequence[str]) -> Mapping[str, Held]:
        """How many records hold values now, as far as this user sees them. Raises SourceRefused, SourceUnreachable."""
        return self._writing.holders(object, field, values)

    def permissions(self, object: str, field: str) -> Sequence[Check]:
        """What this user needs to write a field, granted or not. Raises SourceRefused, SourceUnreachable."""
        return self._writing.permissions(object, field)

    def barriers(self, object: str, field: str, wanted: Mapping[str, str | None], *, thorough: bool) -> Barriers:
        """Which records would refuse their value: converted, in approval, of another record type, not this user's."""
        return self._writing.barriers(object, field, wanted, thorough=thorough)

    def automations(self, object: str, field: str) -> Automations:
        """The active automations that name a field, and what cannot be read. Raises SourceUnreachable."""
        return self._writing.automations(object, field)

    def prepare(self, wanted: Sequence[Making]) -> Sequence[Prepared]:
        """What would be made in Salesforce, one for each, in order. Raises SourceRefused or SourceUnreachable."""
        return self._writing.prepare(wanted)

    def make(self, prepared: Sequence[Prepared]) -> Iterator[Made]:
        """Makes it, one by one; refuses all while the connection is read-only."""
        return self._writing.make(prepared)
