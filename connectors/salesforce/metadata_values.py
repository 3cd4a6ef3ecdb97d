"""The values of an existing picklist: where they are kept, and what is sent to add or retire some.

An update replaces the list: whatever it leaves out is deactivated. So all that was read is sent
back, retired values and their order included, with the new ones at the end. Record types and lead
processes offer values by lists of their own, which get the new ones too.

Not here: calls (metadata.py), the order of things (metadata_making.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from connectors.salesforce.metadata import Component, Metadata

# standard picklists have their values apart from the field, some of them shared by several objects
STANDARD: Mapping[tuple[str, str], str] = {
    ("Lead", "Status"): "LeadStatus",
    ("Lead", "LeadSource"): "LeadSource",
    ("Contact", "LeadSource"): "LeadSource",
    ("Lead", "Industry"): "Industry",
    ("Lead", "Rating"): "AccountRating",
    ("Lead", "Salutation"): "Salutation",
    ("Contact", "Salutation"): "Salutation",
}
SHARED = frozenset({"LeadSource", "Industry", "AccountRating", "Salutation"})
LEAD_STATUS = "LeadStatus"


class Unfitting(Exception):
    """The values cannot be changed so; `why` ends a catalogue key, `params` are its own."""

    def __init__(self, why: str, **params: Any) -> None:
        super().__init__(why)
        self.why, self.params = why, params


@dataclass
class Offer:
    """A record type or lead process that offers a picklist; `values` are those it gets."""

    kind: str
    component: Component
    values: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.component.fullName)


@dataclass
class ValueSet:
    """Where a picklist keeps its values, as read: the component, and those that offer some of them."""

    kind: str
    component: Component
    sobject: str
    picklist: str
    offers: list[Offer] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.component.fullName}"

    @property
    def shared(self) -> bool:
        return self.kind == "GlobalValueSet" or self.component.fullName in SHARED

    @property
    def values(self) -> list[Any]:
        if self.kind == "StandardValueSet":
            return list(self.component.standardValue)
        if self.kind == "GlobalValueSet":
            return list(self.component.customValue)
        return list(self.component.valueSet.valueSetDefinition.value)

    @values.setter
    def values(self, values: Sequence[Any]) -> None:
        if self.kind == "StandardValueSet":
            self.component.standardValue = list(values)
        elif self.kind == "GlobalValueSet":
            self.component.customValue = list(values)
        else:
            self.component.valueSet.valueSetDefinition.value = list(values)

    def state(self, metadata: Metadata) -> str:
        """A hash of all this."""
        return metadata.state([self.component, *(one.component for one in self.offers)])


def read(metadata: Metadata, sobject: str, name: str) -> ValueSet:
    """The value set of a picklist field. Raises Unfitting, SourceRefused, SourceUnreachable."""
    if not name.endswith("__c"):
        standard = STANDARD.get((sobject, name))
        if standard is None:
            raise Unfitting("standard_elsewhere")
        return _offered(metadata, _found("StandardValueSet", metadata, standard, sobject, name))
    own = _found("CustomField", metadata, f"{sobject}.{name}", sobject, name)
    if own.component.valueSet is None:
        raise Unfitting("no_choice")
    shared = own.component.valueSet.valueSetName
    return _offered(metadata, _found("GlobalValueSet", metadata, str(shared), sobject, name) if shared else own)


def _found(kind: str, metadata: Metadata, full_name: str, sobject: str, name: str) -> ValueSet:
    (component,) = metadata.read(kind, [full_name])
    if component is None:
        raise Unfitting("no_field")
    return ValueSet(kind, component, sobject, name)


def _offered(metadata: Metadata, found: ValueSet) -> ValueSet:
    """With the record types of the object that offer the picklist; lead statuses are offered by lead processes."""
    kind = "BusinessProcess" if found.component.fullName == LEAD_STATUS else "RecordType"
    names = [name for name in metadata.list(kind) if name.startswith(f"{found.sobject}.")]
    for one in metadata.read(kind, sorted(names)):
        if one is not None and (kind == "BusinessProcess" or _listed(one, found.picklist) is not None):
            found.offers.append(Offer(kind, one))
    return found


def add(metadata: Metadata, found: ValueSet, wanted: Sequence[str]) -> list[str]:
    """Adds values, or makes retired ones active; those that were missing. Raises Unfitting."""
    added, values = [], found.values
    by_name = {str(one.fullName): one for one in values}
    folded = {name.casefold(): name for name in by_name}
    for value in dict.fromkeys(wanted):
        held = by_name.get(value)
        if held is not None and held.isActive is not False:
            continue
        if held is None and value.casefold() in folded:
            raise Unfitting("clash", value=value, other=folded[value.casefold()])
        added.append(value)
        if held is not None:
            held.isActive = True
            continue
        kind = "StandardValue" if found.kind == "StandardValueSet" else "CustomValue"
        flags = {"converted": False} if found.component.fullName == LEAD_STATUS else {}
        values.append(metadata.new(kind, fullName=value, label=value, default=False, **flags))
    found.values = values
    for one in found.offers:
        _offer(metadata, one, found.picklist, wanted)
    return added


def retire(found: ValueSet, wanted: Sequence[str]) -> list[str]:
    """Makes values inactive; those that were active. Raises Unfitting."""
    by_name = {str(one.fullName): one for one in found.values}
    retired = []
    for value in dict.fromkeys(wanted):
        held = by_name.get(value)
        if held is None:
            raise Unfitting("no_value", value=value)
        if held.isActive is False:
            continue
        if held.default:
            raise Unfitting("default", value=value)
        held.isActive = False
        retired.append(value)
    active = [one for one in found.values if one.isActive is not False]
    if not active:
        raise Unfitting("last")
    if found.component.fullName == LEAD_STATUS and not any(one.converted for one in active):
        raise Unfitting("last_converted")
    if found.component.fullName == LEAD_STATUS and any(by_name[value].converted for value in retired):
        raise Unfitting("converted", value=", ".join(value for value in retired if by_name[value].converted))
    return retired


def offer_everywhere(metadata: Metadata, sobject: str, name: str, values: Sequence[str]) -> list[Offer]:
    """The record types of an object with a new picklist added, so that their records may hold its values."""
    names = sorted(one for one in metadata.list("RecordType") if one.startswith(f"{sobject}."))
    found = [Offer("RecordType", one) for one in metadata.read("RecordType", names) if one is not None]
    for one in found:
        _offer(metadata, one, name, values)
    return found


def _offer(metadata: Metadata, one: Offer, name: str, wanted: Sequence[str]) -> None:
    """Adds the values it does not offer yet."""
    listed = None if one.kind == "BusinessProcess" else _listed(one.component, name)
    held = one.component.values if one.kind == "BusinessProcess" else getattr(listed, "values", [])
    # record types write some characters of a value as %XX
    there = {unquote(str(value.fullName)) for value in held}
    one.values = [value for value in dict.fromkeys(wanted) if value not in there]
    names = [value.replace("%", "%25") for value in one.values]
    values = [*held, *(metadata.new("PicklistValue", fullName=each, default=False) for each in names)]
    if one.kind == "BusinessProcess":
        one.component.values = values
    elif listed is not None:
        listed.values = values
    else:
        new = metadata.new("RecordTypePicklistValue", picklist=name, values=values)
        one.component.picklistValues = [*one.component.picklistValues, new]


def _listed(record_type: Component, name: str) -> Any:
    return next((one for one in record_type.picklistValues if one.picklist == name), None)
