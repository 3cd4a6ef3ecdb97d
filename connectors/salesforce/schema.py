"""What the org describes to this user: its objects and their fields, asked for when first needed.

A field the user may not see is not described at all, and neither is one that does not exist:
Salesforce does not tell the two apart.

Not here: which fields are read (plan.py), picklists as status values (values.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.salesforce.client import Client


@dataclass(frozen=True)
class Pick:
    """A picklist value as described."""

    value: str
    label: str
    active: bool
    default: bool


@dataclass(frozen=True)
class Field:
    """One field. `relation` is the name its target is followed by, `target` the only object it points to.

    writable: this user may change it, and it is not calculated. restricted: its picks are the only values.
    """

    name: str
    type: str
    label: str
    picks: tuple[Pick, ...] = ()
    relation: str | None = None
    target: str | None = None
    writable: bool = False
    restricted: bool = False
    calculated: bool = False

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")


@dataclass(frozen=True)
class SObject:
    """An object this user may query. `record_types` are its own, by id, the master apart; ids begin with `prefix`.

    writable: this user may edit records of it at all.
    """

    name: str
    fields: Mapping[str, Field]
    record_types: Mapping[str, str]
    types_in_use: Mapping[str, str]
    prefix: str = ""
    writable: bool = True


class Schema:
    """One look at the org: what it says first holds until this is thrown away."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: Mapping[str, str] | None = None
        self._objects: dict[str, SObject] = {}

    @property
    def names(self) -> Mapping[str, str]:
        """The objects that can be queried, by their name in lower case."""
        if self._names is None:
            found = self._client.get("sobjects") or {}
            self._names = {
                one["name"].lower(): one["name"] for one in found.get("sobjects", ()) if one.get("queryable")
            }
        return self._names

    def object(self, name: str) -> SObject | None:
        """The object called so, regardless of case; null where this user cannot query it."""
        exact = self.names.get(name.lower())
        if exact is None:
            return None
        if exact not in self._objects:
            self._objects[exact] = _sobject(exact, self._client.get(f"sobjects/{exact}/describe") or {})
        return self._objects[exact]

    def field(self, name: str, path: str) -> Field | None:
        """The field at a path such as `Account.Name`, under its exact spelling; null where there is none."""
        found = self.object(name)
        *relations, last = path.split(".")
        exact: list[str] = []
        for relation in relations:
            if found is None:
                return None
            through = next((f for f in found.fields.values() if _same(f.relation, relation)), None)
            if through is None or through.target is None:
                return None
            exact.append(str(through.relation))
            found = self.object(through.target)
        if found is None:
            return None
        field = found.fields.get(last) or next((f for f in found.fields.values() if _same(f.name, last)), None)
        if field is None or not exact:
            return field
        whole = ".".join([*exact, field.name])
        return replace(field, name=whole)


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.lower() == other.lower()


def _sobject(name: str, described: Mapping[str, Any]) -> SObject:
    fields = {one["name"]: _field(one) for one in described.get("fields", ())}
    own = [one for one in described.get("recordTypeInfos") or () if not one.get("master") and one.get("recordTypeId")]
    types = {one["recordTypeId"]: str(one["name"]) for one in own}
    in_use = {one["recordTypeId"]: str(one["name"]) for one in own if one.get("active", True)}
    return SObject(name, fields, types, in_use, str(described.get("keyPrefix") or ""),
                   bool(described.get("updateable", True)))  # fmt: skip


def _field(one: Mapping[str, Any]) -> Field:
    targets: Sequence[str] = one.get("referenceTo") or ()
    picks = tuple(
        Pick(
            str(pick["value"]),
            str(pick.get("label") or pick["value"]),
            bool(pick.get("active")),
            bool(pick.get("defaultValue")),
        )
        for pick in one.get("picklistValues") or ()
        if pick.get("value") is not None
    )
    return Field(
        name=one["name"],
        type=one["type"],
        label=str(one.get("label") or one["name"]),
        picks=picks,
        relation=one.get("relationshipName"),
        target=targets[0] if len(targets) == 1 else None,
        writable=bool(one.get("updateable")) and not one.get("calculated"),
        restricted=bool(one.get("restrictedPicklist")),
        calculated=bool(one.get("calculated")),
    )
