"""What the Metadata API keeps beside objects and fields: value sets, record types, permission sets.

The picklists themselves are the org's (schema.py): what is deployed here shows in `describe`, and
what `describe` shows is read here, retired values included. A value left out of an update is
deactivated, as the real one does. A new field is seen by nobody until a permission set that
grants it is assigned to the user.

Not here: SOAP (metadata_soap.py), fields being made (metadata_fields.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.salesforce.objects import fixed, ref, sobject, system, texts
from tests.salesforce.org import Org
from tests.salesforce.schema import Field, Pick

STANDARD: Mapping[str, tuple[tuple[str, str], ...]] = {
    "LeadStatus": (("Lead", "Status"),),
    "LeadSource": (("Lead", "LeadSource"), ("Contact", "LeadSource"), ("Opportunity", "LeadSource")),
    "Industry": (("Lead", "Industry"),),
    "AccountRating": (("Lead", "Rating"),),
}
Node = dict[str, Any]


class Unsaved(Exception):
    """One component is refused."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        super().__init__(code)
        self.code, self.message, self.fields = code, message, fields


@dataclass
class Setup:
    """What was set up, by kind and full name.

    may: the permission to use the Metadata API; may_assign: that to assign permission sets.
    tells_unseen: whether fields are told that the user cannot see; some orgs' readMetadata does not.
    """

    may: bool = True
    tells_unseen: bool = True
    may_assign: bool = True
    converted: set[str] = field(default_factory=lambda: {"Converted"})
    globals: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    record_types: dict[str, Node] = field(default_factory=dict)
    processes: dict[str, Node] = field(default_factory=dict)
    permission_sets: dict[str, Node] = field(default_factory=dict)
    components: dict[str, dict[str, str]] = field(default_factory=dict)  # other kinds, as XML by full name
    made: set[tuple[str, str]] = field(default_factory=set)
    labels: dict[tuple[str, str], Node] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)


def setup(org: Org) -> Setup:
    """The set-up of one org, made when first asked for."""
    if "setup" not in org.__dict__:
        org.__dict__["setup"] = Setup()
        sets = [*system(deleted=False), *texts("Name", "Label")]
        assigned = [fixed("Id", "id"), ref("AssigneeId", "User"), ref("PermissionSetId", "PermissionSet")]
        for made in (sobject("PermissionSet", "0PS", sets), sobject("PermissionSetAssignment", "0Pa", assigned)):
            org.objects[made.name] = made
            org.rows[made.name] = {}
    found: Setup = org.__dict__["setup"]
    return found


def saves(org: Org) -> list[str]:
    """The calls that changed something, in order: `createMetadata CustomField:Lead.X__c`."""
    return [f"{name} {what}" for name, what in setup(org).calls if name.startswith(("create", "update"))]


# -- picklists --------------------------------------------------------------------------------


def read_values(org: Org, places: Sequence[tuple[str, str]]) -> list[Node]:
    """The values of a picklist as components tell them."""
    object, name = places[0]
    return [
        {"fullName": one.value, "default": one.default, "isActive": one.active, "label": one.label or one.value}
        for one in org.objects[object].fields[name].picks
    ]


def write_values(org: Org, places: Iterable[tuple[str, str]], wanted: Sequence[Node]) -> None:
    """Replaces the values: those left out stay at the end, inactive."""
    names = [one["fullName"] for one in wanted]
    if not names:
        raise Unsaved("INVALID_FIELD", "At least one picklist value is required")
    if len({one.lower() for one in names}) < len(names):
        raise Unsaved("DUPLICATE_VALUE", "Duplicate picklist value")
    if sum(one["default"] == "true" for one in wanted) > 1:
        raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "Only one value can be the default")
    if not any(one.get("isActive", "true") == "true" for one in wanted):
        raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "A picklist needs an active value")
    for one in wanted:
        if one["default"] == "true" and one.get("isActive", "true") == "false":
            raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "The default value cannot be inactive")
    for object, name in places:
        kept = [Pick(one.value, one.label, False) for one in org.objects[object].fields[name].picks]
        picks = [
            Pick(
                one["fullName"], one.get("label") or one["fullName"], one.get("isActive", "true") == "true",
                one["default"] == "true",
            )
            for one in wanted
        ]  # fmt: skip
        org.objects[object].change(name, picks=(*picks, *(one for one in kept if one.value not in names)))
    org.changes += 1


def places_of(org: Org, kind: str, name: str) -> Sequence[tuple[str, str]]:
    """The fields that use a value set. Raises Unsaved where there is no such set."""
    sets = STANDARD if kind == "StandardValueSet" else setup(org).globals
    if name not in sets:
        raise Unsaved("INVALID_CROSS_REFERENCE_KEY", f"no {kind} named {name} found")
    return list(sets[name])


def read_standard(org: Org, name: str) -> Node:
    values = read_values(org, places_of(org, "StandardValueSet", name))
    if name == "LeadStatus":
        values = [{**one, "converted": one["fullName"] in setup(org).converted} for one in values]
    return {"fullName": name, "sorted": False, "standardValue": values}


