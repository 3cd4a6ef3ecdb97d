"""Shorthand for the fields of the loopback org's objects.

Not here: what a field is (schema.py), which objects there are (objects.py).
"""

from __future__ import annotations

from typing import Any

from tests.salesforce.schema import Field, Pick, SObject


def ref(name: str, *to: str, relation: str | None = None, **more: Any) -> Field:
    """A reference; `OwnerId` is followed as `Owner`, `Region__c` as `Region__r`."""
    followed = relation or (name.removesuffix("__c") + "__r" if name.endswith("__c") else name.removesuffix("Id"))
    return Field(name, "reference", to=to, relation=followed, **more)


def fixed(name: str, kind: str = "string", **more: Any) -> Field:
    """A field nobody writes."""
    return Field(name, kind, writable=False, **more)


def texts(*names: str) -> list[Field]:
    return [Field(name) for name in names]


def system(*, deleted: bool = True, changed: bool = True) -> list[Field]:
    """What the platform keeps on a row; history and set-up objects lack part of it."""
    fields = [fixed("Id", "id"), fixed("CreatedDate", "datetime"), ref("CreatedById", "User", writable=False)]
    if deleted:
        fields.append(fixed("IsDeleted", "boolean"))
    if changed:
        fields += [
            fixed("LastModifiedDate", "datetime"),
            ref("LastModifiedById", "User", writable=False),
            fixed("SystemModstamp", "datetime"),
        ]
    return fields


def picks(*values: str) -> tuple[Pick, ...]:
    return tuple(Pick(one) for one in values)


def owned(*to: str) -> Field:
    return ref("OwnerId", *to, label="Owner ID")


def address() -> list[Field]:
    parts = ("Street", "City", "State", "PostalCode", "Country")
    return [*(Field(one) for one in parts), fixed("Address", "address", filterable=False)]


def history(name: str, prefix: str, parent: str) -> SObject:
    # values are of any type, and can be neither filtered nor sorted by
    fields = [
        *system(changed=False),
        ref(f"{parent}Id", parent, writable=False),
        fixed("Field", "picklist"),
        fixed("DataType", "picklist"),
        fixed("OldValue", "anyType", filterable=False),
        fixed("NewValue", "anyType", filterable=False),
    ]
    return sobject(name, prefix, fields, deletable=False)


def sobject(name: str, prefix: str, fields: list[Field], **more: Any) -> SObject:
    return SObject(name, prefix, {one.name: one for one in fields}, **more)
