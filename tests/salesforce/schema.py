"""Fields and objects of an org, and how `describe` tells them.

Not here: which objects the org has (objects.py), their rows (org.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

NUMBERS = ("int", "double", "currency", "percent")
TEXTS = ("string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox", "encryptedstring")
SOAP = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "date": "xsd:date", "datetime": "xsd:dateTime",
    "int": "xsd:int", "double": "xsd:double", "currency": "xsd:double", "percent": "xsd:double",
    "address": "urn:address", "anyType": "xsd:anyType",
}  # fmt: skip


@dataclass(frozen=True)
class Pick:
    """One value of a picklist; a retired one is not active and `describe` leaves it out."""

    value: str
    label: str = ""
    active: bool = True
    default: bool = False


@dataclass(frozen=True)
class Field:
    """One field. `to` are the objects a reference points to, by `relation`; `hidden` is field-level security."""

    name: str
    type: str = "string"
    label: str = ""
    length: int = 0
    picks: tuple[Pick, ...] = ()
    to: tuple[str, ...] = ()
    relation: str | None = None
    writable: bool = True
    required: bool = False
    formula: str | None = None
    restricted: bool = False
    filterable: bool = True
    hidden: bool = False
    read_only: bool = False  # visible, not editable by this user
    help: str | None = None

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def updateable(self) -> bool:
        return self.writable and not self.formula and not self.read_only

    def described(self) -> dict[str, Any]:
        """As `/sobjects/X/describe` has it. Retired values are not in it."""
        picks = [one for one in self.picks if one.active]
        return {
            "name": self.name,
            "label": self.label or self.name.removesuffix("__c").replace("_", " "),
            "type": self.type,
            "soapType": SOAP.get(self.type, "xsd:string"),
            "length": self.length or (18 if self.type in ("id", "reference") else 255 if self.type in TEXTS else 0),
            "precision": 18 if self.type in NUMBERS else 0,
            "scale": 2 if self.type in NUMBERS and self.type != "int" else 0,
            "custom": self.custom,
            "calculated": self.formula is not None,
            "calculatedFormula": self.formula,
            "createable": self.updateable,
            "updateable": self.updateable,
            "nillable": not self.required and self.type != "boolean",
            "defaultedOnCreate": self.type in ("id", "boolean") or any(one.default for one in picks),
            "restrictedPicklist": self.restricted,
            "dependentPicklist": False,
            "controllerName": None,
            "filterable": self.filterable,
            "sortable": self.filterable,
            "groupable": self.filterable and self.type not in ("datetime", *NUMBERS),
            "aggregatable": self.filterable,
            "externalId": False,
            "unique": self.type == "id",
            "idLookup": self.type == "id",
            "nameField": self.name == "Name",
            "namePointing": len(self.to) > 1,
            "polymorphicForeignKey": len(self.to) > 1,
            "referenceTo": list(self.to),
            "relationshipName": self.relation,
            "compoundFieldName": None,
            "deprecatedAndHidden": False,
            "inlineHelpText": self.help,
            "picklistValues": [
                {
                    "value": one.value,
                    "label": one.label or one.value,
                    "active": True,
                    "defaultValue": one.default,
                    "validFor": None,
                }
                for one in picks
            ],
        }


@dataclass
class SObject:
    """One object. `tracked` are the fields with history; `bulk`: Bulk API takes it; `hidden`: no permission."""

    name: str
    prefix: str
    fields: dict[str, Field]
    label: str = ""
    tracked: tuple[str, ...] = ()
    record_types: bool = False
    bulk: bool = True
    hidden: bool = False
    deletable: bool = True
    lower: dict[str, str] = field(default_factory=dict)

    def visible(self, name: str) -> Field | None:
        """The field of that name whatever its case, unless security hides it."""
        found = next((one for key, one in self.fields.items() if key.lower() == name.lower()), None)
        return None if found is None or found.hidden else found

    def related(self, relation: str) -> Field | None:
        """The reference behind a relationship name; null where there is none or it is hidden."""
        wanted = relation.lower()
        for one in self.fields.values():
            if one.relation is not None and one.relation.lower() == wanted and not one.hidden:
                return one
        return None

    def change(self, name: str, **changes: Any) -> None:
        """Alters one field's definition: hidden, type, picks …"""
        self.fields[name] = replace(self.fields[name], **changes)

    def brief(self, base: str) -> dict[str, Any]:
        """As the list of `/sobjects` has it."""
        return {
            "name": self.name,
            "label": self.label or self.name,
            "keyPrefix": self.prefix or None,
            "custom": self.name.endswith("__c"),
            "queryable": True,
            "retrieveable": True,
            "createable": self.deletable,
            "updateable": self.deletable,
            "deletable": self.deletable,
            "layoutable": self.deletable,
            "mergeable": self.name in ("Lead", "Contact", "Account"),
            "deprecatedAndHidden": False,
            "urls": {"sobject": f"{base}/sobjects/{self.name}", "describe": f"{base}/sobjects/{self.name}/describe"},
        }

    def described(self, base: str, record_types: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """As `/sobjects/X/describe` has it: what security hides is not there."""
        master = {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": True,
            "developerName": "Master",
            "master": True,
            "name": "Master",
            "recordTypeId": "012000000000000AAA",
            "urls": {},
        }
        infos = [
            {**master, "master": False, "defaultRecordTypeMapping": False, "name": one["Name"],
             "developerName": one["DeveloperName"], "recordTypeId": one["Id"], "active": one["IsActive"],
             "available": one["IsActive"]}
            for one in record_types
        ]  # fmt: skip
        return {
            **self.brief(base),
            "fields": [one.described() for one in self.fields.values() if not one.hidden],
            "recordTypeInfos": [*infos, master],
            "childRelationships": [],
            "urls": {**self.brief(base)["urls"], "rowTemplate": f"{base}/sobjects/{self.name}/{{ID}}"},
        }
