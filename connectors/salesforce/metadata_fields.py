"""A custom field as a component, and the permission sets by which people see it and LeadPact fills it.

A field that is made by the API is seen by nobody. Two permission sets are made, or extended:
`LeadPact` lets those who have it read the fields, `LeadPact_Connection` lets LeadPact's own user
write them. Profiles are left alone: they decide about everybody at once.

Not here: calls (metadata.py), existing picklists (metadata_values.py), the order of things (metadata_making.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.metadata import Component, Metadata
from connectors.salesforce.schema import Field
from leadpact.crm_fields import FieldKind, Making

READERS, WRITER = "LeadPact", "LeadPact_Connection"
_TEXTS: Mapping[str, Mapping[str, str]] = {
    READERS: {
        "label": "LeadPact",
        "description": "Shows the fields LeadPact fills. Assign it to those who should see them.",
    },
    WRITER: {
        "label": "LeadPact connection",
        "description": "Lets LeadPact's own user write its fields. For that user only.",
    },
}
# a name has 40 characters before its suffix, a label 40, a text field 255
LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT, LONGEST_HELP = 40, 40, 255, 510
# a whole number: what is made for numbers is points
_BY_KIND: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "Text", "length": LONGEST_TEXT},
    "number": {"type": "Number", "precision": 18, "scale": 0},
    "time": {"type": "DateTime"},
    "flag": {"type": "Checkbox", "defaultValue": "false"},
    "choice": {"type": "Picklist"},
}
_KINDS: Mapping[str, FieldKind] = {
    "Text": "text", "TextArea": "text", "LongTextArea": "text", "Email": "text", "Phone": "text", "Url": "text",
    "Number": "number", "Currency": "number", "Percent": "number", "DateTime": "time", "Checkbox": "flag",
    "Picklist": "choice",
}  # fmt: skip


def api_name(name: str) -> str | None:
    """`LeadPact Score` is `LeadPact_Score__c`; an API name stays. Null where nothing is left of a name."""
    plain = unicodedata.normalize("NFKD", re.sub(r"__c$", "", name.strip())).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:LONGEST_NAME].strip("_")
    if not words:
        return None
    return f"{words}__c" if words[0].isalpha() else f"X{words}"[:LONGEST_NAME].strip("_") + "__c"


def days_formula(since: Field) -> str:
    """Days from the moment in a field until now, null while it is empty. Salesforce works it out when it is shown."""
    clock = "NOW()" if since.type == "datetime" else "TODAY()"
    return f"IF(ISBLANK({since.name}), NULL, {clock} - {since.name})"


def field_component(metadata: Metadata, sobject: str, name: str, making: Making, since: Field | None) -> Component:
    """What createMetadata takes. `since` is the field a formula counts days from."""
    parts: dict[str, Any] = {"fullName": f"{sobject}.{name}", "label": (making.label or making.name)[:LONGEST_LABEL]}
    if making.help:
        parts["inlineHelpText"] = making.help[:LONGEST_HELP]
    if since is not None:
        formula = {"formula": days_formula(since), "formulaTreatBlanksAs": "BlankAsBlank"}
        return metadata.new("CustomField", **parts, **formula, type="Number", precision=18, scale=1)
    if making.kind == "choice":
        values = [metadata.new("CustomValue", fullName=one, label=one, default=False) for one in making.choices]
        defined = metadata.new("ValueSetValuesDefinition", sorted=False, value=values)
        parts["valueSet"] = metadata.new("ValueSet", restricted=True, valueSetDefinition=defined)
    return metadata.new("CustomField", **parts, **_BY_KIND[making.kind])


def kind_of(component: Component) -> FieldKind:
    """The kind of a field that is there."""
    return "formula" if component.formula else _KINDS.get(str(component.type), "other")


@dataclass(frozen=True)
class Grant:
    """A permission set as it would be sent, for one field more: `new` where there was none."""

    component: Component
    new: bool
    field: str
    editable: bool

    @property
    def name(self) -> str:
        return str(self.component.fullName)

    @property
    def operation(self) -> str:
        return "createMetadata" if self.new else "updateMetadata"


def grants(metadata: Metadata, full_name: str, *, editable: bool) -> list[Grant]:
    """The permission sets that lack the field, with it added to whatever they grant already.

    Raises SourceRefused, SourceUnreachable.
    """
    found: Sequence[Component | None] = metadata.read("PermissionSet", [READERS, WRITER])
    wanted = []
    for name, held, edits in zip((READERS, WRITER), found, (False, editable), strict=True):
        permission = metadata.new("PermissionSetFieldPermissions", field=full_name, editable=edits, readable=True)
        if held is None:
            texts = _TEXTS[name]
            new = metadata.new(
                "PermissionSet", fullName=name, hasActivationRequired=False, fieldPermissions=[permission], **texts
            )
            wanted.append(Grant(new, True, full_name, edits))
            continue
        own = next((one for one in held.fieldPermissions if one.field == full_name), None)
        if own is not None and own.readable and (own.editable or not edits):
            continue
        held.fieldPermissions = [*(one for one in held.fieldPermissions if one is not own), permission]
        wanted.append(Grant(held, False, full_name, edits))
    return wanted