def write_standard(org: Org, node: Node) -> None:
    name, wanted = node["fullName"], many(node, "standardValue")
    places = places_of(org, "StandardValueSet", name)
    if name == "LeadStatus":
        converted = {one["fullName"] for one in wanted if one.get("converted") == "true"}
        if not any(one["fullName"] in converted and one.get("isActive", "true") == "true" for one in wanted):
            raise Unsaved("FIELD_INTEGRITY_EXCEPTION", "At least one lead status must be converted")
        write_values(org, places, wanted)
        setup(org).converted = converted
        picks = org.objects["Lead"].fields["Status"].picks
        org.statuses(*picks, converted=next(iter(sorted(converted))))
        return
    write_values(org, places, wanted)


def read_global(org: Org, name: str) -> Node:
    values = read_values(org, places_of(org, "GlobalValueSet", name))
    return {"fullName": name, "customValue": values, "masterLabel": name, "sorted": False}


def write_global(org: Org, node: Node) -> None:
    write_values(org, places_of(org, "GlobalValueSet", node["fullName"]), many(node, "customValue"))


# -- record types and lead processes ------------------------------------------------------------


def write_record_type(org: Org, node: Node) -> None:
    held = setup(org).record_types
    if node["fullName"] not in held:
        raise Unsaved("INVALID_CROSS_REFERENCE_KEY", f"no RecordType named {node['fullName']} found")
    object = node["fullName"].split(".")[0]
    for one in many(node, "picklistValues"):
        known = {pick.value for pick in org.objects[object].fields[one["picklist"]].picks if pick.active}
        unknown = [value["fullName"] for value in many(one, "values") if value["fullName"] not in known]
        if unknown:
            raise Unsaved("INVALID_CROSS_REFERENCE_KEY", f"Picklist value: {unknown[0]} in picklist not found")
    held[node["fullName"]] = node


def write_process(org: Org, node: Node) -> None:
    held = setup(org).processes
    if node["fullName"] not in held:
        raise Unsaved("INVALID_CROSS_REFERENCE_KEY", f"no BusinessProcess named {node['fullName']} found")
    known = {pick.value for pick in org.objects["Lead"].fields["Status"].picks if pick.active}
    if {one["fullName"] for one in many(node, "values")} - known:
        raise Unsaved("INVALID_CROSS_REFERENCE_KEY", "Picklist value in business process not found")
    held[node["fullName"]] = node


# -- permission sets ------------------------------------------------------------------------------


def write_permission_set(org: Org, node: Node, *, new: bool) -> None:
    """A permission set is replaced as a whole: what an update leaves out is gone."""
    held, name = setup(org).permission_sets, node["fullName"]
    if new == (name in held):
        code = "DUPLICATE_DEVELOPER_NAME" if new else "INVALID_CROSS_REFERENCE_KEY"
        raise Unsaved(code, f"PermissionSet {name}: already in use, or not found")
    for one in many(node, "fieldPermissions"):
        object, _, field_name = one["field"].partition(".")
        found = org.objects[object].fields.get(field_name) if object in org.objects else None
        if found is None:
            raise Unsaved("FIELD_INTEGRITY_EXCEPTION", f"In field: field - no CustomField named {one['field']} found")
        if one["editable"] == "true" and (found.formula or one.get("readable") != "true"):
            raise Unsaved("FIELD_INTEGRITY_EXCEPTION", f"field permission of {one['field']} cannot be editable")
    held[name] = node
    if new:
        org.insert("PermissionSet", Name=name, Label=node["label"])
    grant(org)


def assign(org: Org, name: str, user: str | None = None) -> None:
    """Somebody assigns a permission set, as an administrator does in Setup."""
    key = next(row["Id"] for row in org.rows["PermissionSet"].values() if row["Name"] == name)
    org.insert("PermissionSetAssignment", AssigneeId=user or org.admin, PermissionSetId=key)
    grant(org)


def grant(org: Org) -> None:
    """What the signed-in user sees and edits of the fields made here, by the sets assigned to them."""
    here = setup(org)
    names = {row["Id"]: row["Name"] for row in org.rows["PermissionSet"].values()}
    mine = {
        names[row["PermissionSetId"]]
        for row in org.rows["PermissionSetAssignment"].values()
        if row["AssigneeId"] == org.admin
    }
    permissions = [one for name in mine for one in many(here.permission_sets.get(name, {}), "fieldPermissions")]
    for object, name in here.made:
        ours = [one for one in permissions if one["field"] == f"{object}.{name}"]
        readable = any(one.get("readable") == "true" for one in ours)
        editable = any(one["editable"] == "true" for one in ours)
        org.objects[object].change(name, hidden=not readable, read_only=not editable)
    org.changes += 1


def many(node: Mapping[str, Any], name: str) -> list[Any]:
    """The parts called `name`: none, one or several."""
    found = node.get(name, [])
    return found if isinstance(found, list) else [found]


def local_set(org: Org, described: Field, object: str) -> Node | None:
    """The value set of a field as CustomField tells it; null where it is no picklist."""
    if described.type not in ("picklist", "multipicklist"):
        return None
    shared = next((name for name, places in setup(org).globals.items() if (object, described.name) in places), None)
    if shared is not None:
        return {"restricted": described.restricted, "valueSetName": shared}
    values = read_values(org, [(object, described.name)])
    return {"restricted": described.restricted, "valueSetDefinition": {"sorted": False, "value": values}}
