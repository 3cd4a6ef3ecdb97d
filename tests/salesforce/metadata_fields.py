"""Custom fields as the Metadata API makes, changes and tells them.

A field that is made is hidden until a permission set shows it (metadata_set.py). What the real
one demands of each type is demanded here.

Not here: SOAP (metadata_soap.py), value sets and permission sets (metadata_set.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.salesforce.metadata_set import Node, Unsaved, local_set, many, setup, write_values
from tests.salesforce.org import Org
from tests.salesforce.schema import Field, Pick

TYPES: Mapping[str, str] = {
    "Text": "string",
    "Number": "double",
    "DateTime": "datetime",
    "Date": "date",
    "Checkbox": "boolean",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Currency": "currency",
    "LongTextArea": "textarea",
}
BACK = {**{ours: theirs for theirs, ours in TYPES.items()}, "string": "Text", "textarea": "LongTextArea"}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "Text": ("length",),
    "Number": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "Picklist": ("valueSet",),
}


def read_field(org: Org, full_name: str) -> Node | None:
    """The component of a field; null where there is none."""
    object, _, name = full_name.partition(".")
    found = org.objects[object].fields.get(name) if object in org.objects else None
    if found is None or (found.hidden and not setup(org).tells_unseen):
        return None
    kept = dict(setup(org).labels.get((object, name), {}))
    told: Node = {**kept, "fullName": full_name, "label": found.label or name, "type": BACK.get(found.type, "Text")}
    if not found.custom:
        # a standard picklist has its values in a StandardValueSet
        return {"fullName": full_name, "trackHistory": False, "type": told["type"]}
    if found.formula:
        told["formula"] = found.formula
    values = local_set(org, found, object)
    if values is not None:
        told["valueSet"] = values
    return told


def create_field(org: Org, node: Node) -> None:
    object, name = _name(org, node)
    if name.lower() in {one.lower() for one in org.objects[object].fields}:
        raise Unsaved("DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name} on {object}.")
    kind = _kind(node)
    if node.get("formula"):
        _formula(org, object, node["formula"])
    elif any(part not in node for part in NEEDS.get(kind, ())):
        raise Unsaved("FIELD_INTEGRITY_EXCEPTION", f"Must specify {' and '.join(NEEDS[kind])} for a {kind} CustomField")
    made = Field(
        name, TYPES[kind], label=node["label"], length=int(node.get("length", 0)), formula=node.get("formula"),
        hidden=True, help=node.get("inlineHelpText"),
        restricted=(node.get("valueSet") or {}).get("restricted") == "true",
    )  # fmt: skip
    org.objects[object].fields[name] = made
    try:
        if "valueSet" in node:
            _values(org, object, name, node["valueSet"])
    except Unsaved:
        del org.objects[object].fields[name]
        raise
    org.rows[object] = {
        key: {**row, name: False if kind == "Checkbox" else None} for key, row in org.rows[object].items()
    }
    _keep(org, object, name, node)
    setup(org).made.add((object, name))
    org.changes += 1


def update_field(org: Org, node: Node) -> None:
    object, name = _name(org, node)
    found = org.objects[object].fields.get(name)
    if found is None:
        raise Unsaved("INVALID_CROSS_REFERENCE_KEY", f"no CustomField named {object}.{name} found")
    if TYPES[_kind(node)] != found.type:
        raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "Cannot change which type a field is here")
    if "valueSet" in node:
        shared = next((key for key, places in setup(org).globals.items() if (object, name) in places), None)
        if shared != node["valueSet"].get("valueSetName"):
            raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "Cannot change the value set of a field")
        if shared is None:
            _values(org, object, name, node["valueSet"])
        org.objects[object].change(name, restricted=node["valueSet"].get("restricted") == "true")
    org.objects[object].change(name, label=node["label"], help=node.get("inlineHelpText"))
    _keep(org, object, name, node)


def _keep(org: Org, object: str, name: str, node: Node) -> None:
    """What only the component tells; an update that leaves it out takes it away."""
    ours = ("description", "inlineHelpText", "length", "precision", "scale", "trackHistory", "defaultValue", "required")
    setup(org).labels[object, name] = {part: node[part] for part in ours if part in node}


def _values(org: Org, object: str, name: str, value_set: Mapping[str, Any]) -> None:
    defined = value_set.get("valueSetDefinition")
    if not defined:
        raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "A picklist needs a value set definition or a name")
    if not org.objects[object].fields[name].picks:
        org.objects[object].change(name, picks=(Pick(many(defined, "value")[0]["fullName"]),))
    write_values(org, [(object, name)], many(defined, "value"))


def _name(org: Org, node: Node) -> tuple[str, str]:
    object, _, name = node["fullName"].partition(".")
    if object not in org.objects:
        raise Unsaved("INVALID_CROSS_REFERENCE_KEY", f"Entity Enumeration Or ID: bad value {object}")
    if not re.fullmatch(r"[A-Za-z](?:_?[A-Za-z0-9])*__c", name) or len(name) > 43:
        raise Unsaved("INVALID_FIELD", f"The Custom Field API Name is not valid: {name}")
    if not node.get("label") or len(node["label"]) > 40:
        raise Unsaved("REQUIRED_FIELD_MISSING", "Required fields are missing: [MasterLabel]", "label")
    return object, name


def _kind(node: Node) -> str:
    kind: str = node.get("type", "")
    if kind not in TYPES:
        raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "Must specify the type of a CustomField")
    return kind


def _formula(org: Org, object: str, formula: str) -> None:
    for name in re.findall(r"\b\w+__c\b", formula):
        found = org.objects[object].visible(name) or org.objects[object].fields.get(name)
        if found is None:
            raise Unsaved("FIELD_INTEGRITY_EXCEPTION", f"Field {name} does not exist. Check spelling.")
        clock = {"datetime": "NOW()", "date": "TODAY()"}.get(found.type)
        if clock is None or clock not in formula:
            raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "Incorrect parameter type for operator '-'.")
