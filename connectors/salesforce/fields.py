"""A field by the name LeadPact uses for it, and all fields of an object as write-back asks for them.

A name is a canonical column, which the mapping or the standard one leads to a field, else the
field's own API name in its exact case.

Not here: values (write_values.py), the standard mapping (standard.py), making fields (metadata.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.salesforce.cells import ID_SHAPE, id18
from connectors.salesforce.client import Client
from connectors.salesforce.plan import PARTLESS, SOBJECTS
from connectors.salesforce.schema import Field, Schema, SObject
from connectors.salesforce.standard import STANDARD
from connectors.salesforce.write_values import Unfit, told
from leadpact.crm_fields import Choice, CrmField, FieldKind
from leadpact.errors import SourceRefused
from leadpact.mapping import Entry, MappingDocument

KINDS: Mapping[str, FieldKind] = {
    **dict.fromkeys(("string", "textarea", "email", "phone", "url", "combobox", "encryptedstring"), "text"),
    **dict.fromkeys(("double", "currency", "percent", "int", "long"), "number"),
    "picklist": "choice",
    "boolean": "flag",
    "datetime": "time",
}
RECORD_TYPE, STATUS = "RecordTypeId", "status"
# set by the org with every write, whoever writes what
STAMPED = frozenset({"SystemModstamp", "LastModifiedDate", "LastModifiedById"})


class Fields:
    """The fields of one org, described when first needed. `forget` when it turns out to have changed."""

    def __init__(self, client: Client, document: MappingDocument) -> None:
        self._client, self._document = client, document
        self._schema = Schema(client)

    def forget(self) -> None:
        """The org is asked anew from now on."""
        self._schema = Schema(self._client)

    def queryable(self, name: str) -> bool:
        """Whether this user may ask for an object of that name at all."""
        return name.lower() in self._schema.names

    def described(self, object: str) -> SObject | None:
        """The object leads or contacts are kept in; null for another one, or where this user cannot see it."""
        name = SOBJECTS.get(object)
        return None if name is None else self._schema.object(name)

    def all(self, object: str) -> list[CrmField]:
        """Every field with a value of its own. Raises SourceRefused where the object cannot be seen."""
        found = self.described(object)
        if found is None:
            raise SourceRefused("salesforce_write.no_object", object=SOBJECTS.get(object, object))
        status = self.find(object, STATUS)
        return [
            self._told_as_status(_crm_field(object, one), one) if one is status else _crm_field(object, one)
            for one in found.fields.values()
            if one.type not in PARTLESS
        ]

    def _told_as_status(self, told: CrmField, one: Field) -> CrmField:
        """The status field, its values as the mirror has them."""
        named = {each.value: self.text(told.object, STATUS, one, each.value) for each in told.choices}
        choices = tuple(replace(each, value=named[each.value] or each.value) for each in told.choices)
        return replace(told, column=STATUS, choices=choices)

    def find(self, object: str, name: str) -> Field | None:
        """The field a name means; null where there is none. Its own name may be a path, such as `Account.Name`."""
        found = self.described(object)
        if found is None:
            return None
        for path in self._paths(object, name):
            field = self._schema.field(found.name, path)
            if field is not None and field.type not in PARTLESS:
                return field
        own = found.fields.get(name)
        return None if own is None or own.type in PARTLESS else own

    def record_id(self, object: str, record_id: str) -> str | None:
        """The id in its long form; null where no record of this object can have it."""
        found = self.described(object)
        if found is None or not re.match(ID_SHAPE, record_id) or not record_id.startswith(found.prefix):
            return None
        return id18(record_id)

    def text(self, object: str, name: str, field: Field, value: Any) -> str | None:
        """A value that was read, as the mirror has it."""
        text = told(value, field.type)
        if text is None:
            return None
        types = self._record_types(object, name, field)
        known = {str(key).casefold(): str(value) for key, value in self._values(object, name).items()}
        return types.get(text) or known.get(text.casefold(), text)

    def source_text(self, object: str, name: str, field: Field, text: str | None) -> str | None:
        """The other way round: what is written for a value of the mirror. Raises Unfit where nobody can tell."""
        types = self._record_types(object, name, field)
        if types and text:
            found = [key for key, value in types.items() if value == text]
            if len(found) != 1:
                raise Unfit("INVALID_CROSS_REFERENCE_KEY")
            return found[0]
        meant = [str(key) for key, value in self._values(object, name).items() if str(value) == text]
        if len(meant) > 1:
            raise Unfit("AMBIGUOUS_VALUE")
        exact = {pick.value.casefold(): pick.value for pick in field.picks}
        return exact.get(meant[0].casefold(), meant[0]) if meant else text

    def _entry(self, object: str) -> Entry | None:
        return next(iter(self._document.of(SOBJECTS[object])), None)

    def _paths(self, object: str, name: str) -> tuple[str, ...]:
        """Where a canonical column may be found; empty for any other name."""
        entry = self._entry(object)
        if entry is not None:
            if name in entry.constants:
                return ()
            if name in entry.custom:
                return (entry.custom[name],)
            if name in entry.fields:
                header = entry.fields[name]
                return () if header is None else (header,)
        return STANDARD[SOBJECTS[object]][1].get(name, ())

    def _values(self, object: str, name: str) -> Mapping[str, Any]:
        entry = self._entry(object)
        return {} if entry is None else entry.values.get(name, {})

    def _record_types(self, object: str, name: str, field: Field) -> Mapping[str, str]:
        """Record types are known to people by their name: by id, where `name` is that column."""
        found = self.described(object)
        return found.record_types if found and name == "record_type" and field.name == RECORD_TYPE else {}


def kind_described(one: Field) -> FieldKind:
    """The kind of a field, by what describe says of it."""
    return "formula" if one.calculated else KINDS.get(one.type, "other")


def _crm_field(object: str, one: Field) -> CrmField:
    choices = tuple(Choice(pick.value, pick.label, pick.active) for pick in one.picks)
    kind, stamped = kind_described(one), one.name in STAMPED or one.calculated
    return CrmField(object, one.name, one.label, kind, one.writable, one.restricted, choices, None, stamped)
