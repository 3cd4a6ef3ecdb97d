"""The write side of a Salesforce connection in one piece: what the adapter hands on to.

Not here: reading tables (reading.py), what each of these does (write.py, write_read.py, fields.py, metadata_making.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from connectors.salesforce.beforehand import Beforehand
from connectors.salesforce.client import Client
from connectors.salesforce.fields import Fields
from connectors.salesforce.write import Writer
from connectors.salesforce.write_call import send
from connectors.salesforce.write_read import read
from leadpact.connector import Change, Check, Outcome
from leadpact.crm_facts import Automations, Barriers, Held
from leadpact.crm_fields import CrmField, Made, Making, Prepared
from leadpact.mapping import MappingDocument

if TYPE_CHECKING:
    from connectors.salesforce.metadata_making import Equipment


class WriteSide:
    """Single records and fields of one org. Making it asks nothing."""

    def __init__(self, client: Client, document: MappingDocument) -> None:
        self._client = client
        self._fields = Fields(client, document)

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, str | None]]:
        """The values of this moment. Raises SourceRefused, SourceUnreachable."""
        return read(self._client, self._fields, object, ids, fields)

    def write(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """One Outcome per change, in order. Raises SourceRefused, SourceUnreachable where nothing can be sent."""
        writable = self._client.settings.writable
        writer = Writer(self._fields, partial(send, self._client), writable=writable, sleep=self._client.sleep)
        return writer.write(changes)

    def fields(self, object: str) -> Sequence[CrmField]:
        """The fields as they are described now. Raises SourceRefused, SourceUnreachable."""
        self._fields.forget()
        return self._fields.all(object)

    def holders(self, object: str, field: str, values: Sequence[str]) -> Mapping[str, Held]:
        """Who holds values now. Raises SourceRefused, SourceUnreachable."""
        return Beforehand(self._client, self._fields).holders(object, field, values)

    def permissions(self, object: str, field: str) -> Sequence[Check]:
        """What this user needs to write a field. Raises SourceRefused, SourceUnreachable."""
        return Beforehand(self._client, self._fields).permissions(object, field)

    def barriers(self, object: str, field: str, wanted: Mapping[str, str | None], *, thorough: bool) -> Barriers:
        """What stands against writing values. Raises SourceRefused, SourceUnreachable."""
        return Beforehand(self._client, self._fields).barriers(object, field, wanted, thorough=thorough)

    def automations(self, object: str, field: str) -> Automations:
        """What runs when a field is written. Raises SourceRefused, SourceUnreachable."""
        from connectors.salesforce.automations import Automated  # noqa: PLC0415 - as below

        return Automated(self._client, self._fields, object, field).told()

    def prepare(self, wanted: Sequence[Making]) -> Sequence[Prepared]:
        """What would be made. Raises SourceRefused, SourceUnreachable."""
        return self._equipment().prepare(wanted)

    def make(self, prepared: Sequence[Prepared]) -> Iterator[Made]:
        """Makes it, one by one. Raises SourceRefused, SourceUnreachable where nothing can be sent."""
        return self._equipment().make(prepared)

    def _equipment(self) -> Equipment:
        # the WSDL is read when somebody makes fields, which most connections never do
        from connectors.salesforce.metadata_making import Equipment  # noqa: PLC0415

        return Equipment(self._client, self._fields, writable=self._client.settings.writable)
