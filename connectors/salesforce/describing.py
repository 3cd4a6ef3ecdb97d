"""What a mapping is proposed from: the objects that are read, with their fields as they are described.

No record is looked at: a field's type and its picklist say enough.

Not here: the proposal (leadpact/mapping/propose.py), what is read without one (standard.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors.salesforce.plan import PARTLESS
from connectors.salesforce.schema import Field, Schema, SObject
from connectors.salesforce.standard import STANDARD
from leadpact.errors import SourceRefused
from leadpact.mapping import SourceColumn, SourceTable
from leadpact.mapping.described import ContentKind

# objects whose own fields are worth a proposal; of the others a person may name any
PROPOSED = ("Lead", "Contact", "Opportunity")
# standard fields worth a question besides those read anyway
OFFERED = frozenset({"Industry", "Rating", "Title", "Department", "StageName", "ForecastCategoryName"})
# what may be followed to a related record: its fields can be named by path, such as Account.Industry
FOLLOWED = ("Account", "UserRole", "Campaign", "Manager")
_KINDS: Mapping[str, ContentKind] = {
    "date": "time", "datetime": "time", "boolean": "flag", "int": "whole", "long": "whole",
    "currency": "number", "double": "number", "percent": "number",
}  # fmt: skip
MANY = 100  # stands for "filled, and mostly different": nobody counted


def describe(schema: Schema) -> list[SourceTable]:
    """The objects a mapping may name, with their fields. Raises SourceRefused where there are none."""
    found = []
    for name, (target, _) in STANDARD.items():
        described = schema.object(name)
        if described is not None:
            found.append(SourceTable(name, tuple(_columns(described, schema)), fills=target))
    if not any(table.name in PROPOSED for table in found):
        raise SourceRefused("salesforce.no_objects")
    return found


def _columns(described: SObject, schema: Schema) -> Iterator[SourceColumn]:
    """What is read anyway; what may be proposed; then whatever else there is, for a person to name."""
    fills = {}
    for column, paths in STANDARD[described.name][1].items():
        field = next((one for path in paths if (one := schema.field(described.name, path)) is not None), None)
        if field is not None:
            fills[field.name] = column
            yield replace(_column(field), fills=column)
    proposed = described.name in PROPOSED
    for field in _parts(described):
        if field.name not in fills:
            # a formula changes while its record does not, unseen by a delta: nobody proposes it
            known = proposed and not field.calculated and (field.custom or field.name in OFFERED)
            yield _column(field) if known else _unguessed(field.name)
    for field in described.fields.values():
        target = schema.object(field.target) if field.relation in FOLLOWED and field.target else None
        for one in _parts(target) if target is not None else ():
            path = f"{field.relation}.{one.name}"
            # a date there is the other record's
            if path not in fills and one.type not in ("date", "datetime"):
                yield _unguessed(path)


def _parts(described: SObject) -> list[Field]:
    return [one for one in described.fields.values() if one.type not in PARTLESS]


def _unguessed(name: str) -> SourceColumn:
    """A field nothing is proposed for."""
    return SourceColumn(name, "blank")


def _column(field: Field) -> SourceColumn:
    kind = _KINDS.get(field.type, "text")
    values = tuple(pick.value for pick in field.picks)
    if kind == "flag":
        values = ("true", "false")
    # dates and numbers come again, ids and free texts do not
    distinct = len(values) if values else MANY // 2 if kind != "text" else MANY
    return SourceColumn(
        field.name,
        kind,
        filled=MANY,
        distinct=min(distinct, MANY),
        date_forms=("ymd",) if kind == "time" else (),
        values=values,
        email=field.type == "email",
        label=field.label if field.custom else "",  # standard fields are known by their own names
    )
